"""A 0/1 knapsack: the greatest weight of items whose sizes fit, by a dynamic programme over profits, within a gap.

1. *Relaxation.* Items by size per weight; as many as fit in a row, and a part of the next, the critical one, are the
   optimum with fractions allowed. Its value U is a bound; its price lambda, the critical item's weight per size, makes
   r_j = w_j - lambda s_j what item j is worth beyond its space.
2. *Greedy.* The same order, passing over what does not fit, gives a value V.
3. *Core.* A set without item j is worth at most U - r_j, one with it at most U + r_j. Where that is less than what a
   better set is worth at least, j is in every better set, or in none. What is left undecided is the core: often a few
   dozen of a hundred thousand items.
4. *Programme.* Over the core, with profits p_j that are whole numbers of a unit:
   least(p) = min { least(p), least(p - p_j) + s_j }, item by item.

Where all weights are multiples of a step and the programme is not too long, the unit is that step: the optimum is
found. Otherwise, for a gap eps > 0, let c be a number of core items that no set can pass. With the unit K = eps V / c
an item counts as floor(w_j / K). The set found is worth at least F + K p, F being the weight decided and p its count; a
set loses less than K for each of its core items, so none is worth more than F + K (p + c). The two differ by no more
than eps V: the gap asked for is proved, and the value is at least (1 - eps) times the optimum.
"""

from __future__ import annotations

import dataclasses
import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from solvers.grid import common_step
from solvers.slide.admitting import LARGEST, fitting, fitting_in_turn

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]
WORK = 4e8
"""Most numbers that the programme may compute: one or two seconds, and 60 MB."""
ROUNDING = 1e-9
"""Relative error allowed for in sums and products of weights."""


