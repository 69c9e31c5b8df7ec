"""The speed hull: the lower convex hull of time over work, whose slopes are the reciprocals of the best layer speeds.

In relative units everything depends on the model alone: work from a layer to the end relative to all the work W, bits
up to a layer relative to all the bits A, time relative to the deadline T. One number varies with the user and the rate,

    y = A / (rate T),    the download share: the share of the deadline that the download takes, from 0 to 1.

Let c_l = sum_{j>=l} c_j / W and a_l = 8 (s_1 + .. + s_l) / A. Layer l and all layers after it have the time 1 - a_l y
for their work c_l. Energy is least if this time is used as evenly as possible: along the lower convex hull of the
points (c_l, 1 - a_l y) and the origin. Its slopes are times per work, the reciprocals of the speeds. Without the
origin, the hull is that of the points (c_l, -a_l), stretched by y, so it is computed once for all users and rates, in
O(L). The origin hides the edges whose lines pass above it; a binary search finds them, O(log L). The rest of the hull
is

    one fast block, from a corner i to the end, at speed c_i / (1 - a_i y);
    one slow block for each edge e before it, at speed 1 / (s_e y), with s_e the bits per work on the edge: layers
    compute as fast as they arrive.

If all layers have one speed, the binding constraint is at a corner of the same hull. The origin hides edge e for 1 / y
> b_e, and the binding corner changes at the edge when the time per work is s_e / b_e. That is a binary search, too.

A least speed f_min raises all lower speeds to f_min. A greatest speed f_max binds only if no plan is feasible. The
proofs are in docs/reference/slide-speeds.md (problems, SLIDE, fact 5).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from partload.instances.slide.instance import LayerArrays

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]
Chosen = NDArray[np.bool_]

SLACK = 1e-12
"""Relative amount by which a deadline or a least speed may be missed: a thousandth of the checker's tolerance."""
SMALLEST_SHARE = 1e-150
"""Smallest download share computed with; its square does not underflow."""
LEAST_REMAINDER = 2.0**-53
"""Smallest share of the deadline left for the fast block; smaller ones are lost in rounding."""


@dataclasses.dataclass(frozen=True)
class SpeedHull:
    """The hulls of M models, one in each row: up to m edges between m + 1 corners, from the last layer to the first.

    A single row holds for all users; otherwise each user has a row. Rows with fewer edges are padded with edges that no
    search reaches.
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
    binding_above: Floats
    """Times per work above which one speed is bound behind the edges, shape (M, m), increasing."""
    next_speed: Floats
    """Speed of the edge before each corner at y = 1, and 0 before the last, shape (M, m + 1)."""
    waiting_energy: Floats
    """Energy of the slow blocks from edge e on at y = 1, shape (M, m + 1)."""
    remaining_work: Floats
    """Work of the edges from e on, shape (M, m + 1)."""
    arrival_speed: Floats
    """Speed at y = 1 of the edge of each layer, shape (M, L); infinite for layers after all edges."""

    @classmethod
    def of(cls, *models: LayerArrays) -> SpeedHull:
        """The hulls of models with these layers; L is the number of layers of the largest model."""
        count = np.array([len(layers.bits) for layers in models])
        stop = count.cumsum()
        start, row, layer = stop - count, np.arange(len(models)).repeat(count), np.arange(stop[-1])
        bits = np.concatenate([layers.bits for layers in models])
        work = np.concatenate([layers.work_flop for layers in models])
        total_bits = bits[stop - 1]
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # Numbers may be out of range.
            total_work = np.add.reduceat(work, start)
            # Powers of two change no digit, and products of bits and work neither underflow nor overflow.
            bits, work = _scaled(bits, total_bits[row]), _scaled(work, total_work[row])
            unit_of_bits, unit_of_work = (_scaled(total, total) for total in (total_bits, total_work))
            corner, work_before, bits_before = _hulls(bits, work, start, stop)
            first, last, at = corner.searchsorted(start), corner.searchsorted(stop) - 1, row[corner]
            place = last[at] - np.arange(len(at))
            unit_of_bits = np.where(total_bits > 0, unit_of_bits, 1.0)[at]
            share = work_before / np.where(total_work > 0, unit_of_work, 1.0)[at]
            slope = bits_before / unit_of_bits / share
            waits = slope > 0  # False behind the last corner of a model, where the slope is NaN.
            speed = np.where(waits, 1 / slope, 0.0)

            columns = np.zeros((4, len(models), place.max() + 2))
            works, a, s, speeds = columns
            s[:] = np.inf
            columns[:, at, place] = share, bits[corner] / unit_of_bits, slope, speed
            c, a, s = works.cumsum(axis=1)[:, :-1], a[:, :-1], s[:, 1:-1]
            hidden_above = np.where(s > 0, a[:, :-1] + s * c[:, :-1], 0.0)

            on = np.maximum(corner.searchsorted(layer, side="right") - 1, first[row])
            arrival_speed = np.full((len(models), count.max()), np.inf)
            arrival_speed[row, layer - start[row]] = np.where(waits, speed, np.inf)[on]
            return cls(
                bits=total_bits,
                work_flop=total_work,
                corner_work=c,
                corner_bits=a,
                slope=s,
                hidden_above=hidden_above,
                binding_above=np.where(a[:, 1:] > 0, np.where(s > 0, s / hidden_above, 0.0), np.inf),
                next_speed=speeds[:, 1:],
                waiting_energy=_suffix_sums(works * speeds**2)[:, 1:],
                remaining_work=_suffix_sums(works)[:, 1:],
                arrival_speed=arrival_speed,
            )

    def __getitem__(self, users: Positions | Chosen) -> SpeedHull:
        """The hulls of the users at some positions."""
        if len(self.bits) == 1:
            return self
        return SpeedHull(*(getattr(self, field.name)[users] for field in dataclasses.fields(self)))

    def largest_download_share(self, speed: Floats) -> Floats:
        """The largest y at which one speed for all layers is in time, for K speeds in units of W / T, shape (K,).

        Negative, or minus infinity, where not even an infinite rate is sufficient (problems, SLIDE, fact 2).
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            corner = _count_below(self.binding_above, 1 / speed)
            work, bits = _take(self.corner_work, corner), _take(self.corner_bits, corner)
            before = np.where(work > 0, 1 - work / speed, 1.0)
            share = np.where(bits > 0, before / bits, 1.0)
        return np.where(self.corner_work[:, -1] <= speed * (1 + SLACK), np.minimum(share, 1.0), -np.inf)

    def energy(self, y: Floats, slowest: Floats) -> tuple[Floats, Floats]:
        """The least energy for K values of y, in units of kappa W^3 / T^2, and its derivative by y; both of shape (K,).

        Parameters
        ----------
        y
            Not above ``largest_download_share`` of the fastest speed; shape (K,).
        slowest
            The least speeds in units of W / T, shape (K,).
        """
        y = np.maximum(y, SMALLEST_SHARE)
        corner, fast = self._fast_block(y)
        with np.errstate(divide="ignore"):
            raised = np.maximum(_count_below(self.slope, 1 / (slowest * y)), corner)
        waits = (_take(self.waiting_energy, corner) - _take(self.waiting_energy, raised)) / y**2
        energy = _take(self.corner_work, corner) * fast**2 + waits + _take(self.remaining_work, raised) * slowest**2
        derivative = 2 * (_take(self.corner_bits, corner) * fast**3 - waits / y)
        all_slowest = fast <= slowest
        return np.where(all_slowest, slowest**2, energy), np.where(all_slowest, 0.0, derivative)

    def speeds(self, y: Floats) -> Floats:
        """The speeds of least energy in units of W / T, shape (K, L), for devices without a least speed."""
        y = np.maximum(y, SMALLEST_SHARE)
        _, fast = self._fast_block(y)
        return np.minimum(self.arrival_speed / y[:, np.newaxis], fast[:, np.newaxis])

    def _fast_block(self, y: Floats) -> tuple[Positions, Floats]:
        """The corner at which the fast block begins, and its speed, both of shape (K,).

        Where its time is lost in rounding, the speed is too low, but never below that of the edge before.
        """
        corner = _count_below(self.hidden_above, 1 / y)
        speed = _take(self.corner_work, corner) / np.maximum(1 - _take(self.corner_bits, corner) * y, LEAST_REMAINDER)
        return corner, np.maximum(speed, _take(self.next_speed, corner) / y)


