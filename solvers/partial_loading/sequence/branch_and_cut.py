"""Branch and cut: the relaxation of each subproblem, plans from its solution, best bound first."""

from __future__ import annotations

import dataclasses
import heapq
import math
import time
from collections.abc import Callable

import numpy as np

from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from partload.solvers.partial_loading.sequence import branching
from partload.solvers.partial_loading.sequence.branching import Subproblem
from partload.solvers.partial_loading.sequence.incumbent import Incumbent, rounded
from partload.solvers.partial_loading.sequence.legs import Flags, legs
from partload.solvers.partial_loading.sequence.network import network
from partload.solvers.partial_loading.sequence.relaxation import Relaxation, Solved, best_of_arcs

ROOT_ROUNDS, ROUNDS = 500, 8
"""Times that rows are added at the root, and at another subproblem, at most."""
ROOT_SHAKES, SHAKES = 60, 5
"""New starts of the local search at the root, and later, at most."""
EVERY = 20
"""One subproblem in so many gets a local search."""


class BranchAndCut:
    """One search. ``incumbent`` and ``bound`` hold what is known at any time."""

    def __init__(
        self,
        instance: Instance,
        tell: Callable[[], None],
        enough: Callable[[int, int], bool],
        until: float | None = None,
        seed: int | None = None,
    ) -> None:
        whole = network(instance)
        self.tell, self.until = tell, until
        self.enough = enough
        self.unit = whole.unit
        """Weight of a unit."""
        self.bound = whole.units
        """No plan serves more units."""
        self.relaxation = Relaxation(whole, legs(whole), until)
        self.incumbent = Incumbent(instance, whole, self.relaxation.legs, seed, self._better)
        self.explored = 0
        """Subproblems whose relaxation was solved."""
        self.unresolved = 0
        """Bound of subproblems with a single plan, which the checker rejects by about its tolerance."""
        self.contradiction: str | None = None
        """What is said of a bound below a plan in hand; None where there is none."""

    @property
    def plan(self) -> Plan:
        """The best plan."""
        return self.incumbent.plan

    @property
    def served(self) -> int:
        """Units that it serves."""
        return self.incumbent.served

    def run(self) -> None:
        """Search until bound and plan are close enough, or all subproblems are explored.

        Raises
        ------
        TimeoutError
            When the time is up.
        """
        if not len(self.relaxation.legs):
            self._lower(0)
            return
        root = self._root()
        if root is None:
            return
        heap = [(-root.bound, 0, 0, root)]
        numbered = 0
        while heap:
            subproblem = heapq.heappop(heap)[3]
            for child in self._explored(subproblem):
                numbered += 1
                heapq.heappush(heap, (-child.bound, -child.depth, numbered, child))
            self._lower(max([self.incumbent.served, self.unresolved, *(-entry[0] for entry in heap[:1])]))
            if self._done():
                return

    def _done(self) -> bool:
        return self.contradiction is not None or self.enough(self.incumbent.served, self.bound)

    def _stops(self) -> bool:
        """Whether a local search is to end."""
        return self._done() or (self.until is not None and time.perf_counter() > self.until)

    def _better(self) -> None:
        """There is a better plan."""
        if self.incumbent.served > self.bound:
            self._contradict(self.bound)
        self.tell()

    def _contradict(self, bound: int) -> None:
        served = self.incumbent.served
        self.contradiction = f"proved is at most {bound * self.unit!r}, but a plan serves {served * self.unit!r}"

    def _lower(self, value: float) -> None:
        """Use a bound on all plans, unless the plan in hand contradicts it."""
        bound = max(math.floor(value), 0) if value > -math.inf else 0
        if bound < self.incumbent.served:
            self._contradict(bound)
        elif bound < self.bound:
            self.bound = bound
            self.tell()

    def _root(self) -> Subproblem | None:
        """Solve the relaxation of the whole, find a good plan, and leave out what no better one uses.

        Returns the whole as it is left; None where that is enough.
        """
        relaxation = self.relaxation
        network, columns = relaxation.network, relaxation.legs
        from_hub = network.tail[columns.arc] == network.hub
        value = np.where(from_hub, columns.count - network.units * columns.time, -np.inf)
        best = best_of_arcs(columns, value)
        relaxation.add(best[from_hub[best]])
        solved = relaxation.solve(branching.whole(network), ROOT_ROUNDS, -math.inf, self._lower)
        if solved.relaxed is not None:
            order = rounded(network, solved.relaxed.arc)
            self.incumbent.keep(order)
            if not self._done():
                price = solved.relaxed.prices.time
                self.incumbent.search(order, price, self.incumbent.restarts(ROOT_SHAKES), self._stops)
        if self._done():
            return None
        kept = solved.useful(self.incumbent.served)
        if not kept.any():
            self._lower(self.incumbent.served)
            return None
        self.relaxation = relaxation.restricted(kept, solved)
        return dataclasses.replace(branching.whole(self.relaxation.network), bound=self.bound)

    def _explored(self, subproblem: Subproblem) -> list[Subproblem]:
        """The subproblems into which a subproblem is divided; none where it has no plan better than the best."""
        served = self.incumbent.served
        if subproblem.bound <= served:
            return []
        self.explored += 1
        solved = self.relaxation.solve(subproblem, ROUNDS if subproblem.depth else ROOT_ROUNDS, served + 1)
        bound = min(float(subproblem.bound), solved.value)
        if bound < self.incumbent.served + 1:
            return []
        self._round(solved)
        if bound < self.incumbent.served + 1:
            return []
        subproblem = dataclasses.replace(subproblem, bound=math.floor(bound), allowed=self._useful(subproblem, solved))
        if not subproblem.depth:
            self.relaxation.forget(solved.useful(self.incumbent.served))
        children = self._divided(subproblem, solved)
        if children is None:
            self._settle(subproblem)
            return []
        return list(children)

    def _round(self, solved: Solved) -> None:
        """Search for a better plan near the solution of the LP."""
        if solved.relaxed is None:
            return
        order = rounded(self.relaxation.network, solved.relaxed.arc)
        if self.incumbent.keep(order) or self.explored % EVERY == 1:
            self.incumbent.search(order, solved.relaxed.prices.time, self.incumbent.restarts(SHAKES), self._stops)

    def _useful(self, subproblem: Subproblem, solved: Solved) -> Flags:
        """Which arcs a better plan of the subproblem can use."""
        arcs = np.zeros(len(subproblem.allowed), bool)
        arcs[self.relaxation.legs.arc[solved.useful(self.incumbent.served)]] = True
        return subproblem.allowed & arcs

    def _divided(self, subproblem: Subproblem, solved: Solved) -> tuple[Subproblem, ...] | None:
        """The subproblems into which a subproblem is divided; None where there is nothing to decide."""
        network = self.relaxation.network
        relaxed = solved.relaxed
        if relaxed is None:
            return branching.by_anything(network, subproblem, np.zeros(len(network.tail)))
        visited = np.bincount(network.head, weights=relaxed.arc, minlength=network.nodes).astype(float)
        children = branching.by_visits(network, subproblem, visited)
        if children:
            return children
        settled = [pair for pair, row in self.relaxation.pairs.items() if row in subproblem.pairs]
        pair = branching.fractional_pair(network, relaxed.arc, settled)
        if pair is not None:
            return branching.by_pair(network, subproblem, pair, self.relaxation.pair(pair))
        arc = branching.fractional_arc(network, subproblem, relaxed.arc)
        if arc is not None:
            return branching.by_arc(network, subproblem, arc)
        columns = self.relaxation.master.columns
        return branching.by_mixed_count(network, subproblem, columns, relaxed.use) or branching.by_anything(
            network, subproblem, relaxed.arc
        )

    def _settle(self, subproblem: Subproblem) -> None:
        """A subproblem with one plan: it is the best, or cannot end in time, or the checker's tolerance decides."""
        arcs = np.flatnonzero(subproblem.allowed)
        if not self.incumbent.settle(self.relaxation.network, arcs, subproblem.low):
            self.unresolved = max(self.unresolved, subproblem.bound)
