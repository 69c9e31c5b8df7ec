"""Clusters joined by a (min,+) knapsack: the largest number of units that can be served in time (problems, fact 7).

Clusters share no block, so they come one after another, and their least times add up. Over the clusters c,

    total(u) = min_v total(u - v) + T_c(v),   T_c(0) = 0.

Blocks resident at time 0 help the first slot of the plan alone. So ``total`` comes in two versions: with the cluster of
that slot, the *opener*, not yet chosen, and chosen.

*Search.* The Lagrangian bound gives the largest number of units that may be possible. The knapsack is solved for a goal
near it, where pruning by cost keeps few values (see ``lagrangian_bound``). If no plan reaches the goal, the bound falls
below the goal, and the next goal is further down. The first goal that is reached gives the optimum.

*Exactness.* Least times are sums in another order than the clock's, so the deadline here, ``LATEST_END``, allows for
more than the checker's tolerance. The clock decides: a plan that it rejects leaves the bound where it is.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable

from partload.solvers.partial_loading.dynamic.cluster_programme import ClusterCosts, ClusterProgramme, CostLimits
from partload.solvers.partial_loading.dynamic.lagrangian_bound import LagrangianCosts, LagrangianDual
from partload.solvers.partial_loading.dynamic.min_plus import (
    INFEASIBLE,
    ZERO_UNITS,
    LeastTime,
    convolve,
    minimum,
    split,
)
from partload.solvers.partial_loading.dynamic.sharing_clusters import Cluster, Visit
from partload.solvers.partial_loading.dynamic.warm_start import warm_start

LATEST_END = 1 + 2.1e-9
"""Where a plan ends at the latest, in deadlines: the checker's tolerance on deadlines, the same on the band, which
shortens uploads by as much, and a margin for rounding."""
WIDENING = 4
"""Factor by which the distance between bound and goal grows; the first goal is the bound, where pruning works best."""
ROUNDING = 1e-10
"""Relative error allowed for in costs."""


@dataclasses.dataclass
class Search:
    """The search for the most units. Plan and bound stay when the search is cut short."""

    clusters: list[Cluster]
    accept: Callable[[list[Visit]], int]
    """Makes a plan of visits and keeps it if it is feasible and the best; returns the units of the best plan so far."""
    until: float | None = None
    """When to stop, by ``time.perf_counter``."""
    report_progress: Callable[[], None] = lambda: None
    """Called whenever plan or bound has improved."""
    served: int = 0
    """Units that the best plan serves."""
    bound: float = math.inf
    """Units that no plan exceeds."""

    def run(self, step: int = 1) -> None:
        """Search until plan and bound meet, or are as near as rounding allows; the first goal is bound - step + 1.

        Raises
        ------
        TimeoutError
            When the time is up.
        """
        if not self.clusters:
            self.bound = 0
            return
        dual = LagrangianDual(self.clusters)
        costs = dual.minimise_bound(LATEST_END)
        upper = math.floor(costs.upper_bound(LATEST_END) * (1 + ROUNDING) + ROUNDING)
        self.bound = min(self.bound, dual.units, upper)
        self.served = max(self.served, self.accept(warm_start(self.clusters, costs.multiplier)))
        while self.served < self.bound:
            self.report_progress()
            goal = max(self.served + 1, int(self.bound) - step + 1)
            programme = KnapsackProgramme(self.clusters, costs, goal, self.until)
            reached = programme.units()
            self.bound = max([goal - 1, *reached])
            step *= WIDENING
            for units in reached:
                self.served = max(self.served, self.accept(programme.visits(units)))
                if self.served >= units:
                    break
            if reached:
                return


class KnapsackProgramme:
    """The least times of all clusters and their totals, as far as plans with at least ``goal`` units need them.

    Raises
    ------
    TimeoutError
        When the time is up.
    """

    def __init__(self, clusters: list[Cluster], costs: LagrangianCosts, goal: int, until: float | None) -> None:
        self.goal = goal
        self.programmes: list[ClusterProgramme] = []
        self.totals: list[tuple[LeastTime, LeastTime]] = [(ZERO_UNITS, INFEASIBLE)]
        """Totals after each cluster, with the opener not yet chosen, and chosen."""
        multiplier, saving = costs.multiplier, costs.opening_saving
        error = ROUNDING * (LATEST_END + multiplier * goal + math.fsum(abs(costs.follower)))
        most = LATEST_END - multiplier * goal + error
        all_clusters, rest = (math.fsum(costs.cluster),) * 2
        first = case = 0
        for cluster, cost in zip(clusters, costs.cluster.tolist()):
            if until is not None and time.perf_counter() > until:
                raise TimeoutError
            models = slice(first, first + len(cluster))
            cases = slice(case, case + sum(member.level for member in cluster))
            first, case = models.stop, cases.stop
            cluster_costs = ClusterCosts.of(
                cluster, multiplier, costs.follower[models], costs.payer[cases], costs.opener[models]
            )
            limits = CostLimits(most - (all_clusters - cost) - saving, most - (all_clusters - cost))
            programme = ClusterProgramme(cluster, cluster_costs, limits)
            rest -= cost
            unopened, opened = self.totals[-1]
            paid = minimum(ZERO_UNITS, programme.paid)
            next_opened = minimum(convolve(opened, paid), convolve(unopened, programme.opened))
            self.programmes.append(programme)
            self.totals.append(
                (
                    convolve(unopened, paid).restrict(multiplier, most - rest - saving),
                    next_opened.restrict(multiplier, most - rest),
                )
            )

    def units(self) -> list[int]:
        """Numbers of units from the goal on that can be served in time, the largest first."""
        end = max(total.first + len(total.time) for total in self.totals[-1])
        return [units for units in range(end - 1, self.goal - 1, -1) if self._least_time(units) <= LATEST_END]

    def visits(self, units: int) -> list[Visit]:
        """The visits that serve a number of units in the least time, by backtracking."""
        opened = self.totals[-1][1].at(units) < self.totals[-1][0].at(units)
        visits: list[Visit] = []
        for programme, before, after in reversed(list(zip(self.programmes, self.totals, self.totals[1:]))):
            value = after[opened].at(units)
            sources = [(opened, minimum(ZERO_UNITS, programme.paid), False)]
            sources += [(False, programme.opened, True)] if opened else []
            tried = (
                (was_opened, opens, split(before[was_opened], function, units, value))
                for was_opened, function, opens in sources
            )
            opened, opens, parts = next(one for one in tried if one[2] is not None)
            assert parts is not None
            units = parts[0]
            chosen = programme.visits(opens, parts[1]) if parts[1] else []
            visits = chosen + visits if opens else visits + chosen
        return visits

    def _least_time(self, units: int) -> float:
        return min(total.at(units) for total in self.totals[-1])
