"""The sequence method: legs between models, column generation, branch and cut; exact for general sharing at scale."""
