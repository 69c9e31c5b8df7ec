"""What a provisioning needs: the least bandwidth of each pair of a user and a model, and the plan that gives it.

A provisioning says who is served with which model, and nothing else. Speeds and least rates follow for each pair by
itself (problems, SLIDE, facts 2, 3 and 5), so the plan made here needs less of the band than any other with the same
provisioning.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from partload.instances.channels import bandwidth_for_rate
from partload.instances.slide.envelope import Envelope
from partload.instances.slide.instance import Instance, UserArrays
from partload.instances.slide.least import ON_TIME, Need, by_layers, loosened, one_speed
from partload.instances.slide.per_layer import Devices, least_energy
from partload.instances.slide.plan import Plan, Served
from partload.instances.slide.staircase import Staircase
from partload.instances.sums import total
from partload.instances.verdict import WITHIN

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Pairs = Sequence[tuple[str, str]]
"""Users, each with a model, by their ids."""


@dataclasses.dataclass(frozen=True)
class Needed:
    """What P pairs need."""

    bandwidth_hz: Floats
    """The least bandwidths, shape (P,); infinite where none is enough."""
    floor_hz: Floats
    """Bandwidths below which the checker accepts no plan with the pair, shape (P,)."""
    flop_per_s: tuple[float | tuple[float, ...], ...]
    """The speeds at the least bandwidths, as a plan states them."""


def needed(instance: Instance, pairs: Pairs, slack: float = 0.0) -> Needed:
    """What each pair needs by itself, whether or not the model is one of the user's.

    Parameters
    ----------
    instance
        Whose users and models.
    pairs
        P of them, in any order.
    slack
        Part by which deadlines, speeds and energy may pass their limits.
    """
    bandwidth, floor = np.empty(len(pairs)), np.empty(len(pairs))
    speeds: list[float | tuple[float, ...]] = [0.0] * len(pairs)
    for model, places in _by_model(instance, pairs):
        rows = np.array([instance.user_index[pairs[place][0]] for place in places.tolist()], dtype=np.int64)
        users = instance.arrays[rows]
        need, chosen = _need(instance, model, users, slack)
        bandwidth[places] = bandwidth_for_rate(users.channel, need.rate_bps)
        floor[places] = bandwidth_for_rate(users.channel, need.floor_bps)
        for place, speed in zip(places.tolist(), chosen):
            speeds[place] = speed
    return Needed(bandwidth, floor, tuple(speeds))


def decided(instance: Instance, pairs: Pairs) -> Plan:
    """The plan on least bandwidths; where none is enough, one that the checker rejects.

    Only if these do not fit into the band, the plan uses what the checker tolerates of each limit.
    """
    band = instance.downlink.bandwidth_hz
    plan: Plan = ()
    for slack, limit in ((0.0, band * ON_TIME), (WITHIN, band * (1 + WITHIN))):
        found = needed(instance, pairs, slack)
        shares = np.minimum(found.bandwidth_hz, band).tolist()
        plan = tuple(Served(k, i, share, speed) for (k, i), share, speed in zip(pairs, shares, found.flop_per_s))
        if total(shares) <= limit:
            break
    return plan


def _by_model(instance: Instance, pairs: Pairs) -> Iterator[tuple[int, Rows]]:
    """Each model that is in some pair, and the places of these."""
    models = np.array([instance.model_index[name] for _, name in pairs], dtype=np.int64)
    for model in np.unique(models).tolist():
        yield model, np.flatnonzero(models == model)


def _need(
    instance: Instance, model: int, users: UserArrays, slack: float
) -> tuple[Need, Sequence[float | tuple[float, ...]]]:
    """What some users need with one model, and at which speeds."""
    layers = instance.layers[model]
    users = loosened(users, slack)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        if instance.frequency == "per-device" or not np.isfinite(users.energy_budget_j).any():
            need = one_speed(Envelope.of(layers), users)
            alike: list[float] = need.flop_per_s.tolist()
            return need, alike
        staircase, devices = Staircase.of(layers), Devices.of(users)
        need = by_layers((staircase, Envelope.of(layers)), users)
        speeds = least_energy(staircase, devices, need.rate_bps)
    speeds = np.where(np.isnan(speeds), need.flop_per_s[:, np.newaxis], speeds)
    return need, [tuple(row) for row in speeds.tolist()]
