"""Pipelines: what a night does, one area per folder."""
