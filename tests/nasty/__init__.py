"""Families of tiny instances on which solvers, tolerances and rounding go wrong, and the comparison that shows it.

``families`` is the table; each of the other modules but ``comparison`` and ``blind`` holds one idea.
"""
