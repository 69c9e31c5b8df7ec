"""What a model asks of a device that may change its speed from layer to layer: the staircase of its best speeds.

Measured in shares everything depends on the model alone: work from a layer to the end in units of all the work W, bits
up to a layer in units of all the bits A, time in units of the deadline T, and as the one thing that varies

    y = A / (rate T),    the share of the deadline that the download takes, from 0 to 1.

With c_l = sum_{j>=l} c_j / W and a_l = 8 (s_1 + .. + s_l) / A, layer l and all after it have 1 - a_l y for their work
c_l. The most even use of that time is the lower convex hull of the points (c_l, 1 - a_l y) and the origin: its slopes
are times per work, the reciprocals of the speeds. Without the origin, the hull of the points is that of (c_l, -a_l),
stretched by y: it is found once, for all users and rates. The origin hides some of its edges, those whose lines pass
above it: which ones is looked up. What remains of the hull is

    one fast block, from a corner i to the end, at speed c_i / (1 - a_i y);
    one slow block for each edge e before it, at speed 1 / (s_e y), with s_e the bits per work on it: as fast as layers
    arrive.

One speed throughout is decided at a corner of the same hull: with s_e / b_e the time per work at which edge e, hidden
by the origin above 1 / y = b_e, hands over from one corner to the next, that is a look-up too.

A least speed raises those below it, and a greatest speed is in nobody's way as long as there is a plan at all. The
proofs are in docs/slide-speeds.md (problems, SLIDE fact 5).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from partload.instances.slide.instance import LayerArrays

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Chosen = NDArray[np.bool_]

SLACK = 1e-12
"""Relative amount by which a deadline may be missed, and a least speed: a thousandth of what the checker allows."""
AT_ONCE = 1e-150
"""What counts as no share of the deadline: its square is still a number."""
SHORTEST = 2.0**-53
"""Share of the deadline below which a time is lost in rounding."""


@dataclasses.dataclass(frozen=True)
class Staircase:
    """The hulls of M models: up to m edges between m + 1 corners, from the end of a model to its beginning.

    Each model is a row. One row is that of all users; otherwise each user has his own. Rows with fewer edges go on with
    edges that no look-up reaches.
    """

    bits: Floats
    """A = 8 (s_1 + .. + s_L), shape (M,)."""
    work_flop: Floats
    """W = c_1 + .. + c_L, shape (M,)."""
    corner_work: Floats
    """c_i of the corners, shape (M, m + 1), increasing up to 1; all 0 where there is no work."""
    corner_bits: Floats
    """a_i of the corners, shape (M, m + 1), decreasing."""
    slope: Floats
    """s_e of the edges, bits per work, shape (M, m), increasing."""
    hidden_above: Floats
    """Values of 1 / y above which the origin hides the edges, shape (M, m), increasing; 0 for an edge without slope."""
    decides_above: Floats
    """Paces, times per work, above which one speed throughout is decided behind the edges, shape (M, m), increasing."""
    next_speed: Floats
    """Speed of the edge before each corner at y = 1, and 0 before the last, shape (M, m + 1)."""
    waiting: Floats
    """Energy of the edges from e on at y = 1, shape (M, m + 1)."""
    rest: Floats
    """Work of the edges from e on, shape (M, m + 1)."""
    as_it_arrives: Floats
    """Speed at y = 1 of the edge on which each layer is, shape (M, L); infinite for those after every edge."""

    @classmethod
    def of(cls, *models: LayerArrays) -> Staircase:
        """The staircases of models with these layers; L is the number of layers of the largest."""
        count = np.array([len(layers.bits) for layers in models])
        stop = count.cumsum()
        start, row, layer = stop - count, np.arange(len(models)).repeat(count), np.arange(stop[-1])
        bits = np.concatenate([layers.bits for layers in models])
        work = np.concatenate([layers.work_flop for layers in models])
        total_bits = bits[stop - 1]
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # Numbers at the end of all doubles.
            total_work = np.add.reduceat(work, start)
            corner, work_before, bits_before = _hulls(bits, work, start, stop)
            first, last, at = corner.searchsorted(start), corner.searchsorted(stop) - 1, row[corner]
            place = last[at] - np.arange(len(at))
            unit_of_bits = np.where(total_bits > 0, total_bits, 1.0)[at]
            share = work_before / np.where(total_work > 0, total_work, 1.0)[at]
            slope = bits_before / unit_of_bits / share
            waits = slope > 0  # Not behind the last corner of a model: no number.
            speed = np.where(waits, 1 / slope, 0.0)

            columns = np.zeros((4, len(models), place.max() + 2))
            works, a, s, speeds = columns
            s[:] = np.inf
            columns[:, at, place] = share, bits[corner] / unit_of_bits, slope, speed
            c, a, s = works.cumsum(axis=1)[:, :-1], a[:, :-1], s[:, 1:-1]
            hidden_above = np.where(s > 0, a[:, :-1] + s * c[:, :-1], 0.0)

            on = np.maximum(corner.searchsorted(layer, side="right") - 1, first[row])
            as_it_arrives = np.full((len(models), count.max()), np.inf)
            as_it_arrives[row, layer - start[row]] = np.where(waits, speed, np.inf)[on]
            return cls(
                bits=total_bits,
                work_flop=total_work,
                corner_work=c,
                corner_bits=a,
                slope=s,
                hidden_above=hidden_above,
                decides_above=np.where(a[:, 1:] > 0, np.where(s > 0, s / hidden_above, 0.0), np.inf),
                next_speed=speeds[:, 1:],
                waiting=_from_each_on(works * speeds**2)[:, 1:],
                rest=_from_each_on(works)[:, 1:],
                as_it_arrives=as_it_arrives,
            )

    def __getitem__(self, users: Places | Chosen) -> Staircase:
        """The staircases of the users at some positions."""
        if len(self.bits) == 1:
            return self
        return Staircase(*(getattr(self, field.name)[users] for field in dataclasses.fields(self)))

    def longest(self, speed: Floats) -> Floats:
        """The largest y with which one speed throughout is in time, of each of K speeds in units of W / T.

        Negative, or minus infinity, where not even an infinite rate would do; problems, SLIDE fact 2.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            corner = _look_up(self.decides_above, 1 / speed)
            work, bits = _at(self.corner_work, corner), _at(self.corner_bits, corner)
            before = np.where(work > 0, 1 - work / speed, 1.0)
            longest = np.where(bits > 0, before / bits, 1.0)
        return np.where(self.corner_work[:, -1] <= speed * (1 + SLACK), np.minimum(longest, 1.0), -np.inf)

    def energy(self, y: Floats, slowest: Floats) -> tuple[Floats, Floats]:
        """The least energy at K values of y, in units of kappa W^3 / T^2, and its derivative by y.

        Parameters
        ----------
        y
            Not above ``longest`` of the fastest speed; shape (K,).
        slowest
            The least speeds in units of W / T, shape (K,).
        """
        y = np.maximum(y, AT_ONCE)
        corner, fast = self._fast_block(y)
        with np.errstate(divide="ignore"):
            raised = np.maximum(_look_up(self.slope, 1 / (slowest * y)), corner)
        waits = (_at(self.waiting, corner) - _at(self.waiting, raised)) / y**2
        energy = _at(self.corner_work, corner) * fast**2 + waits + _at(self.rest, raised) * slowest**2
        derivative = 2 * (_at(self.corner_bits, corner) * fast**3 - waits / y)
        crawls = fast <= slowest
        return np.where(crawls, slowest**2, energy), np.where(crawls, 0.0, derivative)

    def speeds(self, y: Floats) -> Floats:
        """The speeds of least energy in units of W / T, shape (K, L), for devices that may be as slow as they like."""
        y = np.maximum(y, AT_ONCE)
        _, fast = self._fast_block(y)
        return np.minimum(self.as_it_arrives / y[:, np.newaxis], fast[:, np.newaxis])

    def _fast_block(self, y: Floats) -> tuple[Places, Floats]:
        """The corner at which the fast block begins, and its speed.

        Where its time is lost in rounding the speed is too low, but never below that of the edge before.
        """
        corner = _look_up(self.hidden_above, 1 / y)
        speed = _at(self.corner_work, corner) / np.maximum(1 - _at(self.corner_bits, corner) * y, SHORTEST)
        return corner, np.maximum(speed, _at(self.next_speed, corner) / y)


