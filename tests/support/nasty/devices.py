"""Devices of SLIDE at their limits: work that takes the whole deadline, energy budgets at the least or greatest speed.

Next to nothing is left for the download, so what a user needs of the band is a difference of two numbers that are
almost equal; a billionth of the deadline decides between a bandwidth that is there and none.
"""

from __future__ import annotations

import dataclasses
import math
from random import Random

from partload.instances.slide.instance import Instance, Model, User
from tests.support.nasty.draws import nudged, slides
from tests.support.nasty.near_ties import with_band

LEFT = (0.0, 1e-12, 1e-11, 1e-10, 1e-9, 2e-9, 3e-9, 1e-8, 1e-7, 1e-6)
"""Parts of the deadline that the work leaves."""


def full_deadlines(random: Random, name: str) -> Instance:
    """Work that takes a deadline but for almost nothing, and a band to match."""
    instance = slides(random, name)
    users = []
    for user in instance.users:
        work = _model(random, instance, user).work_flop
        if work > 0 and random.random() < 0.6:
            left = random.choice(LEFT) * random.choice((1.0, 1.0, -1.0))
            user = dataclasses.replace(user, deadline_s=work / _affordable(user, work) * (1 + left))
        users.append(user)
    return _with_band(random, instance.replace(users=tuple(users)))


def full_budgets(random: Random, name: str) -> Instance:
    """Budgets of just the energy that the work takes at the least or the greatest speed."""
    instance = slides(random, name)
    users = []
    for user in instance.users:
        work = _model(random, instance, user).work_flop
        least = user.min_flop_per_s or random.choice((0.0, 0.5, 1.0)) * user.max_flop_per_s
        speed = random.choice((least, least, user.max_flop_per_s)) or user.max_flop_per_s
        coefficient = user.energy_coefficient or random.choice((0.1, 0.3, 1.0, 1e-27))
        if work > 0 and random.random() < 0.8:
            budget = nudged(random, coefficient * work * speed**2)
            user = dataclasses.replace(
                user, min_flop_per_s=least, energy_budget_j=budget, energy_coefficient=coefficient
            )
        users.append(user)
    return _with_band(random, instance.replace(users=tuple(users)))


def _model(random: Random, instance: Instance, user: User) -> Model:
    return instance.models[instance.model_index[random.choice(user.models)]]


def _affordable(user: User, work: float) -> float:
    """The greatest speed that device and budget allow, about."""
    if user.energy_budget_j is None or user.energy_coefficient is None:
        return user.max_flop_per_s
    return min(user.max_flop_per_s, math.sqrt(user.energy_budget_j / user.energy_coefficient / work))


def _with_band(random: Random, instance: Instance) -> Instance:
    """The instance with a band that some of its users fill, at their deadlines as they stand or a little longer."""
    later = 1 + random.choice((0.0, 0.0, 1e-9, 3e-9, 1e-8))
    return with_band(random, instance, later) if random.random() < 0.8 else instance
