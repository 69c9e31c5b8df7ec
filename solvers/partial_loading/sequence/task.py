"""The side of the child process: one branch and cut, whose plans and bounds are sent out as they are found."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable

from partload.instances.solution import Termination
from partload.solvers.exact.task import News
from partload.solvers.partial_loading import tree_search
from partload.solvers.partial_loading.sequence.branch_and_cut import BranchAndCut


def search(send: Callable[[News], object], task: tree_search.Task) -> Termination:
    """Search, in this process; for ``processes.call``."""
    send(News(solver=f"HiGHS {importlib.metadata.version('highspy')}"))
    return tree_search.search(
        send,
        task,
        lambda task, tell, enough, until: BranchAndCut(task.instance, tell, enough, until, task.seed),
    )
