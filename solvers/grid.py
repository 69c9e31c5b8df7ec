"""Rounding bounds to the safe side: whatever a plan serves is a multiple of what all weights are multiples of."""

from __future__ import annotations

import math
from fractions import Fraction

BOUND_SLACK = 1e-6
"""Relative error allowed for in a solver's bound before it is rounded to the grid of the weights."""


def weight_grid(weights: list[float]) -> float:
    """Largest g such that every sum of weights is a multiple of g, as far as that helps to round a bound; else 0."""
    return common_step(weights, 4 * BOUND_SLACK * math.fsum(weights))


def common_step(weights: list[float], least: float) -> float:
    """Largest g such that every weight is a multiple of g; 0 where it is not above ``least``."""
    grid = Fraction(0)
    for weight in set(weights):
        step = Fraction(repr(weight))
        grid = Fraction(
            math.gcd(grid.numerator * step.denominator, step.numerator * grid.denominator),
            grid.denominator * step.denominator,
        )
        if grid <= least:
            return 0.0
    return float(grid)


def safe_bound(bound: float, grid: float) -> float:
    """A computed bound, moved to the safe side by its tolerance and rounded down to what a plan can reach."""
    if not math.isfinite(bound):
        return math.inf
    raised = bound + BOUND_SLACK * max(abs(bound), grid)
    if grid == 0:
        return max(raised, 0.0)
    return max(math.floor(raised / grid) * grid, 0.0)
