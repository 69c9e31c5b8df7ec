"""A linear Pyomo model as arrays, the form in which solvers take it.

Constraints that are templates (``partload.formulations.templates``) are never expanded: Pyomo compiles each family of
constraints to one Python function, which gives the row of an index. All other constraints are walked one by one.
Pyomo's own ``LinearStandardFormCompiler`` does the same and needs SciPy, which this package does not require.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pyomo.core.base.enums import SortComponents
from pyomo.repn.linear import LinearRepnVisitor
from pyomo.repn.linear_template import LinearTemplateBeforeChildDispatcher, LinearTemplateRepnVisitor
from pyomo.repn.util import ExprType, TemplateVarRecorder

Floats = NDArray[np.float64]
Columns = NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class MatrixForm:
    """maximise cost x + offset subject to row_lower <= A x <= row_upper, lower <= x <= upper, some x integer.

    A has R rows and C columns and is stored by rows: row r has the entries ``start[r]`` to ``start[r + 1]`` of
    ``index`` and ``value``.
    """

    variables: list[pyo.Var]
    """The C Pyomo variables that are not fixed."""
    cost: Floats
    offset: float
    lower: Floats
    upper: Floats
    integer: NDArray[np.bool_]
    row_lower: Floats
    row_upper: Floats
    start: NDArray[np.int32]
    index: NDArray[np.int32]
    value: Floats

    @property
    def row(self) -> Columns:
        """The row of each entry of ``value``."""
        return np.repeat(np.arange(len(self.row_lower)), np.diff(self.start))

    def without_integrality(self) -> MatrixForm:
        """The LP relaxation: the same without integer variables."""
        return dataclasses.replace(self, integer=np.zeros(len(self.cost), dtype=bool))

    def assign(self, values: Floats) -> None:
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
    variables = list(model.component_data_objects(pyo.Var, active=True))
    translation = _Translation(variables)
    for constraint in model.component_data_objects(pyo.Constraint, active=True):
        translation.add(constraint)
    offset, columns, coefficients = translation.linear(
        next(model.component_data_objects(pyo.Objective, active=True)).expr
    )
    fixed = np.array([v.fixed for v in variables], dtype=bool)
    values = np.array([v.value if v.fixed else 0.0 for v in variables], dtype=float)
    cost = np.bincount(columns, weights=coefficients, minlength=len(variables))
    rows = translation.rows(fixed, values)
    free = [v for v in variables if not v.fixed]
    return MatrixForm(
        variables=free,
        cost=cost[~fixed],
        offset=offset + float(cost @ values),
        lower=np.array([-np.inf if v.lb is None else v.lb for v in free], dtype=float),
        upper=np.array([np.inf if v.ub is None else v.ub for v in free], dtype=float),
        integer=np.array([v.is_integer() for v in free], dtype=bool),
        row_lower=rows.lower,
        row_upper=rows.upper,
        start=rows.start.astype(np.int32),
        index=rows.index.astype(np.int32),
        value=rows.value,
    )


@dataclasses.dataclass(frozen=True)
class _Rows:
    """Rows of a matrix, stored as in ``MatrixForm``."""

    lower: Floats
    upper: Floats
    start: Columns
    index: Columns
    value: Floats


class _Leaves(LinearTemplateBeforeChildDispatcher):
    """Pyomo's, which reads the values of indexed parameters through a method that warns of being deprecated."""

    @staticmethod
    def _before_indexed_param(visitor: LinearTemplateRepnVisitor, child: pyo.Param) -> tuple[bool, object]:
        name = visitor.symbolmap.getSymbol(child)
        if name not in visitor.env:
            visitor.env[name] = dict(child.items())
        return False, (ExprType.CONSTANT, child)


class _TemplateVisitor(LinearTemplateRepnVisitor):
    before_child_dispatcher = _Leaves()


class _Translation:
    """Collects the rows of constraints; the columns are all variables, in the order given."""

    def __init__(self, variables: list[pyo.Var]) -> None:
        recorder = TemplateVarRecorder({id(v): v for v in variables}, SortComponents.UNSORTED)
        self.column = recorder.var_order
        self.expressions = LinearRepnVisitor({}, var_recorder=recorder)
        self.templates = _TemplateVisitor({}, var_recorder=recorder)
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.columns: list[Iterable[int]] = []
        self.coefficients: list[Iterable[float]] = []
        self.lengths: list[int] = []

    def add(self, constraint: pyo.Constraint) -> None:
        """Add the row of a constraint."""
        if hasattr(constraint, "template_expr"):
            template = constraint.template_expr()
            constant, columns, coefficients, lower, upper = self.templates.expand_expression(constraint, template)
        else:
            lower, body, upper = constraint.to_bounded_expression(evaluate_bounds=True)
            constant, columns, coefficients = self.linear(body)
        self.lower.append(-np.inf if lower is None else lower - constant)
        self.upper.append(np.inf if upper is None else upper - constant)
        self.columns.append(columns)
        self.coefficients.append(coefficients)
        self.lengths.append(len(columns))

    def linear(self, expression: object) -> tuple[float, list[int], list[float]]:
        """Constant, columns and coefficients of an expression; raises ValueError when it is not linear."""
        terms = self.expressions.walk_expression(expression)
        if terms.nonlinear is not None:
            raise ValueError("expected a linear model")
        columns = [self.column[variable] for variable in terms.linear]
        return float(terms.constant), columns, [float(c) for c in terms.linear.values()]

    def rows(self, fixed: NDArray[np.bool_], values: Floats) -> _Rows:
        """All rows, with fixed variables put into the limits, and the terms of each variable in a row added up.

        Rows without terms are left out if they hold.
        """
        count = len(self.lengths)
        row = np.repeat(np.arange(count), self.lengths)
        column = np.fromiter(itertools.chain.from_iterable(self.columns), dtype=np.int64, count=len(row))
        value = np.fromiter(itertools.chain.from_iterable(self.coefficients), dtype=float, count=len(row))
        known = fixed[column]
        constant = np.bincount(row[known], weights=value[known] * values[column[known]], minlength=count)
        lower: Floats = np.array(self.lower, dtype=float) - constant
        upper: Floats = np.array(self.upper, dtype=float) - constant
        number = np.cumsum(~fixed) - 1
        row, column, value = _added_up(row[~known], number[column[~known]], value[~known])
        length = np.bincount(row, minlength=count)
        kept = (length > 0) | (lower > 0) | (upper < 0)
        return _Rows(lower[kept], upper[kept], np.append(0, np.cumsum(length[kept])), column, value)


def _added_up(row: Columns, column: Columns, value: Floats) -> tuple[Columns, Columns, Floats]:
    """Entries of a matrix by rows, in which each column appears once; zeros are left out."""
    order = np.lexsort((column, row))
    row, column, value = row[order], column[order], value[order]
    first = np.flatnonzero(np.diff(row, prepend=-1) | np.diff(column, prepend=-1))
    if len(first) < len(row):
        row, column, value = row[first], column[first], np.add.reduceat(value, first)
    kept = value != 0
    return row[kept], column[kept], value[kept]
