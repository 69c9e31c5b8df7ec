"""A 0/1 knapsack with any real weights: the greatest weight of items whose sizes fit.

1. *Relaxation.* Items by size per weight. As many as fit in a row, the *break set*, and a part of the next item are the
   optimum with fractions allowed, U.
2. *Greedy.* The same order, passing over what does not fit, gives a first value.
3. *Core, growing.* Sets near the optimum differ from the break set in a few items near the critical one. So items are
   decided one by one from there outwards, alternately one to the right (take it or not) and one to the left (drop it or
   not). All sets of decisions are kept as pairs of weight and size, unless

   - *dominated*: another pair has as much weight and no more size;
   - *bounded*: even with fractions of what is undecided it is worth no more than the best set known. Items to the right
     are worth no more per size than the next one there, and dropping items to the left costs no less per size than the
     next one there.

   When no pair is left, the best set known is optimal. That takes a few dozen items out of a hundred thousand.

This is dynamic programming with lists (Nemhauser and Ullmann), over an expanding core (Pisinger). Nothing is rounded
to a grid, so weights may be any doubles; sums are right to ``ROUNDING``, and a pair is given up only if it is below by
more.
A gap allowed, or a grid of weights, only makes the test sharper: a better set would be better by more.
"""

from __future__ import annotations

import dataclasses
import math
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from partload.instances.weights import RESOLUTION, common_step
from partload.solvers.slide.band_capacity import LARGEST, fitting, fitting_in_turn

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]
ROUNDING = 1e-12
"""Relative error allowed for in sums of weights and sizes."""
MOST_PAIRS = 200_000
"""Pairs kept at a time. Beyond, those with the least bounds are given up, and the best of their bounds is kept."""
MOST_WORK = 20_000_000
"""Pairs looked at in all before the search ends unfinished, after some seconds: where weights follow sizes closely."""
LEAST_STEP = 1e-9
"""Part of the whole weight below which a grid of weights is of no use."""


class Solved(NamedTuple):
    """A set of items, and how good it is."""

    chosen: Flags
    """Shape (n,)."""
    bound: float
    """Upper bound on the weight of all sets."""
    complete: bool = True
    """Whether the search came to its end, so that the bound is within the gap."""


@dataclasses.dataclass(frozen=True)
class Knapsack:
    """n items and what they have to fit into; sizes may be infinite."""

    weight: Floats
    """w_j > 0, shape (n,)."""
    size: Floats
    """s_j >= 0, shape (n,)."""
    capacity: float
    gap: float = 0.0
    """Relative gap between bound and value that is good enough."""

    @cached_property
    def order(self) -> Rows:
        """Positions of the items that fit alone, least size per weight first, the heavier of equals."""
        alone = np.flatnonzero(self.size <= self.capacity)
        with np.errstate(over="ignore", under="ignore"):
            return alone[np.lexsort((-self.weight[alone], self.size[alone] / self.weight[alone]))]

    @cached_property
    def whole(self) -> int:
        """Number of items in the break set."""
        return fitting(self.size[self.order], self.capacity)

    @cached_property
    def relaxed(self) -> float:
        """U."""
        size, weight = self.size[self.order], self.weight[self.order]
        packed = math.fsum(weight[: self.whole].tolist())
        if self.whole == len(size):
            return packed
        critical = float(weight[self.whole])
        with np.errstate(over="ignore"):
            price = min(float(critical / size[self.whole]), LARGEST)
            left = max(self.capacity - math.fsum(size[: self.whole].tolist()), 0.0)
        return packed + min(critical, price * left)

    @cached_property
    def greedy(self) -> Flags:
        """The greedy set, shape (n,)."""
        chosen = np.zeros(len(self.weight), dtype=bool)
        chosen[self.order[fitting_in_turn(self.size[self.order], self.capacity)]] = True
        return chosen

    def worth(self, chosen: Flags) -> float:
        """Weight of a set."""
        return math.fsum(self.weight[chosen].tolist())

    def solved(self) -> Solved:
        """The best set, to the gap; its bound is its own weight unless pairs had to be given up or a gap is allowed."""
        value = self.worth(self.greedy)
        if self.whole == len(self.order) or self.relaxed - value <= self.gap * self.relaxed:
            return Solved(self.greedy, max(self.relaxed, value))
        return _Core(self, value).solved()


