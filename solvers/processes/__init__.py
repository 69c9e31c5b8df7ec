"""Work in a child process, which can be stopped and limited whatever it does, and whose crash is its own."""

from __future__ import annotations

from partload.solvers.processes.calling import call
from partload.solvers.processes.memory import in_bytes
from partload.solvers.processes.nesting import inside
from partload.solvers.processes.result import Failure, Result

__all__ = ["Failure", "Result", "call", "in_bytes", "inside"]
