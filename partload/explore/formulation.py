"""The formulation beside the schedules: its equations, and which of them bind at the optimum."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from typing import TYPE_CHECKING

from partload import console
from partload.explore.exploration import exploration_of
from partload.explore.render import fragment
from partload.formulations import FORMULATIONS
from partload.formulations.registry import Formulation
from partload.instances.checking import check_plan
from partload.instances.errors import InputError, expected_one_of
from partload.instances.problems import problem_of
from partload.instances.records import AnyInstance, Plan
from partload.solvers.binding import binding

if TYPE_CHECKING:
    from partload.formulations.explain.tightness import Tightness

NOT_MARKED = "What binds is not marked: {}."
TIME_LIMIT_S = 5.0
"""Time to find what binds."""
KEPT = 2000
"""Formulas that stay converted."""


@dataclasses.dataclass(frozen=True)
class Mark:
    """What is said beside an equation."""

    kind: str
    """``binds``, ``loose``, ``equation``, ``broken``, ``excludes``: a class of the style sheet."""
    text: str


@dataclasses.dataclass(frozen=True)
class Shown:
    """A formulation for an instance and a plan."""

    html: str
    """The equations, which are the same for many instances."""
    marks: dict[str, Mark]
    """By the name of the equation."""
    note: str
    """Why nothing is marked; empty if all is well."""
    sizes: str


def covering(instance: AnyInstance) -> list[str]:
    """Names of the formulations that cover an instance, the first to show first."""
    wanted = exploration_of(instance).formulations
    known = {one.name: one for one in FORMULATIONS if one.problem == problem_of(instance).name}
    return [name for name in wanted if name in known and not known[name].unsupported(instance)]


def chosen(instance: AnyInstance, name: str | None) -> Formulation | None:
    """The formulation to show, None where none covers the instance; raises InputError on a name that does not."""
    names = covering(instance)
    if name is None:
        name = names[0] if names else None
    elif name not in names:
        raise InputError(expected_one_of(names, name), source="formulation")
    return next((one for one in FORMULATIONS if one.name == name), None)


def shown(instance: AnyInstance, formulation: Formulation, plan: Plan) -> Shown:
    """The equations of a formulation, and how each stands at a plan.

    Raises
    ------
    InputError
        When the model would be too large, or latex2mathml is missing.
    """
    from partload.formulations.explain.explanation import explain

    console.hush_pyomo()
    marks: dict[str, Mark] = {}
    note = ""
    try:
        explained = explain(formulation, instance)
    except InputError as error:
        return Shown("", marks, f"No equations: {error.problem}.", "")
    try:
        found = binding(instance, formulation, plan, TIME_LIMIT_S)
        feasible = check_plan(instance, plan).feasible
        marks = {name: _mark(one, feasible) for name, one in found.items()}
    except InputError as error:
        note = NOT_MARKED.format(f"the formulation {error.problem}")
    html = fragment(
        "equations.html.jinja",
        name=formulation.name,
        kind=formulation.kind,
        equations=[
            (one.name, one.meaning, _formula(rf"{one.lead} \; {one.body}"), _formula(one.where))
            for one in explained.equations
        ],
    )
    return Shown(html, marks, note, str(explained.sizes))


def _mark(one: Tightness, feasible: bool) -> Mark:
    """What is said of a family of constraints; one that a feasible plan does not fulfil can only be a tightening."""
    if feasible and one.kind == "broken":
        return Mark("excludes", "a tightening: leaves this plan out, as one no worse is left")
    several = one.members > 1
    words = {
        "binds": "binds" + (f" in {one.binding} of {one.members}" if several else ""),
        "loose": f"slack {console.rounded(one.slack, 3)}" + (" or more" if several else ""),
        "idle": "nothing to limit",
        "broken": "broken" + (f" in {one.broken} of {one.members}" if several else ""),
    }
    return Mark(one.kind, words.get(one.kind, one.kind))


@lru_cache(KEPT)
def _formula(latex: str) -> str:
    from partload.formulations.explain.html import mathml

    return mathml(rf"\displaystyle {latex}") if latex else ""
