"""Least bandwidths of a plan rederived for each user, by closed form and by convex optimization; both must agree."""

from __future__ import annotations

import dataclasses

import numpy as np

from partload.instances.slide.clock import Times
from partload.instances.slide.instance import Instance
from partload.instances.slide.plan import Plan
from partload.instances.slide.provisioning import pair_requirements, plan_of
from partload.solvers.slide.bandwidth.convex import Users, divide_band


@dataclasses.dataclass(frozen=True)
class Derived:
    """One user: the least bandwidth [Hz] with the model of the plan, by closed form and by convex optimization."""

    closed: float
    convex: float
    own: float
    """The bandwidth of the plan."""
    price_hz_per_s: float
    """Multiplier of the deadline: hertz saved per additional second."""
    price_hz_per_j: float
    """Multiplier of the energy budget: hertz saved per additional joule; 0 where no budget binds."""
    kkt: float
    """Largest residual of the optimality conditions of the convex problem."""

    @property
    def difference(self) -> float:
        """|convex - closed form|, relative to the closed form; 0 where there is nothing to send."""
        return abs(self.convex - self.closed) / self.closed if self.closed > 0 else abs(self.convex)


def rederived(instance: Instance, plan: Plan, times: Times) -> list[Derived]:
    """Each user of a feasible plan; least bandwidths follow from users and models, so ``times`` is not used.

    Raises
    ------
    InputError
        When a solution of the convex solver cannot be verified.
    """
    pairs = [(served.user, served.model) for served in plan]
    closed, on_least = pair_requirements(instance, pairs).bandwidth_hz, plan_of(instance, pairs)
    users, found = Users.of(instance, on_least), []
    for k, served in enumerate(plan):
        if users.layers[k].bits[-1] == 0:
            found.append(Derived(float(closed[k]), 0.0, served.bandwidth_hz, 0.0, 0.0, 0.0))
            continue
        near = np.array([closed[k] if np.isfinite(closed[k]) else served.bandwidth_hz])
        band = instance.downlink.bandwidth_hz
        least = divide_band("least", users[np.array([k])], band, near, f"least bandwidth of user {served.user!r}")
        prices = float(least.second_price[0]), float(least.joule_price[0])
        bandwidth = float(least.bandwidth_hz[0])
        found.append(Derived(float(closed[k]), bandwidth, served.bandwidth_hz, *prices, least.kkt.worst))
    return found
