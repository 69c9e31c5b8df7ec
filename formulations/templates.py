"""Constraints as templates: the rule of a family of constraints is evaluated once, with placeholders for its indices.

A large model has millions of terms, and a Python object for each of them takes minutes and gigabytes. A template takes
one expression for the whole family. Solvers that read matrices compile it (``partload.solvers.engines.matrix``); Pyomo
expands a single constraint when somebody asks for its ``expr``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pyomo.core.base.constraint as pyomo_constraint
from pyomo.core.expr.template_expr import TemplateExpressionError, templatize_constraint
from pyomo.environ import ConcreteModel, Constraint


@contextmanager
def constraints_as_templates() -> Iterator[None]:
    """Constraints that are constructed inside are templates, where their rules allow it.

    Pyomo has this behind a switch of its module, off by default. The switch is off again afterwards.
    """
    before = pyomo_constraint.TEMPLATIZE_CONSTRAINTS, pyomo_constraint.templatize_constraint
    pyomo_constraint.TEMPLATIZE_CONSTRAINTS, pyomo_constraint.templatize_constraint = True, _template
    try:
        yield
    finally:
        pyomo_constraint.TEMPLATIZE_CONSTRAINTS, pyomo_constraint.templatize_constraint = before


def _template(constraint: Constraint) -> object:
    """Pyomo's template of a family of constraints; for an empty one Pyomo would fail, so it is told to do without."""
    if not len(constraint.index_set()):
        raise TemplateExpressionError(None, "an empty family of constraints needs no template")
    return templatize_constraint(constraint)


def expand(model: ConcreteModel) -> None:
    """Evaluate the rules of all constraints, for writers of files and other readers of expressions."""
    for constraint in model.component_data_objects(Constraint, active=True):
        constraint.expr  # noqa: B018  Reading it replaces the template by the expression.
