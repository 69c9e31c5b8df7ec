"""The dynamic programme over the number of requests served: exact for backbone sharing (problems, fact 6).

Let f_i(u), g_i(u) be the least times to serve u requests of model i after another model of its cluster, and as its
payer, which loads the backbone, too. Slots in any order, visits once or any, cannot beat clusters one after another,
payers first: each cluster has a first slot, which loads the whole model, and each other model a first slot, which loads
at least its own blocks; moving the slots together keeps these loads and drops the others. So only counts matter:

    free(u)    = min_v free(u - v) + f_i(v)                                     nobody has paid
    paid(u)    = min_v { paid(u - v) + f_i(v),  free(u - v) + g_i(v), v > 0 }    somebody has
    total(u)   = min_v total(u - v) + paid_c(v)                                  cluster after cluster, paid_c(0) = 0

over the models of a cluster and over the clusters. Who pays is a choice, since a long upload can hide the load. Blocks
resident at time 0 help the first slot alone: a third curve, ``started``, has a payer who is also the first of the plan,
and ``total`` comes in two, with that model chosen or not yet. The optimum is the largest u with total(u) in time.

What cannot be part of a plan better than the one in hand is dropped by its price (see ``price``). Curves are sums in
another order than the clock's, so they get room beyond the checker's tolerance; the clock has the last word. A plan
that it rejects leaves the bound where it is.
"""

from __future__ import annotations

import dataclasses
import math
import time

import numpy as np

from instances.partial_loading.checker import check_plan, objective
from instances.partial_loading.instance import Instance
from instances.partial_loading.plan import Plan, Slot
from instances.solution import Termination
from solvers.partial_loading import backbone
from solvers.partial_loading.backbone import Cluster, Member
from solvers.partial_loading.counts import NOBODY, NOTHING, Curve, join, least, split
from solvers.partial_loading.price import Market, Priced
from solvers.registry import Limits, Outcome

LATEST = 1 + 1.1e-9
"""Where a plan ends at the latest, in deadlines: the checker's tolerance, and room for rounding."""
WIDER = 4
"""Factor by which the search widens: first for the upper bound itself, for which few parts are cheap enough."""
ROUNDING = 1e-10
"""Relative error allowed for in costs at a price."""

lacks = backbone.lacks
Visits = list[tuple[Member, int]]
"""Models in the order of their visits, and how many requests of each are served."""
Triple = tuple[Curve, Curve, Curve]
"""free, paid, started."""
Pair = tuple[Curve, Curve]
"""total, without and with the first model of the plan."""


def run(instance: Instance, limits: Limits) -> Outcome:
    """Solve a covered instance to proven optimality; a time limit or Ctrl-C keeps the first plan and its bound."""
    since = time.perf_counter()
    plan: Plan = ()
    served, bound = 0, len(instance.requests)
    termination: Termination = "proved"
    try:
        clusters = backbone.clusters(instance, LATEST)
        if not clusters:
            return Outcome((), 0.0, "proved", solve_s=time.perf_counter() - since)
        market = Market(clusters)
        priced = market.balance(LATEST)
        bound = min(len(market.count), math.floor(priced.most(LATEST) * (1 + ROUNDING) + ROUNDING))
        first = first_visits(clusters, priced.price)
        plan = slots(instance, first)
        served = len(_served(plan)) if check_plan(instance, plan).feasible else 0
        plan = plan if served else ()
        until = None if limits.time_limit is None else since + limits.time_limit
        step = 1
        while served < bound:
            goal = max(served + 1, bound - step + 1)
            programme = Programme(clusters, priced, goal, until)
            counts = programme.counts()
            bound = max([goal - 1, *counts])
            step *= WIDER
            if counts:
                plans = (slots(instance, programme.visits(count)) for count in counts)
                plan = next((better for better in plans if check_plan(instance, better).feasible), plan)
                break
    except TimeoutError:
        termination = "time-limit"
    except KeyboardInterrupt:
        termination = "interrupted"
    if termination == "proved" and bound > len(_served(plan)):
        termination = "error"
    weight = instance.requests[0].weight if instance.requests else 1.0
    return Outcome(
        plan=plan,
        bound=max(math.fsum([weight] * bound), objective(instance, plan)),
        termination=termination,
        solve_s=time.perf_counter() - since,
    )


