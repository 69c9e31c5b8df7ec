"""Judging solutions and plans of any problem; instances and solutions may be given as files."""

from __future__ import annotations

from pathlib import Path

from partload.instances import arguments
from partload.instances.errors import InputError
from partload.instances.measured import MeasuredReport
from partload.instances.problem import AnyProblem
from partload.instances.problems import problem_of_instance, problem_of_solution
from partload.instances.reading import instance_of, read_solution
from partload.instances.records import AnyInstance, Plan
from partload.instances.solution import SolutionHeader
from partload.instances.verdict import Report


def check(instance: AnyInstance | str | Path, solution: SolutionHeader | str | Path) -> Report[object]:
    """Judge a solution: its decisions, and everything else that it states.

    Parameters
    ----------
    instance
        An instance, a file, or the name of an instance of the library.
    solution
        A solution, or a file.

    Raises
    ------
    InputError
        When they are not an instance and a solution of one problem, or a file cannot be read.
    """
    record, claimed, problem = _pair(instance, solution)
    return problem.check(record, claimed)


def check_measured(instance: AnyInstance | str | Path, solution: SolutionHeader | str | Path) -> MeasuredReport:
    """Judge a solution whose times were measured: its decisions, and the times as they are.

    Raises
    ------
    InputError
        As ``check`` does, and when a time is missing.
    """
    record, claimed, problem = _pair(instance, solution)
    return problem.check_measured(record, claimed)


def _pair(
    instance: AnyInstance | str | Path, solution: SolutionHeader | str | Path
) -> tuple[AnyInstance, SolutionHeader, AnyProblem]:
    record = instance_of(instance)
    claimed = read_solution(solution) if isinstance(solution, str | Path) else solution
    problem, solved = problem_of_instance(record), problem_of_solution(claimed)
    if solved is not problem:
        raise InputError(f"expected a solution of {problem.name}, this one is of {solved.name}")
    return record, claimed, problem


def check_plan(instance: AnyInstance | str | Path, plan: Plan) -> Report[object]:
    """Judge a plan: the decisions alone; raises InputError when one of them is something else."""
    record = instance_of(instance)
    problem = problem_of_instance(record)
    return problem.check_plan(record, arguments.plan(plan, problem.decision, "plan"))
