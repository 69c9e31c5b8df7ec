"""The exact driver: state a formulation in Pyomo, solve it with HiGHS, believe nothing that the checker has not seen.

A time limit or Ctrl-C keeps the best plan and the bound. A plan that breaks a deadline or the memory by the solver's
own tolerance is repaired by solving again with deadlines and memory tightened; the bound stays that of the first run.
"""

from __future__ import annotations

import math
import time
from fractions import Fraction

from formulations import FORMULATIONS, by_name
from instances.partial_loading.checker import check_plan, objective
from instances.partial_loading.instance import Instance
from instances.partial_loading.plan import Plan
from instances.solution import Termination
from solvers import interrupts
from solvers.partial_loading.first_plan import first_plan
from solvers.progress import Progress
from solvers.registry import Limits, Outcome

DEFAULT_FORMULATION = "slot"
REPAIRS = (0.0, 1e-8, 1e-6, 1e-4)
"""Relative amounts by which deadlines and memory are tightened, one after the other, until the checker agrees."""
FIRST_PLAN_S = 1.0
"""Seconds that the first plan may take."""
BOUND_SLACK = 1e-6
"""Relative error allowed for in a solver's bound before it is rounded to the grid of the weights."""


def lacks(instance: Instance, limits: Limits) -> list[str]:
    """Features of the instance that the chosen formulation does not cover."""
    formulation = by_name(FORMULATIONS, limits.formulation or DEFAULT_FORMULATION)
    missing: list[str] = formulation.load().lacks(instance)
    return missing


def run(instance: Instance, limits: Limits) -> Outcome:
    """Solve an instance to proven optimality, or as far as the limits allow."""
    return _Solve(instance, limits).run()


class _Solve:
    def __init__(self, instance: Instance, limits: Limits) -> None:
        self.instance = instance
        self.limits = limits
        self.formulation = by_name(FORMULATIONS, limits.formulation or DEFAULT_FORMULATION)
        self.since = time.perf_counter()
        self.grid = weight_grid([request.weight for request in instance.requests])
        self.plan: Plan = ()
        self.bound = math.fsum(request.weight for request in instance.requests)
        self.build_s = 0.0
        self.solve_s = 0.0
        self.solver: str | None = None

    def run(self) -> Outcome:
        termination: Termination = "proved"
        try:
            self.plan = first_plan(self.instance, FIRST_PLAN_S)
            for tighten in REPAIRS:
                termination, rejected = self._once(tighten)
                if not rejected:
                    break
        except KeyboardInterrupt:
            termination = "interrupted"
        served = objective(self.instance, self.plan)
        if termination == "proved" and self.bound - served > self.limits.gap * self.bound + 1e-9 * self.bound:
            termination = "error"  # Repairs cost weight: the plan is right, the bound is right, they do not meet.
        return Outcome(
            plan=self.plan,
            bound=max(self.bound, served),
            termination=termination,
            formulation=self.formulation.name,
            solver=self.solver,
            build_s=self.build_s,
            solve_s=self.solve_s,
        )

    def _once(self, tighten: float) -> tuple[Termination, bool]:
        """One build and one solve; whether the checker rejected the plan found."""
        from solvers import highs
        from solvers.matrix import matrix_form

        self.solver = highs.version()
        module = self.formulation.load()
        before = time.perf_counter()
        model = module.build(self.instance, tighten=tighten)
        form = matrix_form(model)
        built = time.perf_counter()
        self.build_s += built - before
        if len(form.cost) == 0:  # No request can be served.
            self.bound = 0.0
            return "proved", False
        left = self._time_left()
        if left is not None and left <= 0:
            return "time-limit", False
        with interrupts.held() as stop:
            result = highs.maximise(
                form,
                time_limit=left,
                gap=self.limits.gap,
                absolute_gap=0.99 * self.grid if self.grid else 0.0,
                seed=self.limits.seed,
                listener=self._report,
                since=self.since,
                stop=stop,
            )
            self.solve_s += time.perf_counter() - built
            if tighten == 0:
                self.bound = min(self.bound, safe_bound(result.bound, self.grid))
            rejected = False
            if result.values is not None:
                form.assign(result.values)
                rejected = not self._keep(module.extract(model))
            if stop.is_set():
                return "interrupted", False
        return ("proved" if result.finished else "time-limit"), rejected

    def _keep(self, plan: Plan) -> bool:
        """Keep a plan if it is the best so far; whether the checker accepts it."""
        feasible = check_plan(self.instance, plan).feasible
        if feasible and objective(self.instance, plan) > objective(self.instance, self.plan):
            self.plan = plan
        return feasible

    def _report(self, progress: Progress) -> None:
        """Pass on how far the solver is, or what was known before it ran where that is better."""
        if self.limits.listener is not None:
            incumbent = max(progress.incumbent or 0.0, objective(self.instance, self.plan))
            bound = min(safe_bound(progress.bound, self.grid), self.bound) if progress.bound else self.bound
            self.limits.listener(Progress(progress.elapsed_s, incumbent, max(bound, incumbent)))

    def _time_left(self) -> float | None:
        if self.limits.time_limit is None:
            return None
        return self.limits.time_limit - (time.perf_counter() - self.since)


def weight_grid(weights: list[float]) -> float:
    """Largest g such that every sum of weights is a multiple of g, as far as that helps to round a bound; else 0."""
    grid = Fraction(0)
    for weight in set(weights):
        step = Fraction(repr(weight))
        grid = Fraction(
            math.gcd(grid.numerator * step.denominator, step.numerator * grid.denominator),
            grid.denominator * step.denominator,
        )
    return float(grid) if float(grid) > 4 * BOUND_SLACK * math.fsum(weights) else 0.0


def safe_bound(bound: float, grid: float) -> float:
    """A solver's bound, moved to the safe side by its tolerance and rounded down to what a plan can reach."""
    if not math.isfinite(bound):
        return math.inf
    raised = bound + BOUND_SLACK * max(abs(bound), grid)
    if grid == 0:
        return max(raised, 0.0)
    return max(math.floor(raised / grid) * grid, 0.0)
