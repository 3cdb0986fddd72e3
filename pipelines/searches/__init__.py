"""Saved searches: read, understood, joined with who saved them, and listed."""