@dataclasses.dataclass(frozen=True)
class Knapsack:
    """n items and what they have to fit into; sizes may be infinite."""

    weight: Floats
    """w_j > 0, shape (n,)."""
    size: Floats
    """s_j >= 0, shape (n,)."""
    capacity: float
    gap: float
    """eps."""

    @cached_property
    def order(self) -> Rows:
        """Positions of the items that fit alone, least size per weight first, the heavier of equals."""
        alone = np.flatnonzero(self.size <= self.capacity)
        with np.errstate(over="ignore", under="ignore"):
            return alone[np.lexsort((-self.weight[alone], self.size[alone] / self.weight[alone]))]

    @cached_property
    def relaxed(self) -> tuple[float, float]:
        """U and lambda; lambda is 0 when all fit."""
        size, weight = self.size[self.order], self.weight[self.order]
        whole = fitting(size, self.capacity)
        packed = math.fsum(weight[:whole].tolist())
        if whole == len(size):
            return packed, 0.0
        critical = float(weight[whole])
        with np.errstate(over="ignore"):
            price = min(float(critical / size[whole]), LARGEST)
            left = max(self.capacity - float(size[:whole].sum()), 0.0)
        return packed + min(critical, price * left), price

    @cached_property
    def greedy(self) -> Flags:
        """The greedy set, shape (n,)."""
        return self._filled(np.zeros(len(self.weight), dtype=bool))

    @cached_property
    def value(self) -> float:
        """V."""
        return self.worth(self.greedy)

    def worth(self, chosen: Flags) -> float:
        """Weight of a set."""
        return math.fsum(self.weight[chosen].tolist())

    @cached_property
    def step(self) -> float:
        """What all weights are multiples of; 0 where that is too small to count in."""
        return common_step(self.weight[self.order].tolist(), self.relaxed[0] / WORK)

    @cached_property
    def decided(self) -> tuple[Flags, Flags]:
        """The items that every better set has, and the core, both of shape (n,)."""
        most, price = self.relaxed
        better = self.value + self.step - ROUNDING * most
        reduced = self.weight[self.order] - price * self.size[self.order]
        undecided = (most - np.abs(reduced) >= better) | (price == LARGEST)
        inside, core = np.zeros((2, len(self.weight)), dtype=bool)
        inside[self.order[~undecided & (reduced > 0)]] = True
        core[self.order[undecided]] = True
        return inside, core

    @cached_property
    def room(self) -> float:
        """What the items decided leave of the capacity; negative when no set is better than the greedy one."""
        return self.capacity - math.fsum(self.size[self.decided[0]].tolist())

    @cached_property
    def most_of_core(self) -> int:
        """The number c."""
        return fitting(np.sort(self.size[self.decided[1]]), self.room * (1 + ROUNDING))

    @cached_property
    def unit(self) -> float:
        """What a profit of 1 stands for: the step if that is allowed, K if not, 0 when there is nothing to count in."""
        if self.step and (self.gap == 0 or self._fits(self.step)):
            return self.step
        return self.gap * (1 - 4 * ROUNDING) * self.value / max(self.most_of_core, 1)

    @property
    def fits(self) -> bool:
        """Whether the programme is short enough, or not needed."""
        return self._greedy_will_do or (self.unit > 0 and self._fits(self.unit))

    def solved(self) -> tuple[Flags, float]:
        """A set, shape (n,), and an upper bound on the weight of all sets, within the gap; for one that ``fits``."""
        most, _ = self.relaxed
        if self._greedy_will_do:
            return self.greedy, max(most, self.value)
        inside, core = self.decided
        fixed, exact = self.worth(inside), self.unit == self.step
        profit = self.weight[core] / self.unit
        units = (np.rint if exact else np.floor)(profit).astype(np.int64)
        chosen, found = inside.copy(), -1
        if self.room >= 0:
            taken, found = programme(units, self.size[core], self.room, self._states(self.unit))
            chosen[np.flatnonzero(core)[taken]] = True
            chosen = self._filled(chosen)
        if found < 0 or self.worth(chosen) < self.value:
            chosen = self.greedy
        if exact:
            return chosen, self.worth(chosen)
        bound = (fixed + self.unit * (found + self.most_of_core)) * (1 + ROUNDING)
        return chosen, max(self.worth(chosen), min(most, bound) if found >= 0 else 0.0)

    @property
    def _greedy_will_do(self) -> bool:
        most, price = self.relaxed
        return price == 0 or most - self.value <= self.gap * most

    def _states(self, unit: float) -> int:
        """Most units that the core can be worth."""
        return math.floor(max(self.relaxed[0] - self.worth(self.decided[0]), 0.0) / unit * (1 + ROUNDING) + ROUNDING)

    def _fits(self, unit: float) -> bool:
        return int(self.decided[1].sum()) * (self._states(unit) + 1) <= WORK

    def _filled(self, chosen: Flags) -> Flags:
        """A set with what still fits, in order."""
        left = self.capacity - math.fsum(self.size[chosen].tolist())
        others = self.order[~chosen[self.order]]
        filled = chosen.copy()
        filled[others[fitting_in_turn(self.size[others], left)]] = True
        return filled


def programme(profit: Rows, size: Floats, capacity: float, states: int) -> tuple[Rows, int]:
    """Positions of the items with the greatest profit that fit, and that profit; no set is worth more than ``states``.

    ``profit`` and ``size`` of shape (n,); works on n times ``states`` numbers and keeps a bit of each.
    """
    least = np.full(states + 1, np.inf)
    least[0] = 0.0
    history = []
    for worth, needed in zip(profit.tolist(), size.tolist()):
        better = np.zeros(states + 1, dtype=bool)
        if 0 < worth <= states:
            with_it = least[: states + 1 - worth] + needed
            better[worth:] = with_it < least[worth:]
            least[worth:] = np.where(better[worth:], with_it, least[worth:])
        history.append(np.packbits(better))
    found = at = int(np.flatnonzero(least <= capacity)[-1])
    taken = []
    for item in range(len(history) - 1, -1, -1):
        if history[item][at >> 3] >> (7 - (at & 7)) & 1:
            taken.append(item)
            at -= int(profit[item])
    return np.array(taken[::-1], dtype=np.int64), found
