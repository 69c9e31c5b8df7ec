"""The method ``tool-switching``: exact for residency ``cached`` with few models and few shared blocks.

It fills the table of ``programme``, and takes the visited set of the greatest weight that is reached in time. With unit
blocks and memory for C of them that is the job sequencing and tool switching problem (problems, fact 5). A time limit
and Ctrl-C keep the plan of a greedy heuristic, and a bound from knapsacks.
"""

from __future__ import annotations

import math
import time

import numpy as np

from partload.instances.partial_loading.checker import objective
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan, Slot
from partload.instances.partial_loading.tolerance import accepted
from partload.instances.solution import Termination
from partload.solvers import interrupts
from partload.solvers.exact.task import met
from partload.solvers.partial_loading.bounds.knapsack import upper_bound
from partload.solvers.partial_loading.constructive import greedy_rate
from partload.solvers.partial_loading.dynamic.knapsack_programme import LATEST_END
from partload.solvers.partial_loading.dynamic.sharing_clusters import servable_models
from partload.solvers.partial_loading.tool_switching.programme import Programme, Step
from partload.solvers.partial_loading.tool_switching.states import shared_blocks, states
from partload.solvers.partial_loading.tool_switching.visit_options import count_options
from partload.solvers.progress import Progress
from partload.solvers.registry import Limits, Outcome

MOST_STATES = 1 << 24
"""Most entries of the table: 128 MB."""
MOST_SHARED = 14
"""Most shared blocks: for each of their sets, each model is asked what fits beside it."""
MOST_OPTIONS = 1 << 12
"""Most sets of requests of one model, each of which is a move of its own."""
MOST_TRIED = 20
"""Visited sets that end within the tolerance of the deadline and are tried."""
NEEDS = f"at most {MOST_SHARED} shared blocks; at most {MOST_STATES:,} states (sets of requests served, shared blocks)"
"""What an instance has to have beyond single features, as listings say it."""


def refusals(instance: Instance, limits: Limits) -> list[str]:
    """What makes the table too large."""
    servable = servable_models(instance)
    shared = len(shared_blocks(instance, list(servable)))
    if shared > MOST_SHARED:
        return [f"{shared} shared blocks, expected at most {MOST_SHARED}"]
    size = 1 << shared
    for name, positions in servable.items():
        count = count_options(instance, positions, MOST_OPTIONS)
        if count > MOST_OPTIONS:
            return [f"more than {MOST_OPTIONS:,} sets of requests of model {name!r} that may be worth serving"]
        size *= 1 + count
        if size > MOST_STATES:
            return [f"more than {MOST_STATES:,} states (sets of requests served, shared blocks)"]
    return []


def run(instance: Instance, limits: Limits) -> Outcome:
    """Solve a covered instance to proven optimality; a time limit or Ctrl-C keeps a plan and a bound."""
    since = time.perf_counter()
    solve = _Solve(instance, limits, since)
    termination: Termination = interrupts.cut_short(solve.run, limits.time_limit) or "proved"
    if met(objective(instance, solve.plan), solve.bound, limits.gap):
        termination = "proved"
    elif termination == "proved":
        termination = "tolerance"
    return Outcome(solve.plan, solve.bound, termination, solve_s=time.perf_counter() - since)


class _Solve:
    """One solve. Plan and bound stay when it is cut short."""

    def __init__(self, instance: Instance, limits: Limits, since: float) -> None:
        self.instance, self.limits, self.since = instance, limits, since
        self.plan: Plan = ()
        self.bound = math.fsum(request.weight for request in instance.requests)

    def run(self) -> None:
        """Fill the table, and find the best plan; raises TimeUpError or KeyboardInterrupt when it is cut short."""
        if not self.instance.requests:
            return
        self.plan = greedy_rate.run(self.instance, Limits()).plan
        self.bound = min(self.bound, upper_bound(self.instance))
        self._report()
        if met(objective(self.instance, self.plan), self.bound, self.limits.gap):
            return
        programme = Programme(states(self.instance))
        programme.run()
        self._take_best(programme)
        self._report()

    def _take_best(self, programme: Programme) -> None:
        """The bound of a full table, and the best plan that the checker accepts.

        The table allows for more than the checker's tolerance. So some visited sets of the greatest weight may have no
        plan, and the next ones are tried, at last the best one that ends by the deadline itself.
        """
        weights, best = programme.states.weights, programme.best_times()
        order = np.argsort(-weights, kind="stable")
        order = order[best[order] <= LATEST_END]
        first = self._plan(programme.path(int(order[0])))
        self.bound = min(self.bound, objective(self.instance, first))
        safe = order[best[order] <= 1.0][:1]
        for visited in np.concatenate((order[:MOST_TRIED], safe)).tolist():
            plan = accepted(self.instance, self._plan(programme.path(visited)))
            if plan is not None:
                if objective(self.instance, plan) > objective(self.instance, self.plan):
                    self.plan = plan
                return

    def _plan(self, path: list[Step]) -> Plan:
        """The plan that makes the visits of a path, one slot for each batch."""
        slots = []
        for move, resident in path:
            model = move.option.model
            for batch in move.option.batches(move.q):
                requests = tuple(self.instance.requests[k].id for k in batch)
                slots.append(Slot(model.id, requests, resident | self.instance.block_sets[model.id]))
        return tuple(slots)

    def _report(self) -> None:
        """Say how far the solve is."""
        if self.limits.listener is not None:
            elapsed = time.perf_counter() - self.since
            self.limits.listener(Progress(elapsed, objective(self.instance, self.plan), self.bound))
