"""Baselines: simple rules, to measure against (docs/reference/problems.md, baselines)."""
