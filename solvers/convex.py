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

import clarabel  # noqa: F401  CVXPY finds it by itself; here, that it is missing shows before any work is done.
import cvxpy as cp
import numpy as np
from numpy.typing import NDArray

from partload.instances.errors import InputError

Floats = NDArray[np.float64]

TOLERANCE = 1e-6
"""Largest residual with which a solution is believed."""
ATTEMPTS = 4
"""How often a problem is solved, each time in the units of the solution before, until it can be believed."""
NEWTON_STEPS = 5
STEP_LENGTHS = (1.0, 0.5, 0.1)
SHARP = 1e-10
"""Largest residual below which there is nothing to refine."""
SETTINGS = {
    # Further than this Newton's method goes faster.
    "tol_gap_abs": 1e-8,
    "tol_gap_rel": 1e-8,
    "tol_feas": 1e-8,
    # The problems come in good units; scaling them again costs Clarabel three digits near the ceiling of a rate.
    "equilibrate_enable": False,
    # For the last digits: a regularisation too small to be seen in them, and steps that stay away from the boundary.
    "static_regularization_constant": 1e-10,
    "max_step_fraction": 0.95,
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


@dataclasses.dataclass(frozen=True)
class Conditions:
    """All that the optimality conditions of min f(z) with g(z) <= 0 need at one point with m multipliers."""

    gradient: Floats
    """Of f, shape (n,)."""
    values: Floats
    """g, shape (m,)."""
    jacobian: Floats
    """Of g, shape (m, n)."""
    hessian: Floats
    """Of the Lagrangian, shape (n, n)."""


def residuals(at: Conditions, multipliers: Floats) -> Residuals:
    """Residuals of the optimality conditions with multipliers of shape (m,)."""
    size = float(np.max(np.abs(at.gradient)))
    return Residuals(
        primal=float(np.max(np.maximum(at.values, 0.0))),
        dual=float(np.max(np.maximum(-multipliers, 0.0))) / size,
        complementarity=float(np.max(np.abs(at.values * multipliers))) / size,
        stationarity=float(np.max(np.abs(at.gradient + multipliers @ at.jacobian))) / size,
    )


def refined(
    conditions: Callable[[Floats, Floats], Conditions], point: Floats, multipliers: Floats
) -> tuple[Floats, Floats, Residuals]:
    """The solver's point and multipliers after Newton's method on the optimality conditions, as long as that helps.

    An interior-point method ends with half the digits in its point where the objective is flat, and in its multipliers
    on exponential cones. The products of constraints and multipliers being 0 are equations here, so nothing is assumed
    of which constraints are tight.

    Parameters
    ----------
    conditions
        The conditions at a point z, shape (n,), with multipliers, shape (m,).
    point, multipliers
        Where to begin.

    Returns
    -------
    Point, multipliers, and their residuals: the best that were met.
    """
    at = conditions(point, multipliers)
    best = residuals(at, multipliers)
    for _ in range(NEWTON_STEPS):
        if best.worst <= SHARP:
            break
        rows = np.block([[at.hessian, at.jacobian.T], [multipliers[:, None] * at.jacobian, np.diag(at.values)]])
        target = -np.append(at.gradient + multipliers @ at.jacobian, multipliers * at.values)
        try:
            step = np.linalg.solve(rows, target)
        except np.linalg.LinAlgError:
            break
        for length in STEP_LENGTHS:
            following = point + length * step[: len(point)]
            prices = multipliers + length * step[len(point) :]
            with np.errstate(divide="ignore", invalid="ignore"):  # A step may leave what the conditions are made for.
                at = conditions(following, prices)
            reached = residuals(at, prices)
            if reached.worst < best.worst:
                point, multipliers, best = following, prices, reached
                break
        else:
            break
    return point, multipliers, best


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
    """The first answer whose residuals are all at most ``TOLERANCE``, with bandwidths above 0, where rates are concave.

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
        if worst <= TOLERANCE and np.all(answer.bandwidth_hz > 0):
            return answer
        expected_hz = answer.bandwidth_hz
    problem = f"the convex solver's answer cannot be verified: residual {worst:.1e}, expected at most {TOLERANCE:g}"
    raise InputError(f"{problem}; the data are too far apart for it, do without", source=what)
