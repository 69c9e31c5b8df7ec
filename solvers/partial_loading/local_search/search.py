"""Local search: ruin and recreate from the best of some quick plans, for everything that the clock handles.

The quick plans are those of both greedies and, where requests arrive, of two online policies: these follow a stream of
arrivals that a greedy, which appends one slot after another, meets badly.

A step changes the current plan by one of the moves in ``ruin``, removes what is then late (``repair``) and inserts
whatever fits (``recreate``). Simulated annealing decides whether the result replaces the current plan: always if it is
better; if it is worse, with a probability that falls with the difference and over a cycle of steps. The first cycle
begins from the best quick plan, the others from the best plan so far or from the empty plan. Of two plans that serve
the same weight, the one with more time left is better, since another request may need the time.

Where the order of models is all that there is to decide, a search over orders (``model_order``) goes first and leaves
little to find: on instances with hundreds of models a step of the annealing changes too little.

Without a time limit it ends after ``PATIENCE`` steps without a better plan, and is the same for the same seed. With one
it goes on to the end, unless it meets the combinatorial upper bound, which proves the plan optimal.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from random import Random
from threading import Event

from partload.instances.partial_loading.checker import check_plan, objective
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from partload.instances.solution import Termination
from partload.solvers import interrupts
from partload.solvers.partial_loading.bounds.knapsack import upper_bound
from partload.solvers.partial_loading.constructive import greedy_rate, greedy_sharing
from partload.solvers.partial_loading.local_search import model_order
from partload.solvers.partial_loading.local_search.data import Numbers
from partload.solvers.partial_loading.local_search.recreate import Draft
from partload.solvers.partial_loading.local_search.repair import repaired
from partload.solvers.partial_loading.local_search.ruin import MOVES, OFTEN, Move
from partload.solvers.partial_loading.policies import edf, fifo_collate
from partload.solvers.progress import REPORT_S, Progress
from partload.solvers.registry import Limits, Outcome

PATIENCE = 3000
"""Steps without a better plan after which it ends, when there is no time limit."""
CYCLE = 500
"""Steps in which the temperature falls from ``HOT`` to ``COLD``, both in mean weights of a request."""
HOT, COLD = 0.3, 0.02
FRESH = 0.5
"""Probability that a cycle begins from the empty plan instead of the best one so far."""
TIME_LEFT = 0.2
"""Part of the weight served by which a plan is worth more if all of the time until the last deadline is left."""
BETTER = 1e-12
"""Relative difference of weights that is not rounding."""
EQUAL = 1e-9
"""Relative difference of plan and bound that is none."""
TINY_S = 1e-9
GREEDIES = (greedy_rate.run, greedy_sharing.run)
ONLINE = (fifo_collate.run, edf.run)
"""They come first: on a log of thousands of requests they take milliseconds, and the greedies seconds."""
ONLINE_SHARE = 0.5
"""Part of the time left that each of the quick plans may take there, since a greedy in the middle says little."""


def run(instance: Instance, limits: Limits) -> Outcome:
    """The best plan found; with a bound only if it proves as small a gap as was asked for."""
    return _Run(instance, limits, None, PATIENCE if limits.time_limit is None else None).run()


def search(instance: Instance, limits: Limits, bound: float, patience: int) -> Outcome:
    """The same against a known upper bound, for at most so many steps in a row without a better plan."""
    return _Run(instance, limits, bound, patience).run()


class _Run:
    """One run: it decides when to end and reports progress. Without a bound it computes one, if there is time."""

    def __init__(self, instance: Instance, limits: Limits, bound: float | None, patience: int | None) -> None:
        self.instance, self.limits, self.bound, self.patience = instance, limits, bound, patience
        self.since = time.perf_counter()
        self.plan: Plan = ()
        self.value = 0.0
        self.reported = self.since

    def run(self) -> Outcome:
        with interrupts.held() as stop:
            try:
                termination = self._start() or self._search(stop)
            except interrupts.TimeUpError:
                termination = "time-limit"
        return Outcome(
            self.plan, self.bound if self._met() else None, termination, solve_s=time.perf_counter() - self.since
        )

    def _start(self) -> Termination | None:
        """Start from the best of the quick plans; returns why the run ends here, if it does."""
        online = self.instance.arrays.arrivals and not self.instance.uplink_discipline.one_band
        for method in (*ONLINE, *GREEDIES) if online else GREEDIES:
            left = self._left_s()
            share = None if left is None else max((ONLINE_SHARE if online else 1.0) * left, TINY_S)
            outcome = method(self.instance, Limits(time_limit=share))
            value = objective(self.instance, outcome.plan)
            if value > self.value:
                self.plan, self.value = outcome.plan, value
            if outcome.termination == "interrupted":
                return outcome.termination
        return None

    def _search(self, stop: Event) -> Termination:
        left = self._left_s()
        with interrupts.expiring(None if left is None else max(left, TINY_S)):
            if self.bound is None:
                self.bound = upper_bound(self.instance)
            if not self._met() and model_order.covers(self.instance):
                model_order.search(
                    self.instance, self.plan, self.limits.seed, self._improve, lambda: self._stops(stop) is not None
                )
            if self._met():
                return "proved"
            annealing = Annealing(self.instance, self.plan, Random(self.limits.seed or 0))
            found, idle = annealing.best, 0
            while True:
                if found.weight > self.value * (1 + BETTER) and self._keep(found, annealing):
                    idle = 0
                ending = self._stops(stop)
                if ending is not None:
                    return ending
                if self.patience is not None and idle >= self.patience:
                    return "heuristic-end"
                self._report()
                found, idle = annealing.step(), idle + 1

    def _stops(self, stop: Event) -> Termination | None:
        """Why the run ends now, if it does."""
        if self._met():
            return "proved"
        if stop.is_set():
            return "interrupted"
        left = self._left_s()
        return "time-limit" if left is not None and left <= 0 else None

    def _improve(self, plan: Plan) -> None:
        """Keep a feasible plan if it serves more."""
        value = objective(self.instance, plan)
        if value > self.value:
            self.plan, self.value = plan, value
            self._report()

    def _keep(self, draft: Draft, annealing: Annealing) -> bool:
        """Keep a plan that serves more if the checker accepts it; if rounding hid a fault, drop it."""
        plan = draft.plan()
        if check_plan(self.instance, plan).feasible:
            self.plan, self.value = plan, objective(self.instance, plan)
            return True
        annealing.restart(self.plan)
        return False

    def _met(self) -> bool:
        """Whether the bound proves as small a gap as was asked for."""
        return self.bound is not None and self.bound - self.value <= max(self.limits.gap, EQUAL) * self.bound

    def _left_s(self) -> float | None:
        if self.limits.time_limit is None:
            return None
        return self.limits.time_limit - (time.perf_counter() - self.since)

    def _report(self) -> None:
        now = time.perf_counter()
        if self.limits.listener is not None and now - self.reported >= REPORT_S:
            self.reported = now
            self.limits.listener(Progress(now - self.since, self.value, self.bound))


class Annealing:
    """Simulated annealing: the current plan and the best one so far, both as drafts.

    Parameters
    ----------
    instance, plan
        The instance, and the plan to start from; what is infeasible in it is repaired.
    random
        All random numbers come from here.
    moves
        Those to choose from, by name.
    """

    best: Draft
    _current: Draft
    _best_worth: float
    _current_worth: float

    def __init__(self, instance: Instance, plan: Plan, random: Random, moves: Mapping[str, Move] = MOVES) -> None:
        self.numbers, self.random = Numbers(instance), random
        self._moves = [move for name, move in moves.items() for _ in range(OFTEN.get(name, 1))]
        weights = self.numbers.weight
        self._unit = math.fsum(weights) / max(len(weights), 1)
        self.restart(plan)

    def restart(self, plan: Plan) -> None:
        """Begin again from a plan of the instance."""
        batches = repaired(self.numbers, self.random, self.numbers.read(plan), ())
        self.best = Draft(self.numbers, self.random, batches)
        self.best.fill()
        self._best_worth = self._worth(self.best)
        self._steps = 0

    def step(self) -> Draft:
        """Try one change; returns the best plan so far."""
        at = self._steps % CYCLE
        self._steps += 1
        if at == 0:
            self._begin_cycle()
        change = self.random.choice(self._moves)(self._current, self.random)
        if change is None:
            return self.best
        draft = self._current.copy()
        draft.put(repaired(self.numbers, self.random, *change))
        draft.fill()
        worth = self._worth(draft)
        temperature = self._unit * HOT * (COLD / HOT) ** (at / CYCLE)
        if worth >= self._current_worth + temperature * math.log(1 - self.random.random()):
            self._current, self._current_worth = draft, worth
        if (draft.weight, worth) > (self.best.weight, self._best_worth):
            self.best, self._best_worth = draft, worth
        return self.best

    def _begin_cycle(self) -> None:
        self._current, self._current_worth = self.best, self._best_worth
        if self._steps > CYCLE and self.random.random() < FRESH:
            self._current = Draft(self.numbers, self.random, [])
            self._current.fill()
            self._current_worth = self._worth(self._current)

    def _worth(self, draft: Draft) -> float:
        """Weight served, and a little for what is left of the GPU's time, and of the uplink where it has its own."""
        return draft.weight * (1 + TIME_LEFT * draft.left())
