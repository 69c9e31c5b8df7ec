"""The cone formulation: bandwidth by tangents, a MILP relaxation that is refined until it is exact."""
