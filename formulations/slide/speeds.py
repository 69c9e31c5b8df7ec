r"""Speeds of one device in SLIDE: least energy at a given rate, as the convex problem that it is.

**Kind.** Exact: with one speed per layer, given the rate, nothing is lost. **Covers** every model, every rate, least
and greatest speeds. There is a combinatorial solution in `partload.instances.slide.speed_hull`; here CVXPY
solves the problem without it.

| symbol | name | meaning | unit |
|---|---|---|---|
| c_l / W | `work` | work of layer l, as a part of all the work W | 1 |
| p_l = 1 / f_l | `inverse_speed` | time per work of layer l | T/W |
| a_l y | `late` | time at which layer l is here; T is the deadline | T |
| f_min, f_max | `slowest`, `fastest` | least and greatest speed, as inverse speeds | T/W |

**Times.** In max-plus form (problems, SLIDE fact 1) the result is there in time if from every layer on, when it is
here, the work to the end takes no longer than what is left. Energy is a sum over squares of speeds, the reciprocals of
inverse speeds:

    min   sum_l (c_l / W) p_l^-2
    s.t.  sum_{j>=l} (c_j / W) p_j <= 1 - a_l y     for every layer l
          1 / f_max <= p_l <= 1 / f_min

In speeds the constraints would not be convex, in inverse speeds they are linear. The constraints are nested: each sum
has one term more than the next, so the solution is the hull of a few points (docs/reference/slide-speeds.md). In units
of W and T the energy of one speed that fills the deadline is 1.

The inverse speed of a layer without work does not matter; the layer has its arrival time like the others.
"""

from __future__ import annotations

from functools import lru_cache

import cvxpy as cp
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
KEPT = 64
"""Problems kept, ready for other numbers of as many layers."""


class LeastEnergy:
    """The inverse speeds of least energy of L layers."""

    def __init__(self, layers: int) -> None:
        self.inverse_speed = cp.Variable(layers, name="p")
        """In units of a inverse speed expected, shape (L,)."""
        self.time = cp.Parameter((layers, layers), nonneg=True, name="c")
        """Time that layer j takes, as a part of what is left when layer l is here; row l, column j."""
        self.price = cp.Parameter(layers, nonneg=True, name="c/p^2")
        """Energy of each layer at the inverse speed expected, as a part of all, shape (L,)."""
        self.shortest = cp.Parameter(layers, nonneg=True, name="1/f_max")
        self.longest = cp.Parameter(layers, nonneg=True, name="1/f_min")
        constraints = [
            self.time @ self.inverse_speed <= 1,
            self.inverse_speed >= self.shortest,
            self.inverse_speed <= self.longest,
        ]
        self.problem = cp.Problem(cp.Minimize(self.price @ cp.power(self.inverse_speed, -2)), constraints)
        self._unit = np.ones(layers)
        self._unit_of_energy = 1.0

    def set(self, work: Floats, late: Floats, slowest: float, fastest: float, expected: Floats) -> None:
        """Give the parameters their values.

        Parameters
        ----------
        work
            c_l / W, shape (L,); their sum is 1.
        late
            When each layer is here, as a share of the deadline, below 1, shape (L,).
        slowest, fastest
            f_min, above 0, and f_max, in units of W / T.
        expected
            Paces not too far from the best, shape (L,): the solver does best with numbers near 1.
        """
        energy = work / expected**2
        self._unit, self._unit_of_energy = expected, float(energy.sum())
        self.time.value = np.triu(np.ones((len(work), 1)) * (work * expected)) / (1 - late)[:, np.newaxis]
        self.price.value = energy / self._unit_of_energy
        self.shortest.value = 1 / (fastest * expected)
        self.longest.value = 1 / (slowest * expected)

    def found(self) -> tuple[Floats, float]:
        """The inverse speeds of the solution, shape (L,), and its energy in units of kappa W^3 / T^2."""
        inverse_speed = np.asarray(self.inverse_speed.value, dtype=float)
        return inverse_speed * self._unit, float(self.problem.value) * self._unit_of_energy


@lru_cache(maxsize=KEPT)
def least_energy(layers: int) -> LeastEnergy:
    """The problem of so many layers, made once."""
    return LeastEnergy(layers)
