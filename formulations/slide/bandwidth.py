r"""Bandwidths and speeds of SLIDE once it is known who gets which model, as one convex problem with four goals.

**Kind.** Exact for the provisioning given. **Covers** flat and power-limited channels, mixed as they come; one speed
per device or per layer; energy budgets. The least bandwidths have closed forms in
`partload.instances.slide.least_bandwidth`; here CVXPY solves the problem without them. The multipliers give the value
of one more hertz, joule or second, which the closed forms do not.

| symbol | name | meaning | unit |
|---|---|---|---|
| b_k | `share` | bandwidth of user k | B0 |
| rho_k | `rate` | rate of user k | R0 |
| tau_k = 1 / rho_k | `time` | time per bit | 1/R0 |
| p = 1 / f | `inverse_speed` | time per work | 1/F0 |
| t_k | `latency` | time at which user k has the result | T |
| a_{k,l} | `bits` | time until layer l is here at rate 1 | T |
| c_{k,l} | `work` | time that layer l takes at inverse speed 1 | T |
| e_{k,l} | `energy` | energy that it takes at inverse speed 1 | E |

Units, of each user: B0 is a bandwidth near the expected one, R0 the rate there, F0 the expected speed, T the deadline,
E the energy budget.

**Times.** The recursion t_l = max(t_{l-1}, d_l) + c_l / f_l ends at the longest of L ways: wait for layer l, then
compute without a pause from there to the end (problems, SLIDE, fact 1). Each of them is linear in tau and in p, tau is
convex in the bandwidth, and the energy sum e p^-2 in the inverse speed:

    a_{k,l} / rate_k(b_k) + sum_{j>=l} c_{k,j} p_{k,j} <= 1     for every layer l of every user k
    sum_l e_{k,l} p_{k,l}^-2 <= 1,    1 / f_max <= p <= 1 / f_min

In rates and speeds it would not be convex: rate d >= bits is, but energy grows with f^2 while time falls with 1 / f.

**Goals.**

    least           min  sum_k b_k
    weighted        min  sum_k omega_k t_k,  with t_k in place of the 1 above, and t_k <= 1
    proportional    max  sum_k log rate_k(b_k)
    max-min         max  l,  l <= rate_k(b_k); then who cannot have more keeps it, and the others go on
    s.t.            sum_k b_k <= B           for all but the first

*weighted* is about latency, the time until the result is there; *proportional* and *max-min* are about rates, as they
are in `partload.formulations.partial_loading.bandwidth.goals`. How a rate is written in cones stands in
`partload.formulations.rates`.

Layers without work need no inverse speed, and users without bits need no bandwidth: the problem has neither.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import cvxpy as cp
import numpy as np
from numpy.typing import NDArray

from partload.formulations.rates import Rates, Scale

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
GoalName = Literal["least", "weighted", "proportional", "max-min"]


@dataclasses.dataclass(frozen=True)
class Numbers:
    """The data of K users in the order of the blocks, with R layers and P inverse speeds; each near 1 or below."""

    user: Rows
    """Whose layer it is, shape (R,); the layers of a user stand together, in their order."""
    bits: Floats
    """a, shape (R,)."""
    work: Floats
    """c, shape (R,)."""
    inverse_speed: Rows
    """Which inverse speed it has, shape (R,); -1 for layers without work, or whose speed cannot be another."""
    fixed_time: Floats
    """Time that these take, shape (R,)."""
    energy: Floats
    """e, shape (R,); 0 for users without a budget."""
    shortest: Floats
    """1 / f_max of each inverse speed, shape (P,)."""
    longest: Floats
    """1 / f_min, shape (P,); infinite where f_min is 0."""
    part: Floats
    """Unit of the bandwidth as a part of the band, shape (K,)."""
    weight: Floats
    """What a unit counts for the goal, the largest being 1: least: of bandwidth; weighted: omega_k times the deadline;
    max-min: the unit of the level in units of the rate; shape (K,)."""

    @property
    def to_the_end(self) -> Floats:
        """1 where layer j of a row's user is at or after its own, shape (R, R)."""
        return np.triu(np.equal.outer(self.user, self.user).astype(float))

    @property
    def budgets(self) -> Rows:
        """The users with a budget that leaves a choice."""
        return np.unique(self.user[(self.energy > 0) & (self.inverse_speed >= 0)])

    def of_user(self) -> Floats:
        """1 where a row is one of the user's, shape (R, K)."""
        return np.equal.outer(self.user, np.arange(len(self.part))).astype(float)

    def of_inverse_speed(self) -> Floats:
        """1 where a row has the inverse speed, shape (R, P)."""
        return np.equal.outer(self.inverse_speed, np.arange(len(self.shortest))).astype(float)

    @property
    def slope(self) -> Floats:
        """By how much the time to the end grows with each inverse speed, shape (R, P)."""
        return (self.to_the_end * self.work) @ self.of_inverse_speed()

    @property
    def price(self) -> Floats:
        """Energy at inverse speed 1 on each inverse speed, of the users with budgets, shape (users, P)."""
        mine = self.of_user()[:, self.budgets].T
        return mine @ (self.energy[:, np.newaxis] * self.of_inverse_speed())

    @property
    def bounded(self) -> Rows:
        """The inverse speeds that have a greatest value."""
        return np.flatnonzero(np.isfinite(self.longest))


