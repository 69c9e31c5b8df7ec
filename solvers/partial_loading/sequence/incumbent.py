"""The best plan so far, and how better ones are found: from LP solutions, and by local search over orders."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from partload.instances.partial_loading.tolerance import accepted
from partload.solvers.partial_loading.dynamic.knapsack_programme import LATEST_END
from partload.solvers.partial_loading.sequence.filling import Filler
from partload.solvers.partial_loading.sequence.legs import Legs
from partload.solvers.partial_loading.sequence.network import Floats, Integers, Network
from partload.solvers.partial_loading.sequence.orders import Orders, shaken

FACTORS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.3, 1.7, 2.5, 4.0)
"""Prices of time of the local search, in that of the LP."""
SEVERAL = 250
"""Models beyond which there is one price, since the time of a step grows with the square of their number."""
MANY = 100
"""Models with which there are the most new starts. Fewer models have fewer orders. With more, the time of each start
grows with the square of their number."""


class Incumbent:
    """The best plan. It works on the whole network, whatever the search tree has left out."""

    def __init__(
        self, instance: Instance, network: Network, legs: Legs, seed: int | None, tell: Callable[[], None]
    ) -> None:
        self.network, self.legs, self.tell = network, legs, tell
        self.filler = Filler(instance, network)
        self.plan: Plan = ()
        self.served = 0
        self.random = np.random.default_rng(seed or 0)
        self.tried: set[tuple[int, ...]] = set()

    def keep(self, order: Sequence[int]) -> bool:
        """Fill an order and keep its plan if it is better; whether it is."""
        key = tuple(order)
        if key in self.tried:
            return False
        self.tried.add(key)
        found = self.filler.accepted(order, self.served)
        if found is None:
            return False
        self.plan, self.served = found
        self.tell()
        return True

    def settle(self, network: Network, arcs: Integers, counts: Integers) -> bool:
        """Whether the one plan that uses some arcs of a network, with a count for each model, is known to be no better.

        It is tried, and kept where the checker accepts it and it is the best.
        """
        use = np.zeros(len(network.tail))
        use[arcs] = 1.0
        order = rounded(network, use)
        nodes = network.head[arcs]
        if not _begins_outside(network, arcs):
            return True
        end = math.fsum(
            float(self.filler.times(self.filler.arc_of[int(tail), int(head)])[counts[head] - 1])
            for tail, head in zip(network.tail[arcs], nodes)
        )
        served = int(counts[nodes].sum())
        if end > LATEST_END or served <= self.served:
            return True
        plan = accepted(self.filler.instance, self.filler.plan(order, counts[order].tolist()))
        if plan is None:
            return False
        self.plan, self.served = plan, self.filler.units(plan)
        self.tell()
        return True

    def restarts(self, most: int) -> int:
        """How many new starts a search gets, of at most so many."""
        share = self.network.nodes / MANY
        return math.ceil(most * min(share, share**-2))

    def search(self, order: Sequence[int], price: float, shakes: int, enough: Callable[[], bool]) -> None:
        """Local search from an order at a price of time, with some new starts, until it is enough."""
        factors = FACTORS if self.network.nodes <= SEVERAL else (1.0,)
        orders = Orders(self.network, self.legs, [price * factor for factor in factors])
        best = orders.improved(np.array(order, dtype=np.int64))
        self.keep(best.tolist())
        left = shakes
        while left > 0 and not enough():
            left -= 1
            tried = orders.improved(shaken(best, self.random))
            value = orders.value(tried)
            if value >= self.served + 1 and self.keep(tried.tolist()):
                left = shakes
            if value >= orders.value(best):
                best = tried


def _begins_outside(network: Network, arcs: Integers) -> bool:
    """Whether arcs, one into each of some models, make paths from the hub and the start, and no circle."""
    after: dict[int, list[int]] = defaultdict(list)
    for tail, head in zip(network.tail[arcs].tolist(), network.head[arcs].tolist()):
        after[tail].append(head)
    reached = after[network.hub] + after[network.start]
    for node in reached:
        reached += after[node]
    return len(reached) == len(arcs)


def rounded(network: Network, use: Floats) -> list[int]:
    """An order of the models that an LP visits, made of the arcs that it uses most; ``use`` has shape (A,)."""
    nodes = network.nodes
    visited = np.bincount(network.head, weights=use, minlength=nodes) >= 0.5
    after: dict[int, int] = {}
    before: dict[int, int] = {}
    end = list(range(nodes))
    """Of the first model of a path its last, and the other way round."""
    used = np.flatnonzero((use > 1e-6) & (network.tail != network.hub))
    for arc in used[np.argsort(-use[used], kind="stable")].tolist():
        tail, head = int(network.tail[arc]), int(network.head[arc])
        if not visited[head] or head in before or tail in after:
            continue
        if tail == network.start:
            before[head], after[tail] = tail, head
        elif visited[tail] and end[tail] != head:
            before[head], after[tail] = tail, head
            first, last = end[tail], end[head]
            end[first], end[last] = last, first
    firsts = [node for node in np.flatnonzero(visited).tolist() if node not in before]
    order: list[int] = []
    for node in ([after[network.start]] if network.start in after else []) + firsts:
        step: int | None = node
        while step is not None:
            order.append(step)
            step = after.get(step)
    return order
