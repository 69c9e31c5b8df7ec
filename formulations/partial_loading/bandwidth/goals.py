r"""Bandwidth of PartialLoading that is left over once the slots are known: three goals for it, as convex problems.

**Kind.** Exact for the slots given: who is served, and in which slot, never changes. **Covers** flat and power-limited
channels, mixed as they come; every uplink.

| symbol | name | meaning | unit |
|---|---|---|---|
| b_k | `share` | bandwidth of request k | B0 |
| rho_k | `rate` | rate of request k | R0 |
| tau_k | `time` | upload time D_k / rate_k of request k | T0 |
| wait_n | `wait` | by how much longer than it has to, slot n waits for its uploads | W0 |
| spent_n | `spent` | part of the time to spare that the slots up to n have used | 1 |
| l | `level` | least rate | R0 |

Units: B0 is a bandwidth near the expected one of the request, R0 its rate and T0 its upload time there, W0 an expected
wait.

**Equations.** With e_n the end of slot n and d_n the least deadline in it,

    weighted        min  sum_k omega_k D_k / rate_k(b_k)
    proportional    max  sum_k log rate_k(b_k)
    max-min         max  l,  l <= rate_k(b_k); then who cannot have more keeps it, and the others go on
    s.t.  sum_{k in U_n} b_k <= B                              static: over all k served
          up_n >= D_k / rate_k(b_k)                            for k in U_n
          slotted:    e_n >= e_{n-1} + load_n + inf_n,   e_n >= e_{n-1} + up_n + inf_n,   e_n <= d_n
          pipelined:  ready_n >= e_{n-1} + load_n,   ready_n >= sum_{m<=n} up_m,   e_n = ready_n + inf_n <= d_n
          static:     ready_n >= e_{n-1} + load_n,   ready_n >= up_n,   e_n = ready_n + inf_n <= d_n

**What is left of them.** Let base_n be the least time that slot n has to give its uploads: their least upload time on
the whole band, and with uplink `slotted` at least load_n, behind which a longer upload hides. Then up_n <= base_n +
wait_n with wait_n >= 0, and everything about deadlines becomes sum_{m<=n} wait_m <= S_n. With `slotted`, S_n is the
least, over the slots m >= n, of d_m minus the end of slot m when no slot waits. With `pipelined` it is the least of
L_m - sum_{j<=m} base_j, where L_m is the latest time at which slot m can be ready
(`partload.instances.partial_loading.static`). With `static`, up_n <= L_n and nobody waits for anybody. So loads,
inference and deadlines are numbers here, not rows.

Slots without freedom, whose least bandwidths take the whole band, are left out: they keep what they have.
"""

from __future__ import annotations

import dataclasses
from functools import lru_cache

import cvxpy as cp
import numpy as np
from numpy.typing import NDArray

from partload.formulations.goals import GoalName
from partload.formulations.rates import Rates, Scale, Shape

Floats = NDArray[np.float64]
KEPT = 64
"""Problems kept, ready for other numbers in the same shape."""


@dataclasses.dataclass(frozen=True)
class Numbers:
    """The data of a problem, each near 1 or below; K requests in the order of the blocks, W slots that may wait."""

    part: Floats
    """Unit of the bandwidth as a part of the band, shape (K,)."""
    need: Floats
    """Upload time at the unit of the rate, in units of time of the request's slot, shape (K,)."""
    base: Floats
    """base_n in units of time of the request's slot, shape (K,)."""
    stretch: Floats
    """Unit of the wait in units of time of the request's slot, shape (K,)."""
    used: Floats
    """Unit of the wait over S_n, shape (W,)."""
    spent_before: Floats
    """S of the slot before over S_n, shape (W,); 0 for the first."""
    weight: Floats
    """weighted: omega_k times the upload time at the unit of the rate, the largest being 1, shape (K,); max-min: the
    unit of the level in units of the rate, shape (K,)."""


