"""The greedy driver: rank the models, look at the slots that the first ones offer, take the best, go on.

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
from partload.instances.solution import Termination
from partload.solvers import interrupts
from partload.solvers.partial_loading.constructive.partial_plan import Growing, Offer
from partload.solvers.registry import Limits, Outcome

Rank = Callable[[Growing, NDArray[np.float64], np.random.Generator], NDArray[np.float64]]
"""From the plan so far and load_n [s] of each model to one key a model, shape (I,): the least comes first."""


def most_weight(offer: Offer, _: float) -> float:
    """The worth of a slot is the weight that it serves."""
    return offer.weight


def most_per_second(offer: Offer, now_s: float) -> float:
    """The worth of a slot is the weight that it serves per second added to the plan."""
    return offer.weight / max(offer.end_s - now_s, 1e-12)


@dataclasses.dataclass(frozen=True)
class Rule:
    """A greedy rule, as a method."""

    rank: Rank
    shortlist: int = 1
    """Models whose offers are compared at a time, in the order of the rank."""
    worth: Callable[[Offer, float], float] = most_weight
    """What an offer is worth, given the end [s] of the plan so far."""
    one_per_batch: bool = False
    full_loads: bool = False
    equal_split: bool = False

    def run(self, instance: Instance, limits: Limits) -> Outcome:
        """Grow a plan until no request is in time any more."""
        since = time.perf_counter()
        termination: Termination = "heuristic-end"
        with interrupts.held() as stop:
            growing = self._begin(instance)
            for _ in self._steps(growing, limits.seed):
                if stop.is_set():
                    termination = "interrupted"
                    break
                if limits.time_limit is not None and time.perf_counter() - since > limits.time_limit:
                    termination = "time-limit"
                    break
            plan = feasible(growing)
        return Outcome(plan, None, termination, solve_s=time.perf_counter() - since)

    def grown(self, instance: Instance) -> Growing:
        """The plan as far as it grows, not judged yet."""
        growing = self._begin(instance)
        for _ in self._steps(growing, None):
            pass
        return growing

    def _begin(self, instance: Instance) -> Growing:
        if self.one_per_batch:
            instance = instance.replace(models=tuple(dataclasses.replace(m, max_batch=1) for m in instance.models))
        return Growing(instance, full_loads=self.full_loads, equal_split=self.equal_split)

    def _steps(self, growing: Growing, seed: int | None) -> Iterator[None]:
        """Append slots, the best of each step, until there is none."""
        random = np.random.default_rng(seed or 0)
        while True:
            loads_s = growing.loads_s()
            possible = growing.possible(loads_s)
            key = self.rank(growing, loads_s, random)[possible]
            ranked = possible[np.argsort(key, kind="stable")].tolist()
            for first in range(0, len(ranked), self.shortlist):
                short = ranked[first : first + self.shortlist]
                offers = [offer for model in short for offer in growing.offers(model, float(loads_s[model]))]
                if offers:
                    growing.take(max(offers, key=lambda offer: self.worth(offer, growing.end_s)))
                    yield
                    break
            else:
                return


def feasible(growing: Growing) -> Plan:
    """The plan that grew, or its longest beginning that holds, should rounding have gone the wrong way."""
    holding, too_many = 0, growing.size + 1
    size = growing.size
    while too_many - holding > 1:
        holding, too_many = (size, too_many) if growing.holds(size) else (holding, size)
        size = (holding + too_many) // 2
    return growing.plan(holding)


def by_order(*keys: NDArray[np.float64]) -> NDArray[np.float64]:
    """One key from several, each of shape (I,): the first decides, the next where it ties, and so on."""
    rank = np.empty(len(keys[0]))
    rank[np.lexsort(keys[::-1])] = np.arange(len(rank))
    return rank


def elsewhere(growing: Growing) -> NDArray[np.float64]:
    """0 for the model at work, 1 for the others: a key that goes on with a visit as long as it can."""
    away = np.ones(len(growing.open))
    if growing.current is not None:
        away[growing.current] = 0.0
    return away
