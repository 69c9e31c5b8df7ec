"""Methods: from an instance to a solution. Every plan passes the clock and the checker before anyone sees it."""

from __future__ import annotations

from solvers.bounds import relaxation_bound, upper_bound
from solvers.methods import METHODS
from solvers.progress import Listener, Progress
from solvers.registry import Method, Outcome
from solvers.solving import solve

__all__ = ["METHODS", "Listener", "Method", "Outcome", "Progress", "relaxation_bound", "solve", "upper_bound"]
