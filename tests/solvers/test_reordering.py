"""The same model in another order, and what HiGHS makes of models whose numbers are far apart."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from partload.formulations import FORMULATIONS, by_name
from partload.instances.library import load
from partload.solvers.engines import highs
from partload.solvers.engines.engine import Budget
from partload.solvers.engines.matrix import MatrixForm, matrix_form
from partload.solvers.engines.reordering import reordered
from tests.solvers.test_matrix import dense


def form() -> MatrixForm:
    return matrix_form(by_name(FORMULATIONS, "slot").load().build(load("three-models")).model)


def far_apart() -> MatrixForm:
    """A model with one coefficient of 1e4, in a row that does not bind."""
    model = form()
    start = np.append(model.start, model.start[-1] + 1).astype(np.int32)
    return dataclasses.replace(
        model,
        row_lower=np.append(model.row_lower, -np.inf),
        row_upper=np.append(model.row_upper, 1e9),
        start=start,
        index=np.append(model.index, 0).astype(np.int32),
        value=np.append(model.value, 1e4),
    )


@pytest.mark.parametrize("seed", range(5))
def test_rows_and_columns_are_the_same_in_another_order(seed):
    model = form()
    other = reordered(model, seed)
    assert other.column.tolist() != sorted(other.column.tolist())
    matrix = dense(model)[:, other.column]
    rows = sorted((*row, low, high) for row, low, high in zip(matrix.tolist(), model.row_lower, model.row_upper))
    mixed = zip(dense(other.form).tolist(), other.form.row_lower, other.form.row_upper)
    assert sorted((*row, low, high) for row, low, high in mixed) == rows
    for field in ("cost", "lower", "upper", "integer"):
        np.testing.assert_array_equal(getattr(other.form, field), getattr(model, field)[other.column])
    assert [v.name for v in other.form.variables] == [model.variables[c].name for c in other.column]
    point = np.arange(len(model.cost), dtype=float)
    np.testing.assert_array_equal(other.restored(point[other.column]), point)


def test_the_optimum_does_not_depend_on_the_order():
    model = form()
    other = reordered(model, 7)
    found = highs.maximise(other.form)
    assert found.bound == pytest.approx(4)
    assert model.cost @ other.restored(found.values) == pytest.approx(4)


def test_a_model_whose_numbers_are_far_apart_is_solved_twice_and_the_weaker_bound_counts(monkeypatch):
    runs, real = [], highs._run

    def optimistic(model, budget, improved, bounded, *, presolve=True):
        found = real(model, budget, improved, bounded, presolve=presolve)
        runs.append(presolve)
        return found if presolve else dataclasses.replace(found, bound=found.bound - 2)

    monkeypatch.setattr(highs, "_run", optimistic)
    bounds: list[float] = []
    model = far_apart()
    found = highs.maximise(model, bounded=bounds.append)
    assert runs == [False, True]
    assert found.bound == pytest.approx(4)
    assert model.cost @ found.values == pytest.approx(4)
    assert min(bounds, default=4) >= 4 - 1e-6  # What the first run says is not told.
    assert found.end == "finished"
    runs.clear()
    highs.maximise(form())
    assert runs == [True]


def test_two_runs_share_the_time(monkeypatch):
    limits, real = [], highs._run

    def noted(model, budget, improved, bounded, *, presolve=True):
        limits.append(budget.time_limit)
        return real(model, budget, improved, bounded, presolve=presolve)

    monkeypatch.setattr(highs, "_run", noted)
    highs.maximise(far_apart(), Budget(time_limit=20.0))
    assert limits[0] == 10
    assert 10 < limits[1] <= 20
