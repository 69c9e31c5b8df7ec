"""Bandwidth of a plan: derived again by convex optimization, and what is left over put to use."""
