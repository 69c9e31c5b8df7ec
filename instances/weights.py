"""The unit in which a solver is given weights, so that its absolute tolerances mean the same on every instance.

Engines compare objectives with absolute tolerances near 1e-9 and count on coefficients near 1. Weights of 1e-12 would
vanish in those tolerances. Divided by the *grid*, the largest number of which every weight is a multiple, weights are
whole numbers, and so is what any plan serves: a bound may then be rounded down to a whole number. Weights without a
useful grid are divided by the largest.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from fractions import Fraction
from typing import NamedTuple

RESOLUTION = 1e-6
"""Relative error allowed for in an engine's bound. A grid has to be four times as coarse to be of use."""


class WeightUnit(NamedTuple):
    """What weights are divided by."""

    size: float
    """Weight of one unit; above 0."""
    whole: bool
    """Whether every weight is a whole number of units."""

    def of(self, weight: float) -> float:
        """A weight in units."""
        return float(round(weight / self.size)) if self.whole else weight / self.size


def weight_unit(weights: Collection[float]) -> WeightUnit:
    """The grid of some weights where it helps to round a bound, else the largest weight."""
    grid = weight_grid(weights)
    return WeightUnit(grid, True) if grid else WeightUnit(max(weights, default=1.0), False)


def weight_grid(weights: Collection[float]) -> float:
    """Largest g such that every sum of weights is a multiple of g, as far as that helps to round a bound; else 0.

    Up to 250,000 units in all: beyond, a bound within ``RESOLUTION`` does not tell one multiple from the next.
    """
    return common_step(weights, 4 * RESOLUTION * math.fsum(weights))


def common_step(weights: Collection[float], least: float) -> float:
    """Largest g such that every weight, as it is written in decimals, is a multiple of g; 0 if not above ``least``."""
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
