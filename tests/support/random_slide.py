"""Tiny random instances of SLIDE that use every feature: for the runs by the thousand, and for hypothesis.

One construction serves both, as in ``random_instances``: ``random_slide(seed)`` goes through the features in turn, the
strategy ``slides`` draws the same way from hypothesis.

Ties are common on purpose. Sizes, work, speeds and deadlines are small integers or tenths in most instances; an energy
budget is what one of the user's models takes at a whole speed, often the least or the greatest of the device; a
power-limited channel gives the rate that is needed at a spectral efficiency of 1, 2 or 3; the work alone sometimes
takes the deadline; and half of the bands are filled exactly by some of the users.
"""

from __future__ import annotations

import math
from itertools import product
from random import Random
from typing import NamedTuple

from hypothesis import strategies as st

from partload.instances.channels import Channel, FlatChannel, PowerLimitedChannel
from partload.instances.slide.instance import Downlink, Frequency, Instance, Layer, Model, User

NUMBERS = ("integers", "tenths", "integers", "real")
CHANNELS = ("flat", "power-limited", "mixed")
WEIGHTS = ("equal", "integers", "fractions")
PER_DEVICE: tuple[Frequency, ...] = ("per-device",)
ACCURACIES = (0.5, 0.7, 0.9)


class Features(NamedTuple):
    """What kind of instance to make."""

    frequency: Frequency
    channel: str
    weights: str
    numbers: str
    """``integers``: everything a small integer; ``tenths``: times and work multiples of 0.1; ``real``: any double."""


def every(
    frequencies: tuple[Frequency, ...] = PER_DEVICE,
    channels: tuple[str, ...] = CHANNELS,
    weights: tuple[str, ...] = WEIGHTS,
) -> list[Features]:
    """All features there are with these, in the order in which seeds go through them."""
    return [Features(*chosen) for chosen in product(frequencies, channels, weights, NUMBERS)]


def features(
    seed: int,
    frequencies: tuple[Frequency, ...] = PER_DEVICE,
    channels: tuple[str, ...] = CHANNELS,
    weights: tuple[str, ...] = WEIGHTS,
) -> Features:
    """Features of the instance of a seed."""
    among = every(frequencies, channels, weights)
    return among[seed % len(among)]


def random_slide(
    seed: int,
    frequencies: tuple[Frequency, ...] = PER_DEVICE,
    channels: tuple[str, ...] = CHANNELS,
    weights: tuple[str, ...] = WEIGHTS,
    most_users: int = 6,
) -> Instance:
    """The instance of a seed: up to 6 users, 3 models, 4 layers; its features are ``features(seed, ..)``.

    Tests name seeds: what a seed stands for must not change.
    """
    return make(Random(seed), features(seed, frequencies, channels, weights), f"slide-{seed}", most_users)


def slides(
    frequencies: tuple[Frequency, ...] = PER_DEVICE,
    channels: tuple[str, ...] = CHANNELS,
    weights: tuple[str, ...] = WEIGHTS,
    most_users: int = 6,
) -> st.SearchStrategy[Instance]:
    """Strategy for property tests."""

    def drawn(random: Random) -> Instance:
        return make(random, random.choice(every(frequencies, channels, weights)), "drawn", most_users)

    return st.randoms(use_true_random=False).map(drawn)


class Unit(NamedTuple):
    """What the numbers of an instance are multiples of, about."""

    size: float
    work: float
    speed: float


def make(random: Random, features: Features, name: str, most_users: int = 6) -> Instance:
    """An instance with the features named; all else is drawn from ``random``."""
    unit = Unit(1e6, 1e9, 1e9) if features.numbers == "real" else Unit(1.0, 1.0, 1.0)
    models = tuple(_model(random, features, unit, f"m{i}") for i in range(random.randint(1, 3)))
    count = max(random.randint(1, most_users), random.randint(1, most_users))
    users, least = [], []
    for k in range(count):
        user, bandwidth = _user(random, features, unit, models, f"u{k}")
        users.append(user)
        least.append(bandwidth)
    band = _band(random, features, least)
    return Instance(name, Downlink(band), models, tuple(users), features.frequency)


def _number(random: Random, features: Features, most: int) -> float:
    """A number from 0 to ``most``; zero now and then also where a random double would never be."""
    if features.numbers == "integers":
        return float(random.randint(0, most))
    if features.numbers == "tenths":
        return random.randint(0, 10 * most) / 10
    return random.choice((0.0, 1.0, 1.0, 1.0)) * random.uniform(0, most)


