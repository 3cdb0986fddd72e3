"""Reporting: a night as a person reads it."""
