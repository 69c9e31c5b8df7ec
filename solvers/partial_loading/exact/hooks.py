"""What the exact driver asks of PartialLoading: bounds from knapsacks, a plan from a short local search, verdicts."""

from __future__ import annotations

from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from partload.instances.partial_loading.tolerance import Beyond
from partload.solvers.exact.task import Settled
from partload.solvers.partial_loading.bounds.knapsack import upper_bound
from partload.solvers.partial_loading.exact import order_enumeration
from partload.solvers.partial_loading.local_search.search import search
from partload.solvers.registry import Limits, Outcome

FIRST_PLAN_STEPS = 50
"""Steps of local search without a better plan."""


class _Hooks:
    """See ``partload.solvers.exact.task.Hooks``."""

    def upper_bound(self, instance: Instance) -> float:
        """The knapsack bound."""
        return upper_bound(instance)

    def first_plan(self, instance: Instance, limits: Limits, bound: float) -> Outcome:
        """A plan of a short local search."""
        return search(instance, limits, bound, FIRST_PLAN_STEPS)

    def settled(self, instance: Instance, plan: Plan) -> Settled:
        """Whether the requests of a plan can be served in another order, in other batches, with other bandwidths."""
        return order_enumeration.settled(instance, plan)

    def fault(self, instance: Instance, plan: Plan) -> Plan | None:
        """The shortest prefix that breaks rules even with limits loosened beyond the checker's tolerance, or None."""
        beyond = Beyond(instance)
        prefixes = (plan[:n] for n in range(1, len(plan) + 1))
        return next((part for part in prefixes if not beyond.report(part).feasible), None)

    def served(self, plan: Plan) -> list[str]:
        """Ids of the requests that a plan serves."""
        return [request for slot in plan for request in slot.requests]


HOOKS = _Hooks()
