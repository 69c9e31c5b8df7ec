"""The sequence formulation of PartialLoading: one variable for each pair of models that may follow one another."""
