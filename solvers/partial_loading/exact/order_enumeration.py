"""Enumeration of orders: whether some requests can be served together by any plan.

A solver may find a plan that misses a deadline by very little, and a hundred other plans may serve the same requests in
another order. To forbid them one by one takes a hundred solves. The enumeration tries all of them instead, slot by slot
from the empty plan, with the clock and the checker as the only judges.

It prunes a prefix that the checker rejects with all limits loosened beyond its tolerance: then no plan with this prefix
is accepted. It also prunes a prefix that is dominated: another one serves the same requests, has the same last model
and memory, and is not later in anything that later slots depend on. If no plan is left, none serves all requests.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from partload.instances.partial_loading import clock
from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan, Slot
from partload.instances.partial_loading.static import decided
from partload.instances.partial_loading.tolerance import Beyond, accepted, loosened
from partload.solvers.exact.task import SLACK, Settled

MOST_PREFIXES = 4000
"""Prefixes tried before the question stays open: about a second."""
MOST_REQUESTS = 12
"""Most requests; more have too many orders."""
NEAR = 4 * SLACK
"""Relative amount. Plans that miss a limit by more are not tried: their verdict does not depend on tolerances."""


def settled(instance: Instance, plan: Plan) -> Settled:
    """Whether any plan serves the requests of this one, which the checker rejects.

    Raises
    ------
    KeyError
        On an id that the instance does not have.
    """
    other = accepted(instance, plan)
    if other is not None:
        return Settled(other, impossible=False)
    requests = [request for slot in plan for request in slot.requests]
    server = instance.server
    keeps = instance.residency_rule.keeps_others and server.memory_bytes is not None  # What to keep is a decision, too.
    if keeps or len(requests) > MOST_REQUESTS or not check_plan(*_near(instance, plan)).feasible:
        return Settled(None, impossible=False)
    return _Orders(instance, requests).settled()


def _near(instance: Instance, plan: Plan) -> tuple[Instance, Plan]:
    wider = loosened(instance, NEAR)
    return wider, decided(wider, plan)


class _Orders:
    """All plans that serve some requests."""

    def __init__(self, instance: Instance, requests: list[str]) -> None:
        self.instance = instance
        self.beyond = Beyond(instance)
        self.model = {request: instance.requests[instance.request_index[request]].model for request in requests}
        self.requests = frozenset(requests)
        self.looked_at = 0
        self.complete = True
        """Whether every prefix that was pruned is proved to have no accepted plan."""
        self.soonest: dict[tuple[object, ...], list[tuple[float, ...]]] = {}
        """What later slots depend on, of prefixes that leave the same requests and memory."""

    def settled(self) -> Settled:
        """The first plan that the checker accepts, or the proof that there is none."""
        found = self._completed((), self.requests)
        return Settled(found, impossible=found is None and self.complete)

    def _completed(self, plan: Plan, left: frozenset[str]) -> Plan | None:
        """A plan with this prefix that serves the requests left, too; None when none is found."""
        for slot in self._next(plan, left):
            longer = (*plan, slot)
            self.looked_at += 1
            if self.looked_at > MOST_PREFIXES:
                self.complete = False
                return None
            report = self.beyond.report(longer)
            if not report.feasible or report.times is None:
                continue
            rest = left - set(slot.requests)
            if not rest:
                other = accepted(self.instance, longer)
                if other is not None:
                    return other
                self.complete = False  # Accepted with limits loosened a little more: that proves nothing.
            elif not self._dominated(report.times, longer, rest):
                found = self._completed(longer, rest)
                if found is not None or self.looked_at > MOST_PREFIXES:
                    return found
        return None

    def _next(self, plan: Plan, left: frozenset[str]) -> Iterator[Slot]:
        """Slots that may come next, those with the most requests first."""
        by_model: dict[str, list[str]] = {}
        for request in sorted(left):
            by_model.setdefault(self.model[request], []).append(request)
        for model, requests in by_model.items():
            for size in range(len(requests), 0, -1):
                for batch in itertools.combinations(requests, size):
                    yield Slot(model, batch)

    def _dominated(self, times: clock.Times, plan: Plan, left: frozenset[str]) -> bool:
        """Whether another prefix with the same requests, last model and memory is not later in anything."""
        discipline = self.instance.uplink_discipline
        mine = discipline.later_depends_on(float(times.end_s[-1]), float(times.upload_end_s[-1]))
        if mine is None:
            return False
        known = self.soonest.setdefault((left, plan[-1].model, times.resident[-1]), [])
        if any(all(theirs <= own for theirs, own in zip(other, mine)) for other in known):
            return True
        known.append(mine)
        return False