def _served(plan: Plan) -> list[str]:
    return [request for slot in plan for request in slot.requests]


def slots(instance: Instance, visits: Visits) -> Plan:
    """The plan of some visits, the largest uploads of each in its first batch."""
    plan = []
    for member, count in visits:
        names = [instance.requests[k].id for k in member.requests[:count].tolist()]
        hidden = max(count - member.batch, 0)
        batches = [
            names[hidden:],
            *(names[at : min(at + member.batch, hidden)] for at in range(0, hidden, member.batch)),
        ]
        plan += [Slot(member.model.id, tuple(batch)) for batch in batches]
    return tuple(plan)


def first_visits(clusters: list[Cluster], price: float) -> Visits:
    """What is best at a slightly lower price, and fits; then whatever else does, the shortest additions first."""
    chosen: list[Visits] = []
    left = 1.0
    for cluster in sorted(clusters, key=len):
        best = _best_at(cluster, price)
        took = math.fsum(_time(member, count, n == 0) for n, (member, count) in enumerate(best))
        if best and took <= left:
            chosen.append(best)
            left -= took
    visits = []
    for part in chosen:
        for n, (member, count) in enumerate(part):
            curve = member.pay if n == 0 else member.follow
            now = _time(member, count, n == 0)
            more = max(count, int(np.searchsorted(curve, (now + left) * (1 - ROUNDING), side="right")))
            left -= max(0.0, _time(member, more, n == 0) - now)
            if more:
                visits.append((member, more))
    return visits


def _time(member: Member, count: int, first: bool) -> float:
    curve = member.pay if first else member.follow
    return float(curve[count - 1]) if count else 0.0


def _best_at(cluster: Cluster, price: float) -> Visits:
    """Visits of a cluster that cost least at a price, the payer first; none if that is better."""
    follow = [np.concatenate(([0.0], m.follow - price * np.arange(1, len(m.follow) + 1))) for m in cluster]
    pay = [m.pay - price * np.arange(1, len(m.pay) + 1) for m in cluster]
    extra = [float(p.min() - f.min()) for p, f in zip(pay, follow)]
    payer = int(np.argmin(extra))
    if math.fsum(float(f.min()) for f in follow) + extra[payer] >= 0:
        return []
    others = [(m, int(f.argmin())) for n, (m, f) in enumerate(zip(cluster, follow)) if n != payer]
    return [(cluster[payer], int(pay[payer].argmin()) + 1), *others]


@dataclasses.dataclass(frozen=True)
class _Allowed:
    """How much the parts of a cluster may cost in a plan that serves the goal."""

    paid: float
    started: float


