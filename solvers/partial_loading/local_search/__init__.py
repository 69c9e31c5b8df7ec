"""Local search: ruin and recreate, with simulated annealing."""
