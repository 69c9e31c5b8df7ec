"""Weights that absolute tolerances of solvers cannot bear, or that have no common grid.

All tiny and equal, spread from 1e-12 to 1e3, a few tiny ones beside ordinary ones, two decimals, any doubles between
0.1 and 10, and doubles that differ in the last digits only.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from random import Random

from partload.instances.partial_loading.instance import Instance
from partload.instances.slide import instance as slide
from tests.support.nasty.draws import partial_loading, slides

KINDS: tuple[Callable[[Random], float], ...] = (
    lambda random: 1e-12,
    lambda random: random.randint(1, 4) * 1e-12,
    lambda random: 10 ** random.uniform(-12, 3),
    lambda random: random.choice((1e-12, 1e-9, 1e-6, 1e-3, 1.0, 1.0, 1e3)),
    lambda random: random.randint(10, 1000) / 100,
    lambda random: random.uniform(0.1, 10),
    lambda random: random.choice((1.0, math.nextafter(1.0, 0.0), math.nextafter(1.0, 2.0), 1 + 1e-9, 1 - 1e-7)),
    lambda random: random.choice((0.1, 0.2, 0.3, 0.1 + 0.2)),
)


def weights(random: Random, name: str) -> Instance:
    """Requests with weights of one such kind."""
    return weighted(random, partial_loading(random, name))


def weighted(random: Random, instance: Instance) -> Instance:
    """The instance with such weights."""
    drawn = random.choice(KINDS)
    return instance.replace(requests=tuple(dataclasses.replace(r, weight=drawn(random)) for r in instance.requests))


def slide_weights(random: Random, name: str) -> slide.Instance:
    """Users with weights of one such kind."""
    return slide_weighted(random, slides(random, name))


def slide_weighted(random: Random, instance: slide.Instance) -> slide.Instance:
    """The instance with such weights."""
    drawn = random.choice(KINDS)
    return instance.replace(users=tuple(dataclasses.replace(user, weight=drawn(random)) for user in instance.users))
