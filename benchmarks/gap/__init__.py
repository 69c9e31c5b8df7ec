"""The gap study: methods over instances, and how far each is from the optimum or from a proven bound."""
