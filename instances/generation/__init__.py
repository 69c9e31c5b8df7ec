"""What the generators of both problems share: families and their options, the cell, draws of deadlines and weights."""
