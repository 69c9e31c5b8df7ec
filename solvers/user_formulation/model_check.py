"""Whether an engine can be given a model: what is in it, and whether it is linear.

Translations to engines read variables, constraints and the objective. What else restricts a model, such as special
ordered sets or disjunctions, would be left out without a word, so it is refused.
"""

from __future__ import annotations

import pyomo.environ as pyo

from partload.solvers.engines.matrix import matrix_form

READ = (pyo.Var, pyo.Constraint, pyo.Objective, pyo.Param, pyo.Set, pyo.Expression, pyo.Block, pyo.Suffix)
"""Kinds of component that engines are given, or that restrict nothing."""
HARMLESS = ("BuildAction", "BuildCheck", "RangeSet", "SetOf")


def check_model(model: object) -> str | None:
    """What is in the way of solving a model; None for nothing."""
    if not isinstance(model, pyo.ConcreteModel):
        return f"expected model to be a pyomo.environ.ConcreteModel, got {type(model).__name__}"
    for component in model.component_objects(active=True, descend_into=True):
        kind = component.ctype
        if kind not in READ and kind.__name__ not in HARMLESS:
            return f"expected variables, constraints and an objective alone, {component.name!r} is a {kind.__name__}"
    objectives = list(model.component_data_objects(pyo.Objective, active=True))
    if len(objectives) != 1:
        return f"expected one active objective, the model has {len(objectives)}"
    if objectives[0].sense != pyo.maximize:
        return f"expected an objective to be maximised, {objectives[0].name!r} is minimised"
    return None


def is_linear(model: pyo.ConcreteModel) -> bool:
    """Whether a MILP solver can take it."""
    try:
        matrix_form(model)
    except ValueError:
        return False
    return True