def _hulls(bits: Floats, work: Floats, start: Places, stop: Places) -> tuple[Places, Floats, Floats]:
    """The layers at the corners of the hulls of models from ``start`` to before ``stop``; work and bits to the next.

    Behind the last corner of a model there is work, but no number of bits. Where no layer has work, the last layer is
    the corner. Steps between layers with work are merged while one is not steeper than that behind it: all such steps
    at once, and again what has come of them. No sums are taken from each other, so that layers with next to no work
    keep their digits.
    """
    works = work > 0
    works[stop - 1] |= ~np.logical_or.reduceat(works, start)
    corner = np.flatnonzero(works)
    work, between = work[corner], np.empty(len(corner))
    between[:-1] = bits[corner[1:]] - bits[corner[:-1]]
    between[corner.searchsorted(stop) - 1] = np.nan  # Neither steeper nor less steep: it merges with nothing.
    while True:
        stays = np.ones(len(corner), dtype=bool)
        stays[1:] = ~(between[:-1] * work[1:] <= between[1:] * work[:-1])
        if stays.all():
            return corner, work, between
        (kept,) = stays.nonzero()
        corner, work, between = corner[kept], np.add.reduceat(work, kept), np.add.reduceat(between, kept)


def _look_up(columns: Floats, values: Floats) -> Places:
    """How many of the numbers in a row, which ascend, are below each of K values, shape (K,)."""
    if len(columns) == 1:
        return columns[0].searchsorted(values)
    return np.count_nonzero(columns < values[:, np.newaxis], axis=1)


def _at(columns: Floats, places: Places) -> Floats:
    """The number at a place in the row of each of K users, shape (K,)."""
    if len(columns) == 1:
        return columns[0].take(places)
    return columns[np.arange(len(columns)), places]


def _from_each_on(values: Floats) -> Floats:
    """Sums of each row from each of its values on."""
    return values[:, ::-1].cumsum(axis=1)[:, ::-1]
