"""The dynamic programme over the weight served, in units: nested prefixes with weights of any kind (problems, fact 6).

The proof that clusters come one after another, payers by level first, says nothing of weights, so it holds for them,
too; only who is served of a model is a knapsack of its own (``by_profit``). Profits are whole numbers of units.

- *Exact.* Where all weights are multiples of a unit large enough, of which no plan serves more than ``STATES``, that is
  the unit. The optimum is found and proved.
- *Within a gap eps > 0.* Else let V be the weight that a plan in hand serves, and c a number of requests that no plan
  can pass. With the unit K = eps V / c each request counts as floor(w / K). If p is the most of these units that can be
  served, the plan found serves at least K p. The optimum loses less than K for each of its at most c requests, so

      value >= K p >= optimum - c K = optimum - eps V >= (1 - eps) optimum,

  and K (p + c) is an upper bound. It passes the value by no more than eps V: the gap asked for is proved.

Either way, work grows with the number of units. Weights too fine for the gap that is asked for are refused, and the
refusal names a gap that is not.
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
from partload.solvers.partial_loading.dynamic.knapsack_programme import LATEST, Search
from partload.solvers.partial_loading.dynamic.lagrangian_bound import Market
from partload.solvers.partial_loading.dynamic.sharing_clusters import Visit
from partload.solvers.partial_loading.dynamic.unweighted import slots
from partload.solvers.progress import Progress
from partload.solvers.registry import Limits, Outcome

STATES = 200_000
"""Most units that a plan may serve."""
BEYOND = 2 * STATES
"""Stands for any larger number of units."""
WORK = 1e9
"""Most numbers to compute for the models alone."""
GAPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Gaps to name where weights are refused."""
ROUNDING = 1e-9
"""Relative error allowed for in sums and products of weights."""
FIRST_PLAN = 0.25
"""Part of the time that the plan in hand may take."""


NEEDS = sharing_clusters.NEEDS


def refusals(instance: Instance, limits: Limits) -> list[str]:
    """What breaks the structure, and weights that are too fine."""
    missing = sharing_clusters.refusals(instance, limits)
    if missing or not instance.requests:
        return missing
    known = Known(instance, greedy_rate.run(instance, Limits()).plan)
    if known.scale(limits.gap).fits:
        return []
    enough = next((gap for gap in GAPS if gap > limits.gap and known.scale(gap).fits), None)
    hint = "no gap would do" if enough is None else f"gap {enough:g} would do"
    return [f"weights as fine as these at gap {limits.gap:g} ({hint})"]


def run(instance: Instance, limits: Limits) -> Outcome:
    """Solve a covered instance within the gap; a time limit or Ctrl-C keeps the best plan and the bound."""
    since = time.perf_counter()
    solve = _Solve(instance, limits, since)
    termination: Termination = "proved"
    try:
        with interrupts.expiring(limits.time_limit):
            solve.run()
    except (TimeoutError, interrupts.TimeUpError):
        termination = "time-limit"
    except KeyboardInterrupt:
        termination = "interrupted"
    value, bound = objective(instance, solve.plan), solve.bound
    if bound - value <= max(limits.gap, ROUNDING) * bound:
        termination = "proved"
    elif termination == "proved":
        termination = "tolerance"
    return Outcome(solve.plan, bound, termination, solve_s=time.perf_counter() - since)


@dataclasses.dataclass(frozen=True)
class Scale:
    """What a unit is worth, and what follows from it."""

    instance: Instance
    unit: float
    """K, a weight."""
    profit: NDArray[np.int64]
    """Units that each request counts as, shape (K,)."""
    most: int
    """Units that no plan can pass; ``BEYOND`` for any larger number."""
    lost: int
    """Units by which the count of a plan may fall short of its weight."""

    @property
    def fits(self) -> bool:
        """Whether that is little enough to compute."""
        return self.most <= STATES and sum(cost.work for cost in self.costs.values()) <= WORK

    @cached_property
    def costs(self) -> dict[str, cost_by_profit.ByProfit]:
        """Costs of each model that can serve anybody of worth."""
        return cost_by_profit.costs(self.instance, self.profit, self.most, LATEST)

    def units(self, plan: Plan) -> int:
        """Units that a plan serves."""
        return int(self.profit[self.instance.positions(name for slot in plan for name in slot.requests)].sum())


