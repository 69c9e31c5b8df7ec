"""Bandwidth of a plan: derived again by convex optimization, and uses for what is left over."""
