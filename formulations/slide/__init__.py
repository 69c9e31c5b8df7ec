"""Formulations of SLIDE."""
