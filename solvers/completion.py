"""The point of a linear model that belongs to a plan: what the plan decides is fixed, the rest follows by an LP.

Times are the least that the constraints allow. Where the plan breaks a rule no point satisfies all constraints; then
the point is one that violates them by the least sum.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pyomo.environ as pyo

from partload.solvers.engines import engine
from partload.solvers.engines.matrix import MatrixForm, matrix_form

LEAST, VIOLATION = 0.01, 100.0
"""Costs of a unit of a variable, and of a unit by which a constraint is violated."""


def complete(model: pyo.ConcreteModel) -> None:
    """Give every variable of a linear model that is not fixed a value.

    Raises
    ------
    EngineError
        When HiGHS ends without a point.
    """
    form = matrix_form(model)
    if not form.variables:
        return
    highs = engine.load("highs")
    outcome = highs.maximise(_elastic(form))
    if outcome.values is None:
        raise engine.EngineError("no point was found for the plan")
    form.assign(outcome.values[: len(form.variables)])


def _elastic(form: MatrixForm) -> MatrixForm:
    """The model in which each row may be missed from either side, at a cost; all else is to be small."""
    columns, rows = len(form.cost), len(form.row_lower)
    extra = columns + np.arange(2 * rows).reshape(rows, 2)
    ends = form.start[1:]
    index = np.insert(form.index, np.repeat(ends, 2), extra.ravel())
    value = np.insert(form.value, np.repeat(ends, 2), np.tile([1.0, -1.0], rows))
    free, nothing = np.full(2 * rows, np.inf), np.zeros(2 * rows)
    return dataclasses.replace(
        form,
        variables=[],
        cost=np.concatenate([np.full(columns, -LEAST), np.full(2 * rows, -VIOLATION)]),
        offset=0.0,
        lower=np.concatenate([form.lower, nothing]),
        upper=np.concatenate([form.upper, free]),
        integer=np.concatenate([form.integer, np.zeros(2 * rows, dtype=bool)]),
        start=(form.start + 2 * np.arange(rows + 1)).astype(np.int32),
        index=index.astype(np.int32),
        value=value,
    )
