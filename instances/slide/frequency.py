"""The frequency rules: a device keeps one speed, or has one for each layer. A rule owns all that others ask of it.

``FREQUENCIES`` is the table of the rules. Code that depends on the rule of an instance looks the rule up, so that a
value without an entry is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from partload.instances.features import by_feature
from partload.instances.slide.instance import Instance, LayerArrays, UserArrays
from partload.instances.slide.least_bandwidth import (
    LeastBandwidths,
    LeastBandwidthsPerLayer,
    choose_models,
    plan_speeds,
)
from partload.instances.slide.plan import Speed
from partload.instances.slide.rate_envelope import RateEnvelope
from partload.instances.slide.requirement import (
    LayerSpeedsProfile,
    Requirement,
    layer_speeds_requirement,
    one_speed_requirement,
    relax_limits,
)
from partload.instances.slide.speed_hull import SpeedHull


class FrequencyRule(Protocol):
    """What a value of ``frequency`` means."""

    one_speed: bool
    """Whether a device keeps one speed for all layers."""

    def speeds_fault(self, speeds: int, layers: int) -> str | None:
        """Why a plan may not have a list of so many speeds for a model of so many layers; None where it may."""

    def least_bandwidths(self, instance: Instance, slack: float) -> LeastBandwidths:
        """The least bandwidth of each user; ``slack`` as ``least_bandwidths`` has it."""

    def requirement(self, layers: LayerArrays, users: UserArrays) -> tuple[Requirement, Sequence[Speed]]:
        """What one model needs to serve each of K users, and the speeds of a plan at the least rates."""


class PerDevice:
    """One speed for the device: the greatest that the energy budget allows is best (problems, SLIDE, fact 2)."""

    one_speed = True

    def speeds_fault(self, speeds: int, layers: int) -> str | None:
        """A plan may have no list of speeds at all."""
        return "a speed for each layer, the instance has one for the device"

    def least_bandwidths(self, instance: Instance, slack: float) -> LeastBandwidths:
        """The least bandwidth of each user, by the closed form of the rate envelope."""
        return choose_models(instance, one_speed_requirement, RateEnvelope.of, slack=slack)

    def requirement(self, layers: LayerArrays, users: UserArrays) -> tuple[Requirement, Sequence[Speed]]:
        """What one model needs, with one speed for each user."""
        found = one_speed_requirement(RateEnvelope.of(layers), users)
        speeds: list[float] = found.flop_per_s.tolist()
        return found, speeds


class PerLayer:
    """A speed for each layer: slow while layers arrive, fast at the end, saves energy (problems, SLIDE, fact 5).

    Without any energy budget the greatest speed is best for all layers, so the rule is that of ``PerDevice``.
    """

    one_speed = False

    def speeds_fault(self, speeds: int, layers: int) -> str | None:
        """A list of speeds needs one speed for each layer."""
        return None if speeds == layers else f"{speeds} speeds for {layers} layers"

    def least_bandwidths(self, instance: Instance, slack: float) -> LeastBandwidths:
        """The least bandwidth of each user, with the energy budgets spent layer by layer."""
        if not _has_budget(instance.arrays):
            return ONE_SPEED.least_bandwidths(instance, slack)
        found = choose_models(instance, layer_speeds_requirement, LayerSpeedsProfile.of, slack=slack)
        hulls = [SpeedHull.of(layers) for layers in instance.layers]
        return LeastBandwidthsPerLayer(**vars(found), users=relax_limits(instance.arrays, slack), hulls=hulls)

    def requirement(self, layers: LayerArrays, users: UserArrays) -> tuple[Requirement, Sequence[Speed]]:
        """What one model needs, with the speeds of least energy."""
        if not _has_budget(users):
            return ONE_SPEED.requirement(layers, users)
        profile = LayerSpeedsProfile.of(layers)
        found = layer_speeds_requirement(profile, users)
        return found, plan_speeds(profile.hull, users, found.rate_bps, found.flop_per_s)


ONE_SPEED = PerDevice()
FREQUENCIES: Mapping[str, FrequencyRule] = {"per-device": ONE_SPEED, "per-layer": PerLayer()}
"""Every frequency rule there is."""


def frequency_rule(instance: Instance) -> FrequencyRule:
    """The frequency rule of an instance; raises InputError, naming the value, when there is no such rule."""
    return by_feature(FREQUENCIES, "frequency", instance.frequency)


def least_bandwidths(instance: Instance, slack: float = 0.0) -> LeastBandwidths:
    """Model, speed, least rate and least bandwidth of every user; of equal models the first in the instance.

    Parameters
    ----------
    instance
        Whose users and models; raises InputError for a frequency rule that does not exist.
    slack
        Share by which deadlines, speeds and energy may exceed their limits.
    """
    return frequency_rule(instance).least_bandwidths(instance, slack)


def _has_budget(users: UserArrays) -> bool:
    return bool(np.isfinite(users.energy_budget_j).any())
