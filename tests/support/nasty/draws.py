"""What families draw from: ordinary instances to begin with, and numbers next to a limit."""

from __future__ import annotations

import math
from random import Random
from typing import get_args

from partload.instances.partial_loading.instance import Instance, Residency, Visits
from partload.instances.slide import instance as slide
from tests.support import random_slide
from tests.support.random_backbones import random_backbone, random_nested
from tests.support.random_instances import Channels, Features, make

NUDGES = tuple(sign * size for size in (1e-10, 1e-9, 2e-9, 1e-8, 1e-7, 1e-6) for sign in (-1.0, 1.0))
"""Relative distances from a limit: within the checker's tolerance, around it, and within a solver's."""
NUMBERS = ("integers", "tenths", "real")


def partial_loading(random: Random, name: str, channels: tuple[Channels, ...] = ("flat", "flat", "mixed")) -> Instance:
    """An ordinary instance with any features; one in five with the sharing that dynamic programmes are made for."""
    if "flat" in channels and random.random() < 0.2:
        made = random.choice((random_backbone, random_nested))
        return made(random.randrange(10**9), requests=random.randint(2, 6)).replace(name=name)
    features = Features(
        random.choice(get_args(Residency)),
        random.choice(get_args(Visits)),
        random.choice(("slotted", "slotted", "pipelined", "static")),
        random.choice(NUMBERS),
        random.choice(channels),
    )
    return make(random, features, name, most_requests=5)


def slides(random: Random, name: str, channels: tuple[str, ...] = random_slide.CHANNELS) -> slide.Instance:
    """An ordinary instance of SLIDE with any features, up to 5 users."""
    features = random_slide.Features(
        random.choice(get_args(slide.Frequency)),
        random.choice(channels),
        random.choice(random_slide.WEIGHTS),
        random.choice(NUMBERS),
    )
    return random_slide.make(random, features, name, most_users=5)


def nudged(random: Random, value: float) -> float:
    """A number at a limit, next to it in doubles, or a little to one side."""
    if random.random() < 0.3:
        return random.choice((value, math.nextafter(value, 0.0), math.nextafter(value, math.inf)))
    return value * (1 + random.choice(NUDGES))
