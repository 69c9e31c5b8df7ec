"""A line through times that were measured: t = constant + slope x, by least squares of relative errors.

Errors are relative, because a load of 100 MB is measured to within some percent, as one of 1 MB is. Absolute errors
would leave the constant to the noise of the largest loads.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True)
class Line:
    """A line and how far the points are from it."""

    constant: float
    """At least 0."""
    slope: float
    """At least 0."""
    mean_error: float
    """Root of the mean square of the relative errors."""
    largest_error: float
    """The largest relative error."""

    def at(self, x: float) -> float:
        """The line at a point."""
        return self.constant + self.slope * x


def line(x: Sequence[float], times: Sequence[float]) -> Line:
    """The line with neither part below 0 that has the least sum of squared relative errors.

    Parameters
    ----------
    x
        Bytes, or numbers of requests.
    times
        Seconds, above 0, one for each.
    """
    points, measured = np.asarray(x, float), np.asarray(times, float)
    both = np.column_stack([np.ones_like(points), points]) / measured[:, np.newaxis]
    # With two parts and two limits, the optimum is that of both, or of one of them alone.
    candidates = [_solved(both, columns) for columns in ([0, 1], [0], [1])]
    errors = {tuple(parts): both @ parts - 1.0 for parts in candidates if parts.min() >= 0}
    (constant, slope), off = min(errors.items(), key=lambda found: float(found[1] @ found[1]))
    return Line(float(constant), float(slope), float(np.sqrt(np.mean(off**2))), float(np.abs(off).max()))


def _solved(both: NDArray[np.float64], columns: list[int]) -> NDArray[np.float64]:
    """The least squares solution with some columns; the others are 0."""
    scale = np.abs(both[:, columns]).max(axis=0)
    scale[scale == 0] = 1.0
    found, *_ = np.linalg.lstsq(both[:, columns] / scale, np.ones(len(both)), rcond=None)
    parts = np.zeros(both.shape[1])
    parts[columns] = found / scale
    return parts
