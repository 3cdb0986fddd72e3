"""Evaluation: how good a published night is, beside keyword matching."""
