"""Instances small enough to solve on paper."""
