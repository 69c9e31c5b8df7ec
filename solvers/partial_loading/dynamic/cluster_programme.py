"""The dynamic programme within one cluster: least times to serve u units, by who has paid for how much of the backbone.

Models come by level, the least first. The state is the level p of the last payer so far, 0 before there is one. The
next model, of level l, either follows, which promises a payer of level l or deeper, or pays for what lies between p and
its own level:

    paid_p(u) = min_v paid_p(u - v) + f(v)                                          p < l
    paid_l(u) = min_v { paid_l(u - v) + f(v),  paid_p(u - v) + g_p(v), v > 0, p < l }

After the last model of level l, paid_l has kept its promises: it is a result. (With one level, paid_0 and paid_1 are
what problems, fact 6, calls free and paid.) ``started`` has the same states, but its first payer is the first model of
the whole plan and finds the blocks that are resident at time 0.

At a price, the least cost of what comes before a model and of what comes after it is known for every state. Parts of
curves that cannot belong to a plan that is good enough are dropped.
"""

from __future__ import annotations

import dataclasses
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from partload.solvers.partial_loading.dynamic.min_plus import NOBODY, NOTHING, Curve, join, least, split
from partload.solvers.partial_loading.dynamic.sharing_clusters import Cluster, Member, Visit

Floats = NDArray[np.float64]


class Allowed(NamedTuple):
    """How much a cluster may cost in a plan that is good enough: without the first model of the plan, and with it."""

    paid: float
    started: float


@dataclasses.dataclass(frozen=True)
class AtPrice:
    """Least costs T - mu u of the parts of a cluster at a price mu; costs of level p at position p, from 0."""

    price: float
    follow: list[float]
    """Of each model."""
    pay: list[Floats]
    """Of each model as a payer after each level before its own."""
    start: list[float]
    """Of each model as the first of the plan."""
    before: Floats
    """Of the models before each, shape (models, levels + 1)."""
    begun: Floats
    """The same with the first model of the plan."""
    ahead: Floats
    """Of the models after each, by the state after it."""
    unbegun: Floats
    """The same from state 0, where the first model of the plan is yet to come, shape (models,)."""

    @classmethod
    def of(cls, cluster: Cluster, price: float, follow: Floats, pay: Floats, start: Floats) -> AtPrice:
        """From the least costs of the models alone; ``pay`` model by model."""
        levels, size = cluster[-1].level, len(cluster)
        ways = np.split(pay, np.cumsum([member.level for member in cluster])[:-1])
        follows, starts = follow.tolist(), start.tolist()
        before, begun = np.full((size + 1, levels + 1), np.inf), np.full((size + 1, levels + 1), np.inf)
        before[0, 0] = 0.0
        for n, member in enumerate(cluster):
            top = member.level
            for own, first in ((before, np.inf), (begun, before[n, 0] + starts[n])):
                own[n + 1, : top + 1] = own[n, : top + 1] + follows[n]
                own[n + 1, top] = min(own[n + 1, top], (own[n, :top] + ways[n]).min(), first)
        ahead, unbegun = np.full((size, levels + 1), np.inf), np.full(size, np.inf)
        for n in range(size - 1, -1, -1):
            if n + 1 < size:
                after, top = cluster[n + 1], cluster[n + 1].level
                on = ahead[n + 1, top]
                ahead[n, :top] = np.minimum(follows[n + 1] + ahead[n + 1, :top], ways[n + 1] + on)
                if after.level == cluster[n].level:
                    ahead[n, top] = follows[n + 1] + on
                unbegun[n] = min(follows[n + 1] + unbegun[n + 1], starts[n + 1] + on)
            if last_of_level(cluster, n):
                ahead[n, cluster[n].level] = min(0.0, ahead[n, cluster[n].level])
        return cls(price, follows, ways, starts, before[:-1], begun[:-1], ahead, unbegun)

    def spare(self, n: int, top: int, allowed: Allowed) -> float:
        """By how much following may cost model n, of level ``top``, more than the least."""
        ahead = self.ahead[n, : top + 1]
        paid = allowed.paid - float((self.before[n, : top + 1] + ahead).min())
        started = min(float((self.begun[n, : top + 1] + ahead).min()), self.before[n, 0] + self.unbegun[n])
        return max(paid, allowed.started - started) - self.follow[n]


State = tuple[Curve, ...]
"""A curve for each state."""


