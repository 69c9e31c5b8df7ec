"""The greedy driver: rank the models, compare candidate slots of the first ones, append the best, and repeat.

A greedy method, and every baseline, is a ``Rule``. It proves nothing. A time limit or Ctrl-C keeps the plan so far.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from partload.solvers import interrupts
from partload.solvers.partial_loading.constructive.partial_plan import Candidate, PartialPlan
from partload.solvers.partial_loading.constructive.steps import follow
from partload.solvers.registry import Limits, Outcome

Rank = Callable[[PartialPlan, NDArray[np.float64], np.random.Generator], NDArray[np.float64]]
"""From the plan so far and load_n [s] of each model to one key a model, shape (I,): the least comes first."""


def most_weight(candidate: Candidate, _: float) -> float:
    """The worth of a slot is the weight that it serves."""
    return candidate.weight


def most_per_second(candidate: Candidate, now_s: float) -> float:
    """The worth of a slot is the weight that it serves per second added to the plan."""
    return candidate.weight / max(candidate.end_s - now_s, 1e-12)


@dataclasses.dataclass(frozen=True)
class Rule:
    """A greedy rule, as a method."""

    rank: Rank
    shortlist: int = 1
    """Models whose candidates are compared at a time, in the order of the rank."""
    worth: Callable[[Candidate, float], float] = most_weight
    """What a candidate is worth, given the end [s] of the plan so far."""
    one_per_batch: bool = False
    full_loads: bool = False
    equal_split: bool = False

    def run(self, instance: Instance, limits: Limits) -> Outcome:
        """Extend a plan until no request is in time any more."""
        since = time.perf_counter()
        with interrupts.held() as stop:
            partial = self._begin(instance)
            termination = follow(self._steps(partial, limits.seed), stop, since, limits)
            plan = feasible(partial)
        return Outcome(plan, None, termination, solve_s=time.perf_counter() - since)

    def construct(self, instance: Instance) -> PartialPlan:
        """The whole plan, without a check by the clock."""
        partial = self._begin(instance)
        for _ in self._steps(partial, None):
            pass
        return partial

    def _begin(self, instance: Instance) -> PartialPlan:
        if self.one_per_batch:
            instance = instance.replace(models=tuple(dataclasses.replace(m, max_batch=1) for m in instance.models))
        return PartialPlan(instance, full_loads=self.full_loads, equal_split=self.equal_split)

    def _steps(self, partial: PartialPlan, seed: int | None) -> Iterator[None]:
        """Append slots, the best of each step, until there is none."""
        random = np.random.default_rng(seed or 0)
        while True:
            loads_s = partial.loads_s()
            possible = partial.possible(loads_s)
            key = self.rank(partial, loads_s, random)[possible]
            ranked = possible[np.argsort(key, kind="stable")].tolist()
            for first in range(0, len(ranked), self.shortlist):
                short = ranked[first : first + self.shortlist]
                candidates = [one for model in short for one in partial.candidates(model, float(loads_s[model]))]
                if candidates:
                    partial.take(max(candidates, key=lambda candidate: self.worth(candidate, partial.end_s)))
                    yield
                    break
            else:
                return


def feasible(partial: PartialPlan) -> Plan:
    """The plan, or its longest prefix that the clock accepts: rounding may have hidden that a slot is late."""
    holding, too_many = 0, partial.size + 1
    size = partial.size
    while too_many - holding > 1:
        holding, too_many = (size, too_many) if partial.holds(size) else (holding, size)
        size = (holding + too_many) // 2
    return partial.plan(holding)


def by_order(*keys: NDArray[np.float64]) -> NDArray[np.float64]:
    """One key from several, each of shape (I,): the first decides, the next where it ties, and so on."""
    rank = np.empty(len(keys[0]))
    rank[np.lexsort(keys[::-1])] = np.arange(len(rank))
    return rank


def elsewhere(partial: PartialPlan) -> NDArray[np.float64]:
    """0 for the model of the last slot, 1 for the others: with this key a visit goes on as long as it can."""
    away = np.ones(len(partial.open))
    if partial.current is not None:
        away[partial.current] = 0.0
    return away
