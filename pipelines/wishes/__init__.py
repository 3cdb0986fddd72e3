"""Saved searches in plain words: what they ask for strictly, and what is left to be found by meaning."""
