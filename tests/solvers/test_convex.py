"""No solution is believed unless it meets the optimality conditions: what is wrong must show."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from partload.instances.errors import InputError
from partload.solvers import convex
from partload.solvers.convex import Conditions, Residuals, refined, residuals

OPTIMUM, MULTIPLIERS = np.array([0.5, 0.5]), np.array([1.0, 0.0])


def conditions(point: np.ndarray, multipliers: np.ndarray) -> Conditions:
    """min x^2 + y^2  with  1 - x - y <= 0  and  x - 1 <= 0."""
    x, y = point
    jacobian = np.array([[-1.0, -1.0], [1.0, 0.0]])
    return Conditions(np.array([2 * x, 2 * y]), np.array([1 - x - y, x - 1]), jacobian, 2 * np.eye(2))


def judged(point: list[float] | np.ndarray, multipliers: list[float] | np.ndarray) -> Residuals:
    point, multipliers = np.array(point), np.array(multipliers)
    return residuals(conditions(point, multipliers), multipliers)


def test_an_optimum_has_no_residual():
    assert judged(OPTIMUM, MULTIPLIERS).worst == 0


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
    assert getattr(judged(point, multipliers), fails) > 1e-4


def test_a_solution_is_refined():
    """Wrong in its last digits, right after Newton's method."""
    point, multipliers, found = refined(conditions, OPTIMUM * (1 + 1e-5), np.array([1.0 + 1e-5, 1e-7]))
    assert found.worst <= 1e-10
    assert point == pytest.approx(OPTIMUM, abs=1e-9)
    assert multipliers == pytest.approx(MULTIPLIERS, abs=1e-9)


def test_refining_never_makes_worse():
    """Without a bounded feasible set there is nowhere to go."""

    def unbounded(point: np.ndarray, multipliers: np.ndarray) -> Conditions:
        return Conditions(np.array([-1.0]), np.array([-point[0]]), np.array([[-1.0]]), np.zeros((1, 1)))

    start = np.array([3.0]), np.array([0.5])
    before = residuals(unbounded(*start), start[1])
    assert refined(unbounded, *start)[2].worst <= before.worst
    assert refined(unbounded, *start)[2].worst > convex.TOLERANCE


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


def test_bandwidths_below_0_are_no_answer():
    """There the formulas go on, and mean nothing."""
    with pytest.raises(InputError, match="cannot be verified"):
        convex.verified(lambda _: Claim(convex.EXACT, np.array([1.0, -1.0])), np.ones(2), "some problem")


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
