"""The side of the child process: one branch and cut, whose plans and bounds are sent out as they are found."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import time
from collections.abc import Callable

from partload.instances.partial_loading.instance import Instance
from partload.instances.solution import Termination
from partload.solvers.exact.child import heartbeat
from partload.solvers.exact.task import News, met
from partload.solvers.partial_loading.sequence.branch_and_cut import BranchAndCut


@dataclasses.dataclass(frozen=True)
class Task:
    """What is to be searched."""

    instance: Instance
    time_limit: float | None = None
    """Seconds from the beginning of the search."""
    gap: float = 0.0
    seed: int | None = None


def search(send: Callable[[News], object], task: Task) -> Termination:
    """Search, in this process; for ``processes.call``. All that is found has been sent out before it returns."""
    with heartbeat(send):
        return _search(send, task)


def _search(send: Callable[[News], object], task: Task) -> Termination:
    until = None if task.time_limit is None else time.perf_counter() + task.time_limit
    send(News(solver=f"HiGHS {importlib.metadata.version('highspy')}"))
    sent = 0

    def tell() -> None:
        nonlocal sent
        found = tree.incumbent
        news = News(bound=tree.unit * tree.bound)
        if found.served > sent:
            sent = found.served
            news = dataclasses.replace(news, plan=found.plan)
        send(news)

    tree = BranchAndCut(task.instance, tell, lambda served, bound: met(served, bound, task.gap), until, task.seed)
    tell()  # Models that can serve nobody are gone already.
    try:
        tree.run()
    except TimeoutError:
        return "time-limit"
    if tree.contradiction is not None:
        send(News(note=tree.contradiction))
        return "error"
    return "proved" if met(tree.incumbent.served, tree.bound, task.gap) else "tolerance"
