"""Convex problems of the bandwidth of a given plan."""
