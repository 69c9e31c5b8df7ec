"""Methods: from an instance to a solution. Every plan passes the clock and the checker before anyone sees it."""

from __future__ import annotations

from partload.solvers.bounds import relaxation_bound, upper_bound
from partload.solvers.methods import METHODS
from partload.solvers.progress import Listener, Progress
from partload.solvers.registry import Method, Outcome
from partload.solvers.solving import solve

__all__ = ["METHODS", "Listener", "Method", "Outcome", "Progress", "relaxation_bound", "solve", "upper_bound"]
