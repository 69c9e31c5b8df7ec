"""Rows without negligible terms are a relaxation: every point of a model stays one, and numbers of usual size stay."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partload.solvers.engines.matrix import MatrixForm
from partload.solvers.engines.negligible import NEGLIGIBLE, without_negligible

SIZES = st.sampled_from([0.0, 1e-12, 1e-9, 3e-7, 1e-6, 2e-6, 1e-3, 1.0, 97.0, 1e4])


def form(matrix: list[list[float]], lower: list[float], upper: list[float], limits: list[list[float]]) -> MatrixForm:
    dense, columns = np.array(matrix), len(lower)
    row, column = np.nonzero(dense)
    start = np.append(0, np.cumsum(np.bincount(row, minlength=len(dense)))).astype(np.int32)
    return MatrixForm(
        variables=[],
        cost=np.zeros(columns),
        offset=0.0,
        lower=np.array(lower),
        upper=np.array(upper),
        integer=np.zeros(columns, dtype=bool),
        row_lower=np.array(limits[0]),
        row_upper=np.array(limits[1]),
        start=start,
        index=column.astype(np.int32),
        value=dense[row, column],
    )


def activity(form: MatrixForm, point: np.ndarray) -> np.ndarray:
    return np.bincount(form.row, weights=form.value * point[form.index], minlength=len(form.row_lower))


@st.composite
def forms_with_points(draw):
    """A model whose rows are tight at a point within the limits of its variables."""
    columns = draw(st.integers(1, 5))
    signs = st.sampled_from([-1.0, 1.0])
    matrix = [[draw(signs) * draw(SIZES) for _ in range(columns)] for _ in range(draw(st.integers(1, 4)))]
    lower = [draw(st.sampled_from([-1.0, 0.0, 0.0, 5.0])) for _ in range(columns)]
    upper = [low + draw(st.sampled_from([0.0, 1.0, 3.0, np.inf])) for low in lower]
    point = np.array([draw(st.floats(low, min(high, low + 10))) for low, high in zip(lower, upper)])
    tight = (np.array(matrix) @ point).tolist()
    return form(matrix, lower, upper, [tight, tight]), point


@given(forms_with_points())
def test_a_point_of_the_model_stays_one(model_and_point):
    model, point = model_and_point
    relaxed = without_negligible(model)
    rounding = 1e-13 * np.maximum(np.abs(activity(model, np.abs(point))), 1.0) + 1e-10
    assert (activity(relaxed, point) <= relaxed.row_upper + rounding).all()
    assert (activity(relaxed, point) >= relaxed.row_lower - rounding).all()


@given(forms_with_points())
def test_a_row_loosens_by_no_more_than_its_terms(model_and_point):
    model, _ = model_and_point
    width = without_negligible(model)
    room = width.row_upper - width.row_lower
    assert (room <= len(model.cost) * NEGLIGIBLE * (1 + 1e-9) + 1e-10).all()


def test_a_term_of_next_to_nothing_goes_and_the_row_is_loosened_by_it():
    relaxed = without_negligible(form([[1.0, 1e-7, -1e-7]], [0, 0, 0], [1, 1, 2], [[0.5], [1.0]]))
    assert relaxed.value.tolist() == [1.0]
    assert relaxed.index.tolist() == [0]
    assert relaxed.start.tolist() == [0, 1]
    assert relaxed.row_lower[0] == pytest.approx(0.5 - 1e-7, abs=1e-15)
    assert relaxed.row_upper[0] == pytest.approx(1.0 + 2e-7, abs=1e-15)


@pytest.mark.parametrize(
    ("matrix", "upper"),
    [
        ([[1e-7, 1e-7]], [1, 1]),  # All of the row is small.
        ([[1.0, 1e-5]], [1, 1]),
        ([[1.0, 1e-7]], [1, 1e3]),  # The variable makes up for it.
        ([[1.0, 1e-7]], [1, np.inf]),
        ([[1e4, 1e-3]], [1, 1]),  # Next to nothing of the row, but not of what it limits.
    ],
)
def test_terms_that_count_stay(matrix, upper):
    model = form(matrix, [0, 0], upper, [[0.0], [1.0]])
    assert without_negligible(model) is model
