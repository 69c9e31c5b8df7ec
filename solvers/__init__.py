"""Methods: from an instance to a solution. Every plan passes the clock and the checker before anyone sees it."""

from __future__ import annotations

from solvers.methods import METHODS
from solvers.partial_loading.bounds import upper_bound
from solvers.progress import Listener, Progress
from solvers.registry import Method, Outcome
from solvers.solving import solve

__all__ = ["METHODS", "Listener", "Method", "Outcome", "Progress", "solve", "upper_bound"]
