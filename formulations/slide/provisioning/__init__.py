"""The provisioning formulation: least bandwidths in closed form, a knapsack with a choice of models."""
