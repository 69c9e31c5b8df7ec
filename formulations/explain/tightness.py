"""Which constraints of a model bind at the point that the values of its variables are.

A constraint binds if it holds with equality there and some variable of it is not 0: that 0 <= 0 holds with equality
says nothing of a plan. Equations always hold with equality, so they do not count as binding.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

from pyomo.core.base.constraint import ConstraintData
from pyomo.core.expr.visitor import identify_variables
from pyomo.environ import ConcreteModel, Constraint, value

from partload.formulations.templates import expand

TIGHT = 1e-6
"""A slack up to this is none, in the units of the model, in which limits are between 1 and 1000."""
Kind = Literal["equation", "binds", "loose", "idle", "broken"]


@dataclasses.dataclass(frozen=True)
class Tightness:
    """How a family of constraints stands at a point."""

    kind: Kind
    """``broken`` if a member does not hold, else ``binds`` if a member binds; ``idle`` if all its variables are 0."""
    members: int
    binding: int
    """Members that bind."""
    broken: int
    """Members that do not hold."""
    slack: float
    """The least distance from equality, in the units of the model, of any member that has a variable above 0."""


def tightness(model: ConcreteModel) -> dict[str, Tightness]:
    """How each family of constraints of a model stands; every variable needs a value."""
    expand(model)
    found = {}
    for family in model.component_objects(Constraint, active=True):
        members = [member for member in family.values() if member.active]
        if members:
            found[str(family.local_name)] = _of(members)
    return found


def _of(members: list[ConstraintData]) -> Tightness:
    slacks = [_slack(member) for member in members]
    broken = sum(slack < -TIGHT for slack in slacks)
    telling = [slack for slack, member in zip(slacks, members) if _says_something(member)]
    least = min(telling, default=0.0)
    if all(member.equality for member in members):
        return Tightness("broken" if broken else "equation", len(members), 0, broken, least)
    binding = sum(abs(slack) <= TIGHT for slack in telling)
    kind: Kind = "broken" if broken else "binds" if binding else "loose" if telling else "idle"
    return Tightness(kind, len(members), binding, broken, least)


def _slack(member: ConstraintData) -> float:
    """The distance from the nearer limit; of an equation, minus the distance from it."""
    body = float(value(member.body))
    below = float("inf") if member.lower is None else body - float(value(member.lower))
    above = float("inf") if member.upper is None else float(value(member.upper)) - body
    return min(below, above)


def _says_something(member: ConstraintData) -> bool:
    return any(abs(variable.value or 0.0) > TIGHT for variable in identify_variables(member.body))
