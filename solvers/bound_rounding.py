"""Rounding bounds to the safe side: whatever a plan serves is a multiple of what all weights are multiples of."""

from __future__ import annotations

import math

from partload.instances.weights import RESOLUTION, WeightUnit

ENGINE_SLACK = 4 * RESOLUTION
"""Relative error allowed for in an engine's bound on weights without a grid; SCIP was seen to use a quarter of it."""


def safe_bound(bound: float, grid: float) -> float:
    """A computed bound, moved to the safe side by its tolerance and rounded down to what a plan can reach."""
    if not math.isfinite(bound):
        return math.inf
    raised = bound + RESOLUTION * max(abs(bound), grid)
    if grid == 0:
        return max(raised, 0.0)
    return max(math.floor(raised / grid) * grid, 0.0)


def engine_bound(bound: float, unit: WeightUnit) -> float:
    """A bound that an engine computed in units of the weights, moved to the safe side, as a weight.

    An engine's tolerance is absolute in its units. Without a grid that counts where next to nothing is served: weights
    that are tiny beside the largest may be missing from its bound.
    """
    if unit.whole or not math.isfinite(bound):
        return safe_bound(bound, 1.0) * unit.size
    return max(bound + ENGINE_SLACK * max(abs(bound), 1.0), 0.0) * unit.size
