"""The convex driver: Clarabel solves, and no solution is believed before its optimality conditions are computed here.

For min f(z) with g(z) <= 0, both convex, a point and multipliers prove each other optimal by the conditions of Karush,
Kuhn and Tucker: g <= 0, multipliers >= 0, their products 0, and the gradient of f + multipliers g is 0. With residuals
eps, f is within about eps times the length of z of the optimum, so the numbers have to be scaled: units near 1.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable
from typing import Protocol, TypeVar

import cvxpy as cp
import numpy as np
from numpy.typing import NDArray

from instances.errors import InputError

Floats = NDArray[np.float64]

TOLERANCE = 1e-6
"""Largest residual with which a solution is believed."""
ATTEMPTS = 4
"""How often a problem is solved, each time in the units of the solution before, until it can be believed."""
SETTINGS = {
    "tol_gap_abs": 1e-12,
    "tol_gap_rel": 1e-12,
    "tol_feas": 1e-12,
    # The problems come in good units; scaling them again costs Clarabel three digits near the ceiling of a rate.
    "equilibrate_enable": False,
    # The last digits: a regularisation too small to be seen in them, and steps that stay away from the boundary.
    "static_regularization_constant": 1e-10,
    "max_step_fraction": 0.9,
}


@dataclasses.dataclass(frozen=True)
class Residuals:
    """How far a point and its multipliers are from meeting the optimality conditions, in the scaled problem."""

    primal: float
    """Largest violation of a constraint."""
    dual: float
    """Largest multiplier of the wrong sign; this and the next two in units of the gradient of the objective."""
    complementarity: float
    """Largest product of a constraint and its multiplier."""
    stationarity: float
    """Largest entry of the gradient of the Lagrangian."""

    @property
    def worst(self) -> float:
        """The largest of the four; not a number if one of them is not."""
        return float(np.max(dataclasses.astuple(self)))


EXACT = Residuals(0.0, 0.0, 0.0, 0.0)
"""Of a problem in which there is nothing to decide."""


def residuals(gradient: Floats, values: Floats, jacobian: Floats, multipliers: Floats) -> Residuals:
    """Residuals of the optimality conditions of min f(z) with g(z) <= 0.

    Parameters
    ----------
    gradient
        Of f, shape (n,).
    values, jacobian
        g and its derivatives, shapes (m,) and (m, n).
    multipliers
        Shape (m,).
    """
    size = float(np.max(np.abs(gradient)))
    return Residuals(
        primal=float(np.max(np.maximum(values, 0.0))),
        dual=float(np.max(np.maximum(-multipliers, 0.0))) / size,
        complementarity=float(np.max(np.abs(values * multipliers))) / size,
        stationarity=float(np.max(np.abs(gradient + multipliers @ jacobian))) / size,
    )


def proof(gradient: Floats, values: Floats, jacobian: Floats, multipliers: Floats) -> tuple[Residuals, Floats]:
    """Residuals with the solver's multipliers or, where they are smaller so, with the same ones made sharper.

    Any multipliers that meet the conditions are a proof. On an exponential cone those of an interior-point method have
    half the digits of its point. They are changed, each in proportion to itself and as little as possible, so that the
    gradient of the Lagrangian vanishes; what keeps the point from being optimal then shows in the other residuals.

    Returns
    -------
    Residuals, and the multipliers that go with them, shape (m,); arguments are those of ``residuals``.
    """
    left_over = gradient + multipliers @ jacobian
    change = np.linalg.lstsq((jacobian * multipliers[:, None]).T, -left_over, rcond=None)[0]
    choices = (multipliers, multipliers * (1 + change))
    rated = [(residuals(gradient, values, jacobian, choice), choice) for choice in choices]
    return min(rated, key=lambda pair: pair[0].worst)


def run(problem: cp.Problem) -> bool:
    """Solve a problem; whether there are values to judge, for the status says nothing that would be believed."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Solution may be inaccurate")
        try:
            problem.solve(solver=cp.CLARABEL, enforce_dpp=True, **SETTINGS)
        except cp.SolverError:
            return False
    return problem.status in (cp.OPTIMAL, cp.OPTIMAL_INACCURATE)


def value(variable: cp.Variable) -> Floats:
    """What the solver found for a variable, as an array of its shape."""
    return np.asarray(variable.value, dtype=float)


def multipliers(*constraints: cp.Constraint) -> Floats:
    """The multipliers of constraints, one after the other, shape (m,)."""
    return np.concatenate([np.atleast_1d(np.asarray(rows.dual_value, dtype=float)) for rows in constraints])


class Answer(Protocol):
    """A solution that can be verified."""

    @property
    def kkt(self) -> Residuals:
        """Residuals of its optimality conditions."""

    @property
    def bandwidth_hz(self) -> Floats:
        """Bandwidths [Hz], all above 0, shape (K,)."""


AnswerT = TypeVar("AnswerT", bound=Answer)


def verified(attempt: Callable[[Floats], AnswerT | None], expected_hz: Floats, what: str) -> AnswerT:
    """The first answer whose residuals are all at most ``TOLERANCE``.

    Parameters
    ----------
    attempt
        Solves the problem in units near the bandwidths given; None when the solver gave up.
    expected_hz
        Bandwidths to begin with, shape (K,).
    what
        The problem, as an error names it.

    Raises
    ------
    InputError
        When no attempt comes that close: nothing is returned that is not verified.
    """
    worst = np.inf
    for _ in range(ATTEMPTS):
        answer = attempt(expected_hz)
        if answer is None:
            break
        worst = answer.kkt.worst
        if worst <= TOLERANCE:
            return answer
        expected_hz = answer.bandwidth_hz
    problem = f"the convex solver's answer cannot be verified: residual {worst:.1e}, expected at most {TOLERANCE:g}"
    raise InputError(f"{problem}; numbers this far apart are beyond it, use the closed form", source=what)
