"""Hooks of the exact driver for SLIDE: bounds and a warm start from the knapsack over least bandwidths."""

from __future__ import annotations

import numpy as np

from partload.instances.slide.checker import check_plan
from partload.instances.slide.frequency import least_bandwidths
from partload.instances.slide.instance import Instance
from partload.instances.slide.least_bandwidth import LIMIT_FACTOR
from partload.instances.slide.plan import Plan
from partload.instances.slide.provisioning import pair_requirements
from partload.instances.sums import total
from partload.instances.verdict import BEYOND, WITHIN
from partload.solvers.exact.task import Settled
from partload.solvers.registry import Limits, Outcome
from partload.solvers.slide.band_capacity import plan_for, run_limited
from partload.solvers.slide.bounds.knapsack import upper_bound
from partload.solvers.slide.knapsack import Knapsack


class _Hooks:
    """See ``partload.solvers.exact.task.Hooks``."""

    def upper_bound(self, instance: Instance) -> float:
        """The knapsack bound."""
        return upper_bound(instance)

    def first_plan(self, instance: Instance, limits: Limits, bound: float) -> Outcome:
        """Users by bandwidth per weight; a user who does not fit is skipped."""
        found: Plan = ()

        def work() -> None:
            nonlocal found
            needed, band = least_bandwidths(instance), instance.downlink.bandwidth_hz * LIMIT_FACTOR
            greedy = Knapsack(instance.arrays.weight, needed.bandwidth_hz, band, gap=0.0).greedy
            found = plan_for(instance, needed, np.flatnonzero(greedy))

        cut = run_limited(limits, work)
        return Outcome(found, None, cut or "heuristic-end")

    def settled(self, instance: Instance, plan: Plan) -> Settled:
        """Whether the users of a plan can be served together, each with the model that needs least."""
        users = np.array([instance.user_index[user] for user in self.served(plan)], dtype=np.int64)
        band = instance.downlink.bandwidth_hz
        for slack in (0.0, WITHIN):
            tried = plan_for(instance, least_bandwidths(instance, slack), users)
            if check_plan(instance, tried).feasible:
                return Settled(tried, impossible=False)
        needed = total(least_bandwidths(instance, BEYOND).bandwidth_hz[users].tolist())
        return Settled(None, impossible=needed > band * (1 + BEYOND))

    def fault(self, instance: Instance, plan: Plan) -> Plan | None:
        """The plan itself, if its users with its models do not fit even beyond the checker's tolerance."""
        shares = pair_requirements(instance, [(served.user, served.model) for served in plan], BEYOND).bandwidth_hz
        return plan if total(shares.tolist()) > instance.downlink.bandwidth_hz * (1 + BEYOND) else None

    def served(self, plan: Plan) -> list[str]:
        """Ids of the users whom a plan serves."""
        return [served.user for served in plan]


HOOKS = _Hooks()
