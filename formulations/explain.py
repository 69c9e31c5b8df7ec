r"""The mathematics of a formulation, printed as LaTeX from the very model that is solved.

The rules of the model are evaluated with placeholders for their indices (Pyomo's templates), so one line is printed
for a family of constraints, whatever the size of the instance. The algebra is set by Pyomo's LaTeX printer. Names are
given here, because the printer hands out index letters in order of appearance and so swaps those of pairs of indices.

A formulation names its components in ``SYMBOLS``; a set is named together with its index: ``n \\in \\mathcal{N}``.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator, Sequence
from itertools import chain

from pyomo.contrib.latex_printer.latex_printer import _LatexVisitor
from pyomo.core.base.component import Component, ComponentData
from pyomo.core.base.set import SetProduct
from pyomo.core.expr import ProductExpression, SumExpression
from pyomo.core.expr.base import ExpressionBase
from pyomo.core.expr.template_expr import GetItemExpression, IndexTemplate, TemplateSumExpression, templatize_constraint
from pyomo.environ import ConcreteModel, Constraint, Objective, Param, Set, Var, maximize
from pyomo.repn import generate_standard_repn

from partload.formulations import FORMULATIONS, ensure_problem
from partload.formulations.registry import BuiltModel, Formulation
from partload.formulations.templates import expand
from partload.instances.errors import InputError
from partload.instances.problems import problem_of
from partload.instances.records import AnyInstance

IN = r" \in "


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


def mathematics(formulation: Formulation, instance: AnyInstance) -> str:
    """The lesson, the equations, the sizes and the derivation of a formulation: LaTeX, with all text as comments.

    Raises
    ------
    InputError
        When the formulation does not support the instance; the unsupported features are named.
    """
    module, model = formulation.load(), built(formulation, instance).model
    head = f"{formulation.name}: {formulation.kind} formulation of {formulation.problem}, covers {formulation.covers}"
    lesson = inspect.getdoc(module) or ""
    return "\n".join(
        (
            *_comment(head),
            "%",
            *_comment(lesson),
            "",
            *_equations(model, module.SYMBOLS),
            *_declarations(model, module.SYMBOLS),
            f"% sizes for {instance.name}: {sizes(model)}",
            "",
            *(module.derivation(instance) if module.derivation is not None else ()),
        )
    )


def _comment(text: str) -> list[str]:
    return [f"% {line}".rstrip() for line in text.splitlines()]


def _equations(model: ConcreteModel, symbols: dict[str, str]) -> Iterator[str]:
    """Objective and constraints, each below its name and meaning."""
    yield r"\begin{align*}"
    first = True
    for kind in (Objective, Constraint):
        for component in model.component_objects(kind, active=True):
            if len(component) == 0:
                continue
            yield _label(component)
            body, where = template(component, symbols)
            lead = " "
            if kind is Objective:
                sense = next(iter(component.values())).sense
                lead = r"\max\quad " if sense == maximize else r"\min\quad "
            elif first:
                lead, first = r"\text{s.t.}\quad ", False
            yield f"{lead}& {body}" + (rf" && \forall\, {where}" if where else "") + r" \\"
    yield r"\end{align*}"


def _declarations(model: ConcreteModel, symbols: dict[str, str]) -> Iterator[str]:
    """What the variables and the data stand for."""
    yield r"\begin{align*}"
    for variable in model.component_objects(Var, active=True):
        if len(variable) == 0:
            continue
        yield _label(variable)
        name, where = _declared(variable, symbols)
        yield f"& {name}{IN}{_domain(variable)}" + (f" && {where}" if where else "") + r" \\"
    yield r"\end{align*}"
    for parameter in model.component_objects(Param):
        if len(parameter) == 0:
            continue
        name, where = _declared(parameter, symbols)
        yield f"% data ${name}$" + (f" for ${where}$" if where else "") + f": {parameter.doc or parameter.name}"


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


def _label(component: Component) -> str:
    return f"% {component.local_name}" + (f": {component.doc}" if component.doc else "")


def _declared(component: Component, symbols: dict[str, str]) -> tuple[str, str]:
    """Symbol with its indices, and the sets from which these come."""
    printer = _Printer(symbols)
    name = printer.symbol(component)
    if not component.is_indexed():
        return name, ""
    templates = [IndexTemplate(component.index_set(), n, n) for n in range(component.dim())]
    where = printer.bind(component.index_set(), templates)
    return f"{name}_{{{','.join(printer.letters[t._id] for t in templates)}}}", where


def template(component: Component, symbols: dict[str, str]) -> tuple[str, str]:
    """An objective or a family of constraints as LaTeX, and the sets over which it ranges (empty for a single one)."""
    expression, indices = templatize_constraint(component)
    printer = _Printer(symbols)
    where = printer.bind(component.index_set(), list(indices)) if indices else ""
    return " ".join(printer.text(expression).split()), where


class _Printer:
    """Prints one template: Pyomo's LaTeX for the algebra, the formulation's symbols for components and indices."""

    def __init__(self, symbols: dict[str, str]) -> None:
        self.symbols = symbols
        self.letters: dict[int, str] = {}
        """Letter of each index placeholder, by its number."""
        self.algebra = _LatexVisitor()

    def bind(self, index_set: Set, placeholders: Sequence[IndexTemplate]) -> str:
        r"""Give the placeholders of a set their letters; the text says where they range: ``k \in \mathcal{K}``."""
        ranges, left = [], list(placeholders)
        for factor in _factors(index_set):
            letters, name = self._set(factor)
            count = len(left) if factor is index_set else factor.dimen
            own = []
            for placeholder, letter in zip(left[:count], letters + ["i"] * count):
                self.letters[placeholder._id] = self._free(letter)
                own.append(self.letters[placeholder._id])
            left = left[count:]
            ranges.append((f"({', '.join(own)})" if count > 1 else own[0]) + IN + name)
        return r",\; ".join(ranges)

    def symbol(self, component: Component) -> str:
        """LaTeX symbol of a component, its name in upright letters where the formulation has none for it."""
        name = component.local_name
        return self.symbols.get(name, r"\mathrm{" + name.replace("_", r"\_") + "}")

    def text(self, node: ExpressionBase) -> str:
        """LaTeX of an expression."""
        if isinstance(node, TemplateSumExpression):
            return self._sum(node)
        if isinstance(node, IndexTemplate):
            return self.letters[node._id]
        if isinstance(node, GetItemExpression):
            return f"{self.text(node.arg(0))}_{{{','.join(self.text(index) for index in node.args[1:])}}}"
        if isinstance(node, float):
            return f"{node:.6g}"
        if isinstance(node, (ComponentData, Component)) and not node.is_expression_type():
            return self._component(node)
        parts = [self.text(part) for part in node.args] if hasattr(node, "args") else []
        if isinstance(node, ProductExpression) and isinstance(node.arg(0), TemplateSumExpression):
            parts[0] = _bracketed(parts[0])
        for kind in type(node).__mro__:
            if kind in self.algebra._operator_handles:
                return str(self.algebra._operator_handles[kind](self.algebra, node, *parts))
        raise TypeError(f"no LaTeX for a {type(node).__name__}")

    def _sum(self, node: TemplateSumExpression) -> str:
        ranges = [self.bind(group[0]._set, group) for group in node.template_iters()]
        term = node._local_args_[0]
        body = _bracketed(self.text(term)) if isinstance(term, SumExpression) else self.text(term)
        for placeholder in chain.from_iterable(node.template_iters()):
            del self.letters[placeholder._id]  # The next sum may use the letter again.
        return " ".join((*(rf"\sum_{{{places}}}" for places in ranges), body))

    def _component(self, component: Component) -> str:
        """A component by its symbol; one member of an indexed component with its index."""
        family = component.parent_component()
        if family is component:
            return self.symbol(component)
        index = component.index() if isinstance(component.index(), tuple) else (component.index(),)
        return f"{self.symbol(family)}_{{{','.join(str(step) for step in index)}}}"

    def _set(self, index_set: Set) -> tuple[list[str], str]:
        """Letters and symbol of one set, which may be a member of a family of sets, as in ``m.requests_of[i]``."""
        family = index_set.arg(0) if isinstance(index_set, GetItemExpression) else index_set
        letters, _, name = self.symbol(family).rpartition(IN)
        if family is not index_set:
            name += f"_{{{','.join(self.text(index) for index in index_set.args[1:])}}}"
        return [letter.strip() for letter in letters.strip("()").split(",") if letter.strip()], name

    def _free(self, letter: str) -> str:
        while letter in self.letters.values():
            letter += "'"
        return letter


def _factors(index_set: Set) -> list[Set]:
    """The sets of a product of sets."""
    if isinstance(index_set, SetProduct):
        return [factor for part in index_set.subsets(False) for factor in _factors(part)]
    return [index_set]


def _bracketed(text: str) -> str:
    return rf"\left( {text} \right)"
