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

A least speed raises those below it, and a greatest speed is in nobody's way as long as there is a plan at all. The
proofs are in docs/slide-speeds.md (problems, SLIDE fact 5).
"""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
from numpy.typing import NDArray

from instances.slide.envelope import Envelope
from instances.slide.instance import LayerArrays
from instances.sums import total

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

SLACK = 2.5e-10
"""Relative amount by which a deadline may be missed, and a least speed: a quarter of what the checker allows."""
AT_ONCE = 1e-150
"""What counts as no share of the deadline: its square is still a number."""
SHORTEST = 2.0**-53
"""Share of the deadline below which a time is lost in rounding."""


@dataclasses.dataclass(frozen=True)
class Staircase:
    """The hull of a model of L layers: m edges between m + 1 corners, from the end of the model to its beginning."""

    envelope: Envelope
    """What one speed throughout needs."""
    bits: float
    """A = 8 (s_1 + .. + s_L)."""
    work_flop: float
    """W = c_1 + .. + c_L."""
    corner_work: Floats
    """c_i of the corners, shape (m + 1,), increasing up to 1; a single 0 where there is no work."""
    corner_bits: Floats
    """a_i of the corners, shape (m + 1,), decreasing."""
    slope: Floats
    """s_e of the edges, bits per work, shape (m,), increasing."""
    hidden_above: Floats
    """Values of 1 / y above which the origin hides the edges, shape (m,), increasing; 0 for an edge without slope."""
    next_speed: Floats
    """Speed of the edge before each corner at y = 1, and 0 before the last, shape (m + 1,)."""
    waiting: Floats
    """Energy of the edges from e on at y = 1, shape (m + 1,)."""
    rest: Floats
    """Work of the edges from e on, shape (m + 1,)."""
    edge: Places
    """The edge on which each layer is, shape (L,); -1 for those after every edge."""

    @classmethod
    def of(cls, layers: LayerArrays) -> Staircase:
        """The staircase of a model with these layers."""
        bits, work_flop, envelope = layers.bits, layers.work_flop, Envelope.of(layers)
        total_bits, total_work = float(bits[-1]), total(work_flop)
        if total_work == 0:
            none, zero = np.empty(0), np.zeros(1)
            edge = np.full(len(bits), -1)
            return cls(envelope, total_bits, 0.0, zero, zero, none, none, zero, zero, zero, edge)
        corners, work_between, bits_between = _hull(bits.tolist(), work_flop.tolist())
        after = np.searchsorted(-np.array(corners), -np.arange(len(bits)))  # Corners behind each layer.
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # Numbers at the end of all doubles.
            a = bits[corners] / (total_bits or 1.0)
            c = np.cumsum([work_flop[corners[0]], *work_between]) / total_work
            share = np.array(work_between) / total_work
            slope = np.array(bits_between) / (total_bits or 1.0) / share
            speed = np.divide(1.0, slope, out=np.zeros_like(slope), where=slope > 0)
            return cls(
                envelope=envelope,
                bits=total_bits,
                work_flop=total_work,
                corner_work=c,
                corner_bits=a,
                slope=slope,
                hidden_above=np.where(slope > 0, a[:-1] + slope * c[:-1], 0.0),
                next_speed=np.append(speed, 0.0),
                waiting=_from_each_on(share * speed**2),
                rest=_from_each_on(share),
                edge=np.minimum(after, len(slope)) - 1,
            )

    def longest(self, speed: Floats) -> Floats:
        """The largest y with which one speed throughout is in time, of each of K speeds in units of W / T.

        Negative, or minus infinity, where not even an infinite rate would do; problems, SLIDE fact 2.
        """
        reach = speed * self.work_flop
        bits, left = self.envelope.deciding(reach)
        with np.errstate(divide="ignore", invalid="ignore"):
            before = np.where(left > 0, 1 - left / reach, 1.0)
            longest = np.where(bits > 0, before * (self.bits / bits), 1.0)
        return np.where(self.work_flop <= reach * (1 + SLACK), np.minimum(longest, 1.0), -np.inf)

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
            raised = np.maximum(np.searchsorted(self.slope, 1 / (slowest * y), side="right"), corner)
        waits = (self.waiting[corner] - self.waiting[raised]) / y**2
        energy = self.corner_work[corner] * fast**2 + waits + self.rest[raised] * slowest**2
        derivative = 2 * (self.corner_bits[corner] * fast**3 - waits / y)
        crawls = fast <= slowest
        return np.where(crawls, slowest**2, energy), np.where(crawls, 0.0, derivative)

    def speeds(self, y: Floats, slowest: Floats) -> Floats:
        """The speeds of least energy in units of W / T, shape (K, L); parameters as for ``energy``."""
        y = np.maximum(y, AT_ONCE)
        corner, fast = self._fast_block(y)
        with np.errstate(divide="ignore"):
            as_they_arrive = 1 / (self.slope * y[:, np.newaxis])
        in_block = np.arange(len(self.slope)) < corner[:, np.newaxis]
        steps = np.where(in_block, fast[:, np.newaxis], as_they_arrive)
        steps = np.maximum(np.column_stack((fast, steps)), slowest[:, np.newaxis])
        return steps[:, self.edge + 1]

    def _fast_block(self, y: Floats) -> tuple[Places, Floats]:
        """The corner at which the fast block begins, and its speed.

        Where its time is lost in rounding the speed is too low, but never below that of the edge before.
        """
        corner = np.searchsorted(self.hidden_above, 1 / y)
        speed = self.corner_work[corner] / np.maximum(1 - self.corner_bits[corner] * y, SHORTEST)
        return corner, np.maximum(speed, self.next_speed[corner] / y)


def _hull(bits: list[float], work: list[float]) -> tuple[list[int], list[float], list[float]]:
    """The layers at the corners of the hull, the last layer with work first; work and bits between each and the next.

    Steps between layers with work are merged while they are not steeper than the step before. No sums are taken from
    each other, so that layers with next to no work keep their digits.
    """
    works = [layer for layer, its_work in enumerate(work) if its_work > 0][::-1]
    corners = works[:1]
    works_between: list[float] = []
    bits_between: list[float] = []
    for later, layer in itertools.pairwise(works):
        more_work, more_bits = work[layer], bits[later] - bits[layer]
        while works_between and bits_between[-1] * more_work >= more_bits * works_between[-1]:
            more_work += works_between.pop()
            more_bits += bits_between.pop()
            corners.pop()
        corners.append(layer)
        works_between.append(more_work)
        bits_between.append(more_bits)
    return corners, works_between, bits_between


def _from_each_on(values: Floats) -> Floats:
    """Sums of the values from each on, and 0 behind the last."""
    return np.append(np.cumsum(values[::-1])[::-1], 0.0)
