"""The dynamic programme over the weight served, in units: nested prefixes with any weights (problems, fact 6).

The proof that clusters come one after another, payers by level first, does not depend on weights. Only the choice of
requests of one model becomes a knapsack (``cost_by_profit``). Profits are whole numbers of units.

- *Exact.* If all weights are multiples of a unit, and no plan serves more than ``MOST_UNITS`` units, the programme
  counts in that unit. It finds and proves the optimum.
- *Within a gap eps > 0.* Otherwise let V be the weight that some feasible plan serves, and c an upper bound on the
  number of requests served. With the unit K = eps V / c each request counts as floor(w / K). Let p be the most of these
  units that can be served; the plan found serves at least K p. The optimum loses less than K for each of its at most c
  requests, so

      value >= K p >= optimum - c K = optimum - eps V >= (1 - eps) optimum,

  and K (p + c) is an upper bound. It exceeds the value by at most eps V, which proves the gap asked for.

In both cases work grows with the number of units. Weights too fine for the gap asked for are refused, and the refusal
names a gap that is large enough.
"""

from __future__ import annotations

import dataclasses
import math
import time
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from partload.instances.partial_loading.checker import objective
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from partload.instances.partial_loading.tolerance import accepted
from partload.instances.solution import Termination
from partload.instances.weights import weight_grid
from partload.solvers import interrupts
from partload.solvers.partial_loading.bounds.knapsack import upper_bound
from partload.solvers.partial_loading.constructive import greedy_rate
from partload.solvers.partial_loading.dynamic import cost_by_count, cost_by_profit, sharing_clusters
from partload.solvers.partial_loading.dynamic.knapsack_programme import LATEST_END, Search
from partload.solvers.partial_loading.dynamic.lagrangian_bound import LagrangianDual
from partload.solvers.partial_loading.dynamic.sharing_clusters import Visit
from partload.solvers.partial_loading.dynamic.unweighted import plan_of
from partload.solvers.progress import Progress
from partload.solvers.registry import Limits, Outcome

MOST_UNITS = 200_000
"""Most units that a plan may serve."""
TOO_MANY_UNITS = 2 * MOST_UNITS
"""Stands for any number of units above ``MOST_UNITS`` by a factor of 2 or more."""
MOST_WORK = 1e9
"""Most table entries to compute for single models."""
SUGGESTED_GAPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Gaps that a refusal may name."""
ROUNDING = 1e-9
"""Relative error allowed for in sums and products of weights."""
WARM_START_SHARE = 0.25
"""Share of the time limit that the first plan may take."""
NEEDS = sharing_clusters.NEEDS


def refusals(instance: Instance, limits: Limits) -> list[str]:
    """What violates the structure, and weights that are too fine."""
    missing = sharing_clusters.refusals(instance, limits)
    if missing or not instance.requests:
        return missing
    first = InitialBounds(instance, greedy_rate.run(instance, Limits()).plan)
    if first.scale(limits.gap).fits:
        return []
    enough = next((gap for gap in SUGGESTED_GAPS if gap > limits.gap and first.scale(gap).fits), None)
    hint = "no gap would do" if enough is None else f"gap {enough:g} would do"
    return [f"weights as fine as these at gap {limits.gap:g} ({hint})"]


def run(instance: Instance, limits: Limits) -> Outcome:
    """Solve a supported instance within the gap; a time limit or Ctrl-C keeps the best plan and the bound."""
    since = time.perf_counter()
    solve = _Solve(instance, limits, since)
    termination: Termination = interrupts.cut_short(solve.run, limits.time_limit) or "proved"
    value, bound = objective(instance, solve.plan), solve.bound
    if bound - value <= max(limits.gap, ROUNDING) * bound:
        termination = "proved"
    elif termination == "proved":
        termination = "tolerance"
    return Outcome(solve.plan, bound, termination, solve_s=time.perf_counter() - since)


@dataclasses.dataclass(frozen=True)
class ProfitScale:
    """The weight of a unit, and the profits of all requests in units."""

    instance: Instance
    unit: float
    """K, a weight."""
    profit: NDArray[np.int64]
    """Profit of each request in units, shape (K,)."""
    most_units: int
    """Units that no plan exceeds; at most ``TOO_MANY_UNITS``."""
    rounding_loss: int
    """Units by which rounding down may understate the weight of a plan."""

    @property
    def fits(self) -> bool:
        """Whether the tables are small enough to compute."""
        return self.most_units <= MOST_UNITS and sum(cost.work for cost in self.costs.values()) <= MOST_WORK

    @cached_property
    def costs(self) -> dict[str, cost_by_profit.CostByProfit]:
        """Least times of each model that can serve a request with a profit, by its id."""
        return cost_by_profit.costs_by_model(self.instance, self.profit, self.most_units, LATEST_END)

    def units(self, plan: Plan) -> int:
        """Units that a plan serves."""
        return int(self.profit[self.instance.positions(name for slot in plan for name in slot.requests)].sum())


@dataclasses.dataclass(frozen=True)
class InitialBounds:
    """Bounds on an instance from a first plan, before the programme runs; they decide the scale."""

    instance: Instance
    plan: Plan
    """A feasible plan."""

    @cached_property
    def bound(self) -> float:
        """An upper bound on the weight that any plan serves."""
        return upper_bound(self.instance)

    @cached_property
    def value(self) -> float:
        """V, a weight that some plan serves, unless no plan serves a request."""
        return objective(self.instance, self.plan) or min(request.weight for request in self.instance.requests)

    @cached_property
    def count(self) -> int:
        """c, an upper bound on the number of requests that any plan serves."""
        costs = cost_by_count.costs_by_model(self.instance)
        clusters = sharing_clusters.clusters(self.instance, costs, LATEST_END)
        if not clusters:
            return 0
        dual = LagrangianDual(clusters)
        upper = dual.minimise_bound(LATEST_END).upper_bound(LATEST_END)
        return min(dual.units, math.floor(upper * (1 + ROUNDING) + ROUNDING))

    def scale(self, gap: float) -> ProfitScale:
        """The exact scale where it fits, or where no gap is allowed; otherwise the scale for the gap."""
        weight = self.instance.arrays.weight
        grid = weight_grid(weight.tolist())
        if grid:
            exact = ProfitScale(self.instance, grid, _to_profits(np.rint(weight / grid)), self._most_units(grid), 0)
            if gap == 0 or exact.fits:
                return exact
        unit = gap * (1 - 4 * ROUNDING) * self.value / max(self.count, 1)
        if unit == 0:
            return ProfitScale(self.instance, 0.0, np.zeros(len(weight), dtype=np.int64), TOO_MANY_UNITS, 0)
        with np.errstate(over="ignore"):
            profit = _to_profits(np.floor(weight / unit))
        return ProfitScale(self.instance, unit, profit, self._most_units(unit), self.count)

    def _most_units(self, unit: float) -> int:
        """Units that no plan exceeds, cut off at ``TOO_MANY_UNITS``."""
        return math.floor(min(self.bound / unit * (1 + ROUNDING), TOO_MANY_UNITS))


def _to_profits(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Profits as whole numbers, cut off at ``TOO_MANY_UNITS``."""
    return np.minimum(numbers, TOO_MANY_UNITS).astype(np.int64)


