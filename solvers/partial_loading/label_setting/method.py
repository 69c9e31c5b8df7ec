"""The method ``label-setting``: prefixes of plans, bounded by a relaxation, in a process of its own.

A time limit, Ctrl-C and a crash all end alike: the process is ended, and the best plan and the best bound that it sent
out are kept.
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
from partload.solvers.partial_loading.dynamic.knapsack_programme import LATEST_END
from partload.solvers.partial_loading.label_setting.legs import MOST_BITS, most_compositions
from partload.solvers.partial_loading.label_setting.task import Task
from partload.solvers.progress import Progress
from partload.solvers.registry import Limits, Outcome

MOST_COMPOSITIONS = 600_000
"""Pairs of requests served and a next batch, of one model, beyond which the visits alone take minutes."""
NEEDS = f"at most {MOST_BITS} models (visits any: requests), few requests for each"
"""What an instance has to have beyond single features, as listings say it."""


def refusals(instance: Instance, limits: Limits) -> list[str]:
    """What is too large."""
    count, bits = most_compositions(instance, LATEST_END)
    refused = []
    if count > MOST_COMPOSITIONS:
        refused.append(f"{count:,} ways to make batches of requests for one model, at most {MOST_COMPOSITIONS:,}")
    if bits > MOST_BITS:
        what = "requests with visits any" if instance.visits_rule.may_return else "models"
        refused.append(f"{bits:,} {what}, at most {MOST_BITS}")
    return refused


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
            solve_s=time.perf_counter() - self.since,
            notes=tuple(self.notes),
        )

    def _search(self) -> Termination:
        limit = self.limits.time_limit
        left = None if limit is None else max(limit - (time.perf_counter() - self.since), 0.0)
        ending = search_in_child(
            "partload.solvers.partial_loading.label_setting.task:search",
            Task(self.instance, left, self.limits.gap),
            left,
            on_message=self._told,
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
        if self.limits.listener is not None:
            elapsed = time.perf_counter() - self.since
            self.limits.listener(Progress(elapsed, objective(self.instance, self.plan), self.bound))
