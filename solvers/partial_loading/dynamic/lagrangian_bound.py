"""What a unit is worth: the price mu per unit at which time and units balance, and what follows from it.

For any price, serving u units costs T - mu u. Clusters share nothing but the deadline, so the least of this sum over
all plans is the sum of the clusters' own leasts, and of what resident blocks save one of them; call it -m. A plan in
time, T <= latest, then serves at most u <= (latest + m) / mu. The price with the least such bound is sought; any price
is safe. A part of a plan that is worse than the least by more than a better plan can bear need not be looked at.

Within a cluster, the least is that of a path through its levels: who is the payer of a level adds to the least of the
others, and only models up to the level of the last payer are served.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from partload.solvers.partial_loading.dynamic.sharing_clusters import Cluster

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
LEAST, MOST = 1e-9, 3.0
"""Prices of all that there is to serve, as shares of the deadline, between them; at ``MOST`` a unit all pay."""
WITHIN = 1e-5
"""Relative difference of prices at which the search ends."""
GOLDEN = (math.sqrt(5) - 1) / 2


@dataclasses.dataclass(frozen=True)
class Priced:
    """Least cost T - mu u of each part at a price mu; of shape (models,), (ways to pay,) or (clusters,)."""

    price: float
    """mu, as a share of the deadline."""
    follow: Floats
    """Of each model after one of its level or deeper, 0 where it better serves nobody."""
    pay: Floats
    """Of each model as a payer that serves somebody, after each level before its own: model by model."""
    start: Floats
    """Of each model as the first of the plan; infinite where nothing resident helps."""
    served: Floats
    """Of each cluster that serves somebody."""
    started: Floats
    """Of each cluster with the first model of the plan."""

    @property
    def cluster(self) -> Floats:
        """Of each cluster."""
        return np.minimum(self.served, 0.0)

    @property
    def saved(self) -> float:
        """What one cluster may save by starting with what is resident, at most 0."""
        return min(0.0, float((self.started - self.cluster).min()))

    @property
    def total(self) -> float:
        """Of all that a plan can do, -m."""
        return math.fsum(self.cluster) + self.saved

    def most(self, latest: float) -> float:
        """An upper bound on the number of units served in time, not rounded."""
        return (latest - self.total) / self.price


class Market:
    """All curves in a row, to price them at once."""

    def __init__(self, clusters: Sequence[Cluster]) -> None:
        members = [member for cluster in clusters for member in cluster]
        ways = [member.times[way] for member in members for way in range(member.level)]
        starts = [np.full(len(m.follow), np.inf) if m.start is None else m.start for m in members]
        self.follow, self.models, self.count = _joined([member.follow for member in members])
        self.pay, self.ways, self.pay_count = _joined(ways)
        self.start = np.concatenate(starts) if any(m.start is not None for m in members) else None
        self.payer = np.repeat(np.arange(len(members)), [member.level for member in members])
        self.paths = Paths(clusters)

    @property
    def units(self) -> int:
        """All that anybody asks for, and that can be in time by itself."""
        return len(self.follow)

    def at(self, price: float) -> Priced:
        """Least costs at a price."""
        follow = np.minimum(np.minimum.reduceat(self.follow - price * self.count, self.models), 0.0)
        pay = np.minimum.reduceat(self.pay - price * self.pay_count, self.ways)
        paying = pay - follow[self.payer]
        if self.start is None:
            served, nowhere = self.paths.least(follow, paying), np.full(len(self.models), np.inf)
            return Priced(price, follow, pay, nowhere, served, np.full(len(served), np.inf))
        start = np.minimum.reduceat(self.start - price * self.count, self.models)
        served = self.paths.least(follow, paying)
        return Priced(price, follow, pay, start, served, self.paths.least(follow, paying, start - follow))

    def balance(self, latest: float) -> Priced:
        """Near the price with the least upper bound; the bound has one valley, so a golden section finds it."""
        low, high = math.log(LEAST / self.units), math.log(MOST)
        left, right = (self.at(math.exp(at)) for at in (high - GOLDEN * (high - low), low + GOLDEN * (high - low)))
        while high - low > WITHIN:
            if left.most(latest) <= right.most(latest):
                high, right = math.log(right.price), left
                left = self.at(math.exp(high - GOLDEN * (high - low)))
            else:
                low, left = math.log(left.price), right
                right = self.at(math.exp(low + GOLDEN * (high - low)))
        return min(left, right, key=lambda priced: priced.most(latest))


class Paths:
    """Least costs of the paths through the levels of each cluster, from level 0 to that of the last payer."""

    def __init__(self, clusters: Sequence[Cluster]) -> None:
        depths = [cluster[-1].level for cluster in clusters]
        first = np.cumsum([0, *depths])
        """Number of the first level of each cluster, all levels in a row."""
        self.clusters = first[:-1]
        level = [f + m.level - 1 for f, cluster in zip(first.tolist(), clusters) for m in cluster]
        self.levels = np.searchsorted(level, np.arange(first[-1]))
        self.before = np.repeat(first[:-1], depths)
        steps = [(to, way) for to, m in zip(level, itertools.chain(*clusters)) for way in range(m.level)]
        to, way = np.array(steps, dtype=np.int64).reshape(-1, 2).T
        self.order = np.lexsort((way, to))
        change = np.diff(to[self.order]).astype(bool) | np.diff(way[self.order]).astype(bool)
        self.steps = np.flatnonzero(np.concatenate(([True], change)))
        self.rounds = list(self._rounds(to[self.order][self.steps], way[self.order][self.steps]))

    def _rounds(self, to: Indices, way: Indices) -> list[tuple[Indices, Indices, Indices]]:
        """For each depth n: the levels n, shape (C,), and the steps to them and whence these come, shape (C, n)."""
        depth = to - self.before[to] + 1
        rounds = []
        for n in range(1, int(depth.max()) + 1):
            steps = np.flatnonzero(depth == n).reshape(-1, n)
            source = self.before[to[steps]] + way[steps] - 1
            rounds.append((to[steps[:, 0]], steps, np.where(way[steps] == 0, -1, source)))
        return rounds

    def least(self, follow: Floats, pay: Floats, start: Floats | None = None) -> Floats:
        """Least cost of each cluster that serves somebody; with the first model of the plan where ``start`` is given.

        ``follow`` of each model, shape (models,); what it adds that the model pays, shape (ways to pay,), or starts.
        """
        step = np.minimum.reduceat(pay[self.order], self.steps)
        path = np.full(len(self.levels) + 1, 0.0 if start is None else np.inf)
        begin = None if start is None else np.minimum.reduceat(start, self.levels)
        for level, steps, source in self.rounds:
            path[level] = (step[steps] + path[source]).min(axis=1)
            if begin is not None:
                path[level] = np.minimum(begin[level], path[level])
        sums = np.cumsum(np.add.reduceat(follow, self.levels))
        sums -= np.concatenate(([0.0], sums))[self.before]
        least: Floats = np.minimum.reduceat(path[:-1] + sums, self.clusters)
        return least


def _joined(curves: list[Floats]) -> tuple[Floats, Indices, Indices]:
    """Curves in a row, where each begins, and the number of units of each entry."""
    sizes = [len(curve) for curve in curves]
    begins = np.cumsum([0, *sizes[:-1]])
    return np.concatenate(curves), begins, np.arange(sum(sizes)) - np.repeat(begins, sizes) + 1
