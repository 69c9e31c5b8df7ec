"""Measures that describe the plans of both problems alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
PERCENTILES = (50, 99)


def percentiles(name: str, durations_s: Floats) -> dict[str, float | None]:
    """``<name>_p50_s`` and ``<name>_p99_s`` of some durations, shape (K,); None where there are none."""
    return {
        f"{name}_p{percent}_s": float(np.percentile(durations_s, percent)) if len(durations_s) else None
        for percent in PERCENTILES
    }


def jain(shares: Floats) -> float | None:
    """(sum b)^2 / (n sum b^2): 1 when all shares are equal, 1/n when one has everything; None without any."""
    squares = float(np.sum(shares**2)) * len(shares)
    return float(np.sum(shares)) ** 2 / squares if squares > 0 else None
