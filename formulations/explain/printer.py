r"""Expressions of a model as LaTeX, printed from the rules that the model is made of.

The rules are evaluated with placeholders for their indices (Pyomo's templates), so one line is printed for a family of
constraints, whatever the size of the instance. The algebra is set by Pyomo's LaTeX printer. Names are given here,
because that printer hands out index letters in order of appearance and so swaps those of pairs of indices.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from pyomo.contrib.latex_printer.latex_printer import _LatexVisitor
from pyomo.core.base.component import Component, ComponentData
from pyomo.core.base.set import SetProduct
from pyomo.core.expr import ProductExpression, SumExpression
from pyomo.core.expr.base import ExpressionBase
from pyomo.core.expr.template_expr import GetItemExpression, IndexTemplate, TemplateSumExpression, templatize_constraint
from pyomo.environ import Set

IN = r" \in "


def template(component: Component, symbols: dict[str, str], used: dict[str, Component]) -> tuple[str, str]:
    r"""An objective or a family of constraints as LaTeX, and the sets over which it ranges (empty for a single one).

    ``symbols`` names components, a set together with its index: ``n \in \mathcal{N}``. ``used`` gets the components
    that are printed.
    """
    expression, indices = templatize_constraint(component)
    printer = Printer(symbols, used)
    where = printer.bind(component.index_set(), list(indices)) if indices else ""
    return " ".join(printer.text(expression).split()), where


class Printer:
    """Prints one template: Pyomo's LaTeX for the algebra, the formulation's symbols for components and indices.

    ``used`` gets every component that is printed, by its name.
    """

    def __init__(self, symbols: dict[str, str], used: dict[str, Component]) -> None:
        self.symbols = symbols
        self.used = used
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
        self.used.setdefault(name, component)
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
        parts = [self.text(part) for part in _terms(node)]
        if not parts and isinstance(node, SumExpression):
            return "0"
        if isinstance(node, ProductExpression) and isinstance(node.arg(0), TemplateSumExpression):
            parts[0] = _bracketed(parts[0])
        for kind in type(node).__mro__:
            if kind in self.algebra._operator_handles:
                return str(self.algebra._operator_handles[kind](self.algebra, node, *parts))
        raise TypeError(f"no LaTeX for a {type(node).__name__}")

    def range_of(self, component: Component) -> tuple[str, str]:
        """Indices of a component, and the sets from which they come; two empty texts for a component without."""
        if not component.is_indexed():
            return "", ""
        placeholders = [IndexTemplate(component.index_set(), n, n) for n in range(component.index_set().dimen)]
        where = self.bind(component.index_set(), placeholders)
        return ",".join(self.letters[one._id] for one in placeholders), where

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
        family = _family(index_set)
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


def _family(index_set: Set) -> Set:
    """A set, or the family of sets of which it is a member."""
    return index_set.arg(0) if isinstance(index_set, GetItemExpression) else index_set


def _terms(node: ExpressionBase) -> list[ExpressionBase]:
    """The parts of an expression; of a sum without the terms that are empty, whatever the indices."""
    parts = list(node.args) if hasattr(node, "args") else []
    return [part for part in parts if not _empty(part)] if isinstance(node, SumExpression) else parts


def _empty(node: ExpressionBase) -> bool:
    """Whether an expression is a sum over sets without members, or a product with one."""
    if isinstance(node, TemplateSumExpression):
        groups = (_family(group[0]._set) for group in node.template_iters())
        return any(not any(len(one) for one in _members(family)) for family in groups)
    return isinstance(node, ProductExpression) and any(map(_empty, node.args))


def _members(family: Set) -> list[Set]:
    return list(family.values()) if family.is_indexed() else [family]


def _bracketed(text: str) -> str:
    return rf"\left( {text} \right)"