def _model(random: Random, features: Features, unit: Unit, name: str) -> Model:
    """A model of up to 4 layers, some of them without bytes or without work."""
    layers = tuple(
        Layer(
            size_bytes=float(random.randint(0, 4))
            if features.numbers != "real"
            else _number(random, features, 4) * 1e6,
            work_flop=_number(random, features, 3) * unit.work,
        )
        for _ in range(random.randint(1, 4))
    )
    return Model(name, layers, random.choice((None, 0.7, *ACCURACIES, *ACCURACIES)))


def _user(random: Random, features: Features, unit: Unit, models: tuple[Model, ...], name: str) -> tuple[User, float]:
    """A user, and about the least bandwidth that one of the user's models needs, which the band is made from."""
    real = features.numbers == "real"
    allowed = random.sample(models, random.randint(1, len(models)))
    aimed = random.choice(allowed)
    most = (random.uniform(0.5, 4) if real else float(random.randint(1, 4))) * unit.speed
    least = random.choice((0.0, 0.0, 0.0, random.choice((0.25, 0.5, 1.0)) * most))
    speed, budget, coefficient = most, None, None
    if random.random() < 0.5:
        coefficient = random.choice((0.5, 1.0, 2.0)) if not real else random.uniform(0.5, 2) * 1e-27
        # Often just the greatest or the least speed, sometimes one that the device does not go down to.
        speed = random.choice((most, least, most / 2, 2 * most, 0.75 * most, least / 2)) or most / 2
        budget = coefficient * aimed.work_flop * speed**2 or 1.0
        speed = min(speed, most)
    own = aimed.work_flop / speed
    deadline = random.uniform(1, 12) if real else float(random.randint(2, 12))
    if features.numbers == "tenths":
        deadline = random.randint(10, 120) / 10
    if random.random() < 0.1 and own > 0:
        deadline = own  # Nothing is left for the download.
    rate = _rate_needed(aimed, deadline, speed)
    channel, bandwidth = _channel(random, features, rate)
    user = User(
        name,
        tuple(model.id for model in allowed),
        channel,
        0.001 if random.random() < 0.03 else deadline,
        max_flop_per_s=most,
        min_flop_per_s=least,
        min_accuracy=random.choice((None, None, None, None, None, *ACCURACIES)),
        weight=_weight(random, features.weights),
        energy_budget_j=budget,
        energy_coefficient=coefficient,
    )
    return user, bandwidth


def _rate_needed(model: Model, deadline: float, speed: float) -> float:
    """About the least rate: only ties are made of it."""
    rate, bits = 0.0, 0.0
    for n, layer in enumerate(model.layers):
        bits += 8 * layer.size_bytes
        left = deadline - sum(later.work_flop for later in model.layers[n:]) / speed
        if bits:
            rate = max(rate, bits / left) if left > 0 else math.inf
    return rate


def _channel(random: Random, features: Features, rate: float) -> tuple[Channel, float]:
    """A channel, and the bandwidth at which it gives this rate."""
    real = features.numbers == "real"
    efficiency = random.uniform(1, 8) if real else random.choice((1.0, 2.0, 4.0, 8.0))
    if features.channel == "flat" or (features.channel == "mixed" and random.random() < 0.5):
        return FlatChannel(efficiency), rate / efficiency
    efficiency = random.uniform(0.5, 4) if real else float(random.randint(1, 3))
    if not 0 < rate < math.inf:
        return PowerLimitedChannel(float(random.randint(1, 8)) * (1e6 if real else 1.0)), rate
    if random.random() < 0.15:  # Around the ceiling c / ln 2: the rate is hardly to be had, or not at all.
        return PowerLimitedChannel(rate * math.log(2) * random.uniform(0.5, 1.3)), math.inf
    bandwidth = rate / efficiency
    return PowerLimitedChannel(bandwidth * (2**efficiency - 1)), bandwidth


def _band(random: Random, features: Features, least: list[float]) -> float:
    """A band that some of the users fill, exactly or about."""
    finite = [bandwidth for bandwidth in least if 0 < bandwidth < math.inf]
    filling = random.sample(finite, random.randint(1, len(finite))) if finite else []
    band = math.fsum(filling) or 1.0
    if random.random() < 0.5:
        return band
    if features.frequency == "per-layer":
        return band * random.uniform(0.8, 1)  # With one speed for the device it would not be enough.
    if features.numbers == "real":
        return band * random.uniform(0.5, 1.5)
    return max(1.0, float(round(band * random.choice((0.5, 1.0, 1.5)))))


def _weight(random: Random, weights: str) -> float:
    if weights == "equal":
        return 1.0
    return float(random.randint(1, 4)) if weights == "integers" else random.randint(1, 15) / 10
