"""Bandwidth of a plan: rederived by convex optimization, and the leftover divided for a second goal."""
