"""The dynamic programme within one cluster: least times to serve u units (problems, fact 6).

Models come by level, the lowest first. Each model that serves a request is either a *payer*, which loads the part of
the backbone between the level p of the last payer and its own level l, or a *follower*, which finds its prefix resident
because a payer of level l or deeper comes before it in the plan. The state is p, 0 before there is a payer. With f(v)
the least time of a follower and g_p(v) that of a payer after level p, both for v units,

    paid_p(u) = min_v paid_p(u - v) + f(v)                                          p < l
    paid_l(u) = min_v { paid_l(u - v) + f(v),  paid_p(u - v) + g_p(v), v > 0, p < l }

A follower in a state p < l needs a payer of level l or deeper later in the recursion. After the last model of level l,
paid_l has that payer, so it is a result. (With one level, paid_0 and paid_1 are called free and paid in problems,
fact 6.) ``opened`` has the same states, but its first payer is the *opener*, the first model of the whole plan, which
finds the blocks that are resident at time 0.

*Pruning.* For a Lagrange multiplier mu, the least costs T - mu u of the models before and after each model are known
for every state. A value whose cost, with these two, exceeds what a plan with enough units may cost is in no such plan,
so it is dropped and the result stays exact.

A cluster with L levels, whose models can serve U units in all, takes O(L U^2) additions, far fewer with pruning.
"""

from __future__ import annotations

import dataclasses
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from partload.solvers.partial_loading.dynamic.min_plus import (
    INFEASIBLE,
    ZERO_UNITS,
    LeastTime,
    convolve,
    minimum,
    split,
)
from partload.solvers.partial_loading.dynamic.sharing_clusters import Cluster, Member, Visit

Floats = NDArray[np.float64]


class CostLimits(NamedTuple):
    """The most that a cluster may cost in a plan with enough units."""

    paid: float
    """Without the opener of the plan."""
    opened: float
    """With the opener of the plan."""


@dataclasses.dataclass(frozen=True)
class ClusterCosts:
    """Least costs T - mu u of the parts of a cluster at a multiplier mu; entry p of a row is for state p, from 0."""

    multiplier: float
    """mu."""
    follower: list[float]
    """Of each model as a follower."""
    payer: list[Floats]
    """Of each model as a payer after each level before its own."""
    opener: list[float]
    """Of each model as the opener."""
    before: Floats
    """Of the models before each, shape (models, levels + 1)."""
    before_opened: Floats
    """Of the models before each with the opener among them, shape (models, levels + 1)."""
    after: Floats
    """Of the models after each, by the state after it, shape (models, levels + 1)."""
    after_unopened: Floats
    """Of the models after each with the opener among them, from state 0, shape (models,)."""

    @classmethod
    def of(cls, cluster: Cluster, multiplier: float, follower: Floats, payer: Floats, opener: Floats) -> ClusterCosts:
        """From the least costs of single models; ``payer`` has all load cases, model by model."""
        levels, size = cluster[-1].level, len(cluster)
        payers = np.split(payer, np.cumsum([member.level for member in cluster])[:-1])
        followers, openers = follower.tolist(), opener.tolist()
        before, before_opened = np.full((size + 1, levels + 1), np.inf), np.full((size + 1, levels + 1), np.inf)
        before[0, 0] = 0.0
        for n, member in enumerate(cluster):
            top = member.level
            for costs, opening in ((before, np.inf), (before_opened, before[n, 0] + openers[n])):
                costs[n + 1, : top + 1] = costs[n, : top + 1] + followers[n]
                costs[n + 1, top] = min(costs[n + 1, top], (costs[n, :top] + payers[n]).min(), opening)
        after, after_unopened = np.full((size, levels + 1), np.inf), np.full(size, np.inf)
        for n in range(size - 1, -1, -1):
            if n + 1 < size:
                top = cluster[n + 1].level
                rest = after[n + 1, top]
                after[n, :top] = np.minimum(followers[n + 1] + after[n + 1, :top], payers[n + 1] + rest)
                if top == cluster[n].level:
                    after[n, top] = followers[n + 1] + rest
                after_unopened[n] = min(followers[n + 1] + after_unopened[n + 1], openers[n + 1] + rest)
            if is_last_of_level(cluster, n):
                after[n, cluster[n].level] = min(0.0, after[n, cluster[n].level])
        return cls(multiplier, followers, payers, openers, before[:-1], before_opened[:-1], after, after_unopened)

    def follower_slack(self, n: int, top: int, limits: CostLimits) -> float:
        """By how much model n, of level ``top``, may cost more than the least as a follower."""
        after = self.after[n, : top + 1]
        paid = limits.paid - float((self.before[n, : top + 1] + after).min())
        opened = min(
            float((self.before_opened[n, : top + 1] + after).min()), self.before[n, 0] + self.after_unopened[n]
        )
        return max(paid, limits.opened - opened) - self.follower[n]


States = tuple[LeastTime, ...]
"""A least-time function for each state p = 0, .., L."""


