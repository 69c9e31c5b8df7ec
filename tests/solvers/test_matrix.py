"""The translation to matrices: compiled templates and expanded constraints give the same rows; fixed variables go."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
import pytest

from partload.formulations import FORMULATIONS, by_name
from partload.formulations.templates import constraints_as_templates, expand
from partload.instances.library import load
from partload.solvers.engines.matrix import MatrixForm, matrix_form

CASES = [
    ("slot", "three-models"),
    ("slot", "full-batch"),
    ("slot", "visits-any"),
    ("slot", "general-small-pipelined"),
    ("slot", "tool-switching"),
    ("cone", "general-small-static"),
    ("cone", "general-small-power"),
    ("cone", "general-small-cached"),
]


def dense(form: MatrixForm) -> np.ndarray:
    matrix = np.zeros((len(form.row_lower), len(form.cost)))
    for row in range(len(matrix)):
        entries = slice(form.start[row], form.start[row + 1])
        assert len(set(form.index[entries].tolist())) == len(form.index[entries])
        matrix[row, form.index[entries]] = form.value[entries]
    return matrix


def templates(model: pyo.ConcreteModel) -> int:
    return sum(hasattr(c, "template_expr") for c in model.component_data_objects(pyo.Constraint))


@pytest.mark.parametrize(("formulation", "name"), CASES)
def test_templates_are_the_rows_of_the_constraints(formulation, name):
    model = by_name(FORMULATIONS, formulation).load().build(load(name)).model
    compiled = matrix_form(model)
    assert templates(model) > 0.9 * len(compiled.row_lower)
    expand(model)
    assert templates(model) == 0
    walked = matrix_form(model)
    assert [v.name for v in compiled.variables] == [v.name for v in walked.variables]
    np.testing.assert_allclose(dense(compiled), dense(walked), rtol=1e-14)
    for field in ("cost", "offset", "lower", "upper", "integer"):
        np.testing.assert_array_equal(getattr(compiled, field), getattr(walked, field))
    np.testing.assert_allclose(compiled.row_lower, walked.row_lower, rtol=1e-14)
    np.testing.assert_allclose(compiled.row_upper, walked.row_upper, rtol=1e-14)


def small(*, as_templates: bool) -> pyo.ConcreteModel:
    """x_2 is fixed to 3; x_1 appears twice in a row; one row cancels out, and one holds no free variable."""
    m = pyo.ConcreteModel()
    m.N = pyo.Set(dimen=1, initialize=[1, 2, 3])
    m.NONE = pyo.Set(dimen=1, initialize=[])
    m.MEMBERS = pyo.Set(m.NONE, dimen=1, initialize={})
    m.a = pyo.Param(m.N, initialize={1: 2.0, 2: 5.0, 3: 0.0})
    m.limit = pyo.Param(mutable=True, initialize=100.0)
    m.x = pyo.Var(m.N, bounds=(0, 10))
    m.x[2].fix(3.0)
    m.value = pyo.Objective(expr=m.x[1] + 2 * m.x[2] + 4, sense=pyo.maximize)
    with constraints_as_templates() if as_templates else pytest.MonkeyPatch.context():
        m.total = pyo.Constraint(rule=lambda m: sum(m.a[n] * m.x[n] for n in m.N) + m.x[1] <= m.limit)
        m.cancels = pyo.Constraint(m.N, rule=lambda m, n: m.x[n] - m.x[n] <= 1)
        m.empty = pyo.Constraint(m.NONE, rule=lambda m, g: sum(m.x[n] for n in m.MEMBERS[g]) <= 1)
    m.limit.set_value(20.0)
    return m


@pytest.mark.parametrize("as_templates", [True, False])
def test_fixed_and_repeated_variables(as_templates):
    form = matrix_form(small(as_templates=as_templates))
    assert [v.name for v in form.variables] == ["x[1]", "x[3]"]
    np.testing.assert_array_equal(form.cost, [1.0, 0.0])
    assert form.offset == 10.0
    np.testing.assert_array_equal(dense(form), [[3.0, 0.0]])
    assert form.row_upper.tolist() == [5.0]


def test_what_is_not_linear_is_refused():
    model = pyo.ConcreteModel()
    model.x = pyo.Var()
    model.value = pyo.Objective(expr=model.x)
    model.square = pyo.Constraint(expr=model.x**2 <= 1)
    with pytest.raises(ValueError, match="linear"):
        matrix_form(model)


def test_outside_the_context_constraints_are_no_templates():
    with constraints_as_templates():
        pass
    model = pyo.ConcreteModel()
    model.N = pyo.Set(initialize=[1])
    model.x = pyo.Var(model.N)
    model.c = pyo.Constraint(model.N, rule=lambda m, n: m.x[n] <= 1)
    assert templates(model) == 0
