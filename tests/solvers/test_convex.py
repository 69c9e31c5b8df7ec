"""No solution is believed unless it meets the optimality conditions: what is wrong must show."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from instances.errors import InputError
from solvers import convex
from solvers.convex import Residuals, proof, residuals

# min x^2 + y^2  with  1 - x - y <= 0  and  x - 1 <= 0: the optimum is (1/2, 1/2), its multipliers are (1, 0).
MULTIPLIERS = np.array([1.0, 0.0])
JACOBIAN = np.array([[-1.0, -1.0], [1.0, 0.0]])


def judged(point: list[float], multipliers: np.ndarray) -> Residuals:
    x, y = point
    return residuals(np.array([2 * x, 2 * y]), np.array([1 - x - y, x - 1]), JACOBIAN, multipliers)


def test_an_optimum_has_no_residual():
    assert judged([0.5, 0.5], MULTIPLIERS).worst == 0


@pytest.mark.parametrize(
    ("point", "multipliers", "fails"),
    [
        ([0.499, 0.499], [1, 0], "primal"),
        ([0.501, 0.501], [1, 0], "complementarity"),
        ([0.501, 0.499], [1, 0], "stationarity"),
        ([0.5, 0.5], [1.01, 0], "stationarity"),
        ([0.5, 0.5], [1, -0.01], "dual"),
        ([0.5, 0.5], [1, 0.01], "complementarity"),
    ],
)
def test_each_condition_can_fail(point, multipliers, fails):
    assert getattr(judged(point, np.array(multipliers)), fails) > 1e-4


def test_multipliers_are_sharpened():
    """They may be wrong in the last digits; that proves nothing against the point."""
    gradient, values = np.array([1.0, 1.0]), np.array([0.0, -0.5])
    found, multipliers = proof(gradient, values, JACOBIAN, np.array([1.0 + 1e-5, 1e-12]))
    assert found.worst <= 1e-11
    assert multipliers == pytest.approx(MULTIPLIERS, abs=1e-11)


@pytest.mark.parametrize("point", [[0.501, 0.499], [0.501, 0.501], [0.499, 0.499], [0.6, 0.4]])
def test_no_multipliers_save_a_wrong_point(point):
    x, y = point
    values = np.array([1 - x - y, x - 1])
    found, _ = proof(np.array([2 * x, 2 * y]), values, JACOBIAN, np.array([1.0, 1e-9]))
    assert found.worst > 1e-4


def test_what_is_not_a_number_is_not_believed():
    assert not judged([np.nan, 0.5], MULTIPLIERS).worst <= convex.TOLERANCE


@dataclasses.dataclass(frozen=True)
class Claim:
    kkt: Residuals
    bandwidth_hz: np.ndarray


def test_an_answer_that_cannot_be_verified_is_refused():
    wrong = Claim(Residuals(0.0, 0.0, 0.0, 2e-6), np.ones(1))
    with pytest.raises(InputError, match=r"some problem: the convex solver's answer .* residual 2\.0e-06"):
        convex.verified(lambda _: wrong, np.ones(1), "some problem")


def test_a_second_attempt_starts_from_the_first():
    """It is made in the units of the answer before."""
    tried: list[float] = []

    def attempt(expected_hz: np.ndarray) -> Claim:
        tried.append(float(expected_hz[0]))
        return Claim(Residuals(0.0, 0.0, 0.0, 1.0 if len(tried) == 1 else 0.0), 8 * expected_hz)

    assert convex.verified(attempt, np.ones(1), "some problem").bandwidth_hz == [64]
    assert tried == [1, 8]


def test_a_solver_that_gives_up_is_no_answer():
    with pytest.raises(InputError, match="cannot be verified"):
        convex.verified(lambda _: None, np.ones(1), "some problem")
