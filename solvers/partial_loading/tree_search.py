"""A tree search of our own in a process of its own: what the parent keeps, and what the child sends.

A time limit, Ctrl-C and a crash all end alike: the process is ended, and the best plan and the best bound that it sent
out are kept.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable
from typing import Protocol, cast

import numpy as np

from partload.instances.partial_loading.checker import objective
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from partload.instances.solution import Termination
from partload.instances.weights import weight_unit
from partload.solvers.exact.child import heartbeat, search_in_child
from partload.solvers.exact.task import News, met
from partload.solvers.progress import Progress
from partload.solvers.registry import Limits, Outcome


@dataclasses.dataclass(frozen=True)
class Task:
    """What is to be searched."""

    instance: Instance
    time_limit: float | None = None
    """Seconds from the beginning of the search."""
    gap: float = 0.0
    seed: int | None = None


class TreeSearch(Protocol):
    """A search that calls a function whenever its plan or its bound is better."""

    unit: float
    """Weight of a unit."""
    contradiction: str | None
    """What is said of a bound below a plan in hand; None where there is none."""

    @property
    def bound(self) -> float:
        """Units that no plan exceeds."""

    @property
    def plan(self) -> Plan:
        """The best plan."""

    @property
    def served(self) -> float:
        """Units that it serves."""

    def run(self) -> None:
        """Search until plan and bound are close enough; raises TimeoutError when the time is up."""


Tell = Callable[[], None]
Enough = Callable[[float, float], bool]
"""Whether units served and their bound are close enough."""
Make = Callable[[Task, Tell, Enough, float | None], TreeSearch]
"""Makes a search from its task; the last argument is the time of ``perf_counter`` at which it ends."""


class SearchState:
    """What a search knows that counts weights in units: the base of such searches. It stays when one is cut short."""

    def __init__(
        self, instance: Instance, tell: Tell, enough: Enough, gap: float = 0.0, until: float | None = None
    ) -> None:
        self.instance, self.tell, self.enough, self.gap, self.until = instance, tell, enough, gap, until
        weights = instance.arrays.weight.tolist()
        unit = weight_unit(weights)
        self.unit, self.whole = unit.size, unit.whole
        self.units = np.array([unit.of(weight) for weight in weights], dtype=float)
        """Weight of each request in units, shape (K,)."""
        self.plan: Plan = ()
        self.served = 0.0
        """Units that the plan serves."""
        self.bound = float(self.units.sum())
        """Units that no plan exceeds."""
        self.unsettled = 0.0
        """Most units of a plan that the checker rejects, for about the tolerance."""
        self.contradiction: str | None = None
        """What is said of a bound below a plan in hand; None where there is none."""


def run_in_child(instance: Instance, limits: Limits, work: str, first: Plan = ()) -> Outcome:
    """Solve a covered instance to proven optimality, or as far as the limits allow.

    Parameters
    ----------
    instance, limits
        What to solve, and the limits.
    work
        The function of the child, ``module:function``. It takes a function that sends news, and a ``Task``.
    first
        A feasible plan, kept until the search has a better one. The search is not told, so its bound owes it nothing.
    """
    return _Solve(instance, limits, work, first).run()


def search(send: Callable[[News], object], task: Task, make: Make) -> Termination:
    """Search, in this process. All that is found has been sent out before it returns."""
    with heartbeat(send):
        return _search(send, task, make)


class _Solve:
    """One solve of a covered instance, as seen from outside of its process."""

    def __init__(self, instance: Instance, limits: Limits, work: str, first: Plan) -> None:
        self.instance, self.limits, self.work = instance, limits, work
        self.since = time.perf_counter()
        self.plan = first
        self.value = objective(instance, first)
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
        if termination != "error" and met(self.value, self.bound, self.limits.gap):
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
        ending = search_in_child(self.work, task, left, on_message=self._told)
        if ending.note is not None:
            self.notes.append(ending.note)
        return ending.termination if ending.value is None else cast(Termination, ending.value)

    def _told(self, news: News) -> None:
        """Keep what the search sends."""
        if news.plan is not None:
            value = objective(self.instance, cast(Plan, news.plan))
            if value > self.value:
                self.plan, self.value = cast(Plan, news.plan), value
        if news.bound is not None:
            self.bound = min(self.bound, news.bound)
        if news.note is not None:  # A plan contradicts a bound, so no bound of this search is to be believed.
            self.notes.append(news.note)
            self.bound = self.most
        if news.solver is not None:
            self.solver = news.solver
        if self.limits.listener is not None:
            elapsed = time.perf_counter() - self.since
            self.limits.listener(Progress(elapsed, self.value, self.bound))


def _search(send: Callable[[News], object], task: Task, make: Make) -> Termination:
    until = None if task.time_limit is None else time.perf_counter() + task.time_limit
    sent = 0.0

    def tell() -> None:
        nonlocal sent
        news = News(bound=tree.unit * tree.bound)
        if tree.served > sent:
            sent = tree.served
            news = dataclasses.replace(news, plan=tree.plan)
        send(news)

    tree = make(task, tell, lambda served, bound: met(served, bound, task.gap), until)
    tell()  # Requests that nobody can serve may be gone already.
    try:
        tree.run()
    except TimeoutError:
        return "time-limit"
    if tree.contradiction is not None:
        send(News(note=tree.contradiction))
        return "error"
    return "proved" if met(tree.served, tree.bound, task.gap) else "tolerance"
