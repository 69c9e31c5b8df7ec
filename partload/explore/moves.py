"""A plan in which somebody was dragged elsewhere, and what the checker says of it."""

from __future__ import annotations

import dataclasses
import re

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from partload import console
from partload.explore.exploration import AnyExploration
from partload.explore.panels import Role, instance_of
from partload.explore.state import State, read_as
from partload.instances import files
from partload.instances.checking import check_plan
from partload.instances.errors import InputError
from partload.instances.fields import STRICT
from partload.instances.problems import is_solution, problem_of
from partload.instances.records import AnyInstance, Plan
from partload.instances.solution import SolutionHeader
from partload.instances.verdict import Violation
from partload.solvers.recording import record_solution

INDEX = re.compile(r"\w+\[(\d+)\]")
"""A decision of a plan, as the checker names it: ``slots[2]`` is the third row of the chart."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ByHand:
    """A plan that is shown, in which somebody was or is to be dragged."""

    role: Role
    solution: str
    """The text of the solution file of the plan."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Move(ByHand):
    """Who is dragged where."""

    id: str
    target: str
    """The number of a row, ``new`` or ``none``."""


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What the checker says of a plan."""

    instance: AnyInstance
    """The instance that the plan is one of."""
    whole: AnyInstance
    """The instance before anything was left out."""
    solution: SolutionHeader
    """The plan with its times."""
    violations: tuple[Violation, ...]
    text: str
    """The verdict in a sentence."""
    broken: tuple[tuple[str, str, str], ...]
    """Each broken rule: its name, what it asks for, and where it is broken."""


def read_by_hand(document: object) -> ByHand | None:
    """A plan made by hand from JSON, None for none; raises InputError on anything else."""
    return None if document is None else read_as(TypeAdapter(ByHand), document, "plan")


def read_move(document: object) -> Move:
    """A move from JSON; raises InputError on anything else."""
    return read_as(TypeAdapter(Move), document, "move")


def judged(state: State, move: Move) -> Verdict:
    """Move somebody and check the plan.

    Raises
    ------
    InputError
        On a plan that cannot be read, or a move that names what is not there.
    """
    exploration = state.exploration
    whole = state.instance
    instance = instance_of(move.role, whole, exploration)
    after = exploration.move(instance, read_plan(instance, move), move.id, move.target)
    report = check_plan(instance, after)
    if report.times is None or report.objective is None:
        raise InputError(str(report.violations[0]), source="move")
    solution = record_solution(
        instance, after, report.times, method="by hand", objective=report.objective, status="feasible"
    )
    return Verdict(
        instance,
        whole,
        solution,
        report.violations,
        _sentence(instance, report.objective, report.violations),
        tuple(_broken(exploration, violation) for violation in report.violations),
    )


def read_plan(instance: AnyInstance, by_hand: ByHand) -> Plan:
    """The plan; raises InputError on ids that the instance does not have."""
    solution = files.parse(by_hand.solution)
    if not is_solution(solution) or problem_of(solution) is not problem_of(instance):
        raise InputError(f"expected a solution of {problem_of(instance).name}", source="move")
    plan = solution.plan()
    report = check_plan(instance, plan)
    if report.times is None:
        raise InputError(str(report.violations[0]), source="move")
    return plan


def _sentence(instance: AnyInstance, objective: float, violations: tuple[Violation, ...]) -> str:
    if not violations:
        return f"Feasible: this plan is worth {console.number(objective)}."
    rules = dict.fromkeys(violation.rule for violation in violations)
    return f"Not feasible: this plan breaks {', '.join(rules)}."


def _broken(exploration: AnyExploration, violation: Violation) -> tuple[str, str, str]:
    place = INDEX.sub(lambda found: f"row {int(found[1]) + 1}", violation.place)
    return violation.rule, exploration.rules[violation.rule], f"{place}: {violation.problem}"
