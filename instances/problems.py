"""The problems there are. A further problem is one more name in ``PACKAGES``.

Code that works for every problem, such as ``solve``, finds the problem of a record here.
"""

from __future__ import annotations

import importlib
from typing import TypeGuard, cast

from partload.instances.errors import InputError
from partload.instances.problem import AnyProblem
from partload.instances.records import AnyInstance
from partload.instances.solution import SolutionHeader

PACKAGES = ("partial_loading", "slide")
"""Package of each problem, of the same name in every room."""
Record = AnyInstance | SolutionHeader
"""An instance or a solution of any problem."""


def _problem(package: str) -> AnyProblem:
    # The functions of a problem are only called with records of its own types, so the cast is safe.
    return cast(AnyProblem, importlib.import_module(f"partload.instances.{package}.problem").PROBLEM)


PROBLEMS: tuple[AnyProblem, ...] = tuple(_problem(package) for package in PACKAGES)


def by_name(name: str) -> AnyProblem:
    """The problem of that name."""
    return next(problem for problem in PROBLEMS if problem.name == name)


def is_instance(record: object) -> TypeGuard[AnyInstance]:
    """Whether a record is an instance of one of the problems."""
    return isinstance(record, tuple(problem.instance for problem in PROBLEMS))


def is_solution(record: object) -> TypeGuard[SolutionHeader]:
    """Whether a record is a solution of one of the problems."""
    return isinstance(record, tuple(problem.solution for problem in PROBLEMS))


def problem_of(record: object) -> AnyProblem:
    """The problem that an instance or a solution belongs to.

    Raises
    ------
    InputError
        When the record is neither.
    """
    for problem in PROBLEMS:
        if isinstance(record, (problem.instance, problem.solution)):
            return problem
    raise InputError(f"expected an instance or a solution, got a value of type {type(record).__name__}")


def problem_of_instance(record: object) -> AnyProblem:
    """The problem that an instance belongs to; raises InputError when the record is not an instance."""
    if is_solution(record):
        raise InputError(f"expected an instance, got a solution of {record.instance!r}")
    if not is_instance(record):
        raise InputError(f"expected an instance, got a value of type {type(record).__name__}")
    return problem_of(record)


def problem_of_solution(record: object) -> AnyProblem:
    """The problem that a solution belongs to; raises InputError when the record is not a solution."""
    if is_instance(record):
        raise InputError(f"expected a solution, got the instance {record.name!r}")
    if not is_solution(record):
        raise InputError(f"expected a solution, got a value of type {type(record).__name__}")
    return problem_of(record)
