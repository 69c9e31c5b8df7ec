"""Measures that describe the plans of both problems alike."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
PERCENTILES = (50, 99)


def percentiles(name: str, durations_s: Floats) -> dict[str, float | None]:
    """``<name>_p50_s`` and ``<name>_p99_s`` of some durations, shape (K,); None where there are none."""
    with np.errstate(over="ignore", invalid="ignore"):
        return {
            f"{name}_p{percent}_s": float(np.percentile(durations_s, percent)) if len(durations_s) else None
            for percent in PERCENTILES
        }


def jain(shares: Floats) -> float | None:
    """(sum b)^2 / (n sum b^2): 1 when all shares are equal, 1/n when one has everything; None without any."""
    largest = float(shares.max(initial=0.0))
    if largest == 0:
        return None
    of_largest = shares / largest  # So that no square is beyond all doubles.
    return float(np.sum(of_largest)) ** 2 / (float(np.sum(of_largest**2)) * len(shares))


def finite_or_none(values: dict[str, float | None]) -> dict[str, float | None]:
    """Measures as a file can hold them: None for a value that is not finite."""
    return {name: value if value is not None and math.isfinite(value) else None for name, value in values.items()}
