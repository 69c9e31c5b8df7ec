"""Parts that the generators of both problems share: families, options, the cell, random deadlines and weights."""
