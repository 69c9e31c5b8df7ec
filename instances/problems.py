"""The problems there are: for each, what an instance, a solution and a decision of it are, and who judges them.

What works for all problems alike, such as ``solve``, asks here which of them a record belongs to.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from partload.instances.errors import InputError
from partload.instances.features import Feature, Support
from partload.instances.partial_loading import checker, features, instance, metrics, plan, solution
from partload.instances.slide import checker as slide_checker
from partload.instances.slide import features as slide_features
from partload.instances.slide import instance as slide_instance
from partload.instances.slide import metrics as slide_metrics
from partload.instances.slide import plan as slide_plan
from partload.instances.slide import solution as slide_solution
from partload.instances.verdict import Report

Judge = Callable[[Any, Any], Report[Any]]


@dataclasses.dataclass(frozen=True)
class Problem:
    """One problem."""

    name: str
    """As methods and formulations state it."""
    package: str
    """Name of its package in every room."""
    instance: type
    solution: type
    decision: type
    """What a plan is a sequence of."""
    check: Judge
    """From an instance and a solution to the verdict."""
    check_plan: Judge
    """From an instance and a plan to the verdict."""
    objective: Callable[[Any, Any], float]
    """From an instance and a plan to the weight served."""
    stated: Callable[[Any, Any, Any], dict[str, Any]]
    """From an instance, a plan and its times to what a solution states of them: its parts, and ``metrics``."""
    asking: str
    """Field of the instance with those who want to be served."""
    features: Callable[[Any], frozenset[Feature]]
    """From an instance to what it asks for."""
    known_features: Support
    """Every feature that there is, for listings."""
    served: Callable[[Any], int]
    """How many of them a decision serves."""

    def those_asking(self, instance: Any) -> tuple[Any, ...]:
        """Those who want to be served."""
        found: tuple[Any, ...] = getattr(instance, self.asking)
        return found


PROBLEMS: tuple[Problem, ...] = (
    Problem(
        name="partial-loading",
        package="partial_loading",
        instance=instance.Instance,
        solution=solution.Solution,
        decision=plan.Slot,
        check=checker.check,
        check_plan=checker.check_plan,
        objective=checker.objective,
        stated=lambda of, decided, times: {
            "slots": solution.records(of, decided, times),
            "metrics": metrics.metrics(of, decided, times),
        },
        asking="requests",
        features=features.features,
        known_features=features.KNOWN,
        served=lambda slot: len(slot.requests),
    ),
    Problem(
        name="slide",
        package="slide",
        instance=slide_instance.Instance,
        solution=slide_solution.Solution,
        decision=slide_plan.Served,
        check=slide_checker.check,
        check_plan=slide_checker.check_plan,
        objective=slide_checker.objective,
        stated=lambda of, decided, times: {
            "users": slide_solution.records(of, decided, times),
            "metrics": slide_metrics.metrics(of, decided, times),
        },
        asking="users",
        features=slide_features.features,
        known_features=slide_features.KNOWN,
        served=lambda _: 1,
    ),
)


def by_name(name: str) -> Problem:
    """The problem of that name."""
    return next(problem for problem in PROBLEMS if problem.name == name)


def problem_of(record: Any) -> Problem:
    """The problem that an instance or a solution belongs to.

    Raises
    ------
    InputError
        When it is neither.
    """
    for problem in PROBLEMS:
        if isinstance(record, (problem.instance, problem.solution)):
            return problem
    raise InputError(f"expected an instance or a solution, got a value of type {type(record).__name__}")


def problem_of_instance(instance: Any) -> Problem:
    """The problem that an instance belongs to; raises InputError when it is none."""
    problem = problem_of(instance)
    if not isinstance(instance, problem.instance):
        raise InputError(f"expected an instance, got a solution of {instance.instance!r}")
    return problem


def problem_of_solution(solution: Any) -> Problem:
    """The problem that a solution belongs to; raises InputError when it is none."""
    problem = problem_of(solution)
    if not isinstance(solution, problem.solution):
        raise InputError(f"expected a solution, got the instance {solution.name!r}")
    return problem


def check(instance: Any, solution: Any) -> Report[Any]:
    """Judge a solution: its decisions, and everything else that it states.

    Raises
    ------
    InputError
        When they are not an instance and a solution of one problem.
    """
    problem, solved = problem_of_instance(instance), problem_of_solution(solution)
    if solved is not problem:
        raise InputError(f"expected a solution of {problem.name}, this one is of {solved.name}")
    return problem.check(instance, solution)


def check_plan(instance: Any, plan: Any) -> Report[Any]:
    """Judge a plan: the decisions alone; raises InputError when there is no instance to judge it by."""
    return problem_of_instance(instance).check_plan(instance, plan)
