"""Exact methods that solve a formulation, and the hooks of their search."""
