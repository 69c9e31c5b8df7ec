"""The method ``sequence``: branch and cut over the order of models, in a process of its own.

A time limit, Ctrl-C and a crash of the LP solver all end alike: the process is ended, and the best plan and the best
bound that it sent out are kept.
"""

from __future__ import annotations

import math
import time
from typing import cast

from partload.instances.partial_loading.checker import objective
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from partload.instances.solution import Termination
from partload.solvers.exact.child import search_in_child
from partload.solvers.exact.task import News, met
from partload.solvers.partial_loading.sequence.network import is_weighted, most_legs, units, work
from partload.solvers.partial_loading.sequence.task import Task
from partload.solvers.progress import Progress
from partload.solvers.registry import Limits, Outcome

MOST_LEGS = 50_000_000
"""Pairs of an arc and a number of requests, beyond which memory for a list of them may be lacking."""
MOST_WORK = 3e9
"""Numbers to compute, beyond which weights take minutes alone."""
NEEDS = f"at most {MOST_LEGS:,} legs; weights on a grid"
"""What an instance has to have beyond single features, as listings say it."""


def refusals(instance: Instance, limits: Limits) -> list[str]:
    """What is too large."""
    legs = most_legs(instance)
    if legs > MOST_LEGS:
        return [f"{legs:,} legs (model after model, number of requests), expected at most {MOST_LEGS:,}"]
    if is_weighted(instance) and (not units(instance)[0] or work(instance) > MOST_WORK):
        return ["weights as fine as these"]
    return []


def run(instance: Instance, limits: Limits) -> Outcome:
    """Solve a covered instance to proven optimality, or as far as the limits allow."""
    return _Solve(instance, limits).run()


class _Solve:
    """One solve of a covered instance, as seen from outside of its process."""

    def __init__(self, instance: Instance, limits: Limits) -> None:
        self.instance, self.limits = instance, limits
        self.since = time.perf_counter()
        self.plan: Plan = ()
        self.most = self.bound = math.fsum(request.weight for request in instance.requests)
        self.solver: str | None = None
        self.notes: list[str] = []

    def run(self) -> Outcome:
        """Search, and make the outcome of what was sent."""
        termination: Termination = "proved"
        try:
            if self.bound > 0:
                termination = self._search()
        except KeyboardInterrupt:
            termination = "interrupted"
        if termination != "error" and met(objective(self.instance, self.plan), self.bound, self.limits.gap):
            termination = "proved"
        return Outcome(
            plan=self.plan,
            bound=self.bound,
            termination=termination,
            solver=self.solver,
            solve_s=time.perf_counter() - self.since,
            notes=tuple(self.notes),
        )

    def _search(self) -> Termination:
        limit = self.limits.time_limit
        left = None if limit is None else max(limit - (time.perf_counter() - self.since), 0.0)
        task = Task(self.instance, left, self.limits.gap, self.limits.seed)
        ending = search_in_child(
            "partload.solvers.partial_loading.sequence.task:search", task, left, on_message=self._told
        )
        if ending.note is not None:
            self.notes.append(ending.note)
        return ending.termination if ending.value is None else cast(Termination, ending.value)

    def _told(self, news: News) -> None:
        """Keep what the search sends."""
        if news.plan is not None:
            self.plan = cast(Plan, news.plan)
        if news.bound is not None:
            self.bound = min(self.bound, news.bound)
        if news.note is not None:  # A plan contradicts a bound, so no bound of this search is to be believed.
            self.notes.append(news.note)
            self.bound = self.most
        if news.solver is not None:
            self.solver = news.solver
        if self.limits.listener is not None:
            elapsed = time.perf_counter() - self.since
            self.limits.listener(Progress(elapsed, objective(self.instance, self.plan), self.bound))
