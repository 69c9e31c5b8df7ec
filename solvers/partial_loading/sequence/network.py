"""The network of models: which model may be loaded right after which, and how long that load takes.

A plan with visits ``once`` and residency ``previous`` is an order of models. Only two models that share a block save
anything when one follows the other, so the network has an arc for each such pair and, for all other steps, an arc to
each model from the *hub*, at the price of a full load. The hub may be left any number of times: a plan is a set of
paths that begin at the hub, in any order. A path that happens to follow a model which shares a block with its first
model only loads less, so times in the network are never below those of the plan that is read from it, and each plan is
a set of paths with exactly its times. The *start* stands for the blocks resident at time 0; it is left at most once.
"""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from partload.instances.partial_loading.instance import Instance
from partload.instances.weights import weight_grid
from partload.solvers.partial_loading.dynamic import cost_by_count, cost_by_profit
from partload.solvers.partial_loading.dynamic.knapsack_programme import LATEST_END
from partload.solvers.partial_loading.dynamic.sharing_clusters import VisitCosts

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class Network:
    """N models that can serve somebody, as nodes 0, .., N - 1; the hub is node N, the start node N + 1."""

    models: tuple[str, ...]
    """Id of each node."""
    costs: tuple[VisitCosts, ...]
    """What each model takes to serve some of its requests, in units."""
    sizes: Integers
    """Most units that each model serves, shape (N,)."""
    profit: Integers
    """Units that each request of the instance is worth, shape (K,)."""
    unit: float
    """Weight of a unit."""
    tail: Integers
    """Node from which each of the A arcs leads, shape (A,); arcs are sorted by head, the arc from the hub first."""
    head: Integers
    """Node to which each arc leads, shape (A,)."""
    load_s: Floats
    """Load of the head after the tail [s], shape (A,)."""
    deadline_s: float

    @property
    def nodes(self) -> int:
        """N, how many models there are."""
        return len(self.models)

    @property
    def hub(self) -> int:
        """The node of full loads."""
        return self.nodes

    @property
    def start(self) -> int:
        """The node of the blocks resident at time 0."""
        return self.nodes + 1

    @cached_property
    def units(self) -> int:
        """All units together."""
        return int(self.sizes.sum())

    def times(self, arc: int) -> Floats:
        """Least time of 1, 2, .. units over an arc, in deadlines; infinite beyond the largest double."""
        with np.errstate(over="ignore"):
            share: Floats = self.costs[int(self.head[arc])].times(float(self.load_s[arc])) / self.deadline_s
        return share


def network(instance: Instance) -> Network:
    """The network of an instance with one deadline for all, and equal weights or weights on a grid."""
    unit, profit = units(instance)
    if is_weighted(instance):
        costs: Mapping[str, VisitCosts] = cost_by_profit.costs_by_model(instance, profit, int(profit.sum()), LATEST_END)
    else:
        costs = cost_by_count.costs_by_model(instance)
    names = tuple(costs)
    rows = sorted(_arcs(instance, names), key=lambda row: (row[1], row[0] != len(names), row[0]))
    return Network(
        models=names,
        costs=tuple(costs.values()),
        sizes=np.array([len(cost.times(0.0)) for cost in costs.values()], dtype=np.int64),
        profit=profit,
        unit=unit,
        tail=np.array([row[0] for row in rows], dtype=np.int64),
        head=np.array([row[1] for row in rows], dtype=np.int64),
        load_s=np.array([row[2] for row in rows], dtype=float),
        deadline_s=instance.requests[0].deadline_s if instance.requests else 1.0,
    )


def is_weighted(instance: Instance) -> bool:
    """Whether requests are worth different weights."""
    weight = instance.arrays.weight
    return bool(len(weight) and np.ptp(weight) > 0)


def units(instance: Instance) -> tuple[float, Integers]:
    """Weight of a unit, and how many units each request is worth, shape (K,); 0 where weights have no grid."""
    weight = instance.arrays.weight
    if not is_weighted(instance):
        return float(weight.max(initial=0.0)), np.ones(len(weight), np.int64)
    unit = weight_grid(weight.tolist())
    return unit, np.rint(weight / unit).astype(np.int64) if unit else np.zeros(len(weight), np.int64)


def work(instance: Instance) -> float:
    """About how many numbers it takes to know what requests of different weights cost, by model, load and units."""
    _, profit = units(instance)
    asked = Counter(request.model for request in instance.requests)
    owners = Counter(block for name in asked for block in instance.block_sets[name])
    total = 0.0
    for name, cost in cost_by_profit.costs_by_model(instance, profit, int(profit.sum()), LATEST_END).items():
        loads = 2 + sum(owners[block] - 1 for block in instance.block_sets[name])
        size = len(cost.requests)
        split = size * cost.most_units**2 / 8 if cost.most_requests > cost.batch else 0.0
        total += size * cost.most_units * cost.most_requests + loads * (cost.most_requests * cost.most_units + split)
    return total


def most_legs(instance: Instance) -> int:
    """How many pairs of an arc and a number of requests there are at most."""
    asked: dict[str, int] = Counter(request.model for request in instance.requests)
    owners = Counter(block for name in asked for block in instance.block_sets[name])
    return sum(
        count * (2 + sum(owners[block] - 1 for block in instance.block_sets[name])) for name, count in asked.items()
    )


def _arcs(instance: Instance, names: tuple[str, ...]) -> Iterator[tuple[int, int, float]]:
    """Tail, head and load [s] of each arc that is worth more than that from the hub, and of those from the hub."""
    server = instance.server
    owners: dict[str, list[int]] = defaultdict(list)
    for node, name in enumerate(names):
        for block in instance.models[instance.model_index[name]].blocks:
            owners[block].append(node)

    def load_s(missing: frozenset[str]) -> float:
        return server.load_latency_s + instance.size_of(missing) / server.load_rate_bytes_per_s if missing else 0.0

    hub, start, resident = len(names), len(names) + 1, frozenset(server.resident_blocks)
    for head, name in enumerate(names):
        need = instance.block_sets[name]
        full = load_s(need)
        yield hub, head, full
        before = {tail for block in need for tail in owners[block]} - {head}
        sources = [(tail, instance.block_sets[names[tail]]) for tail in before] + [(start, resident)]
        for tail, kept in sources:
            load = load_s(need - kept)
            if load < full:
                yield tail, head, load
