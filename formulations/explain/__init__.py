"""The mathematics of a formulation, printed from the very model that is solved: as LaTeX or as a page."""
