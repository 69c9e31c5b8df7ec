"""The dynamic programme over the number of requests served: exact for nested prefixes (problems, facts 3, 4, 6).

Backbone sharing is the case of one prefix. Some optimal plan serves clusters one after another, each with the payers of
its levels first, whether visits are ``once`` or ``any``: `docs/reference/dynamic.md` has the proof. So the programme
only decides how many requests of each model are served, and which models pay for the backbone.

For K requests it takes O(L K^2) in the worst case, L the most levels of a cluster; pruning by the Lagrangian bound
leaves far less.
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
from partload.solvers.partial_loading.dynamic.knapsack_programme import LATEST_END, Search
from partload.solvers.partial_loading.dynamic.sharing_clusters import Visit
from partload.solvers.progress import Progress
from partload.solvers.registry import Limits, Outcome

NEEDS, refusals = sharing_clusters.NEEDS, sharing_clusters.refusals


def run(instance: Instance, limits: Limits) -> Outcome:
    """Solve a supported instance to proven optimality; a time limit or Ctrl-C keeps the best plan and the bound."""
    since = time.perf_counter()
    weight = instance.requests[0].weight if instance.requests else 1.0
    plan: Plan = ()
    termination: Termination = "proved"

    def accept(visits: list[Visit]) -> int:
        nonlocal plan
        candidate = plan_of(instance, visits)
        if served(candidate) > served(plan):
            plan = accepted(instance, candidate) or plan
        return served(plan)

    def report_progress() -> None:
        if limits.listener is not None:
            elapsed = time.perf_counter() - since
            limits.listener(Progress(elapsed, objective(instance, plan), weight * float(search.bound)))

    until = None if limits.time_limit is None else since + limits.time_limit
    search = Search([], accept, until, report_progress, bound=len(instance.requests))
    try:
        costs = cost_by_count.costs_by_model(instance)
        search.clusters = sharing_clusters.clusters(instance, costs, LATEST_END)
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


def plan_of(instance: Instance, visits: list[Visit]) -> Plan:
    """The plan that makes some visits in turn, one slot for each batch."""
    return tuple(
        Slot(visit.member.model.id, tuple(instance.requests[k].id for k in batch))
        for visit in visits
        for batch in visit.batches()
    )


def served(plan: Plan) -> int:
    """The number of requests that a plan serves."""
    return sum(len(slot.requests) for slot in plan)
