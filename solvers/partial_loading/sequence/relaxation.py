"""The relaxation of a subproblem: columns and cuts until the LP is solved over all legs, and its bound."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable

import numpy as np

from partload.solvers.partial_loading.sequence import blossoms, separation
from partload.solvers.partial_loading.sequence.bounds import Bound, bound
from partload.solvers.partial_loading.sequence.branching import Pair, Subproblem
from partload.solvers.partial_loading.sequence.legs import Flags, Legs
from partload.solvers.partial_loading.sequence.master import Master, Relaxed
from partload.solvers.partial_loading.sequence.network import Floats, Integers, Network
from partload.solvers.partial_loading.sequence.rows import Row, pair_row

CLOSE = 0.5
"""Requests between the bound and the LP below which cuts are looked for: before, its solution says little."""
SETTLED = 1e-3
"""The same below which more columns do not matter."""
WORTH = 1e-7
"""Least reduced profit of a column that is added."""
ALL = 3000
"""Legs up to which all are columns once some have been left out."""


@dataclasses.dataclass(frozen=True)
class Solved:
    """The relaxation of a subproblem."""

    value: float
    """No plan of the subproblem serves more; minus infinity where there is none."""
    loss: Floats
    """What the use of each leg costs of ``value``, shape (E,); infinite for legs that are not allowed."""
    relaxed: Relaxed | None
    """The last solution of the LP; None where the solver failed."""

    def useful(self, served: int) -> Flags:
        """Which legs a plan of the subproblem can have that serves more than so many, shape (E,)."""
        flags: Flags = self.loss <= self.value - (served + 1)
        return flags


class Relaxation:
    """Network and legs that are left, and their LP."""

    def __init__(self, network: Network, legs: Legs, until: float | None = None) -> None:
        self.network, self.legs, self.until = network, legs, until
        self.master = Master(network)
        self.inside = np.zeros(len(legs), bool)
        """Which legs are columns."""
        self.pairs: dict[Pair, int] = {}
        """Number of the row of each pair of models."""

    def solve(
        self, subproblem: Subproblem, rounds: int, goal: float, lowered: Callable[[float], object] = lambda value: None
    ) -> Solved:
        """Solve the relaxation of a subproblem.

        Parameters
        ----------
        subproblem
            The subproblem.
        rounds
            How often rows are added, at most.
        goal
            Bound that is low enough.
        lowered
            Called with each bound.

        Raises
        ------
        TimeoutError
            When the time is up.
        """
        allowed = subproblem.legs(self.network, self.legs)
        legs = self.legs.only(allowed)
        master = self.master
        rows = self._limits(subproblem)
        master.limit(subproblem.demand, rows, subproblem.legs(self.network, master.columns))
        best: Bound | None = None
        while True:
            if self.until is not None and time.perf_counter() > self.until:
                raise TimeoutError
            relaxed = master.solve()
            if relaxed is None:
                break
            found = bound(self.network, legs, relaxed.prices, rows, subproblem.demand)
            lowered(found.value)
            if best is None or found.value < best.value:
                best = found
            if best.value < goal:
                break
            open_gap = found.value - relaxed.value
            # Plans serve whole numbers of requests: columns only raise the LP, which is near enough to the bound.
            rounds_alike = open_gap < CLOSE and math.floor(found.value) <= relaxed.value
            added = 0 if open_gap < SETTLED or rounds_alike else self._price(found, relaxed, allowed)
            cuts: list[Row] = []
            if rounds > 0 and open_gap < CLOSE:
                cuts = separation.violated(self.network, relaxed.arc) or blossoms.violated(self.network, relaxed.arc)
                master.add_rows(cuts)
                rows += cuts
                rounds -= 1
            if not added and not cuts:
                break
        if best is None:
            best = Bound(math.inf, np.zeros(len(legs)), np.zeros(len(legs)))
        loss = np.full(len(self.legs), np.inf)
        loss[allowed] = best.loss
        return Solved(best.value, loss, relaxed)

    def pair(self, pair: Pair) -> int:
        """Number of the row of a pair of models, which is added when it is new."""
        if pair not in self.pairs:
            self.pairs[pair] = len(self.master.rows)
            self.master.add_rows([pair_row(self.network, *pair)])
        return self.pairs[pair]

    def add(self, which: Integers) -> None:
        """Make legs columns of the LP; ``which`` are positions."""
        self.master.add_columns(Legs(self.legs.arc[which], self.legs.count[which], self.legs.time[which]))
        self.inside[which] = True

    def forget(self, kept: Flags) -> None:
        """Leave out all legs but some, shape (E,), of all subproblems."""
        self.legs, self.inside = self.legs.only(kept), self.inside[kept]

    def restricted(self, kept: Flags, solved: Solved) -> Relaxation:
        """The relaxation of the whole with some legs only, shape (E,), and without arcs that have none.

        The columns are all legs, or those that are columns here and the best of each arc at the price of time in the
        solution of the whole; of the rows, those stay that have a price there.
        """
        price, active = 0.0, list(self.master.rows)
        if solved.relaxed is not None:
            prices = solved.relaxed.prices
            price, active = prices.time, [row for row, own in zip(self.master.rows, prices.rows.tolist()) if own]
        legs, inside = self.legs.only(kept), self.inside[kept]
        arcs, arc = np.unique(legs.arc, return_inverse=True)
        network = dataclasses.replace(
            self.network, tail=self.network.tail[arcs], head=self.network.head[arcs], load_s=self.network.load_s[arcs]
        )
        made = Relaxation(network, Legs(arc, legs.count, legs.time), self.until)
        made.master.add_rows([Row(row.coefficient[arcs], row.lower, row.upper) for row in active])
        if len(legs) <= ALL:
            inside = np.ones(len(legs), bool)
        else:
            inside[best_of_arcs(made.legs, legs.count - price * legs.time)] = True
        made.add(np.flatnonzero(inside))
        return made

    def _limits(self, subproblem: Subproblem) -> list[Row]:
        """The rows with their limits in a subproblem."""
        rows = list(self.master.rows)
        for number in subproblem.pairs:
            rows[number] = dataclasses.replace(rows[number], lower=1.0)
        return rows

    def _price(self, found: Bound, relaxed: Relaxed, allowed: Flags) -> int:
        """Add the best leg of each arc whose reduced profit is positive; how many."""
        value = np.full(len(self.legs), -np.inf)
        value[allowed] = found.leg
        value -= relaxed.into[self.network.head[self.legs.arc]]
        value[self.inside] = -np.inf
        best = best_of_arcs(self.legs, value)
        best = best[value[best] > WORTH]
        if len(best):
            self.add(best)
        return len(best)


def best_of_arcs(legs: Legs, value: Floats) -> Integers:
    """Position of a leg of the greatest value for each arc that has legs; ``value`` has shape (E,)."""
    starts = np.flatnonzero(np.diff(legs.arc, prepend=-1))
    if not len(starts):
        return starts
    group = np.cumsum(np.diff(legs.arc, prepend=-1) > 0) - 1
    hit = np.flatnonzero(value >= np.maximum.reduceat(value, starts)[group])
    best: Integers = hit[np.searchsorted(group[hit], np.arange(len(starts)))]
    return best
