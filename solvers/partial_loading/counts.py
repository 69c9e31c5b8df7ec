"""Curves of least times over a number of requests, and their (min,+) algebra: what the dynamic programme computes with.

A curve says for u = first, first + 1, .. how long it takes at least to serve u requests; infinite where nothing does.
Below ``first`` and beyond its end it is infinite, too.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Curve:
    """Least times in any unit, ``time[n]`` for ``first + n`` requests."""

    first: int
    time: Floats

    def at(self, count: int) -> float:
        """Least time for a number of requests."""
        place = count - self.first
        return float(self.time[place]) if 0 <= place < len(self.time) else np.inf

    def kept(self, price: float, most: float) -> Curve:
        """The part whose time, less ``price`` for each request, is at most ``most``."""
        good = self.time - price * np.arange(self.first, self.first + len(self.time)) <= most
        places = np.flatnonzero(good)
        if not len(places):
            return NOTHING
        within = slice(places[0], places[-1] + 1)
        return Curve(self.first + int(places[0]), np.where(good, self.time, np.inf)[within])


NOTHING = Curve(0, np.empty(0))
"""No way to serve any number of requests, not even none."""
NOBODY = Curve(0, np.zeros(1))
"""Nobody is served, in no time."""


def join(one: Curve, other: Curve) -> Curve:
    """Least time to serve u requests, some by the one and the rest by the other: their (min,+) convolution."""
    short, long = sorted((one.time, other.time), key=len)
    if not len(short):
        return NOTHING
    time = np.full(len(short) + len(long) - 1, np.inf)
    for place in np.flatnonzero(np.isfinite(short)).tolist():
        part = time[place : place + len(long)]
        np.minimum(part, long + short[place], out=part)
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
    """How a join of the two came to ``time`` for ``count`` requests; None where it did not."""
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
