"""An online policy as a method: it orders the requests that wait, and the first one decides the model of the slot.

The slot takes the longest prefix of those who wait for that model, in the same order, with which it is in time. A
request whose turn comes when it can no longer be in time is dropped: a plan has only requests that meet their
deadlines. ``serve_late`` runs the same policy on a server that drops nobody, to tell how late the others would be.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator

import numpy as np

from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Slot
from partload.solvers import interrupts
from partload.solvers.partial_loading.constructive.steps import follow
from partload.solvers.partial_loading.policies.server import Dispatch, Eviction, Floats, OnlineServer, Rows
from partload.solvers.registry import Limits, Outcome

Order = Callable[[OnlineServer, Rows], Floats]
"""One key for each of the requests that wait: the least comes first, and ties go to the earlier arrival."""


@dataclasses.dataclass(frozen=True)
class Policy:
    """An online policy."""

    order: Order
    eviction: Eviction = "first-in"
    """What leaves memory first, where the residency rule leaves that to the plan."""
    refuses: bool = False
    """Whether all requests that cannot be in time are refused at every decision, not when their turn comes."""

    def run(self, instance: Instance, limits: Limits) -> Outcome:
        """Serve until nobody waits and nobody is to come."""
        since = time.perf_counter()
        plan: list[Slot] = []
        with interrupts.held() as stop:
            termination = follow(self._served(instance, plan), stop, since, limits)
        return Outcome(tuple(plan), None, termination, solve_s=time.perf_counter() - since)

    def _served(self, instance: Instance, plan: list[Slot]) -> Iterator[None]:
        """Add the slots to a plan, one decision at a time."""
        for dispatch in self.dispatches(instance):
            if dispatch is not None:
                plan.append(dispatch.slot)
            yield

    def dispatches(self, instance: Instance) -> Iterator[Dispatch | None]:
        """The slots in the order in which they are decided; None for a decision that only drops requests."""
        server = OnlineServer(instance, self.eviction)
        while server.listen():
            if self.refuses:
                server.refuse(server.waiting[~server.in_time(server.waiting)])
                if not len(server.waiting):
                    yield None
                    continue
            queue = self._queue(server)
            in_time = server.in_time(queue)
            server.refuse(queue[~in_time])
            # The first in the queue had its turn. If it is late, the next decision is made without it.
            yield server.dispatch(server.batch(queue[in_time])) if in_time[0] else None

    def serve_late(self, instance: Instance) -> Iterator[Dispatch]:
        """The slots of a server that drops nobody; only requests that it can never run are left out."""
        server = OnlineServer(instance, self.eviction)
        most = np.array(server.most, dtype=np.int64)
        while server.listen():
            server.refuse(server.waiting[most[server.columns.model[server.waiting]] == 0])
            if len(server.waiting):
                queue = self._queue(server)
                yield server.dispatch(queue[: most[server.columns.model[queue[0]]]])

    def _queue(self, server: OnlineServer) -> Rows:
        """Those who wait for the model of the first request, in the order of the policy."""
        ranked = server.waiting[np.argsort(self.order(server, server.waiting), kind="stable")]
        models = server.columns.model
        queue: Rows = ranked[models[ranked] == models[ranked[0]]]
        return queue
