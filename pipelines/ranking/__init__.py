"""Ranking: matches in the order in which a member reads them, each with its reasons."""
