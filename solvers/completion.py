"""The point of a linear model that belongs to a plan: what the plan decides is fixed, the rest follows by an LP.

Times are the least that the constraints allow. Where the plan breaks a rule no point satisfies all constraints. Then
the times still follow from one another, and the point violates what limits them, such as a deadline.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pyomo.environ as pyo

from partload.formulations import FORMULATIONS, by_name
from partload.formulations.explain.tightness import Tightness, tightness
from partload.formulations.registry import Placing
from partload.instances.errors import InputError
from partload.instances.records import AnyInstance, Plan
from partload.solvers.engines import engine
from partload.solvers.engines.matrix import MatrixForm, matrix_form

LEAST, LIMIT, RELATION = 1e-4, 1.0, 1e5
"""Costs of a unit of a variable, of a unit by which a limit is missed, and of one by which a relation is.

A limit has no negative terms, and says how large its variables may be together. All other rows are relations, such as
that one time follows another.
"""


def measure(send: Callable[[dict[str, Tightness]], object], instance: AnyInstance, name: str, plan: Plan) -> None:
    """Build a formulation of an instance and send how its constraints stand at a plan; for ``processes.call``.

    Raises
    ------
    InputError
        When the formulation has no point for the plan, or none was found.
    """
    formulation = by_name(FORMULATIONS, name)
    built = formulation.load().build(instance)
    if not isinstance(built, Placing):
        raise InputError("does not say which of its points belongs to a plan", source=name)
    built.place(plan)
    left = sum(not variable.fixed for variable in built.model.component_data_objects(pyo.Var, active=True))
    if left and not formulation.linear:
        raise InputError(f"is not linear, and a plan leaves {left} of its variables open", source=name)
    try:
        complete(built.model)
    except engine.EngineError as error:
        raise InputError(f"has no point for the plan that the solver finds: {error}", source=name) from None
    send(tightness(built.model))


def complete(model: pyo.ConcreteModel) -> None:
    """Give every variable of a linear model that is not fixed a value.

    Raises
    ------
    EngineError
        When HiGHS ends without a point.
    """
    variables = list(model.component_data_objects(pyo.Var, active=True))
    decided = {number: variable.value for number, variable in enumerate(variables) if variable.fixed}
    if len(decided) == len(variables):
        return
    for number in decided:  # With them, a row has all of its terms, and so shows whether it is a limit.
        variables[number].unfix()
    form = matrix_form(model)
    for number, value in decided.items():
        variables[number].fix(value, skip_validation=True)
    places = np.fromiter(decided, np.int64, len(decided))
    values = np.array([decided[number] for number in decided], dtype=float)
    form.lower[places] = form.upper[places] = values
    outcome = engine.load("highs").maximise(_elastic(form))
    if outcome.values is None:
        raise engine.EngineError("no point was found for the plan")
    for number, value in enumerate(outcome.values[: len(variables)].tolist()):
        if number not in decided:
            variables[number].set_value(round(value) if form.integer[number] else value, skip_validation=True)


def _elastic(form: MatrixForm) -> MatrixForm:
    """The model in which each row may be missed from either side, at a cost; all else is to be small."""
    columns, rows = len(form.cost), len(form.row_lower)
    extra = columns + np.arange(2 * rows).reshape(rows, 2)
    ends = form.start[1:]
    index = np.insert(form.index, np.repeat(ends, 2), extra.ravel())
    value = np.insert(form.value, np.repeat(ends, 2), np.tile([1.0, -1.0], rows))
    relation = np.zeros(rows, dtype=bool)
    relation[form.row[form.value < 0]] = True
    cost = np.column_stack([np.full(rows, RELATION), np.where(relation, RELATION, LIMIT)])
    free, nothing = np.full(2 * rows, np.inf), np.zeros(2 * rows)
    return dataclasses.replace(
        form,
        variables=[],
        cost=np.concatenate([np.full(columns, -LEAST), -cost.ravel()]),
        offset=0.0,
        lower=np.concatenate([form.lower, nothing]),
        upper=np.concatenate([form.upper, free]),
        integer=np.concatenate([form.integer, np.zeros(2 * rows, dtype=bool)]),
        start=(form.start + 2 * np.arange(rows + 1)).astype(np.int32),
        index=index.astype(np.int32),
        value=value,
    )