class KnownProvisioning:
    """The convex problem of one goal, for users whose models are known."""

    def __init__(self, goal: GoalName, scale: Scale, numbers: Numbers) -> None:
        count, inverse_speeds = len(numbers.part), len(numbers.shortest)
        self.rates = Rates(scale.shape)
        self.rates.set(scale)
        self.time = cp.Variable(count, name="tau")
        constraints = [*self.rates.constraints, cp.inv_pos(self.rates.rate) <= self.time]
        takes: cp.Expression = cp.multiply(numbers.bits, numbers.of_user() @ self.time)
        takes += numbers.to_the_end @ numbers.fixed_time
        self.within: list[cp.Constraint] = []
        """Energy budgets, least inverse speeds, and greatest inverse speeds where there are any."""
        self.inverse_speed: cp.Variable | None = None
        if inverse_speeds:
            self.inverse_speed = cp.Variable(inverse_speeds, name="p")
            takes += numbers.slope @ self.inverse_speed
            if len(numbers.budgets):
                self.within.append(numbers.price @ cp.power(self.inverse_speed, -2) <= 1)
            self.within.append(numbers.shortest <= self.inverse_speed)
            if len(numbers.bounded):
                self.within.append(self.inverse_speed[numbers.bounded] <= numbers.longest[numbers.bounded])
        self.extra: list[cp.Variable] = []
        """The latencies, or the level, where the goal has them."""
        self.last: list[cp.Constraint] = []
        """The band, and the constraints that the goal adds."""
        due: cp.Expression | float = 1.0
        if goal != "least":
            self.last.append(numbers.part @ self.rates.share <= 1)
        if goal == "least":
            objective = cp.Minimize(numbers.weight @ self.rates.share)
        elif goal == "weighted":
            latency = cp.Variable(count, name="t")
            due = numbers.of_user() @ latency
            self.extra.append(latency)
            self.last.append(latency <= 1)
            objective = cp.Minimize(numbers.weight @ latency)
        elif goal == "proportional":
            objective = cp.Minimize(-cp.sum(cp.log(self.rates.rate)))
        else:
            level = cp.Variable(name="l")
            self.extra.append(level)
            self.last.append(numbers.weight * level <= self.rates.rate)
            objective = cp.Minimize(-level)
        self.in_time = takes <= due
        self.problem = cp.Problem(objective, [*constraints, self.in_time, *self.within, *self.last])
