"""Baselines: simple rules, to measure against."""
