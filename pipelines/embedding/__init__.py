"""Embedding: texts to unit vectors, only where a text is new."""
