"""Heuristics of the user's own: any callable from an instance to a plan."""
