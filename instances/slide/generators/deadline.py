"""A typical deadline: the common deadline by which three fifths of the users can be served.

It holds for one speed per device; individual deadlines and other options are applied afterwards.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from partload.instances.channels import bandwidth_for_rate
from partload.instances.generation.draws import significant
from partload.instances.slide.instance import Instance

SERVED_SHARE = 0.6
MOST_USERS = 2000
"""Of more users only the first are used, with a proportional share of the band."""
DIGITS = 3
DOUBLINGS = 60
HALVINGS = 40

Floats = NDArray[np.float64]


def typical_deadline(instance: Instance) -> float:
    """Common deadline [s] for the users of an instance; their own deadlines are ignored."""
    some = instance.replace(users=instance.users[:MOST_USERS])
    band = instance.downlink.bandwidth_hz * len(some.users) / len(instance.users)
    speeds = _speeds(some)
    goal = min(math.ceil(SERVED_SHARE * len(some.users)), int((speeds > 0).any(axis=1).sum()))
    if goal == 0:
        return 1.0
    high = 1.0
    for _ in range(DOUBLINGS):
        if _band_for(some, speeds, high, goal) <= band:
            break
        high *= 2
    low = 0.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if _band_for(some, speeds, middle, goal) <= band else (middle, high)
    return significant(high, DIGITS)


def _speeds(instance: Instance) -> Floats:
    """f* of each user with each model, shape (K, I); 0 where the model is not allowed or takes too much energy."""
    users = instance.arrays
    speeds = np.zeros((len(instance.users), len(instance.models)))
    for i, model in enumerate(instance.models):
        with np.errstate(divide="ignore", invalid="ignore"):
            fastest = np.sqrt(users.energy_budget_j / (users.energy_coefficient * model.work_flop))
        fastest = np.fmin(np.where(np.isnan(fastest), np.inf, fastest), users.max_flop_per_s)
        speeds[:, i] = np.where(fastest >= users.min_flop_per_s, fastest, 0.0)
    for k, user in enumerate(instance.users):
        allowed = {instance.model_index[name] for name in instance.allowed(user)}
        speeds[k, [i for i in range(len(instance.models)) if i not in allowed]] = 0.0
    return speeds


def _band_for(instance: Instance, speeds: Floats, deadline_s: float, goal: int) -> float:
    """Bandwidth [Hz] of the ``goal`` users with the least bandwidths together."""
    least = np.full(len(instance.users), np.inf)
    for layers, speed in zip(instance.layers, speeds.T):
        rest = np.cumsum(layers.work_flop[::-1])[::-1]
        with np.errstate(divide="ignore", invalid="ignore"):
            left = deadline_s - rest / speed[:, np.newaxis]
            rate = np.where(layers.bits > 0, layers.bits / left, 0.0).max(axis=1)
        can = (speed > 0) & (left > 0).all(axis=1)
        least[can] = np.minimum(least[can], bandwidth_for_rate(instance.arrays.channel[can], rate[can]))
    return math.fsum(np.sort(least)[:goal].tolist())
