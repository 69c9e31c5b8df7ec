"""Rounding bounds to the safe side: whatever a plan serves is a multiple of what all weights are multiples of."""

from __future__ import annotations

import math

from instances.weights import RESOLUTION


def safe_bound(bound: float, grid: float) -> float:
    """A computed bound, moved to the safe side by its tolerance and rounded down to what a plan can reach."""
    if not math.isfinite(bound):
        return math.inf
    raised = bound + RESOLUTION * max(abs(bound), grid)
    if grid == 0:
        return max(raised, 0.0)
    return max(math.floor(raised / grid) * grid, 0.0)
