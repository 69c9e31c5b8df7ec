"""The dynamic programme over the number of requests served: exact for nested prefixes (problems, facts 3, 4, 6).

Backbone sharing is the case of one prefix. Slots in any order, visits once or any, cannot beat clusters one after
another, each with the payers of its levels first: `docs/dynamic.md` has the proof. So only counts matter, and who pays.
"""

from __future__ import annotations

import math
import time

from partload.instances.partial_loading.checker import objective
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan, Slot
from partload.instances.partial_loading.tolerance import accepted
from partload.instances.solution import Termination
from partload.solvers.partial_loading.dynamic import cost_by_count, sharing_clusters
from partload.solvers.partial_loading.dynamic.knapsack_programme import LATEST, Search
from partload.solvers.partial_loading.dynamic.sharing_clusters import Visit
from partload.solvers.progress import Progress
from partload.solvers.registry import Limits, Outcome

NEEDS, refusals = sharing_clusters.NEEDS, sharing_clusters.refusals


def run(instance: Instance, limits: Limits) -> Outcome:
    """Solve a covered instance to proven optimality; a time limit or Ctrl-C keeps the best plan and the bound."""
    since = time.perf_counter()
    weight = instance.requests[0].weight if instance.requests else 1.0
    plan: Plan = ()
    termination: Termination = "proved"

    def keep(visits: list[Visit]) -> int:
        nonlocal plan
        found = slots(instance, visits)
        if served(found) > served(plan):
            plan = accepted(instance, found) or plan
        return served(plan)

    def tell() -> None:
        if limits.listener is not None:
            elapsed = time.perf_counter() - since
            limits.listener(Progress(elapsed, objective(instance, plan), weight * float(search.bound)))

    until = None if limits.time_limit is None else since + limits.time_limit
    search = Search([], keep, until, tell, bound=len(instance.requests))
    try:
        search.clusters = sharing_clusters.clusters(instance, dict(cost_by_count.costs(instance)), LATEST)
        search.run()
    except TimeoutError:
        termination = "time-limit"
    except KeyboardInterrupt:
        termination = "interrupted"
    if termination == "proved" and search.bound > served(plan):
        termination = "tolerance"
    return Outcome(
        plan=plan,
        bound=math.fsum([weight] * int(search.bound)),
        termination=termination,
        solve_s=time.perf_counter() - since,
    )


def slots(instance: Instance, visits: list[Visit]) -> Plan:
    """The plan of some visits."""
    return tuple(
        Slot(visit.member.model.id, tuple(instance.requests[k].id for k in batch))
        for visit in visits
        for batch in visit.batches()
    )


def served(plan: Plan) -> int:
    """How many requests a plan serves."""
    return sum(len(slot.requests) for slot in plan)
