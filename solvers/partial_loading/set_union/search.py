"""The search: depth first over elements to exclude or to pay for, thousands of nodes at a time.

A node has excluded some elements, pays for others, and the rest are candidates (``nodes``). It is closed when what it
has lost, and a bound on what it still has to lose (``shares``), leave no more than the best plan serves. Else it
branches on the candidate whose exclusion loses the most: excluding it is soon closed, and paying for it makes all other
exclusions dearer. Candidates that no item left needs are excluded at once, and those whose exclusion alone would lose
too much are paid for.

**Time.** What has to be excluded at the root is the time of all elements less ``LATEST_END``, which is later than the
checker's tolerance. If the checker rejects the plan of a node that has excluded enough, the weight it would serve stays
below the bound, and the node goes on to exclude what makes up for the tolerance, too.
"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.tolerance import accepted
from partload.solvers.partial_loading.dynamic.knapsack_programme import LATEST_END
from partload.solvers.partial_loading.set_union.first_exclusion import first_exclusion
from partload.solvers.partial_loading.set_union.items import Floats, Items, items_of
from partload.solvers.partial_loading.set_union.nodes import Mask, Nodes, Stack
from partload.solvers.partial_loading.set_union.shares import Shares
from partload.solvers.partial_loading.tree_search import Enough, SearchState, Tell

Integers = NDArray[np.int64]
AT_ONCE = 2048
"""Nodes that are looked at together."""
MOST_NUMBERS = 100_000_000
"""Numbers in all open nodes together, about: fewer nodes at once where there are many items and elements."""
ZONE = LATEST_END - 1 + 1e-12
"""Time in deadlines between plans that are certainly in time and those that certainly are not."""
REPORT_S = 0.5
"""Seconds between two reports of the bound."""
ROUNDING = 1e-12
"""Relative error allowed for in sums of weights."""


class Search(SearchState):
    """One search, in this process."""

    def __init__(
        self,
        instance: Instance,
        tell: Tell,
        enough: Enough,
        gap: float = 0.0,
        until: float | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(instance, tell, enough, gap, until)
        self.seed = seed
        self.items = items_of(instance, self.units)
        self.bound = self.total = float(self.items.weight.sum())
        self.closed = 0.0
        """Most units that a plan of a closed node may serve."""
        self.nodes = 0
        """How many nodes were looked at."""

    def run(self) -> None:
        """Search until plan and bound meet, or are as near as the checker's tolerance allows.

        Raises
        ------
        TimeoutError
            When the time is up.
        """
        self.tell()
        asked = float(self.items.time.sum()) - LATEST_END
        if not len(self.items.weight):
            return
        if asked <= 0 and self._accepts(np.ones(len(self.items.weight), dtype=bool)):
            return
        first = first_exclusion(self.items, asked + ZONE, self.seed)
        self._accepts(self.items.left(first))
        self._branch_and_bound(asked)

    def _branch_and_bound(self, asked: float) -> None:
        shares, stack = Shares(self.items), Stack(_root(self.items, asked))
        at_once = _at_once(self.items)
        reported = time.perf_counter()
        while len(stack):
            now = time.perf_counter()
            if self.until is not None and now > self.until:
                self._lower(stack.most)
                raise TimeoutError
            nodes = stack.pop(at_once)
            self.nodes += nodes.number
            for children in self._children(nodes, shares):
                stack.push(children)
            if now - reported > REPORT_S:
                reported = now
                self._lower(stack.most)
                if self.enough(self.served, self.bound):
                    return
        self._lower(0.0)

    def _children(self, nodes: Nodes, shares: Shares) -> list[Nodes]:
        """What is left to look at: where a candidate is paid for, then where it is excluded."""
        nodes = self._without_done(self._without_unneeded(nodes, shares))
        losses = shares.losses(nodes.alive, nodes.candidates, nodes.residual)
        nodes = nodes._replace(most=np.minimum(nodes.most, self.total - nodes.lost - losses.least))
        kept = self._open(nodes.most)
        nodes, alone = nodes.only(kept), losses.alone[kept].astype(float) * (1 - shares.error)
        after = self.total - nodes.lost[:, None] - alone
        affordable = nodes.candidates & (self._limited(after) > self.limit)
        self._close(after[nodes.candidates & ~affordable])
        nodes, alone = nodes._replace(candidates=affordable), np.where(affordable, alone, -1.0)
        element = alone.argmax(axis=1)
        kept = alone[np.arange(nodes.number), element] >= 0  # Without candidates nothing more can be excluded.
        nodes, element = nodes.only(kept), element[kept]
        return self._branched(nodes, element)

    def _branched(self, nodes: Nodes, element: Integers) -> list[Nodes]:
        """The children of nodes, given the candidate to branch on."""
        rest = nodes.candidates.copy()
        rest[np.arange(nodes.number), element] = False
        hit = nodes.alive & self.items.uses.T[element]
        lost = nodes.lost + hit @ self.items.weight
        excluding = Nodes(
            candidates=rest,
            alive=nodes.alive & ~hit,
            residual=nodes.residual - self.items.time[element],
            lost=lost,
            most=np.minimum(nodes.most, self.total - lost),
            tried=nodes.tried,
        )
        return [nodes._replace(candidates=rest), excluding.only(self._open(excluding.most))]

    def _without_unneeded(self, nodes: Nodes, shares: Shares) -> Nodes:
        """Exclude the candidates that no item left needs."""
        needed = nodes.alive.astype(np.float32) @ shares.uses > 0
        free = nodes.candidates & ~needed
        return nodes._replace(candidates=nodes.candidates & needed, residual=nodes.residual - free @ self.items.time)

    def _without_done(self, nodes: Nodes) -> Nodes:
        """Give the plans of nodes that have excluded enough to the checker; nodes whose plan it accepts are closed."""
        done = nodes.residual <= 0
        if not done.any():
            return nodes
        residual, tried, kept = nodes.residual.copy(), nodes.tried.copy(), ~done
        for node in np.flatnonzero(done)[np.argsort(nodes.lost[done], kind="stable")].tolist():
            most = self.total - nodes.lost[node : node + 1]
            if not self._open(most)[0] or self._accepts(nodes.alive[node]):
                continue
            if residual[node] <= -ZONE or tried[node]:
                raise AssertionError("the checker rejects a plan that is in time")
            self.unsettled = max(self.unsettled, float(most[0]))
            residual[node] += ZONE
            tried[node] = kept[node] = True
        return nodes._replace(residual=residual, tried=tried).only(kept)

    def _accepts(self, served: Mask) -> bool:
        """Whether the checker accepts the plan that serves some items; the best is kept."""
        plan = accepted(self.instance, self.items.plan(served))
        if plan is None:
            return False
        units = float(self.items.weight[served].sum())
        if units > self.served:
            self.plan, self.served = plan, units
            self.tell()
        return True

    @property
    def limit(self) -> float:
        """Units up to which a plan does not count: what the best plan serves, or more by the gap that was asked for."""
        return self.served / (1 - self.gap) + (0.0 if self.whole else ROUNDING * self.total)

    def _limited(self, units: Floats) -> Floats:
        """Bounds in units, rounded down to what plans can reach."""
        return np.floor(units + ROUNDING * self.total) if self.whole else units

    def _open(self, most: Floats) -> Mask:
        """Which nodes may have plans that count, given their bounds; the others are closed."""
        limited = self._limited(most)
        still: Mask = limited > self.limit
        self._close(limited[~still])
        return still

    def _close(self, units: Floats) -> None:
        self.closed = max(self.closed, float(self._limited(units).max(initial=0.0)))

    def _lower(self, open_units: float) -> None:
        """The bound, given that of the open nodes."""
        units = max(open_units, self.closed, self.served, self.unsettled)
        self.bound = min(self.bound, float(self._limited(np.array([units]))[0]))
        self.tell()


def _root(items: Items, asked: float) -> Nodes:
    count, elements = items.uses.shape
    return Nodes(
        candidates=np.ones((1, elements), dtype=bool),
        alive=np.ones((1, count), dtype=bool),
        residual=np.array([asked]),
        lost=np.zeros(1),
        most=np.array([float(items.weight.sum())]),
        tried=np.zeros(1, dtype=bool),
    )


def _at_once(items: Items) -> int:
    """How many nodes to look at together: the stack has at most as many for each element."""
    count, elements = items.uses.shape
    return max(1, min(AT_ONCE, MOST_NUMBERS // ((count + elements) * elements)))
