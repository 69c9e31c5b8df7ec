"""Least-time functions over numbers of units and their (min,+) algebra, with which the dynamic programme computes.

A least-time function T maps u = first, first + 1, .. to the least time in which u units can be served; it is infinite
where no plan serves u units, below ``first`` and beyond its end. Two operations combine them:

    minimum      (S min T)(u)  = min(S(u), T(u))                  either way of serving u units
    convolution  (S * T)(u)    = min_v S(u - v) + T(v)            some units by S, the rest by T

``INFEASIBLE`` is the neutral element of the minimum, ``ZERO_UNITS`` that of the convolution. A convolution of functions
with m and n values takes O(m n) additions.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class LeastTime:
    """A least-time function: ``time[n]`` is the least time, in any unit, for ``first + n`` units."""

    first: int
    time: Floats

    def at(self, units: int) -> float:
        """T(units)."""
        position = units - self.first
        return float(self.time[position]) if 0 <= position < len(self.time) else np.inf

    def restrict(self, multiplier: float, largest_cost: float) -> LeastTime:
        """The part with T(u) - multiplier u <= largest_cost; infinite elsewhere."""
        if not len(self.time) or largest_cost == -np.inf:
            return INFEASIBLE
        good = self.time - multiplier * np.arange(self.first, self.first + len(self.time)) <= largest_cost
        positions = good.nonzero()[0]
        if not len(positions):
            return INFEASIBLE
        low, high = int(positions[0]), int(positions[-1]) + 1
        part = self.time[low:high]
        dense = len(positions) == high - low
        return LeastTime(self.first + low, part if dense else np.where(good[low:high], part, np.inf))


INFEASIBLE = LeastTime(0, np.empty(0))
"""No number of units can be served, not even 0."""
ZERO_UNITS = LeastTime(0, np.zeros(1))
"""Exactly 0 units are served, in no time."""


def convolve(one: LeastTime, other: LeastTime) -> LeastTime:
    """The (min,+) convolution: least time to serve u units, some by the one and the rest by the other."""
    short, long = (one.time, other.time) if len(one.time) <= len(other.time) else (other.time, one.time)
    if len(short) <= 1:
        return LeastTime(one.first + other.first, long + short[0]) if len(short) else INFEASIBLE
    time = np.full(len(short) + len(long) - 1, np.inf)
    for position, value in enumerate(short.tolist()):
        if value < np.inf:
            part = time[position : position + len(long)]
            np.minimum(part, long + value, out=part)
    return LeastTime(one.first + other.first, time)


def minimum(one: LeastTime, other: LeastTime) -> LeastTime:
    """The pointwise minimum."""
    if not len(one.time) or not len(other.time):
        return one if len(one.time) else other
    first = min(one.first, other.first)
    end = max(one.first + len(one.time), other.first + len(other.time))
    time = np.full(end - first, np.inf)
    for function in (one, other):
        part = time[function.first - first : function.first - first + len(function.time)]
        np.minimum(part, function.time, out=part)
    return LeastTime(first, time)


def split(one: LeastTime, other: LeastTime, units: int, time: float) -> tuple[int, int] | None:
    """The units of the one and of the other with which their convolution reaches ``time`` for ``units`` units.

    None where it does not reach exactly this time. Backtracking uses it, so that no argument of a minimum is stored.
    """
    low = max(one.first, units - other.first - len(other.time) + 1)
    high = min(one.first + len(one.time), units - other.first + 1)
    if low >= high:
        return None
    times = one.time[low - one.first : high - one.first]
    other_times = other.time[units - high + 1 - other.first : units - low + 1 - other.first][::-1]
    positions = np.flatnonzero(times + other_times == time)
    if not len(positions):
        return None
    return low + int(positions[0]), units - low - int(positions[0])
