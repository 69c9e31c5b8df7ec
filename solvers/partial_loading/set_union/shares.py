r"""A lower bound on what is lost when elements worth so much time are excluded, for many nodes at once.

At a node some elements are excluded, some are paid for, and the rest are *candidates*. To be in time, candidates of a
total time of at least r have to be excluded as well. Each item is lost as soon as one of its elements is. Divide the
weight w_i of each item i among its candidates: shares s_ij >= 0, sum_j s_ij <= w_i. Then excluding the set E loses

    sum of w_i over the items lost  >=  sum_{j in E} c_j,    c_j = sum_i s_ij,

because an item that is lost pays for each of its elements in E at most once in all. The least of the right-hand side
over sets of a total time of r, fractions allowed, is a bound: elements with the least cost per time first.

**Good shares.** The bound is greatest where costs are in proportion to times, which is what the dual of the linear
relaxation aims at. Shares are in proportion to values v_j of elements. From v_j = time of j, each round multiplies v_j
by the mean cost per time over that of j. Any values give a valid bound, so nothing rests on how far that has converged.

**Rounding.** All this is done in single precision, and the bound lowered by more than the errors of its sums.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from partload.solvers.partial_loading.set_union.items import Items

Single = NDArray[np.float32]
Mask = NDArray[np.bool_]
ROUNDS = 4
"""Rounds in which shares are improved."""
EXPONENT = 1.2
"""Power of the change in a round; a little beyond 1 gets there sooner."""
FASTEST = 50.0
"""Most that a value grows by in a round."""
LEAST = np.float32(1e-20)
"""In place of 0 as a divisor."""
SMALLEST, GREATEST = np.float32(1e-12), np.float32(1e12)
"""Limits of values."""


class Losses(NamedTuple):
    """What is lost at Q nodes, beyond what is lost already."""

    least: NDArray[np.float64]
    """At least so much, shape (Q,); infinite where all candidates together do not have the time."""
    alone: Single
    """By excluding one candidate, shape (Q, N); about, see ``Shares.error``."""


class Shares:
    """The bound for an instance."""

    def __init__(self, items: Items) -> None:
        count, elements = items.uses.shape
        self.uses = items.uses.astype(np.float32)
        self.transposed = np.ascontiguousarray(self.uses.T)
        self.weight = items.weight.astype(np.float32)
        self.time = np.maximum(items.time.astype(np.float32), LEAST)
        self.first = np.maximum(self.time / self.time.max(initial=LEAST), np.float32(1e-6))
        """Values of the first round, shape (N,)."""
        self.error = (2 * count + 4 * elements + 50) * 2.0**-23
        """Relative error of the sums."""

    def losses(self, alive: Mask, candidates: Mask, residual: NDArray[np.float64]) -> Losses:
        """The losses at Q nodes: items not lost, shape (Q, M), candidates, shape (Q, N), and time to be excluded."""
        worth: Single = alive * self.weight
        alone: Single = worth @ self.uses
        cost = self._costs(worth, candidates)
        rate = np.where(candidates, cost / self.time, np.float32(np.inf))
        order = np.argsort(rate, axis=1)
        rows = np.arange(len(order))
        time = np.take_along_axis(candidates * self.time, order, 1)
        cost = np.take_along_axis(cost, order, 1)
        upto = np.cumsum(time, axis=1, dtype=np.float64)
        asked = residual - self.error * upto[:, -1]
        last = np.argmax(upto >= asked[:, None], axis=1)
        paid = np.cumsum(cost, axis=1, dtype=np.float64)[rows, last] - cost[rows, last]
        part = np.clip((asked - (upto[rows, last] - time[rows, last])) / np.maximum(time[rows, last], LEAST), 0, 1)
        least = (paid + part * cost[rows, last]) * (1 - self.error)
        return Losses(np.where(upto[:, -1] < asked, np.inf, np.where(residual <= 0, 0.0, least)), alone)

    def _costs(self, worth: Single, candidates: Mask) -> Single:
        """Cost of each candidate, shape (Q, N)."""
        value: Single = candidates * self.first
        cost = self._cost(worth, value)
        for _ in range(ROUNDS):
            rate = cost / self.time
            mean = (cost.sum(axis=1) / np.maximum(candidates @ self.time, LEAST))[:, None]
            factor = mean / np.maximum(rate, mean / FASTEST + LEAST)
            value = candidates * np.clip(value * factor ** np.float32(EXPONENT), SMALLEST, GREATEST)
            cost = self._cost(worth, value)
        return cost

    def _cost(self, worth: Single, value: Single) -> Single:
        """Cost of each candidate where items pay in proportion to values, shape (Q, N)."""
        paying = worth / np.maximum(value @ self.transposed, LEAST)
        cost: Single = (paying @ self.uses) * value
        return cost