class _Core:
    """The search outwards from the critical item. Weights and sizes of pairs are differences from the break set's."""

    def __init__(self, knapsack: Knapsack, value: float) -> None:
        self.knapsack, self.whole = knapsack, knapsack.whole
        self.weight, self.size = knapsack.weight[knapsack.order], knapsack.size[knapsack.order]
        self.packed = math.fsum(self.weight[: self.whole].tolist())
        """Weight of the break set."""
        self.left = knapsack.capacity - math.fsum(self.size[: self.whole].tolist())
        """Capacity that it leaves."""
        whole_weight = math.fsum(self.weight.tolist())
        self.step = common_step(self.weight.tolist(), LEAST_STEP * whole_weight)
        self.slack = ROUNDING * whole_weight
        self.gap = knapsack.gap * (1 - RESOLUTION)
        self.best = value
        self.changed: list[int] | None = None
        """Items in which the best set differs from the break set; None while it is the greedy set."""
        self.given_up = 0.0
        """Best bound of the pairs given up unfinished."""
        self.work = 0
        self.rounds: list[tuple[int, Rows]] = []
        """Of each round its item, and of each pair where it came from: the position p of a pair of the round before,
        or -1 - p if the item was changed in it."""

    def solved(self) -> Solved:
        """The best set, and its bound."""
        pairs, low, high = np.zeros((2, 1)), self.whole - 1, self.whole
        while pairs.shape[1] and (low >= 0 or high < len(self.weight)):
            self.work += pairs.shape[1]
            if self.work > MOST_WORK:
                self.given_up = max(self.given_up, float(self._bounds(pairs, low, high).max()))
                break
            if high < len(self.weight):
                pairs = self._decided(pairs, high, 1.0, low, high + 1)
                high += 1
            if low >= 0 and pairs.shape[1]:
                pairs = self._decided(pairs, low, -1.0, low - 1, high)
                low -= 1
        chosen = self._set()
        value = self.knapsack.worth(chosen)
        proved = max(value / (1 - self.gap), self.given_up)
        return Solved(chosen, max(value, min(proved, self.knapsack.relaxed)), self.given_up == 0)

    def _decided(self, pairs: Floats, item: int, sign: float, low: int, high: int) -> Floats:
        """The pairs, shape (2, P), after one more item: by size, none dominated, none bounded.

        ``low`` and ``high`` are the next items to the left and to the right that are undecided.
        """
        count = pairs.shape[1]
        change = np.array([[self.weight[item]], [self.size[item]]]) * sign
        longer = np.concatenate((pairs, pairs + change), axis=1)
        source = np.concatenate((np.arange(count), -1 - np.arange(count)))
        self._improve(longer, item, source)
        bounds = self._bounds(longer, low, high)
        kept = np.flatnonzero(bounds > self._beaten())
        kept = kept[np.argsort(longer[1, kept], kind="stable")]  # Two sorted runs: merging them is all there is to do.
        weight = longer[0, kept]
        stays = np.ones(len(kept), dtype=bool)
        stays[1:] = weight[1:] > np.maximum.accumulate(weight)[:-1]
        kept = kept[stays]
        if len(kept) > MOST_PAIRS:
            ranked = kept[np.argsort(-bounds[kept], kind="stable")]
            self.given_up = max(self.given_up, float(bounds[ranked[MOST_PAIRS]]))
            kept = kept[np.isin(kept, ranked[:MOST_PAIRS])]
        self.rounds.append((item, source[kept]))
        return longer[:, kept]

    def _beaten(self) -> float:
        """A bound at or below this holds nothing better than the best set, to the grid and the gap."""
        return max(self.best + self.step * (1 - RESOLUTION), self.best / (1 - self.gap)) - self.slack

    def _bounds(self, pairs: Floats, low: int, high: int) -> Floats:
        """What each pair is worth with fractions of what is undecided, shape (P,)."""
        weight, room = pairs[0] + self.packed, self.left - pairs[1]
        gains = self.weight[high] / self.size[high] if high < len(self.weight) else 0.0
        costs = self.weight[low] / self.size[low] if low >= 0 and self.size[low] > 0 else math.inf
        with np.errstate(over="ignore", invalid="ignore"):
            return weight + np.where(room >= 0, np.where(room > 0, room * gains, 0.0), room * costs)

    def _improve(self, pairs: Floats, item: int, source: Rows) -> None:
        """Remember the best pair that fits, if it is better than the best set."""
        at = int(np.argmax(np.where(pairs[1] <= self.left, pairs[0], -np.inf)))
        value = self.packed + float(pairs[0, at]) if pairs[1, at] <= self.left else 0.0
        if value <= self.best + self.slack:
            return
        self.best, self.changed, position = value, [], at
        for changed, sources in [(item, source), *reversed(self.rounds)]:
            position = int(sources[position])
            if position < 0:
                self.changed.append(changed)
                position = -1 - position

    def _set(self) -> Flags:
        """The best set, shape (n,)."""
        if self.changed is None:
            return self.knapsack.greedy
        chosen = np.zeros(len(self.knapsack.weight), dtype=bool)
        order = self.knapsack.order
        chosen[order[: self.whole]] = True
        chosen[order[self.changed]] ^= True
        return chosen