class Trellis:
    """The curves of a cluster after 0, 1, .. of its models, and what results."""

    paid: Curve
    """Least times of the cluster when it serves somebody."""
    started: Curve
    """The same with the first model of the plan."""

    def __init__(self, cluster: Cluster, costs: AtPrice, allowed: Allowed) -> None:
        self.cluster = cluster
        levels = cluster[-1].level
        self.stages: list[tuple[State, State]] = [
            ((NOBODY, *([NOTHING] * levels)), (NOTHING,) * (levels + 1)),
        ]
        for n in range(len(cluster)):
            self.stages.append(self._next(n, costs, allowed))
        self.ends = [n + 1 for n in range(len(cluster)) if last_of_level(cluster, n)]
        self.paid, self.started = (reduce(least, self._results(kind), NOTHING) for kind in (0, 1))

    def _results(self, kind: int) -> list[Curve]:
        """Curves of each level as it ends."""
        return [self.stages[end][kind][self.cluster[end - 1].level] for end in self.ends]

    def _next(self, n: int, costs: AtPrice, allowed: Allowed) -> tuple[State, State]:
        """The curves after model n."""
        member, price, top = self.cluster[n], costs.price, self.cluster[n].level
        paid, started = self.stages[-1]
        mine = _follow(member).kept(price, costs.follow[n] + costs.spare(n, top, allowed))
        ahead = costs.ahead[n, : top + 1]
        hope = allowed.paid - ahead
        hope[0] = max(hope[0], allowed.started - costs.unbegun[n])
        after = _moved(member, paid, mine, price, hope, allowed.paid - costs.before[n] - ahead[top])
        if member.start is None and not any(len(curve.time) for curve in started):
            return after, started
        first = NOTHING
        if member.start is not None:
            starter = Curve(1, member.start).kept(price, allowed.started - costs.before[n, 0] - ahead[top])
            first = join(paid[0], starter)
        most = allowed.started - costs.begun[n] - ahead[top]
        return after, _moved(member, started, mine, price, allowed.started - ahead, most, first)

    def visits(self, started: bool, units: int) -> list[Visit]:
        """The visits by which a result came about: payers by increasing level, then the others by decreasing level."""
        payers: list[Visit] = []
        others: list[Visit] = []
        kind = int(started)
        value = (self.paid, self.started)[kind].at(units)
        results = self._results(kind)
        end = next(n for n, result in enumerate(results) if result.at(units) == value)
        place = self.ends[end]
        state = self.cluster[place - 1].level
        for n in range(place - 1, -1, -1):
            member, before = self.cluster[n], self.stages[n]
            value = self.stages[n + 1][kind][state].at(units)
            parts = split(before[kind][state], _follow(member), units, value)
            if parts is not None:
                if parts[1]:
                    others.append(Visit(member, member.level, parts[1]))
                units = parts[0]
                continue
            ways = [(kind, way, way) for way in range(member.level)]
            if kind == 1 and member.start is not None:
                ways.append((0, 0, member.level + 1))
            tried = ((e, s, way, split(before[e][s], Curve(1, member.times[way]), units, value)) for e, s, way in ways)
            kind, state, way, found = next(one for one in tried if one[3] is not None)
            assert found is not None
            payers.insert(0, Visit(member, way, found[1]))
            units = found[0]
        return payers + others


def _moved(
    member: Member, curves: State, mine: Curve, price: float, hope: Floats, most: Floats, first: Curve = NOTHING
) -> State:
    """Curves after a model that follows, ``mine``, or pays, at a cost of ``most`` by the state before; or is ``first``.

    ``hope`` is the most that the result may cost by the state after.
    """
    top = member.level
    paid = least(join(curves[top], mine), first)
    for way in range(top):
        if len(curves[way].time):
            paid = least(paid, join(curves[way], Curve(1, member.times[way]).kept(price, most[way])))
    lower = [join(curves[way], mine).kept(price, hope[way]) for way in range(top)]
    return (*lower, paid.kept(price, hope[top]), *curves[top + 1 :])


def last_of_level(cluster: Cluster, n: int) -> bool:
    """Whether model n is the last of its level."""
    return n + 1 == len(cluster) or cluster[n + 1].level > cluster[n].level


def _follow(member: Member) -> Curve:
    return Curve(0, np.concatenate(([0.0], member.follow)))