@dataclasses.dataclass(frozen=True)
class Known:
    """What is known of an instance before it is solved."""

    instance: Instance
    plan: Plan
    """Some feasible plan."""

    @cached_property
    def bound(self) -> float:
        """A weight that no plan can pass."""
        return upper_bound(self.instance)

    @cached_property
    def value(self) -> float:
        """V, a weight that some plan serves, if any plan serves anybody."""
        return objective(self.instance, self.plan) or min(request.weight for request in self.instance.requests)

    @cached_property
    def count(self) -> int:
        """c, a number of requests that no plan can pass."""
        clusters = sharing_clusters.clusters(self.instance, dict(cost_by_count.costs(self.instance)), LATEST)
        if not clusters:
            return 0
        market = Market(clusters)
        return min(market.units, math.floor(market.balance(LATEST).most(LATEST) * (1 + ROUNDING) + ROUNDING))

    def scale(self, gap: float) -> Scale:
        """The exact scale where that fits, or where no gap is allowed; else the one for the gap."""
        weight = self.instance.arrays.weight
        grid = weight_grid(weight.tolist())
        if grid:
            exact = Scale(self.instance, grid, _whole(np.rint(weight / grid)), self._most(grid), 0)
            if gap == 0 or exact.fits:
                return exact
        unit = gap * (1 - 4 * ROUNDING) * self.value / max(self.count, 1)
        if unit == 0:
            return Scale(self.instance, 0.0, np.zeros(len(weight), dtype=np.int64), BEYOND, 0)
        with np.errstate(over="ignore"):
            profit = _whole(np.floor(weight / unit))
        return Scale(self.instance, unit, profit, self._most(unit), self.count)

    def _most(self, unit: float) -> int:
        """Units that no plan can pass, or a number beyond all states."""
        return math.floor(min(self.bound / unit * (1 + ROUNDING), BEYOND))


def _whole(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Profits as whole numbers; those beyond all states are as good as one that is just beyond."""
    return np.minimum(numbers, BEYOND).astype(np.int64)


class _Solve:
    """One solve: what is found stays here when it is cut short."""

    def __init__(self, instance: Instance, limits: Limits, since: float) -> None:
        self.instance, self.limits, self.since = instance, limits, since
        self.plan: Plan = ()
        self.scale: Scale | None = None
        self.search: Search | None = None
        self.known_bound = math.fsum(request.weight for request in instance.requests)

    @property
    def bound(self) -> float:
        """The weight that no plan can pass, as far as is known."""
        if self.scale is None or self.search is None:
            return self.known_bound
        bound = self.scale.unit * (self.search.bound + self.scale.lost)
        return min(self.known_bound, bound * (1 + ROUNDING) if self.scale.lost else bound)

    def run(self) -> None:
        """Solve within the gap; raises what cuts it short."""
        if not self.instance.requests:
            return
        limit = self.limits.time_limit
        first = greedy_rate.run(self.instance, Limits(time_limit=None if limit is None else FIRST_PLAN * limit))
        self.plan = first.plan
        if first.termination == "interrupted":
            raise KeyboardInterrupt
        known = Known(self.instance, self.plan)
        self.known_bound = min(self.known_bound, known.bound)
        scale = known.scale(self.limits.gap)
        if (
            not scale.fits
        ):  # A plan that the time limit cut short is worth less than the one in `refusals`: units are finer.
            raise TimeoutError
        self.scale = scale
        until = None if limit is None else self.since + limit
        search = Search([], self._keep, until, self._tell, scale.units(self.plan), scale.most)
        self.search = search
        search.clusters = sharing_clusters.clusters(self.instance, dict(scale.costs), LATEST)
        search.run(step=1 + (scale.most - search.served) // 64)

    def _keep(self, visits: list[Visit]) -> int:
        assert self.scale is not None
        plan = accepted(self.instance, slots(self.instance, visits))
        if plan is None:
            return 0
        if objective(self.instance, plan) > objective(self.instance, self.plan):
            self.plan = plan
        return self.scale.units(plan)

    def _tell(self) -> None:
        if self.limits.listener is not None:
            value = objective(self.instance, self.plan)
            elapsed = time.perf_counter() - self.since
            self.limits.listener(Progress(elapsed, value, max(self.bound, value)))
