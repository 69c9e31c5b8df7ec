"""The side of the child process: one search, whose plans and bounds are sent out as they are found."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

from partload.instances.partial_loading.instance import Instance
from partload.instances.solution import Termination
from partload.solvers.exact.child import heartbeat
from partload.solvers.exact.task import News, met
from partload.solvers.partial_loading.label_setting.search import Search


@dataclasses.dataclass(frozen=True)
class Task:
    """What is to be searched."""

    instance: Instance
    time_limit: float | None = None
    """Seconds from the beginning of the search."""
    gap: float = 0.0


def search(send: Callable[[News], object], task: Task) -> Termination:
    """Search, in this process; for ``processes.call``. All that is found has been sent out before it returns."""
    with heartbeat(send):
        return _search(send, task)


def _search(send: Callable[[News], object], task: Task) -> Termination:
    until = None if task.time_limit is None else time.perf_counter() + task.time_limit
    sent = 0.0

    def tell() -> None:
        nonlocal sent
        news = News(bound=one.unit * one.bound)
        if one.served > sent:
            sent = one.served
            news = dataclasses.replace(news, plan=one.plan)
        send(news)

    one = Search(task.instance, tell, lambda served, bound: met(served, bound, task.gap), task.gap, until)
    try:
        one.run()
    except TimeoutError:
        return "time-limit"
    if one.contradiction is not None:
        send(News(note=one.contradiction))
        return "error"
    return "proved" if met(one.served, one.bound, task.gap) else "tolerance"
