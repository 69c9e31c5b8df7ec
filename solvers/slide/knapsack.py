"""A 0/1 knapsack with real weights: the greatest weight of items whose sizes fit into the capacity.

1. *LP relaxation.* Sort items by size per weight. The first items that fit, the *break set*, and a fraction of the next
   one, the *critical item*, are optimal for the relaxation; their weight is the upper bound U.
2. *Greedy.* The same order, skipping items that do not fit, gives a first incumbent.
3. *Expanding core.* Sets near the optimum differ from the break set in a few items near the critical one. So items are
   decided one by one from there outwards, alternately one to the right (take it or not) and one to the left (drop it or
   not). All sets of decisions are kept as pairs of weight and size, unless

   - *dominated*: another pair has as much weight and no more size;
   - *bounded*: even with fractions of undecided items its weight does not exceed the incumbent. Items to the right have
     at most the weight per size of the next one there, and dropping items to the left costs at least the weight per
     size of the next one there.

   When no pair is left, the incumbent is optimal. That takes a few dozen items out of a hundred thousand.

This is dynamic programming with lists (Nemhauser and Ullmann) over an expanding core (Pisinger). Weights are not
rounded to a grid, so they may be any doubles. Sums have a relative error of at most ``ROUNDING``, and a pair is bounded
only if it is worse by more. An allowed gap, or a common divisor of the weights, sharpens the test: a better set is
better by at least that much. The worst case is exponential, so pairs and work are limited; the bound then covers what
was dropped.
"""

from __future__ import annotations

import dataclasses
import math
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from partload.instances.weights import RESOLUTION, common_step
from partload.solvers.slide.band_capacity import LARGEST, count_fitting, fit_in_turn

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]
ROUNDING = 1e-12
"""Relative error allowed for in sums of weights and sizes."""
MOST_PAIRS = 200_000
"""Pairs kept at a time. Of more, those with the least bounds are dropped; the best of their bounds stays valid."""
MOST_WORK = 20_000_000
"""Pairs extended before the search stops unfinished, after some seconds; weights that follow sizes need that many."""
LEAST_STEP = 1e-9
"""Share of the total weight below which a common divisor of the weights is of no use."""


class Solution(NamedTuple):
    """A set of items with an upper bound."""

    chosen: Flags
    """Shape (n,)."""
    bound: float
    """Upper bound on the weight of all sets."""
    complete: bool = True
    """Whether the search ended, so that the bound is within the gap."""


@dataclasses.dataclass(frozen=True)
class Knapsack:
    """n items and a capacity; sizes may be infinite."""

    weight: Floats
    """w_j > 0, shape (n,)."""
    size: Floats
    """s_j >= 0, shape (n,)."""
    capacity: float
    gap: float = 0.0
    """Relative gap between bound and value at which a set is good enough."""

    @cached_property
    def order(self) -> Rows:
        """Positions of the items that fit alone, by size per weight; of equals, the heavier first."""
        alone = np.flatnonzero(self.size <= self.capacity)
        with np.errstate(over="ignore", under="ignore"):
            return alone[np.lexsort((-self.weight[alone], self.size[alone] / self.weight[alone]))]

    @cached_property
    def break_count(self) -> int:
        """Number of items in the break set."""
        return count_fitting(self.size[self.order], self.capacity)

    @cached_property
    def upper_bound(self) -> float:
        """U, the optimum of the LP relaxation."""
        size, weight = self.size[self.order], self.weight[self.order]
        break_weight = math.fsum(weight[: self.break_count].tolist())
        if self.break_count == len(size):
            return break_weight
        critical = float(weight[self.break_count])
        with np.errstate(over="ignore"):
            price = min(float(critical / size[self.break_count]), LARGEST)
            left = max(self.capacity - math.fsum(size[: self.break_count].tolist()), 0.0)
        return break_weight + min(critical, price * left)

    @cached_property
    def greedy(self) -> Flags:
        """The greedy set, shape (n,)."""
        chosen = np.zeros(len(self.weight), dtype=bool)
        chosen[self.order[fit_in_turn(self.size[self.order], self.capacity)]] = True
        return chosen

    def weight_of(self, chosen: Flags) -> float:
        """Weight of a set."""
        return math.fsum(self.weight[chosen].tolist())

    def solve(self) -> Solution:
        """The best set within the gap; its bound is its own weight unless pairs were dropped or a gap is allowed."""
        value = self.weight_of(self.greedy)
        if self.break_count == len(self.order) or self.upper_bound - value <= self.gap * self.upper_bound:
            return Solution(self.greedy, max(self.upper_bound, value))
        return _Core(self, value).solve()


