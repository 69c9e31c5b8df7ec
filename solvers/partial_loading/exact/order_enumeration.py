"""Whether some requests can be served together at all: every order of their batches is tried, as far as that goes.

A solver may find a plan that misses a deadline by next to nothing, and there may be a hundred others that serve the
same requests in another order. Forbidden one by one they take a hundred solves. Here all of them are looked at: from
the empty plan, slot by slot, with the clock and the checker as the only judges.

A beginning is given up when the checker rejects it with all limits loosened beyond its tolerance, since no plan that
begins so is accepted then. Where time is all that a beginning leaves behind, one that ends no sooner than another with
the same requests and the same last model is given up too. If nothing is left, nobody serves all of these requests.
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
from partload.solvers.search_task import ROOM, Settled

MOST_BEGINNINGS = 4000
"""Beginnings looked at before it stays unsettled: about a second."""
MOST_REQUESTS = 12
"""Of more requests there are too many orders."""
NEAR = 4 * ROOM
"""Only plans that miss a limit by less than this part are looked at; others are not a matter of tolerance."""


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
        """Whether everything that was given up had to be."""
        self.soonest: dict[tuple[object, ...], list[tuple[float, ...]]] = {}
        """What later slots depend on, of prefixes that leave the same requests and memory."""

    def settled(self) -> Settled:
        """The first plan that the checker accepts, or the proof that there is none."""
        found = self._completed((), self.requests)
        return Settled(found, impossible=found is None and self.complete)

    def _completed(self, plan: Plan, left: frozenset[str]) -> Plan | None:
        """A plan with this beginning that serves the requests left."""
        for slot in self._next(plan, left):
            longer = (*plan, slot)
            self.looked_at += 1
            if self.looked_at > MOST_BEGINNINGS:
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
                self.complete = False  # Accepted with limits loosened a little more: who knows.
            elif not self._dominated(report.times, longer, rest):
                found = self._completed(longer, rest)
                if found is not None or self.looked_at > MOST_BEGINNINGS:
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
        """Whether another beginning leaves the same requests and memory, and is not later in anything."""
        discipline = self.instance.uplink_discipline
        mine = discipline.later_depends_on(float(times.end_s[-1]), float(times.upload_end_s[-1]))
        if mine is None:
            return False
        known = self.soonest.setdefault((left, plan[-1].model, times.resident[-1]), [])
        if any(all(theirs <= own for theirs, own in zip(other, mine)) for other in known):
            return True
        known.append(mine)
        return False
