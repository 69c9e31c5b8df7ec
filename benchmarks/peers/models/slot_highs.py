"""The plain slot MILP of this package on HiGHS: one slot for each request, no tightenings."""

from __future__ import annotations

from partload.benchmarks.peers.slot import solve_with
from partload.benchmarks.peers.task import Answer, Task


def solve(task: Task) -> Answer:
    """Build the model, search, and read the plan."""
    return solve_with("highs", task)
