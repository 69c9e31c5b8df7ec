"""What the exact driver asks of PartialLoading: bounds from knapsacks, a plan from a short local search."""

from __future__ import annotations

from collections.abc import Iterator

from instances.partial_loading.instance import Instance
from instances.partial_loading.plan import Plan
from instances.partial_loading.static import decided
from solvers.exact import Ground
from solvers.partial_loading import local_search
from solvers.partial_loading.bounds import upper_bound
from solvers.registry import Limits, Outcome

FIRST_PLAN_STEPS = 50
"""Steps of local search without a better plan."""


def _first(instance: Instance, limits: Limits, bound: float) -> Outcome:
    return local_search.search(instance, limits, bound, FIRST_PLAN_STEPS)


def _beginnings(instance: Instance, plan: Plan) -> Iterator[Plan]:
    return (decided(instance, plan[:n]) for n in range(1, len(plan) + 1))


GROUND = Ground(upper_bound, _first, _beginnings)
