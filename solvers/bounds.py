"""Upper bounds on the weight that any plan serves, of an instance of either problem."""

from __future__ import annotations

import importlib
from typing import NamedTuple

from partload.instances import arguments
from partload.instances.problems import problem_of_instance
from partload.instances.records import AnyInstance
from partload.instances.solution import relative_gap
from partload.solvers.registry import Limits

SAME = 1e-9
"""Relative difference below which a bound and an objective are the same number."""


def upper_bound(instance: AnyInstance) -> float:
    """Upper bound without an engine, within seconds for a hundred thousand requests or users.

    Raises
    ------
    InputError
        When it is not an instance.
    """
    bound: float = importlib.import_module(
        f"partload.solvers.{problem_of_instance(instance).package}.bounds.knapsack"
    ).upper_bound(instance)
    return bound


class Distance(NamedTuple):
    """How far a plan is from the combinatorial upper bound."""

    bound: float | None
    """The bound; None where the plan contradicts it."""
    gap: float | None
    """(bound - objective) / bound; None likewise."""

    def __str__(self) -> str:
        if self.bound is None or self.gap is None:
            return "alarm: the combinatorial upper bound is below what this plan serves, so the bound is wrong"
        if self.gap == 0:
            return "optimal: no plan serves more, by the combinatorial upper bound"
        most = f"the objective of any plan is at most {self.bound:.10g}"
        return f"{most}, by the combinatorial upper bound: gap {self.gap:.2%}"


def distance(instance: AnyInstance, objective: float) -> Distance:
    """How far the weight that a feasible plan serves is from ``upper_bound``; raises InputError as that does."""
    bound = without_contradiction(upper_bound(instance), objective)
    return Distance(bound, relative_gap(objective, bound))


def without_contradiction(bound: float, objective: float) -> float | None:
    """An upper bound, given the weight that a feasible plan serves; None where the plan contradicts it.

    A bound that is below by no more than the order of a sum is that weight.
    """
    if bound >= objective:
        return bound
    return objective if objective - bound <= SAME * objective else None


def relaxation_bound(instance: AnyInstance, time_limit: float | None = None) -> float:
    """Upper bound of an LP, or ``upper_bound`` where that is less or the LP is not solved in time.

    Parameters
    ----------
    instance
        An instance.
    time_limit
        Seconds for building and solving the LP; None for no limit.

    Raises
    ------
    InputError
        When it is not an instance, the limit is not a number above 0, or its LP would be too large to build.
    """
    time_limit = Limits(time_limit=arguments.time_limit(time_limit)).time_limit
    module = importlib.import_module(
        f"partload.solvers.{problem_of_instance(instance).package}.bounds.linear_relaxation"
    )
    bound: float = module.relaxation_bound(instance, time_limit)
    return bound
