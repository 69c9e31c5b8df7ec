"""Random devices on which the staircase and the convex problem must agree: for tests, and for runs by the thousand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from random import Random
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from partload.formulations.slide.speeds import LeastEnergy, least_energy
from partload.instances.slide import layer_speeds
from partload.instances.slide.instance import LayerArrays
from partload.instances.slide.layer_speeds import Devices
from partload.instances.slide.speed_hull import SpeedHull
from partload.solvers import convex

Kind = Literal["free", "whole numbers", "with a least speed"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MOST_LAYERS = 30
ROUNDS = 3


class Case(NamedTuple):
    """A model of L layers, and a device that can run it in time at a rate."""

    bits: NDArray[np.float64]
    """Up to each layer, shape (L,)."""
    work_flop: NDArray[np.float64]
    """Shape (L,)."""
    rate_bps: float
    deadline_s: float
    slowest: float
    """[FLOP/s]"""
    fastest: float
    """[FLOP/s]"""

    def devices(self, budget_j: float = np.inf, coefficient: float = 1.0) -> Devices:
        """The device as columns of one row."""
        return Devices(*np.array([[self.deadline_s], [self.slowest], [self.fastest], [budget_j], [coefficient]]))

    def model(self) -> SpeedHull:
        """Its staircase."""
        return SpeedHull.of(self.layers())

    def layers(self) -> LayerArrays:
        """Its layers as an instance has them."""
        return LayerArrays(self.bits, self.work_flop)

    def speeds(self) -> NDArray[np.float64]:
        """Those of least energy, shape (L,)."""
        return layer_speeds.least_energy_speeds(self.model(), self.devices(), np.array([self.rate_bps]))[0]

    def energy(self, speeds: NDArray[np.float64]) -> float:
        """In units of kappa."""
        return float(self.work_flop @ speeds**2)


def of_each(cases: Sequence[Case]) -> tuple[SpeedHull, Devices, np.ndarray]:
    """Models, devices and rates of cases, as users with a model each."""
    columns = [(case.deadline_s, case.slowest, case.fastest, np.inf, 1.0) for case in cases]
    model = SpeedHull.of(*(case.layers() for case in cases))
    return model, Devices(*np.array(columns).T), np.array([case.rate_bps for case in cases])


def random_case(seed: int, kind: Kind, most_layers: int = MOST_LAYERS) -> Case:
    """Works and sizes over four decades, some of them 0; some devices have no time to spare, others plenty."""
    random = Random(f"{kind} {seed}")
    layers = random.randint(1, most_layers)
    whole = kind == "whole numbers"

    def amount() -> float:
        if random.random() < 0.1:
            return 0.0
        return float(random.randint(1, 4)) if whole else 10 ** random.uniform(-2, 2)

    sizes, work = np.array([amount() for _ in range(layers)]), np.array([amount() for _ in range(layers)])
    work[random.randrange(layers)] += 1.0
    bits = 8 * np.cumsum(sizes)
    deadline = float(random.randint(layers, 6 * layers)) if whole else 10 ** random.uniform(-1, 1)
    rate = float(bits[-1]) / (deadline * random.choice((0.25, 0.5, 0.75) if whole else (0.01, 0.3, 0.7, 0.95, 0.999)))
    rate = rate or 1.0
    to_the_end = np.cumsum(work[::-1])[::-1]
    works = to_the_end > 0
    needed = float(np.max(to_the_end[works] / (deadline - bits[works] / rate)))
    fastest = needed * random.choice((1.0, 1.5, 100.0))
    slowest = random.uniform(0.05, 1.0) * needed if kind == "with a least speed" else 0.0
    return Case(bits, work, rate, deadline, slowest, fastest)


def prepared(case: Case, expected: NDArray[np.float64] | None = None) -> LeastEnergy:
    """The convex problem of a case with its numbers, in units of the paces expected, if not those of one speed."""
    work, late = case.work_flop / case.work_flop.sum(), case.bits / (case.rate_bps * case.deadline_s)
    unit = case.work_flop.sum() / case.deadline_s
    one_speed = float(np.max(np.cumsum(work[::-1])[::-1] / (1 - late)))
    never = 1e-4 * one_speed
    problem = least_energy(len(work))
    slowest, fastest = max(case.slowest / unit, never), case.fastest / unit
    problem.set(work, late, slowest, fastest, np.full(len(work), 1 / one_speed) if expected is None else expected)
    return problem


def convex_energy(case: Case) -> float:
    """The least energy by CVXPY and Clarabel, in units of kappa; solved again in the units of what was found."""
    pace, energy = None, math.inf
    for _ in range(ROUNDS):
        problem = prepared(case, pace)
        if not convex.run(problem.problem):
            raise ArithmeticError(f"Clarabel: {problem.problem.status}")
        pace, energy = problem.found()
    return energy * case.work_flop.sum() ** 3 / case.deadline_s**2


def residual(case: Case, speeds: NDArray[np.float64]) -> float:
    """The largest residual of the optimality conditions of Karush, Kuhn and Tucker, in units of W and T.

    With x_l = c_l / f_l the gradient of the energy is -2 f_l^3. The multipliers are what makes it vanish: their sum up
    to layer l is 2 f_l^3, less what the least speed takes on itself where it is reached. Layers without work have no
    x_l.
    """
    works = np.flatnonzero(case.work_flop > 0)
    unit = case.work_flop.sum() / case.deadline_s
    f, c = speeds[works] / unit, case.work_flop[works] / case.work_flop.sum()
    slowest, fastest = case.slowest / unit, case.fastest / unit
    late = case.bits / (case.rate_bps * case.deadline_s)
    left = 1 - np.cumsum((c / f)[::-1])[::-1] - late[works]
    summed = np.where(f > slowest * (1 + 1e-12), 2 * f**3, 0.0)
    multipliers = np.diff(summed, prepend=0.0)
    bounds = np.maximum(slowest - f, f - fastest) / f
    primal = max(float(np.max(-left)), float(np.max(bounds)), float(late[-1]) - 1, 0.0)
    dual = max(float(np.max(-multipliers / np.max(f) ** 3)), 0.0)
    return max(primal, dual, float(np.max(np.abs(multipliers * left))) / np.max(2 * f**3))


def exact_energy(case: Case, rate_bps: float, deadline_s: float | None = None) -> Fraction | None:
    """The least energy at a rate in units of kappa, in exact arithmetic; None when no plan is in time.

    From the end on, a block is extended to the layer up to which its work has the least time for each FLOP: no hull, no
    look-up, and what the device cannot do is only found at the end.
    """
    due, rate = Fraction(deadline_s or case.deadline_s), Fraction(rate_bps)
    bits, work = [Fraction(b) for b in case.bits.tolist()], [Fraction(c) for c in case.work_flop.tolist()]
    left = [due - b / rate if b else due for b in bits]
    energy, used, end = Fraction(0), Fraction(0), len(work)
    while any(work[:end]):
        paces = [((left[n] - used) / sum(work[n:end]), n) for n in range(end) if any(work[n:end])]
        pace, start = min(paces)
        if pace * Fraction(case.fastest) < 1:
            return None
        energy += sum(work[start:end]) * max(1 / pace, Fraction(case.slowest)) ** 2
        used, end = left[start], start
    return energy if left[-1] >= 0 else None
