"""The slot formulation: a MILP, exact on flat channels."""