class _Solve:
    """One solve. Plan and bound stay when it is cut short."""

    def __init__(self, instance: Instance, limits: Limits, since: float) -> None:
        self.instance, self.limits, self.since = instance, limits, since
        self.plan: Plan = ()
        self.scale: ProfitScale | None = None
        self.search: Search | None = None
        self.initial_bound = math.fsum(request.weight for request in instance.requests)

    @property
    def bound(self) -> float:
        """The best upper bound on the weight so far."""
        if self.scale is None or self.search is None:
            return self.initial_bound
        bound = self.scale.unit * (self.search.bound + self.scale.rounding_loss)
        return min(self.initial_bound, bound * (1 + ROUNDING) if self.scale.rounding_loss else bound)

    def run(self) -> None:
        """Solve within the gap; raises TimeoutError or KeyboardInterrupt when it is cut short."""
        if not self.instance.requests:
            return
        limit = self.limits.time_limit
        first = greedy_rate.run(self.instance, Limits(time_limit=None if limit is None else WARM_START_SHARE * limit))
        self.plan = first.plan
        if first.termination == "interrupted":
            raise KeyboardInterrupt
        bounds = InitialBounds(self.instance, self.plan)
        self.initial_bound = min(self.initial_bound, bounds.bound)
        scale = bounds.scale(self.limits.gap)
        if not scale.fits:
            # The time limit cut the first plan short: it serves less than that of `refusals`, so units are smaller.
            raise TimeoutError
        self.scale = scale
        until = None if limit is None else self.since + limit
        search = Search([], self._accept, until, self._report_progress, scale.units(self.plan), scale.most_units)
        self.search = search
        search.clusters = sharing_clusters.clusters(self.instance, scale.costs, LATEST_END)
        search.run(step=1 + (scale.most_units - search.served) // 64)

    def _accept(self, visits: list[Visit]) -> int:
        assert self.scale is not None
        plan = accepted(self.instance, plan_of(self.instance, visits))
        if plan is None:
            return 0
        if objective(self.instance, plan) > objective(self.instance, self.plan):
            self.plan = plan
        return self.scale.units(plan)

    def _report_progress(self) -> None:
        if self.limits.listener is not None:
            value = objective(self.instance, self.plan)
            elapsed = time.perf_counter() - self.since
            self.limits.listener(Progress(elapsed, value, max(self.bound, value)))
