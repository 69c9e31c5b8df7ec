"""Baselines: simple rules, to measure against (docs/problems.md, baselines)."""
