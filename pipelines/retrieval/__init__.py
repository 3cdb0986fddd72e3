"""Retrieval: each member's nearest postings among the eligible."""
