"""Curves of least times over numbers of units, and their (min,+) algebra: what the dynamic programme computes with.

A curve says for u = first, first + 1, .. how long it takes at least to serve u units; infinite where nothing does.
Below ``first`` and beyond its end it is infinite, too.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Curve:
    """Least times in any unit, ``time[n]`` for ``first + n`` units."""

    first: int
    time: Floats

    def at(self, count: int) -> float:
        """Least time for a number of units."""
        place = count - self.first
        return float(self.time[place]) if 0 <= place < len(self.time) else np.inf

    def kept(self, price: float, most: float) -> Curve:
        """The part whose time, less ``price`` for each unit, is at most ``most``."""
        if not len(self.time) or most == -np.inf:
            return NOTHING
        good = self.time - price * np.arange(self.first, self.first + len(self.time)) <= most
        places = good.nonzero()[0]
        if not len(places):
            return NOTHING
        low, high = int(places[0]), int(places[-1]) + 1
        part = self.time[low:high]
        return Curve(self.first + low, part if len(places) == high - low else np.where(good[low:high], part, np.inf))


NOTHING = Curve(0, np.empty(0))
"""No way to serve any number of units, not even none."""
NOBODY = Curve(0, np.zeros(1))
"""Nobody is served, in no time."""


def join(one: Curve, other: Curve) -> Curve:
    """Least time to serve u units, some by the one and the rest by the other: their (min,+) convolution."""
    short, long = (one.time, other.time) if len(one.time) <= len(other.time) else (other.time, one.time)
    if len(short) <= 1:
        return Curve(one.first + other.first, long + short[0]) if len(short) else NOTHING
    time = np.full(len(short) + len(long) - 1, np.inf)
    for place, value in enumerate(short.tolist()):
        if value < np.inf:
            part = time[place : place + len(long)]
            np.minimum(part, long + value, out=part)
    return Curve(one.first + other.first, time)


def least(one: Curve, other: Curve) -> Curve:
    """The lesser of two curves, count by count."""
    if not len(one.time) or not len(other.time):
        return one if len(one.time) else other
    first = min(one.first, other.first)
    end = max(one.first + len(one.time), other.first + len(other.time))
    time = np.full(end - first, np.inf)
    for curve in (one, other):
        part = time[curve.first - first : curve.first - first + len(curve.time)]
        np.minimum(part, curve.time, out=part)
    return Curve(first, time)


def split(one: Curve, other: Curve, count: int, time: float) -> tuple[int, int] | None:
    """How a join of the two came to ``time`` for ``count`` units; None where it did not."""
    low = max(one.first, count - other.first - len(other.time) + 1)
    high = min(one.first + len(one.time), count - other.first + 1)
    if low >= high:
        return None
    mine = one.time[low - one.first : high - one.first]
    theirs = other.time[count - high + 1 - other.first : count - low + 1 - other.first][::-1]
    places = np.flatnonzero(mine + theirs == time)
    if not len(places):
        return None
    return low + int(places[0]), count - low - int(places[0])
