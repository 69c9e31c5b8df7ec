"""Exact methods that solve a formulation, and the verdicts that their search asks for."""