class Goal:
    """One goal, for K requests of known slots.

    Parameters
    ----------
    goal
        Its name.
    shape
        Blocks of the requests, see ``Rates``.
    slot_of, band_of
        The slot of each request, and the band that it shares (0, 1, 2, ...); K numbers each.
    waiting
        The slots that may wait, in the order in which they run, W of them.
    """

    def __init__(
        self, goal: GoalName, shape: Shape, slot_of: tuple[int, ...], band_of: tuple[int, ...], waiting: tuple[int, ...]
    ) -> None:
        self.goal = goal
        self.member: Floats = (np.arange(max(band_of) + 1)[:, None] == np.array(band_of)).astype(float)
        """1 where a band is that of a request, shape (bands, K)."""
        self.patient: Floats = (np.array(slot_of)[:, None] == np.array(waiting, dtype=int)).astype(float)
        """1 where a request is in a slot that may wait, shape (K, W)."""
        self.rates = Rates(shape)
        self.time = cp.Variable(len(slot_of), name="tau")
        self.constraints = [*self.rates.constraints, cp.inv_pos(self.rates.rate) <= self.time]
        self.part = self._data(len(slot_of), "unit/B")
        self.in_band = self.member @ cp.multiply(self.part, self.rates.share) <= 1
        self.need, self.base = self._data(len(slot_of), "D"), self._data(len(slot_of), "base")
        allowed = self.base + self._waits(len(slot_of), len(waiting)) if waiting else self.base
        self.in_time = cp.multiply(self.need, self.time) <= allowed
        objective = self._objective(goal, len(slot_of))
        self.problem = cp.Problem(objective, [*self.constraints, self.in_band, self.in_time])

    @staticmethod
    def _data(count: int, name: str) -> cp.Parameter:
        return cp.Parameter(count, nonneg=True, name=name)

    def _waits(self, count: int, slots: int) -> cp.Expression:
        """What waiting adds to the time for each upload; the time to spare is used up slot by slot."""
        self.wait, spent = cp.Variable(slots, name="wait"), cp.Variable(slots, name="spent")
        self.stretch = self._data(count, "unit of wait")
        self.used, self.spent_before = self._data(slots, "unit of wait/S"), self._data(slots, "S before/S")
        before = np.eye(slots, k=-1) @ spent
        self.patience, self.to_spare = self.wait >= 0, spent <= 1
        adding = spent == cp.multiply(self.used, self.wait) + cp.multiply(self.spent_before, before)
        self.constraints += [adding, self.patience, self.to_spare]
        return cp.multiply(self.stretch, self.patient @ self.wait)

    def _objective(self, goal: GoalName, count: int) -> cp.Minimize:
        if goal == "weighted":
            self.weight = self._data(count, "omega D")
            return cp.Minimize(self.weight @ self.time)
        if goal == "proportional":
            return cp.Minimize(-cp.sum(cp.log(self.rates.rate)))
        self.level = cp.Variable(name="l")
        self.weight = self._data(count, "unit of l")
        self.at_least = cp.multiply(self.weight, self.level) <= self.rates.rate
        self.constraints.append(self.at_least)
        return cp.Minimize(-self.level)

    def set(self, scale: Scale, numbers: Numbers) -> None:
        """Give the parameters their values."""
        self.rates.set(scale)
        self.part.value, self.need.value, self.base.value = numbers.part, numbers.need, numbers.base
        if self.patient.size:
            self.stretch.value, self.used.value, self.spent_before.value = (
                numbers.stretch,
                numbers.used,
                numbers.spent_before,
            )
        if self.goal != "proportional":
            self.weight.value = numbers.weight


@lru_cache(maxsize=KEPT)
def goal_problem(
    goal: GoalName, shape: Shape, slot_of: tuple[int, ...], band_of: tuple[int, ...], waiting: tuple[int, ...]
) -> Goal:
    """The problem of a goal and a shape, made once."""
    return Goal(goal, shape, slot_of, band_of, waiting)
