"""The least bandwidths of a provisioning, a set of pairs of a user and a model, and the plan that has them.

Speeds and least rates follow for each pair by itself (problems, SLIDE, facts 2, 3 and 5). So no plan with the same
provisioning needs less of the band than the plan made here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from partload.instances.channels import bandwidth_for_rate
from partload.instances.slide.frequency import frequency_rule
from partload.instances.slide.instance import Instance
from partload.instances.slide.least_bandwidth import LIMIT_FACTOR
from partload.instances.slide.plan import Plan, Served, Speed
from partload.instances.slide.requirement import relax_limits
from partload.instances.sums import total
from partload.instances.verdict import WITHIN

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Pairs = Sequence[tuple[str, str]]
"""Ids of users, each with the id of a model."""


@dataclasses.dataclass(frozen=True)
class PairRequirements:
    """The least bandwidths and the speeds of P pairs."""

    bandwidth_hz: Floats
    """The least bandwidths, shape (P,); infinite where no bandwidth is sufficient."""
    floor_hz: Floats
    """Bandwidths below which the checker accepts no plan with the pair, shape (P,)."""
    flop_per_s: tuple[Speed, ...]
    """The speeds at the least bandwidths, as a plan has them."""


def pair_requirements(instance: Instance, pairs: Pairs, slack: float = 0.0) -> PairRequirements:
    """What each pair needs by itself, whether or not the model may serve the user.

    Parameters
    ----------
    instance
        Whose users and models.
    pairs
        P pairs, in any order.
    slack
        Share by which deadlines, speeds and energy may exceed their limits.
    """
    bandwidth, floor = np.empty(len(pairs)), np.empty(len(pairs))
    speeds: list[Speed] = [0.0] * len(pairs)
    rule = frequency_rule(instance)
    for model, positions in _by_model(instance, pairs):
        rows = np.array([instance.user_index[pairs[position][0]] for position in positions.tolist()], dtype=np.int64)
        users = instance.arrays[rows]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
            found, chosen = rule.requirement(instance.layers[model], relax_limits(users, slack))
        bandwidth[positions] = bandwidth_for_rate(users.channel, found.rate_bps)
        floor[positions] = bandwidth_for_rate(users.channel, found.floor_bps)
        for position, speed in zip(positions.tolist(), chosen):
            speeds[position] = speed
    return PairRequirements(bandwidth, floor, tuple(speeds))


def plan_of(instance: Instance, pairs: Pairs) -> Plan:
    """The plan with least bandwidths; where no bandwidth is sufficient, a plan that the checker rejects.

    Only if these bandwidths exceed the band, the plan uses the checker's tolerance on each limit.
    """
    band = instance.downlink.bandwidth_hz
    plan: Plan = ()
    for slack, limit in ((0.0, band * LIMIT_FACTOR), (WITHIN, band * (1 + WITHIN))):
        found = pair_requirements(instance, pairs, slack)
        shares = np.minimum(found.bandwidth_hz, band).tolist()
        plan = tuple(Served(k, i, share, speed) for (k, i), share, speed in zip(pairs, shares, found.flop_per_s))
        if total(shares) <= limit:
            break
    return plan


def _by_model(instance: Instance, pairs: Pairs) -> Iterator[tuple[int, Rows]]:
    """Position of each model in some pair, and the positions of its pairs."""
    models = np.array([instance.model_index[name] for _, name in pairs], dtype=np.int64)
    for model in np.unique(models).tolist():
        yield model, np.flatnonzero(models == model)
