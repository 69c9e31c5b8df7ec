"""What the provisioning formulation needs of an instance: the least share of the band of each user with each model."""

from __future__ import annotations

import dataclasses
import math
from functools import cached_property

import numpy as np

from partload.instances.slide.instance import Instance
from partload.instances.slide.provisioning import pair_requirements
from partload.instances.verdict import TOLERANCE
from partload.instances.weights import WeightUnit, weight_unit


@dataclasses.dataclass(frozen=True)
class ProvisioningData:
    """The pairs of a user and a model for which the band is enough.

    A solver computes with tolerances, and may lose a plan that fills the band exactly. With ``slack`` above 0 the model
    has every plan that the checker accepts: the band is wider, and shares are those below which the checker accepts
    nothing. With slack below 0 every plan of the model is feasible.
    """

    instance: Instance
    slack: float = TOLERANCE
    """Relative change of the band."""

    @cached_property
    def share(self) -> dict[tuple[str, str], float]:
        """b_{k,i} of these pairs."""
        instance = self.instance
        pairs = [(user.id, name) for user in instance.users for name in instance.allowed(user)]
        found = pair_requirements(instance, pairs)
        least = found.floor_hz if self.slack > 0 else found.bandwidth_hz
        with np.errstate(over="ignore"):
            shares = zip(pairs, (least / instance.downlink.bandwidth_hz).tolist())
        return {pair: share for pair, share in shares if math.isfinite(share) and share <= 1 + self.slack}

    @cached_property
    def models_of(self) -> dict[str, list[str]]:
        """The models with which each user can be served, of those who can."""
        found: dict[str, list[str]] = {}
        for k, i in self.share:
            found.setdefault(k, []).append(i)
        return found

    @cached_property
    def weight_unit(self) -> WeightUnit:
        """What the weights of these users are divided by."""
        index = self.instance.user_index
        return weight_unit([self.instance.users[index[k]].weight for k in self.models_of])

    @cached_property
    def weight(self) -> dict[str, float]:
        """omega_k of these users, in units."""
        unit, index = self.weight_unit, self.instance.user_index
        return {k: unit.of(self.instance.users[index[k]].weight) for k in self.models_of}
