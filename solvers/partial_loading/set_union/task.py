"""The side of the child process: one search, whose plans and bounds are sent out as they are found."""

from __future__ import annotations

from collections.abc import Callable

from partload.instances.solution import Termination
from partload.solvers.exact.task import News
from partload.solvers.partial_loading import tree_search
from partload.solvers.partial_loading.set_union.search import Search


def search(send: Callable[[News], object], task: tree_search.Task) -> Termination:
    """Search, in this process; for ``processes.call``."""
    return tree_search.search(send, task, _made)


def _made(task: tree_search.Task, tell: tree_search.Tell, enough: tree_search.Enough, until: float | None) -> Search:
    return Search(task.instance, tell, enough, task.gap, until, task.seed or 0)
