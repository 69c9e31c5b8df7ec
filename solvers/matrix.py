"""A linear Pyomo model as arrays, the form in which solvers take it.

Pyomo's own translations go through files or import half of SciPy; this one is short and starts at once.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pyomo.repn import generate_standard_repn


@dataclasses.dataclass(frozen=True)
class MatrixForm:
    """maximise cost x + offset subject to row_lower <= A x <= row_upper, lower <= x <= upper, some x integer.

    A has R rows and C columns and is stored by rows: row r has the entries ``start[r]`` to ``start[r + 1]`` of
    ``index`` and ``value``.
    """

    variables: list[pyo.Var]
    """The C Pyomo variables that are not fixed."""
    cost: NDArray[np.float64]
    offset: float
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    integer: NDArray[np.bool_]
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
    start: NDArray[np.int32]
    index: NDArray[np.int32]
    value: NDArray[np.float64]

    def assign(self, values: NDArray[np.float64]) -> None:
        """Give the Pyomo variables these values, shape (C,); integer ones are rounded."""
        rounded = np.where(self.integer, np.round(values), values).tolist()
        for variable, value in zip(self.variables, rounded):
            variable.set_value(value, skip_validation=True)


def matrix_form(model: pyo.ConcreteModel) -> MatrixForm:
    """Translate a linear model with one objective, to be maximised.

    Raises
    ------
    ValueError
        When the model is not linear.
    """
    variables = [v for v in model.component_data_objects(pyo.Var, active=True) if not v.fixed]
    column = {id(variable): number for number, variable in enumerate(variables)}
    rows: list[tuple[float, float, list[int], list[float]]] = []
    for constraint in model.component_data_objects(pyo.Constraint, active=True):
        indices, values, constant = _terms(constraint.body, column)
        lower = -np.inf if constraint.lower is None else pyo.value(constraint.lower) - constant
        upper = np.inf if constraint.upper is None else pyo.value(constraint.upper) - constant
        if indices or lower > 0 or upper < 0:
            rows.append((lower, upper, indices, values))
    objective = next(model.component_data_objects(pyo.Objective, active=True))
    indices, values, offset = _terms(objective.expr, column)
    cost = np.zeros(len(variables))
    cost[indices] = values
    return MatrixForm(
        variables=variables,
        cost=cost,
        offset=offset,
        lower=np.array([-np.inf if v.lb is None else v.lb for v in variables], dtype=float),
        upper=np.array([np.inf if v.ub is None else v.ub for v in variables], dtype=float),
        integer=np.array([v.is_integer() for v in variables], dtype=bool),
        row_lower=np.array([row[0] for row in rows], dtype=float),
        row_upper=np.array([row[1] for row in rows], dtype=float),
        start=np.cumsum([0, *(len(row[2]) for row in rows)], dtype=np.int32),
        index=np.array([entry for row in rows for entry in row[2]], dtype=np.int32),
        value=np.array([entry for row in rows for entry in row[3]], dtype=float),
    )


def _terms(expression: object, column: dict[int, int]) -> tuple[list[int], list[float], float]:
    """Columns and coefficients of a linear expression, and its constant; zero coefficients are left out."""
    terms = generate_standard_repn(expression, compute_values=True)
    if not terms.is_linear():
        raise ValueError("expected a linear model")
    pairs = [(column[id(v)], float(c)) for v, c in zip(terms.linear_vars, terms.linear_coefs) if c != 0]
    return [entry for entry, _ in pairs], [coefficient for _, coefficient in pairs], float(terms.constant)
