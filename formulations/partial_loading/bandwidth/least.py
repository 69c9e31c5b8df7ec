r"""Bandwidth of PartialLoading once the slots are known: least upload time, and least bandwidth, as convex problems.

**Kind.** Exact: given the slots, nothing is lost (problems, fact 1). **Covers** flat and power-limited channels, mixed
as they come; every uplink. Both problems have a closed form or a scalar root in `partload.instances.allocation`; here
CVXPY solves them as convex problems, without those forms. The multipliers give the value of one more hertz, which the
closed forms do not.

| symbol | name | meaning | unit |
|---|---|---|---|
| b_k | `share` | bandwidth of request k | B0 |
| rho_k | `rate` | rate of request k | R0 |
| s = 1 / t | `speed` | reciprocal of the slot's upload time | 1/T0 |
| D_k | `demand` | bits of the input, as the rate that uploads it in T0, or in the time wanted | R0 |
| B0_k / B | `part` | unit of the bandwidth of request k, as a part of the band B | 1 |

Units: B0 is a bandwidth near the expected one of the request, R0 its rate there, T0 an expected upload time of the
slot.

**Least upload time of a slot.** As a problem in t it is not convex, in s = 1 / t it is:

    max   s
    s.t.  rate_k(b_k) >= D_k s     for every k that has bits to upload
          sum_k b_k <= B

With nu the multiplier of the band, -dt/dB = t^2 nu is what one more hertz is worth, in seconds.

**Least bandwidth for given ready times** (uplink `static`: request k holds b_k from time 0 until its slot is ready):

    min   sum_k b_k
    s.t.  rate_k(b_k) >= D_k / ready_k

Each b_k is in a constraint of its own, so the same b_k are least for any positive prices of the hertz; in units near
their size all count alike. With lambda_k the multiplier, -db_k/dready_k = lambda_k D_k / ready_k^2: hertz saved per
second of patience.

Where a slot has no request with bits there is no problem, and no bandwidth. How the rate is written in cones, and the
units, are in `partload.formulations.rates`. The third family, bandwidth that is left over, is in `goals`.
"""

from __future__ import annotations

from functools import lru_cache

import cvxpy as cp
import numpy as np
from numpy.typing import NDArray

from partload.formulations.rates import Rates, Scale, Shape

Floats = NDArray[np.float64]
KEPT = 64
"""Problems kept, ready for other numbers in the same shape."""


class LeastTime:
    """Least upload time of a slot; for K requests with bits."""

    def __init__(self, shape: Shape) -> None:
        self.rates = Rates(shape)
        self.speed = cp.Variable(name="s")
        self.demand = cp.Parameter(sum(shape), nonneg=True, name="D")
        """D_k s at s = 1, in units of the rate, shape (K,)."""
        self.part = cp.Parameter(sum(shape), nonneg=True, name="unit/B")
        """Shape (K,)."""
        self.arrive = cp.multiply(self.demand, self.speed) <= self.rates.rate
        self.in_band = self.part @ self.rates.share <= 1
        constraints = [*self.rates.constraints, self.arrive, self.in_band]
        self.problem = cp.Problem(cp.Minimize(-self.speed), constraints)

    def set(self, scale: Scale, demand: Floats, band_hz: float) -> None:
        """Give the parameters their values; ``demand`` as above."""
        self.rates.set(scale)
        self.demand.value = demand
        self.part.value = scale.unit_hz / band_hz


class LeastBandwidth:
    """Least bandwidth that gives each of K requests its rate."""

    def __init__(self, shape: Shape) -> None:
        self.rates = Rates(shape)
        self.plain = shape[0] + shape[1]
        """Number of requests whose demand is a rate; of the others, it is the distance to the ceiling of the rate."""
        self.arrive: list[cp.Constraint] = []
        if self.plain:
            self.demand = cp.Parameter(self.plain, nonneg=True, name="D/ready")
            self.arrive.append(self.demand <= self.rates.rate[: self.plain])
        if shape[2]:
            self.spare = cp.Parameter(shape[2], nonneg=True, name="(1-q)/p")
            self.arrive.append(self.rates.shortfall <= self.spare)
        self.problem = cp.Problem(cp.Minimize(cp.sum(self.rates.share)), [*self.rates.constraints, *self.arrive])

    def set(self, scale: Scale, demand: Floats, spare: Floats) -> None:
        """Give the parameters their values.

        Parameters
        ----------
        scale
            Units.
        demand
            D_k / ready_k in units of the rate, shape (K,).
        spare
            (1 - q_k) / p_k, with q_k the part of the ceiling that is needed, shape (K,); only the last block's count.
        """
        self.rates.set(scale)
        if self.plain:
            self.demand.value = demand[: self.plain]
        if self.plain < len(demand):
            self.spare.value = spare[self.plain :]


@lru_cache(maxsize=KEPT)
def least_time(shape: Shape) -> LeastTime:
    """The problem of a shape, made once."""
    return LeastTime(shape)


@lru_cache(maxsize=KEPT)
def least_bandwidth(shape: Shape) -> LeastBandwidth:
    """The problem of a shape, made once."""
    return LeastBandwidth(shape)
