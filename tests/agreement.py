"""Whether an exact method agrees with the oracle on an instance, and its own statements with the checker."""

from __future__ import annotations

from typing import NamedTuple

import solvers
from instances.partial_loading.checker import check
from instances.partial_loading.instance import Instance
from tests.brute_force import optimum

WITHIN = 1e-9
"""Relative difference of two objectives that are the same but for the order of a sum."""


class Disagreement(NamedTuple):
    """What differs on one instance."""

    instance: str
    problem: str
    difference: float
    """Of the objectives; 0 when they agree and something else does not."""


def disagreement(instance: Instance, method: str | None = None) -> Disagreement | None:
    """What a method gets wrong on an instance of the oracle's size; None when it is right.

    ``method`` None is the method that ``solve`` takes by itself.
    """
    best, _ = optimum(instance)
    try:
        solution = solvers.solve(instance, method)
    except Exception as error:  # Whatever it is, it is the answer to this instance.
        return Disagreement(instance.name, f"{type(error).__name__}: {error}", 0.0)
    if solution.status != "optimal" or solution.objective is None or solution.bound is None:
        return Disagreement(instance.name, f"status {solution.status}, termination {solution.termination}", 0.0)
    for name, value in (("objective", solution.objective), ("bound", solution.bound)):
        if abs(value - best) > WITHIN * max(best, 1.0):
            return Disagreement(instance.name, f"{name} {value:.17g}, optimum {best:.17g}", abs(value - best))
    report = check(instance, solution)
    if not report.feasible:
        return Disagreement(instance.name, f"infeasible: {report.violations[0]}", 0.0)
    return None
