"""Benchmarks: what the parts cost beside their peers, measured side by side."""
