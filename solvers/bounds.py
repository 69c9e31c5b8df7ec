"""Upper bounds on the weight that any plan serves, of an instance of either problem."""

from __future__ import annotations

import importlib

from partload.instances.problems import problem_of_instance
from partload.instances.records import AnyInstance


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
        When it is not an instance, or its LP would be too large to build.
    """
    module = importlib.import_module(
        f"partload.solvers.{problem_of_instance(instance).package}.bounds.linear_relaxation"
    )
    bound: float = module.relaxation_bound(instance, time_limit)
    return bound
