"""What there is to say of a formulation, gathered from the model of an instance: the same for every form of output."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pyomo.core.base.component import Component
from pyomo.core.expr.template_expr import TemplateExpressionError
from pyomo.environ import ConcreteModel, Constraint, Objective, Param, Set, Var, maximize
from pyomo.repn import generate_standard_repn

from partload.formulations import FORMULATIONS, ensure_problem
from partload.formulations.explain.printer import IN, Printer, template
from partload.formulations.registry import BuiltModel, Formulation
from partload.formulations.templates import expand
from partload.instances.errors import InputError
from partload.instances.problems import problem_of
from partload.instances.records import AnyInstance

ROOM = "formulations"
"""The folder from which the paths of source files are stated."""


@dataclasses.dataclass(frozen=True)
class Sizes:
    """How large a model is for one instance."""

    variables: int
    binaries: int
    constraints: int
    nonzeros: int
    """Variables counted once in every constraint in which they appear."""

    def __str__(self) -> str:
        parts = (f"{getattr(self, field.name)} {field.name}" for field in dataclasses.fields(self))
        return ", ".join(parts)


class Equation(NamedTuple):
    """An objective or a family of constraints."""

    name: str
    meaning: str
    lead: str
    """``\\max``, ``\\text{s.t.}`` or nothing, in LaTeX."""
    body: str
    where: str
    """The sets over which it ranges, in LaTeX; empty for a single one."""
    source: str
    """File and line of the rule that states it, ``FILE:LINE``."""


class Declaration(NamedTuple):
    """A family of variables and the values that it may take, in LaTeX."""

    name: str
    meaning: str
    body: str
    where: str


class Entry(NamedTuple):
    """A symbol of the legend."""

    kind: str
    """``set``, ``variable`` or ``data``."""
    symbol: str
    """In LaTeX."""
    name: str
    meaning: str
    unit: str


@dataclasses.dataclass(frozen=True)
class Explanation:
    """A formulation, explained for one instance."""

    head: str
    instance: str
    lesson: str
    """The header of the formulation, in Markdown."""
    equations: tuple[Equation, ...]
    declarations: tuple[Declaration, ...]
    legend: tuple[Entry, ...]
    """Every set, variable and parameter that is printed in the equations and declarations."""
    sizes: Sizes
    derivation: tuple[str, ...]
    """What follows for the numbers of the instance: lines of LaTeX, with text as comments."""


def sizes(model: ConcreteModel) -> Sizes:
    """Count what a solver is given: the variables that are not fixed, and the active constraints."""
    expand(model)
    variables = [v for v in model.component_data_objects(Var, active=True) if not v.fixed]
    constraints = list(model.component_data_objects(Constraint, active=True))
    nonzeros = 0
    for constraint in constraints:
        terms = generate_standard_repn(constraint.body, compute_values=False)
        used = {id(v) for v in (*terms.linear_vars, *(terms.nonlinear_vars or ()))}
        used.update(id(v) for pair in terms.quadratic_vars or () for v in pair)
        nonzeros += len(used)
    return Sizes(len(variables), sum(v.is_binary() for v in variables), len(constraints), nonzeros)


def built(formulation: Formulation, instance: AnyInstance) -> BuiltModel:
    """Build the model of an instance, after a check that the formulation supports the instance.

    Raises
    ------
    InputError
        When it does not: the unsupported features are named, or the problem of the formulation.
    """
    ensure_problem(FORMULATIONS, formulation, problem_of(instance).name, instance.name)
    missing = formulation.unsupported(instance)
    if missing:
        raise InputError(f"formulation {formulation.name!r} does not cover {', '.join(missing)}", source=instance.name)
    return formulation.load().build(instance)


def explain(formulation: Formulation, instance: AnyInstance) -> Explanation:
    """Explain a formulation with the sizes and numbers of an instance.

    Raises
    ------
    InputError
        When the formulation does not support the instance; the unsupported features are named. Also when the instance
        is such that nobody can be served, and the equations have no members.
    """
    module, model = formulation.load(), built(formulation, instance).model
    used: dict[str, Component] = {}
    try:
        equations = tuple(_equations(model, module.SYMBOLS, used))
    except TemplateExpressionError:
        # Pyomo has no template of a sum over an empty family of sets.
        problem = f"nobody can be served, so formulation {formulation.name!r} has no equations to print"
        raise InputError(problem, source=instance.name) from None
    declarations = tuple(_declarations(model, module.SYMBOLS, used))
    return Explanation(
        head=_head(formulation),
        instance=instance.name,
        lesson=inspect.getdoc(module) or "",
        equations=equations,
        declarations=declarations,
        legend=tuple(_legend(model, module.SYMBOLS, used)),
        sizes=sizes(model),
        derivation=tuple(module.derivation(instance)) if module.derivation is not None else (),
    )


def _head(formulation: Formulation) -> str:
    return f"{formulation.name}: {formulation.kind} formulation of {formulation.problem}, covers {formulation.covers}"


def _equations(model: ConcreteModel, symbols: dict[str, str], used: dict[str, Component]) -> Iterator[Equation]:
    """Objective and constraints; a family without members says nothing."""
    first = True
    for kind in (Objective, Constraint):
        for component in model.component_objects(kind, active=True):
            if len(component) == 0:
                continue
            body, where = template(component, symbols, used)
            lead = ""
            if kind is Objective:
                sense = next(iter(component.values())).sense
                lead = r"\max" if sense == maximize else r"\min"
            elif first:
                lead, first = r"\text{s.t.}", False
            yield Equation(component.local_name, component.doc or "", lead, body, where, source_of(component))


def source_of(component: Component) -> str:
    """File and line of the rule of a constraint or objective."""
    code = inspect.unwrap(component.rule._fcn).__code__
    path = Path(code.co_filename)
    parts = path.parts
    place = len(parts) - 1 - parts[::-1].index(ROOM) if ROOM in parts else len(parts) - 1
    return f"{'/'.join(parts[place:])}:{code.co_firstlineno}"


def _declarations(model: ConcreteModel, symbols: dict[str, str], used: dict[str, Component]) -> Iterator[Declaration]:
    """What values the variables may take; a family without members is left out."""
    for variable in model.component_objects(Var, active=True):
        if len(variable) > 0:
            name, where = _declared(variable, symbols, used)
            yield Declaration(variable.local_name, variable.doc or "", f"{name}{IN}{_domain(variable)}", where)


def _declared(component: Component, symbols: dict[str, str], used: dict[str, Component]) -> tuple[str, str]:
    """Symbol with its indices, and the sets from which these come."""
    printer = Printer(symbols, used)
    name = printer.symbol(component)
    letters, where = printer.range_of(component)
    return f"{name}_{{{letters}}}" if letters else name, where


def _legend(model: ConcreteModel, symbols: dict[str, str], used: dict[str, Component]) -> Iterator[Entry]:
    """The components that were printed, sets first, in the order of the model."""
    for kind, what in ((Set, "set"), (Var, "variable"), (Param, "data")):
        for component in model.component_objects(kind):
            if component.local_name not in used:
                continue
            meaning, _, unit = (component.doc or "").partition(" [")
            if kind is Set:
                yield Entry(what, _set(component, symbols), component.local_name, meaning, "")
            else:
                symbol, _ = _declared(component, symbols, {})
                yield Entry(what, symbol, component.local_name, meaning, unit.removesuffix("]") or "1")


def _set(component: Component, symbols: dict[str, str]) -> str:
    r"""A set with its index, one of a family with that of the family: ``k \in \mathcal{K}_{j}``."""
    printer = Printer(symbols, {})
    index, is_in, name = printer.symbol(component).rpartition(IN)
    letters, _ = printer.range_of(component)
    return f"{index}{is_in}{name}" + (f"_{{{letters}}}" if letters else "")


def _domain(variable: Component) -> str:
    """The values that a family of variables may take; a limit that differs among its members is left out."""
    members = list(variable.values())
    if all(member.is_binary() for member in members):
        return r"\{0, 1\}"
    low, high = (set(bounds) for bounds in zip(*(member.bounds for member in members)))
    kind = r"\mathbb{Z}" if all(member.is_integer() for member in members) else r"\mathbb{R}"
    if low == {0} and high == {None}:
        return kind + r"_{\geq 0}"
    if len(low) == len(high) == 1 and None not in low | high:
        return f"[{low.pop():g}, {high.pop():g}]" + (rf" \cap {kind}" if "Z" in kind else "")
    return kind + (r"_{\geq 0}" if low == {0} else "")
