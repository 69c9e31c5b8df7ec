"""The Lagrangian bound: the deadline is relaxed with a multiplier mu, the time that a unit is worth.

For any mu > 0, a plan that serves u units in time T costs T - mu u. Clusters share nothing but the deadline, so the
least cost of all plans is the sum of the least costs of the clusters, plus what resident blocks save one of them; call
it -m. A plan with T <= latest has latest - mu u >= -m, hence

    u <= (latest + m(mu)) / mu.

Any multiplier gives a valid bound; ``minimise_bound`` looks for the one with the least. The same costs prune the
dynamic programmes: a plan with at least u units costs at most latest - mu u, so a part that exceeds its own least cost
by more than latest - mu u + m is in no such plan.

Within a cluster, the least cost is that of a path through its levels: each payer adds its cost to the least costs of
the followers, and only models up to the level of the last payer are served. One evaluation takes time linear in the
number of values of all least-time functions.
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
LEAST_WORTH = 1e-9
"""Worth of all units together, in deadlines, at the least multiplier tried."""
GREATEST_MULTIPLIER = 3.0
"""In deadlines; there, one unit is worth more than a plan in time can cost."""
MULTIPLIER_TOLERANCE = 1e-5
"""Relative width of the interval of multipliers at which the search ends."""
GOLDEN_SECTION = (math.sqrt(5) - 1) / 2


@dataclasses.dataclass(frozen=True)
class LagrangianCosts:
    """Least costs T - mu u at a multiplier mu, in deadlines; of shape (models,), (load cases,) or (clusters,)."""

    multiplier: float
    """mu, in deadlines per unit."""
    follower: Floats
    """Of each model as a follower, 0 where serving no request costs less; shape (models,)."""
    payer: Floats
    """Of each model as a payer that serves a request, after each level before its own, model by model."""
    opener: Floats
    """Of each model as the opener; infinite where no resident block helps; shape (models,)."""
    served: Floats
    """Of each cluster that serves a request, without the opener; shape (clusters,)."""
    opened: Floats
    """Of each cluster with the opener; shape (clusters,)."""

    @property
    def cluster(self) -> Floats:
        """Of each cluster, without the opener; shape (clusters,)."""
        return np.minimum(self.served, 0.0)

    @property
    def opening_saving(self) -> float:
        """What one cluster with the opener adds to the least cost; at most 0."""
        return min(0.0, float((self.opened - self.cluster).min()))

    @property
    def total(self) -> float:
        """-m, the least cost of all plans."""
        return math.fsum(self.cluster) + self.opening_saving

    def upper_bound(self, latest: float) -> float:
        """An upper bound on the number of units served by ``latest`` deadlines, not rounded."""
        return (latest - self.total) / self.multiplier


class LagrangianDual:
    """The least-time functions of all models in a row, so that one evaluation is a few operations on arrays."""

    def __init__(self, clusters: Sequence[Cluster]) -> None:
        members = [member for cluster in clusters for member in cluster]
        payers = [member.times[level] for member in members for level in range(member.level)]
        openers = [np.full(len(m.follower_time), np.inf) if m.opener_time is None else m.opener_time for m in members]
        self.follower, self.models, self.units_of = _concatenate([member.follower_time for member in members])
        self.payer, self.cases, self.payer_units = _concatenate(payers)
        self.opener = np.concatenate(openers) if any(m.opener_time is not None for m in members) else None
        self.model_of_case = np.repeat(np.arange(len(members)), [member.level for member in members])
        self.paths = PayerPaths(clusters)

    @property
    def units(self) -> int:
        """The sum over all models of the units that each can serve in time alone."""
        return len(self.follower)

    def evaluate(self, multiplier: float) -> LagrangianCosts:
        """Least costs at a multiplier."""
        follower = np.minimum(np.minimum.reduceat(self.follower - multiplier * self.units_of, self.models), 0.0)
        payer = np.minimum.reduceat(self.payer - multiplier * self.payer_units, self.cases)
        added = payer - follower[self.model_of_case]
        served = self.paths.least_costs(follower, added)
        if self.opener is None:
            nowhere = np.full(len(self.models), np.inf)
            return LagrangianCosts(multiplier, follower, payer, nowhere, served, np.full(len(served), np.inf))
        opener = np.minimum.reduceat(self.opener - multiplier * self.units_of, self.models)
        opened = self.paths.least_costs(follower, added, opener - follower)
        return LagrangianCosts(multiplier, follower, payer, opener, served, opened)

    def minimise_bound(self, latest: float) -> LagrangianCosts:
        """Costs near the multiplier with the least upper bound.

        The bound is quasiconvex in mu: a convex function over a linear one. So a golden section search finds it.
        """
        low, high = math.log(LEAST_WORTH / self.units), math.log(GREATEST_MULTIPLIER)
        width = GOLDEN_SECTION * (high - low)
        left, right = (self.evaluate(math.exp(at)) for at in (high - width, low + width))
        while high - low > MULTIPLIER_TOLERANCE:
            if left.upper_bound(latest) <= right.upper_bound(latest):
                high, right = math.log(right.multiplier), left
                left = self.evaluate(math.exp(high - GOLDEN_SECTION * (high - low)))
            else:
                low, left = math.log(left.multiplier), right
                right = self.evaluate(math.exp(low + GOLDEN_SECTION * (high - low)))
        return min(left, right, key=lambda costs: costs.upper_bound(latest))


class PayerPaths:
    """Shortest paths of payers through the levels of each cluster, from level 0 to the level of the last payer."""

    def __init__(self, clusters: Sequence[Cluster]) -> None:
        depths = [cluster[-1].level for cluster in clusters]
        first = np.cumsum([0, *depths])
        """Number of the first level of each cluster, all levels in a row."""
        self.clusters = first[:-1]
        level = [f + m.level - 1 for f, cluster in zip(first.tolist(), clusters) for m in cluster]
        self.levels = np.searchsorted(level, np.arange(first[-1]))
        self.before = np.repeat(first[:-1], depths)
        steps = [(to, source) for to, m in zip(level, itertools.chain(*clusters)) for source in range(m.level)]
        to, source = np.array(steps, dtype=np.int64).reshape(-1, 2).T
        self.order = np.lexsort((source, to))
        change = np.diff(to[self.order]).astype(bool) | np.diff(source[self.order]).astype(bool)
        self.steps = np.flatnonzero(np.concatenate(([True], change)))
        self.rounds = list(self._rounds(to[self.order][self.steps], source[self.order][self.steps]))

    def _rounds(self, to: Indices, source: Indices) -> list[tuple[Indices, Indices, Indices]]:
        """For each depth n: the levels of depth n, shape (C,), the steps to them and their sources, shape (C, n)."""
        depth = to - self.before[to] + 1
        rounds = []
        for n in range(1, int(depth.max()) + 1):
            steps = np.flatnonzero(depth == n).reshape(-1, n)
            level = self.before[to[steps]] + source[steps] - 1
            rounds.append((to[steps[:, 0]], steps, np.where(source[steps] == 0, -1, level)))
        return rounds

    def least_costs(self, follower: Floats, payer: Floats, opener: Floats | None = None) -> Floats:
        """Least cost of each cluster that serves a request, shape (clusters,).

        Parameters
        ----------
        follower
            Least cost of each model as a follower, shape (models,).
        payer
            What each model costs more as a payer, shape (load cases,).
        opener
            What each model costs more as the opener, shape (models,); with it, every cluster contains the opener.
        """
        step = np.minimum.reduceat(payer[self.order], self.steps)
        path = np.full(len(self.levels) + 1, 0.0 if opener is None else np.inf)
        opening = None if opener is None else np.minimum.reduceat(opener, self.levels)
        for level, steps, source in self.rounds:
            path[level] = (step[steps] + path[source]).min(axis=1)
            if opening is not None:
                path[level] = np.minimum(opening[level], path[level])
        sums = np.cumsum(np.add.reduceat(follower, self.levels))
        sums -= np.concatenate(([0.0], sums))[self.before]
        least: Floats = np.minimum.reduceat(path[:-1] + sums, self.clusters)
        return least


def _concatenate(functions: list[Floats]) -> tuple[Floats, Indices, Indices]:
    """Least-time functions in a row, where each begins, and the number of units of each value."""
    sizes = [len(function) for function in functions]
    begins = np.cumsum([0, *sizes[:-1]])
    return np.concatenate(functions), begins, np.arange(sum(sizes)) - np.repeat(begins, sizes) + 1