def _scaled(values: Floats, unit: Floats) -> Floats:
    """Values divided by the power of two next to a unit."""
    divided: Floats = np.ldexp(values, -np.frexp(unit)[1])
    return divided


def _hulls(bits: Floats, work: Floats, start: Positions, stop: Positions) -> tuple[Positions, Floats, Floats]:
    """The layers at the corners of the hulls, and the work and the bits from each corner to the next.

    Model n has the layers from ``start[n]`` to before ``stop[n]``. Behind its last corner there is work, but bits are
    NaN. If no layer has work, the last layer is the only corner. Edges between layers with work are merged while one is
    not steeper than the next, all such edges at once, and again until none is left. No difference of sums is computed,
    so that layers with very little work keep their digits.
    """
    works = work > 0
    works[stop - 1] |= ~np.logical_or.reduceat(works, start)
    corner = np.flatnonzero(works)
    work, between = work[corner], np.empty(len(corner))
    between[:-1] = bits[corner[1:]] - bits[corner[:-1]]
    between[corner.searchsorted(stop) - 1] = np.nan  # Neither steeper nor less steep, so it is never merged.
    while True:
        stays = np.ones(len(corner), dtype=bool)
        stays[1:] = ~(between[:-1] * work[1:] <= between[1:] * work[:-1])
        if stays.all():
            return corner, work, between
        (kept,) = stays.nonzero()
        corner, work, between = corner[kept], np.add.reduceat(work, kept), np.add.reduceat(between, kept)


def _count_below(columns: Floats, values: Floats) -> Positions:
    """How many of the ascending numbers of a row are below each of K values, shape (K,)."""
    if len(columns) == 1:
        return columns[0].searchsorted(values)
    return np.count_nonzero(columns < values[:, np.newaxis], axis=1)


def _take(columns: Floats, positions: Positions) -> Floats:
    """The number at a position in the row of each of K users, shape (K,)."""
    if len(columns) == 1:
        return columns[0].take(positions)
    return columns[np.arange(len(columns)), positions]


def _suffix_sums(values: Floats) -> Floats:
    """Sum of each row from each of its values on."""
    return values[:, ::-1].cumsum(axis=1)[:, ::-1]
