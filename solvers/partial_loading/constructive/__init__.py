"""Constructive heuristics: a plan is extended by one slot at a time."""