class Programme:
    """The curves of all clusters and their totals, as far as a plan with ``goal`` requests can use them."""

    def __init__(self, clusters: list[Cluster], priced: Priced, goal: int, until: float | None) -> None:
        self.price, self.goal, self.until = priced.price, goal, until
        self.clusters = clusters
        self.stages: list[list[Triple]] = []
        self.totals: list[Pair] = [(NOBODY, NOTHING)]
        error = ROUNDING * (LATEST + self.price * goal + math.fsum(abs(priced.follow)))
        most = LATEST - self.price * goal + error
        whole, first = math.fsum(priced.cluster), 0
        rest = whole
        for cluster, own in zip(clusters, priced.cluster.tolist()):
            allowed = _Allowed(most - (whole - own) - priced.saved, most - (whole - own))
            self.stages.append(self._stages(cluster, priced, slice(first, first + len(cluster)), allowed))
            first += len(cluster)
            rest -= own
            total, begun = self.totals[-1]
            _, paid, started = self.stages[-1][-1]
            some = least(NOBODY, paid)
            both = least(join(begun, some), join(total, started))
            self.totals.append(
                (
                    join(total, some).kept(self.price, most - rest - priced.saved),
                    both.kept(self.price, most - rest),
                )
            )

    def counts(self) -> list[int]:
        """Numbers of requests from the goal on that can be served in time, the largest first."""
        end = max(curve.first + len(curve.time) for curve in self.totals[-1])
        return [count for count in range(end - 1, self.goal - 1, -1) if self._least(count) <= LATEST]

    def visits(self, count: int) -> Visits:
        """The visits that serve a number of requests in the least time."""
        state = int(self.totals[-1][1].at(count) < self.totals[-1][0].at(count))
        visits: Visits = []
        for cluster, stages, before, after in reversed(
            list(zip(self.clusters, self.stages, self.totals, self.totals[1:]))
        ):
            value = after[state].at(count)
            _, paid, started = stages[-1]
            ways = [(state, least(NOBODY, paid), 1)] + ([(0, started, 2)] if state else [])
            tried = ((earlier, kind, split(before[earlier], curve, count, value)) for earlier, curve, kind in ways)
            state, kind, parts = next((e, kind, parts) for e, kind, parts in tried if parts is not None)
            count = parts[0]
            own = _visits(cluster, stages, kind, parts[1])
            visits = own + visits if kind == 2 else visits + own
        return visits

    def _least(self, count: int) -> float:
        return min(curve.at(count) for curve in self.totals[-1])

    def _stages(self, cluster: Cluster, priced: Priced, own: slice, allowed: _Allowed) -> list[Triple]:
        """The curves of a cluster after 0, 1, .. of its models."""
        if self.until is not None and time.perf_counter() > self.until:
            raise TimeoutError
        follow, pay, start = priced.follow[own], priced.pay[own], priced.start[own]
        whole = float(follow.sum())
        spare = max(allowed.paid - whole - pay.min(), allowed.started - whole - start.min())
        stages: list[Triple] = [(NOBODY, NOTHING, NOTHING)]
        if spare < 0:
            return stages
        for n, member in enumerate(cluster):
            free, paid, started = stages[-1]
            later = float(follow[n + 1 :].sum())
            hopes = [
                a - later - float(x[n + 1 :].min(initial=np.inf))
                for a, x in ((allowed.paid, pay), (allowed.started, start))
            ]
            mine, payer, starter = _curves(member)
            mine = mine.kept(self.price, follow[n] + spare)
            payer = payer.kept(self.price, allowed.paid - whole + follow[n])
            starter = starter.kept(self.price, allowed.started - whole + follow[n])
            stages.append(
                (
                    join(free, mine).kept(self.price, max(hopes)),
                    least(join(paid, mine), join(free, payer)).kept(self.price, allowed.paid - later),
                    least(join(started, mine), join(free, starter)).kept(self.price, allowed.started - later),
                )
            )
        return stages


def _curves(member: Member) -> Triple:
    """A model after another, as payer, and as the first of the plan."""
    return Curve(0, np.concatenate(([0.0], member.follow))), Curve(1, member.pay), Curve(1, member.start)


def _visits(cluster: Cluster, stages: list[Triple], kind: int, count: int) -> Visits:
    """The visits of a cluster that serve a number of requests, ``kind`` 1: with a payer, 2: as the plan's first."""
    visits: Visits = []
    if count == 0:
        return visits
    for member, before, after in reversed(list(zip(cluster, stages, stages[1:]))):
        value = after[kind].at(count)
        mine = _curves(member)
        parts = split(before[kind], mine[0], count, value)
        if parts is None:
            parts = split(before[0], mine[kind], count, value)
            kind = 0
            assert parts is not None
            visits.insert(0, (member, parts[1]))
        elif parts[1]:
            visits.append((member, parts[1]))
        count = parts[0]
    return visits
