"""Families of tiny instances on which solvers, tolerances and rounding go wrong, and the comparison that shows it.

``families`` is the table; ``blind`` says how methods are run, ``comparison`` what counts as wrong. Each of the other
modules holds one idea.
"""