class ClusterProgramme:
    """The states of a cluster after its first 0, 1, .. models, and the results."""

    paid: LeastTime
    """Least times of the cluster when it serves a request, without the opener."""
    opened: LeastTime
    """Least times of the cluster with the opener."""

    def __init__(self, cluster: Cluster, costs: ClusterCosts, limits: CostLimits) -> None:
        self.cluster = cluster
        levels = cluster[-1].level
        self.stages: list[tuple[States, States]] = [
            ((ZERO_UNITS, *([INFEASIBLE] * levels)), (INFEASIBLE,) * (levels + 1)),
        ]
        """``paid`` and ``opened`` by state, after each model."""
        for n in range(len(cluster)):
            self.stages.append(self._next_stage(n, costs, limits))
        self.ends = [n + 1 for n in range(len(cluster)) if is_last_of_level(cluster, n)]
        self.paid, self.opened = (reduce(minimum, self._results(opened), INFEASIBLE) for opened in (False, True))

    def _results(self, opened: bool) -> list[LeastTime]:
        """The result of each level, after its last model."""
        return [self.stages[end][opened][self.cluster[end - 1].level] for end in self.ends]

    def _next_stage(self, n: int, costs: ClusterCosts, limits: CostLimits) -> tuple[States, States]:
        """The states after model n."""
        member, multiplier, top = self.cluster[n], costs.multiplier, self.cluster[n].level
        paid, opened = self.stages[-1]
        most = costs.follower[n] + costs.follower_slack(n, top, limits)
        follower = _follower_time(member).restrict(multiplier, most)
        after = costs.after[n, : top + 1]
        state_limits = limits.paid - after
        state_limits[0] = max(state_limits[0], limits.opened - costs.after_unopened[n])
        payer_limits = limits.paid - costs.before[n] - after[top]
        next_paid = _transition(member, paid, follower, multiplier, state_limits, payer_limits)
        if member.opener_time is None and not any(len(function.time) for function in opened):
            return next_paid, opened
        opening = INFEASIBLE
        if member.opener_time is not None:
            opener_limit = limits.opened - costs.before[n, 0] - after[top]
            opening = convolve(paid[0], LeastTime(1, member.opener_time).restrict(multiplier, opener_limit))
        payer_limits = limits.opened - costs.before_opened[n] - after[top]
        return next_paid, _transition(
            member, opened, follower, multiplier, limits.opened - after, payer_limits, opening
        )

    def visits(self, opened: bool, units: int) -> list[Visit]:
        """The visits of a result, by backtracking: payers by increasing level, then followers by decreasing level."""
        payers: list[Visit] = []
        followers: list[Visit] = []
        value = (self.paid, self.opened)[opened].at(units)
        results = self._results(opened)
        end = self.ends[next(n for n, result in enumerate(results) if result.at(units) == value)]
        state = self.cluster[end - 1].level
        for n in range(end - 1, -1, -1):
            member, before = self.cluster[n], self.stages[n]
            value = self.stages[n + 1][opened][state].at(units)
            parts = split(before[opened][state], _follower_time(member), units, value)
            if parts is not None:
                if parts[1]:
                    followers.append(Visit(member, member.level, parts[1]))
                units = parts[0]
                continue
            sources = [(opened, level, level) for level in range(member.level)]
            if opened and member.opener_time is not None:
                sources.append((False, 0, member.level + 1))
            tried = (
                (
                    was_opened,
                    level,
                    case,
                    split(before[was_opened][level], LeastTime(1, member.times[case]), units, value),
                )
                for was_opened, level, case in sources
            )
            opened, state, case, found = next(one for one in tried if one[3] is not None)
            assert found is not None
            payers.insert(0, Visit(member, case, found[1]))
            units = found[0]
        return payers + followers


def _transition(
    member: Member,
    states: States,
    follower: LeastTime,
    multiplier: float,
    state_limits: Floats,
    payer_limits: Floats,
    opening: LeastTime = INFEASIBLE,
) -> States:
    """The states after one more model, which follows or pays, or opens the plan as ``opening`` says.

    Parameters
    ----------
    member
        The model.
    states
        Those before it.
    follower
        Its least times as a follower.
    multiplier
        mu.
    state_limits
        The most that the models up to this one may cost, by the state after it, shape (level + 1,).
    payer_limits
        The most that this model may cost as a payer, by the state before it, shape (levels + 1,).
    opening
        Least times of the models up to this one when it is the opener.
    """
    top = member.level
    paid = minimum(convolve(states[top], follower), opening)
    for level in range(top):
        if len(states[level].time):
            payer = LeastTime(1, member.times[level]).restrict(multiplier, payer_limits[level])
            paid = minimum(paid, convolve(states[level], payer))
    lower = [convolve(states[level], follower).restrict(multiplier, state_limits[level]) for level in range(top)]
    return (*lower, paid.restrict(multiplier, state_limits[top]), *states[top + 1 :])


def is_last_of_level(cluster: Cluster, n: int) -> bool:
    """Whether model n is the last of its level."""
    return n + 1 == len(cluster) or cluster[n + 1].level > cluster[n].level


def _follower_time(member: Member) -> LeastTime:
    """Least times of a follower, from 0 units on."""
    return LeastTime(0, np.concatenate(([0.0], member.follower_time)))
