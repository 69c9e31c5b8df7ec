"""Branching: what is still open in a subproblem, and how a subproblem is divided into two.

Branching is, in this order, on the number of models visited, on whether a model is visited, on whether two models
follow each other, on the arc over which a model is entered, and on how many requests a model serves. The two children
hold every plan of their parent, and neither holds the LP's solution.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from partload.solvers.partial_loading.sequence.bounds import Demand
from partload.solvers.partial_loading.sequence.legs import Flags, Legs
from partload.solvers.partial_loading.sequence.network import Floats, Integers, Network

INTEGRAL = 1e-6
"""Distance from a whole number below which a value of the LP counts as one."""


@dataclasses.dataclass(frozen=True)
class Subproblem:
    """A subproblem."""

    bound: int
    """No plan in it serves more units."""
    demand: Demand
    allowed: Flags
    """Arcs that may be used, shape (A,)."""
    low: Integers
    """Fewest units that each model serves where it is visited, shape (N,)."""
    high: Integers
    """Most units that each model serves, shape (N,)."""
    pairs: frozenset[int] = frozenset()
    """Numbers of the rows of pairs of models of which one has to follow the other."""
    depth: int = 0

    def legs(self, network: Network, legs: Legs) -> Flags:
        """Which legs are allowed, shape (E,)."""
        head = network.head[legs.arc]
        allowed: Flags = self.allowed[legs.arc] & (legs.count >= self.low[head]) & (legs.count <= self.high[head])
        return allowed

    def with_demand(self, demand: Demand) -> Subproblem:
        """The subproblem with another demand."""
        return dataclasses.replace(self, demand=demand, depth=self.depth + 1)

    def with_visits(self, nodes: Sequence[int]) -> Subproblem:
        """The subproblem where some models are visited."""
        least = self.demand.least.copy()
        least[nodes] = 1
        return self.with_demand(dataclasses.replace(self.demand, least=least))

    def with_arcs(self, allowed: Flags) -> Subproblem:
        """The subproblem with other arcs."""
        return dataclasses.replace(self, allowed=allowed, depth=self.depth + 1)


class Pair(NamedTuple):
    """Two models, of which one may follow the other."""

    one: int
    other: int


def whole(network: Network) -> Subproblem:
    """The whole search tree."""
    nodes = network.nodes
    demand = Demand(np.zeros(nodes, np.int64), 0, nodes)
    return Subproblem(network.units, demand, np.ones(len(network.tail), bool), np.ones(nodes, np.int64), network.sizes)


def fractional(value: Floats) -> tuple[int, float]:
    """Where values are farthest from whole numbers, and how far."""
    distance = np.abs(value - np.round(value))
    place = int(np.argmax(distance)) if len(distance) else 0
    return place, float(distance[place]) if len(distance) else 0.0


def by_visits(network: Network, subproblem: Subproblem, visited: Floats) -> tuple[Subproblem, ...]:
    """Divided by the number of models visited, or by a model; ``visited`` has shape (N,). Empty where all are whole.

    The LP keeps neither limit where a subproblem has no plan; what is demanded already does not divide.
    """
    total = float(visited.sum())
    demand = subproblem.demand
    if demand.fewest < total < demand.most and abs(total - round(total)) > INTEGRAL:
        below = int(np.floor(total))
        fewer, more = dataclasses.replace(demand, most=below), dataclasses.replace(demand, fewest=below + 1)
        return subproblem.with_demand(fewer), subproblem.with_demand(more)
    node, distance = fractional(np.where(demand.least > 0, 1.0, visited))
    if distance > INTEGRAL:
        without = subproblem.allowed & (network.head != node) & (network.tail != node)
        return subproblem.with_visits([node]), subproblem.with_arcs(without)
    return ()


def fractional_pair(network: Network, use: Floats, settled: Collection[Pair]) -> Pair | None:
    """The pair of models of which it is most open whether one follows the other; ``use`` has shape (A,)."""
    together: dict[Pair, float] = {}
    for arc in np.flatnonzero((use > INTEGRAL) & (network.tail < network.nodes)).tolist():
        pair = Pair(*sorted((int(network.tail[arc]), int(network.head[arc]))))
        together[pair] = together.get(pair, 0.0) + float(use[arc])
    values = {pair: value for pair, value in together.items() if pair not in settled}
    nearest = min(values, key=lambda pair: abs(values[pair] - 0.5), default=None)
    return None if nearest is None or abs(values[nearest] - round(values[nearest])) <= INTEGRAL else nearest


def by_pair(network: Network, subproblem: Subproblem, pair: Pair, row: int) -> tuple[Subproblem, ...]:
    """Divided by whether two models follow each other; ``row`` is the number of the row of the pair."""
    tail, head = network.tail, network.head
    between = ((tail == pair.one) & (head == pair.other)) | ((tail == pair.other) & (head == pair.one))
    joined = dataclasses.replace(subproblem.with_visits([pair.one, pair.other]), pairs=subproblem.pairs | {row})
    return joined, subproblem.with_arcs(subproblem.allowed & ~between)


def fractional_arc(network: Network, subproblem: Subproblem, use: Floats) -> int | None:
    """The arc of which it is most open whether it is used, among those that have an alternative."""
    ways = np.bincount(network.head[subproblem.allowed], minlength=network.nodes)
    only = (ways[network.head] == 1) & (subproblem.demand.least[network.head] > 0)
    arc, distance = fractional(np.where(only, 1.0, use))
    return arc if distance > INTEGRAL else None


def by_arc(network: Network, subproblem: Subproblem, arc: int) -> tuple[Subproblem, ...]:
    """Divided by whether an arc is used."""
    tail, head = int(network.tail[arc]), int(network.head[arc])
    other = network.head == head
    if tail != network.hub:
        other |= network.tail == tail
    other[arc] = False
    without = subproblem.allowed.copy()
    without[arc] = False
    return subproblem.with_visits([head]).with_arcs(subproblem.allowed & ~other), subproblem.with_arcs(without)


def by_count(subproblem: Subproblem, node: int, below: int) -> tuple[Subproblem, ...]:
    """Divided by whether a model serves more than ``below`` units."""
    high, low = subproblem.high.copy(), subproblem.low.copy()
    high[node], low[node] = below, below + 1
    return (
        dataclasses.replace(subproblem, low=low, depth=subproblem.depth + 1),
        dataclasses.replace(subproblem, high=high, depth=subproblem.depth + 1),
    )


def by_mixed_count(network: Network, subproblem: Subproblem, columns: Legs, use: Floats) -> tuple[Subproblem, ...]:
    """Divided by the count of a model that the LP serves with several; empty where there is none."""
    head = network.head[columns.arc]
    used = use > INTEGRAL
    least = np.full(network.nodes, np.iinfo(np.int64).max)
    most = np.zeros(network.nodes, np.int64)
    np.minimum.at(least, head[used], columns.count[used])
    np.maximum.at(most, head[used], columns.count[used])
    spread = most - least
    node = int(np.argmax(spread))
    if spread[node] <= 0:
        return ()
    mean = float(np.sum((use * columns.count)[used & (head == node)]))
    return by_count(subproblem, node, min(max(int(mean), int(least[node])), int(most[node]) - 1))


def by_anything(network: Network, subproblem: Subproblem, use: Floats) -> tuple[Subproblem, ...] | None:
    """Branch on anything still open, where the LP solution is whole and yet not the answer; None if nothing is open."""
    ways = np.bincount(network.head[subproblem.allowed], minlength=network.nodes)
    for node in np.flatnonzero(ways).tolist():
        into = np.flatnonzero(subproblem.allowed & (network.head == node))
        if not subproblem.demand.least[node]:
            without = subproblem.allowed & (network.head != node) & (network.tail != node)
            return subproblem.with_visits([node]), subproblem.with_arcs(without)
        if len(into) > 1:
            return by_arc(network, subproblem, int(into[np.argmax(use[into])]))
        if subproblem.low[node] < subproblem.high[node]:
            return by_count(subproblem, node, int(subproblem.low[node] + subproblem.high[node]) // 2)
    return None
