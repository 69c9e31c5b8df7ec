"""Worker processes: each task runs in a process of its own, which can be stopped and limited and may crash alone.

The project keeps its own worker pool because the one of the library pebble limits address space, not resident memory,
passes no messages from a running task, and does not end a busy worker when its parent is killed.
"""

from __future__ import annotations

from partload.solvers.processes.memory import parse_size
from partload.solvers.processes.nesting import inside_worker
from partload.solvers.processes.result import Failure, Result
from partload.solvers.processes.task_call import call

__all__ = ["Failure", "Result", "call", "inside_worker", "parse_size"]
