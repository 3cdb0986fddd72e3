"""Fairness: who gets what, audited over attributes that nothing else in the night reads."""