class _Core:
    """The search outwards from the critical item; pairs hold differences from the weight and size of the break set."""

    def __init__(self, knapsack: Knapsack, value: float) -> None:
        self.knapsack, self.break_count = knapsack, knapsack.break_count
        self.weight, self.size = knapsack.weight[knapsack.order], knapsack.size[knapsack.order]
        self.break_weight = math.fsum(self.weight[: self.break_count].tolist())
        """Weight of the break set."""
        self.left = knapsack.capacity - math.fsum(self.size[: self.break_count].tolist())
        """Capacity that the break set leaves."""
        total_weight = math.fsum(self.weight.tolist())
        self.step = common_step(self.weight.tolist(), LEAST_STEP * total_weight)
        self.slack = ROUNDING * total_weight
        self.gap = knapsack.gap * (1 - RESOLUTION)
        self.best = value
        self.changed: list[int] | None = None
        """Items in which the best set differs from the break set; None while it is the greedy set."""
        self.dropped_bound = 0.0
        """Best bound of the pairs that were dropped."""
        self.work = 0
        self.rounds: list[tuple[int, Rows]] = []
        """Item of each round, and the source of each of its pairs: the position p of a pair of the round before, or
        -1 - p if the item was changed in it."""

    def solve(self) -> Solution:
        """The best set, and its bound."""
        pairs, low, high = np.zeros((2, 1)), self.break_count - 1, self.break_count
        while pairs.shape[1] and (low >= 0 or high < len(self.weight)):
            self.work += pairs.shape[1]
            if self.work > MOST_WORK:
                self.dropped_bound = max(self.dropped_bound, float(self._bounds(pairs, low, high).max()))
                break
            if high < len(self.weight):
                pairs = self._decide(pairs, high, 1.0, low, high + 1)
                high += 1
            if low >= 0 and pairs.shape[1]:
                pairs = self._decide(pairs, low, -1.0, low - 1, high)
                low -= 1
        chosen = self._incumbent()
        value = self.knapsack.weight_of(chosen)
        proved = max(value / (1 - self.gap), self.dropped_bound)
        return Solution(chosen, max(value, min(proved, self.knapsack.upper_bound)), self.dropped_bound == 0)

    def _decide(self, pairs: Floats, item: int, sign: float, low: int, high: int) -> Floats:
        """The pairs, shape (2, P), after one more decision: by increasing size, none dominated, none bounded.

        ``low`` and ``high`` are the next items to the left and to the right that are undecided.
        """
        count = pairs.shape[1]
        change = np.array([[self.weight[item]], [self.size[item]]]) * sign
        extended = np.concatenate((pairs, pairs + change), axis=1)
        source = np.concatenate((np.arange(count), -1 - np.arange(count)))
        self._improve(extended, item, source)
        bounds = self._bounds(extended, low, high)
        kept = np.flatnonzero(bounds > self._threshold())
        kept = kept[np.argsort(extended[1, kept], kind="stable")]  # A stable sort only merges the two sorted runs.
        weight = extended[0, kept]
        stays = np.ones(len(kept), dtype=bool)
        stays[1:] = weight[1:] > np.maximum.accumulate(weight)[:-1]
        kept = kept[stays]
        if len(kept) > MOST_PAIRS:
            ranked = kept[np.argsort(-bounds[kept], kind="stable")]
            self.dropped_bound = max(self.dropped_bound, float(bounds[ranked[MOST_PAIRS]]))
            kept = kept[np.isin(kept, ranked[:MOST_PAIRS])]
        self.rounds.append((item, source[kept]))
        return extended[:, kept]

    def _threshold(self) -> float:
        """A pair with a bound up to this leads to no better set, given the common divisor and the gap."""
        return max(self.best + self.step * (1 - RESOLUTION), self.best / (1 - self.gap)) - self.slack

    def _bounds(self, pairs: Floats, low: int, high: int) -> Floats:
        """Upper bound on the weight of each pair with fractions of undecided items, shape (P,)."""
        weight, spare = pairs[0] + self.break_weight, self.left - pairs[1]
        gains = self.weight[high] / self.size[high] if high < len(self.weight) else 0.0
        costs = self.weight[low] / self.size[low] if low >= 0 and self.size[low] > 0 else math.inf
        with np.errstate(over="ignore", invalid="ignore"):
            return weight + np.where(spare >= 0, np.where(spare > 0, spare * gains, 0.0), spare * costs)

    def _improve(self, pairs: Floats, item: int, source: Rows) -> None:
        """Take the best pair that fits as the incumbent, if it is better."""
        at = int(np.argmax(np.where(pairs[1] <= self.left, pairs[0], -np.inf)))
        value = self.break_weight + float(pairs[0, at]) if pairs[1, at] <= self.left else 0.0
        if value <= self.best + self.slack:
            return
        self.best, self.changed, position = value, [], at
        for changed, sources in [(item, source), *reversed(self.rounds)]:
            position = int(sources[position])
            if position < 0:
                self.changed.append(changed)
                position = -1 - position

    def _incumbent(self) -> Flags:
        """The best set, shape (n,)."""
        if self.changed is None:
            return self.knapsack.greedy
        chosen = np.zeros(len(self.knapsack.weight), dtype=bool)
        order = self.knapsack.order
        chosen[order[: self.break_count]] = True
        chosen[order[self.changed]] ^= True
        return chosen
