"""Clusters joined: the largest number of units that can be served in time, and visits that serve them.

Clusters share nothing, so they come one after another, and their least times add up:

    total(u) = min_v total(u - v) + c(v),   c(0) = 0

over the clusters c. Blocks resident at time 0 help the first slot of the plan alone, so ``total`` comes in two, with
that slot's cluster chosen or not yet.

What cannot be part of a plan better than the one in hand is dropped by its price (see ``price``). Curves are sums in
another order than the clock's, so they get room beyond the checker's tolerance; the clock has the last word. A plan
that it rejects leaves the bound where it is.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable

from partload.solvers.partial_loading.dynamic.cluster_programme import Allowed, AtPrice, Trellis
from partload.solvers.partial_loading.dynamic.lagrangian_bound import Market, Priced
from partload.solvers.partial_loading.dynamic.min_plus import NOBODY, NOTHING, Curve, join, least, split
from partload.solvers.partial_loading.dynamic.sharing_clusters import Cluster, Visit
from partload.solvers.partial_loading.dynamic.warm_start import first_visits

LATEST = 1 + 2.1e-9
"""Where a plan ends at the latest, in deadlines: the checker's tolerance on deadlines, that on the band, which makes
uploads quicker by as much, and room for rounding."""
WIDER = 4
"""Factor by which the search widens: first for the upper bound itself, for which few parts are cheap enough."""
ROUNDING = 1e-10
"""Relative error allowed for in costs at a price."""


@dataclasses.dataclass
class Search:
    """The search for the most units; what is found stays when it is cut short."""

    clusters: list[Cluster]
    keep: Callable[[list[Visit]], int]
    """Makes a plan of visits and keeps it if it is feasible and the best; returns the units of the best so far."""
    until: float | None = None
    """When to stop, by ``time.perf_counter``."""
    tell: Callable[[], None] = lambda: None
    """Called whenever more is known."""
    served: int = 0
    """Units that the best plan serves."""
    bound: float = math.inf
    """Units that no plan can pass."""

    def run(self, step: int = 1) -> None:
        """Search until the bound is met, or as near as rounding allows; ``step`` is how far below it to look first.

        Raises
        ------
        TimeoutError
            When the time is up.
        """
        if not self.clusters:
            self.bound = 0
            return
        market = Market(self.clusters)
        priced = market.balance(LATEST)
        self.bound = min(self.bound, market.units, math.floor(priced.most(LATEST) * (1 + ROUNDING) + ROUNDING))
        self.served = max(self.served, self.keep(first_visits(self.clusters, priced.price)))
        while self.served < self.bound:
            self.tell()
            goal = max(self.served + 1, int(self.bound) - step + 1)
            programme = Programme(self.clusters, priced, goal, self.until)
            found = programme.units()
            self.bound = max([goal - 1, *found])
            step *= WIDER
            for units in found:
                self.served = max(self.served, self.keep(programme.visits(units)))
                if self.served >= units:
                    break
            if found:
                return


class Programme:
    """The curves of all clusters and their totals, as far as a plan with ``goal`` units can use them."""

    def __init__(self, clusters: list[Cluster], priced: Priced, goal: int, until: float | None) -> None:
        self.goal = goal
        self.trellises: list[Trellis] = []
        self.totals: list[tuple[Curve, Curve]] = [(NOBODY, NOTHING)]
        price = priced.price
        error = ROUNDING * (LATEST + price * goal + math.fsum(abs(priced.follow)))
        most = LATEST - price * goal + error
        whole, rest = (math.fsum(priced.cluster),) * 2
        first = way = 0
        for cluster, own in zip(clusters, priced.cluster.tolist()):
            if until is not None and time.perf_counter() > until:
                raise TimeoutError
            models, ways = slice(first, first + len(cluster)), slice(way, way + sum(member.level for member in cluster))
            first, way = models.stop, ways.stop
            costs = AtPrice.of(cluster, price, priced.follow[models], priced.pay[ways], priced.start[models])
            trellis = Trellis(cluster, costs, Allowed(most - (whole - own) - priced.saved, most - (whole - own)))
            rest -= own
            total, begun = self.totals[-1]
            some = least(NOBODY, trellis.paid)
            both = least(join(begun, some), join(total, trellis.started))
            self.trellises.append(trellis)
            self.totals.append(
                (join(total, some).kept(price, most - rest - priced.saved), both.kept(price, most - rest))
            )

    def units(self) -> list[int]:
        """Numbers of units from the goal on that can be served in time, the largest first."""
        end = max(curve.first + len(curve.time) for curve in self.totals[-1])
        return [units for units in range(end - 1, self.goal - 1, -1) if self._least(units) <= LATEST]

    def visits(self, units: int) -> list[Visit]:
        """The visits that serve a number of units in the least time."""
        state = int(self.totals[-1][1].at(units) < self.totals[-1][0].at(units))
        visits: list[Visit] = []
        for trellis, before, after in reversed(list(zip(self.trellises, self.totals, self.totals[1:]))):
            value = after[state].at(units)
            ways = [(state, least(NOBODY, trellis.paid), False)] + ([(0, trellis.started, True)] if state else [])
            tried = ((earlier, begins, split(before[earlier], curve, units, value)) for earlier, curve, begins in ways)
            state, begins, parts = next(one for one in tried if one[2] is not None)
            assert parts is not None
            units = parts[0]
            own = trellis.visits(begins, parts[1]) if parts[1] else []
            visits = own + visits if begins else visits + own
        return visits

    def _least(self, units: int) -> float:
        return min(curve.at(units) for curve in self.totals[-1])
