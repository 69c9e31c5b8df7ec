"""What a request is worth: the price mu per request at which time and requests balance, and what follows from it.

For any price, serving u requests costs T - mu u. Clusters share nothing but the deadline, so the least of this sum over
all plans is the sum of the clusters' own leasts, and of what resident blocks save one of them; call it -m. A plan in
time, T <= latest, then serves at most u <= (latest + m) / mu. The price with the least such bound is sought; any price
is safe. A part of a plan that is worse than the least by more than a better plan can bear need not be looked at.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from solvers.partial_loading.backbone import Cluster, Member

Floats = NDArray[np.float64]
LEAST, MOST = 1e-9, 3.0
"""Prices among which to seek, as shares of the deadline; at ``MOST`` everybody who can be served in time pays."""
STEPS = 40
GOLDEN = (math.sqrt(5) - 1) / 2


@dataclasses.dataclass(frozen=True)
class Priced:
    """Least cost T - mu u of each part at a price mu; of shape (models,) or (clusters,)."""

    price: float
    """mu, as a share of the deadline."""
    follow: Floats
    """Of each model after another of its cluster, 0 where it better serves nobody."""
    pay: Floats
    """What it adds that this model is the first of its cluster and serves somebody."""
    start: Floats
    """What it adds that this model is the first of the plan."""
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
        """An upper bound on the number of requests served in time, not rounded."""
        return (latest - self.total) / self.price


class Market:
    """All curves in a row, to price them at once."""

    def __init__(self, clusters: Sequence[Cluster]) -> None:
        members = [member for cluster in clusters for member in cluster]
        sizes = [len(member.follow) for member in members]
        self.models = np.cumsum([0, *sizes[:-1]])
        self.clusters = np.cumsum([0, *(len(cluster) for cluster in clusters[:-1])])
        self.count = np.concatenate([np.arange(1, size + 1) for size in sizes])
        self.follow = np.concatenate([member.follow for member in members])
        self.pay = np.concatenate([member.pay for member in members])
        self.start = np.concatenate([_filled(member) for member in members])

    def at(self, price: float) -> Priced:
        """Least costs at a price."""
        worth = price * self.count
        follow = np.minimum(np.minimum.reduceat(self.follow - worth, self.models), 0.0)
        pay = np.minimum.reduceat(self.pay - worth, self.models) - follow
        start = np.minimum.reduceat(self.start - worth, self.models) - follow
        whole = np.add.reduceat(follow, self.clusters)
        served = whole + np.minimum.reduceat(pay, self.clusters)
        return Priced(price, follow, pay, start, served, whole + np.minimum.reduceat(start, self.clusters))

    def balance(self, latest: float) -> Priced:
        """Near the price with the least upper bound; the bound has one valley, so a golden section finds it."""
        low, high = math.log(LEAST), math.log(MOST)
        left, right = (self.at(math.exp(at)) for at in (high - GOLDEN * (high - low), low + GOLDEN * (high - low)))
        for _ in range(STEPS):
            if left.most(latest) <= right.most(latest):
                high, right = math.log(right.price), left
                left = self.at(math.exp(high - GOLDEN * (high - low)))
            else:
                low, left = math.log(left.price), right
                right = self.at(math.exp(low + GOLDEN * (high - low)))
        return min(left, right, key=lambda priced: priced.most(latest))


def _filled(member: Member) -> Floats:
    return member.start if len(member.start) else np.full(len(member.follow), np.inf)
