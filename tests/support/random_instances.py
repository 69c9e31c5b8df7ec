"""Tiny random instances that use every feature of PartialLoading: for the runs by the thousand, and for hypothesis.

One construction serves both. ``random_instance(seed)`` goes through the features in turn, so that any run of
consecutive seeds holds each of them equally often; the strategy ``instances`` draws the same way from hypothesis, which
can then shrink what fails. Unless asked for others, channels are flat and uplinks are not static.

Most are made of small integers or tenths on purpose: that makes ties common, plans that end exactly at a deadline and
blocks that fit memory to the byte. Sizes, activations and memory are whole numbers of bytes, as they are in life, so
that memory is compared exactly whatever the order of a sum.
"""

from __future__ import annotations

import dataclasses
import math
from itertools import product
from random import Random
from typing import Literal, NamedTuple, get_args

from hypothesis import strategies as st

from partload.instances.channels import Channel, FlatChannel, PowerLimitedChannel
from partload.instances.partial_loading.instance import (
    Block,
    Instance,
    Model,
    Request,
    Residency,
    Server,
    Uplink,
    Visits,
)

NUMBERS = ("integers", "tenths", "integers", "real")
WEIGHTS = ("equal", "integers", "fractions")


Channels = Literal["flat", "power-limited", "mixed"]


class Features(NamedTuple):
    """What kind of instance to make."""

    residency: Residency
    visits: Visits
    uplink: Uplink
    numbers: str
    """``integers``: everything a small integer; ``tenths``: times and loads multiples of 0.1; ``real``: any double."""
    channel: Channels = "flat"


UPLINKS: tuple[Uplink, ...] = ("slotted", "pipelined")
FLAT: tuple[Channels, ...] = ("flat",)


def every(uplinks: tuple[Uplink, ...] = UPLINKS, channels: tuple[Channels, ...] = FLAT) -> list[Features]:
    """All features there are with these uplinks and channels, in the order in which seeds go through them."""
    return [Features(*chosen) for chosen in product(get_args(Residency), get_args(Visits), uplinks, NUMBERS, channels)]


FEATURES = every()


def random_instance(
    seed: int, uplinks: tuple[Uplink, ...] = UPLINKS, channels: tuple[Channels, ...] = FLAT, most_requests: int = 7
) -> Instance:
    """The instance of a seed; its features are ``features(seed, uplinks, channels)``.

    Tests name seeds: what a seed stands for must not change.
    """
    return make(Random(seed), features(seed, uplinks, channels), f"random-{seed}", most_requests)


def random_arrivals(
    seed: int, uplinks: tuple[Uplink, ...] = UPLINKS, channels: tuple[Channels, ...] = FLAT, most_requests: int = 7
) -> Instance:
    """The instance of a seed with arrivals: most requests arrive in the first half of the time to their deadlines."""
    instance = random_instance(seed, uplinks, channels, most_requests)
    return with_arrivals(Random(f"arrivals of {seed}"), features(seed, uplinks, channels), instance)


def with_arrivals(random: Random, features: Features, instance: Instance) -> Instance:
    """The same instance with an arrival of each request; multiples of 1 or 0.1 where its other times are."""
    unit = {"integers": 1.0, "tenths": 0.1}.get(features.numbers)
    requests = []
    for request in instance.requests:
        arrival = random.choice((0.0, 0.3, 0.5, 0.5, 0.99)) * random.random() * request.deadline_s
        if unit is not None:
            arrival = math.floor(arrival / unit) * unit
        requests.append(dataclasses.replace(request, arrival_s=arrival))
    return instance.replace(requests=tuple(requests))


def features(seed: int, uplinks: tuple[Uplink, ...] = UPLINKS, channels: tuple[Channels, ...] = FLAT) -> Features:
    """Features of the instance of a seed."""
    among = every(uplinks, channels)
    return among[seed % len(among)]


def instances(
    most_requests: int = 7, uplinks: tuple[Uplink, ...] = UPLINKS, channels: tuple[Channels, ...] = FLAT
) -> st.SearchStrategy[Instance]:
    """Strategy for property tests."""

    def drawn(random: Random) -> Instance:
        return make(random, random.choice(every(uplinks, channels)), "drawn", most_requests)

    return st.randoms(use_true_random=False).map(drawn)


def make(random: Random, features: Features, name: str, most_requests: int = 7) -> Instance:
    """An instance with the features named; all else is drawn from ``random``."""
    # Half of the instances are short of time to load rather than to upload and compute: there residency matters.
    loading_rules = random.random() < 0.5
    sizes = [_size(random, features) for _ in range(random.randint(2, 6))]
    blocks = tuple(Block(f"b{j}", size) for j, size in enumerate(sizes))
    count = random.randint(3, 4) if loading_rules else random.randint(1, 4)
    models = tuple(_model(random, features, f"m{i}", blocks, 1 if loading_rules else 2) for i in range(count))
    asking = max(random.randint(1, most_requests), random.randint(1, most_requests))
    requests = _requests(random, features, models, asking, loading_rules)
    instance = Instance(name, _server(random, features, blocks, models), blocks, models, requests)
    usual = features.channel == "flat" and features.uplink in UPLINKS
    return instance if usual else _with_other_uploads(random, features, instance)


def _with_other_uploads(random: Random, features: Features, instance: Instance) -> Instance:
    """The same instance with channels of the kind asked for, and larger inputs.

    At some share of the band (all of it, a half, a quarter) an upload takes a round time, so that ties stay common:
    there the spectral efficiency log2(1 + c / b) of a power-limited channel is 1, 2 or 3. With a static uplink that is
    often the very time at which a batch of one has to be ready. A few power-limited channels are far weaker.
    """
    band, real = instance.server.bandwidth_hz, features.numbers == "real"
    alike, in_time = random.random() < 0.5, features.uplink == "static" and random.random() < 0.5
    efficiency = share = 0.0
    heavier = random.choice((1, 2, 4))
    requests = []
    for request in instance.requests:
        if not (alike and share):
            efficiency = random.uniform(1, 5) if real else float(random.randint(1, 3))
            share = random.uniform(0.1, 1) * band if real else band / random.choice((1, 2, 2, 4))
        assert isinstance(request.channel, FlatChannel)
        upload_s = heavier * request.input_bits / request.channel.spectral_efficiency_bps_per_hz / share
        if in_time:
            model = instance.models[instance.model_index[request.model]]
            upload_s = max(0.0, request.deadline_s - model.batch_setup_s - model.batch_per_request_s)
        channel: Channel = FlatChannel(efficiency)
        if features.channel == "power-limited" or (features.channel == "mixed" and random.random() < 0.5):
            far = 64 if random.random() < 0.05 else 1
            channel = PowerLimitedChannel(share * (2**efficiency - 1) / far)
        changed = dataclasses.replace(request, channel=channel, input_bits=share * efficiency * upload_s)
        requests.append(changed)
    return instance.replace(requests=tuple(requests))


def _number(random: Random, features: Features, most: int) -> float:
    """A number from 0 to ``most``; zero now and then also where a random double would never be."""
    if features.numbers == "integers":
        return float(random.randint(0, most))
    if features.numbers == "tenths":
        return random.randint(0, 10 * most) / 10
    return random.choice((0.0, 1.0, 1.0, 1.0)) * random.uniform(0, most)


def _size(random: Random, features: Features) -> float:
    """Bytes of a block; zero now and then."""
    if features.numbers == "real":
        return float(random.choice((0, 1, 1, 1, 1)) * random.randint(1, 5_000_000))
    return float(random.randint(0, 5))


def _model(random: Random, features: Features, name: str, blocks: tuple[Block, ...], most: int) -> Model:
    """A model of some blocks, sometimes of none; the first blocks are in most models, so sharing is common."""
    chosen = [block.id for n, block in enumerate(blocks) if random.random() < (0.6 if n < 2 else 0.4)]
    unit = 1_000_000 if features.numbers == "real" else 1
    return Model(
        name,
        tuple(chosen),
        batch_setup_s=_number(random, features, most),
        batch_per_request_s=_number(random, features, most),
        activation_bytes_per_request=float(random.choice((0, 0, 1, 2)) * unit),
        max_batch=random.choice((None, None, None, 1, 2)),
    )


def _server(random: Random, features: Features, blocks: tuple[Block, ...], models: tuple[Model, ...]) -> Server:
    """A server with memory for the largest model and a little more, so that what to keep is a real choice."""
    real = features.numbers == "real"
    sizes = {block.id: block.size_bytes for block in blocks}
    memory = max(sum(sizes[block] for block in model.blocks) for model in models)
    memory += random.randint(0, 8) * (1_000_000 if real else 1)
    if random.random() < 0.1:
        memory //= 2
    return Server(
        bandwidth_hz=random.uniform(1e6, 3e6) if real else random.choice((1.0, 1.0, 2.0, 3.0)),
        load_rate_bytes_per_s=random.uniform(5e5, 2e6) if real else random.choice((1.0, 1.0, 1.0, 2.0, 3.0)),
        load_latency_s=random.choice((0.0, 0.0, _number(random, features, 2))),
        memory_bytes=None if random.random() < 0.4 else max(1.0, memory),
        residency=features.residency,
        visits=features.visits,
        uplink=features.uplink,
        resident_blocks=tuple(block.id for block in blocks if random.random() < 0.15),
    )


def _requests(
    random: Random, features: Features, models: tuple[Model, ...], count: int, loading_rules: bool
) -> tuple[Request, ...]:
    """Requests with deadlines such that about half can be served; now and then one that nobody can meet."""
    most_load = 1 if loading_rules else 5
    load = _number(random, features, most_load)
    equal_loads, common = random.random() < 0.25, random.random() < 0.4
    latest = 4 + 3 * count
    deadline = float(random.randint(3, latest))
    asked = models if loading_rules else random.choice((models, models, models[:1], models[-2:]))
    weights = random.choice(WEIGHTS)
    requests = []
    for k in range(count):
        if not common:
            deadline = random.uniform(3, latest) if features.numbers == "real" else float(random.randint(3, latest))
        if not equal_loads:
            load = _number(random, features, most_load)
        efficiency = random.uniform(1, 5) if features.numbers == "real" else random.choice((1.0, 2.0))
        request = Request(
            f"r{k}",
            asked[k % len(asked)].id if loading_rules else random.choice(asked).id,
            input_bits=load * efficiency * (1e6 if features.numbers == "real" else 1.0),
            channel=FlatChannel(efficiency),
            deadline_s=0.001 if random.random() < 0.03 else deadline,
            weight=_weight(random, weights),
        )
        requests.append(request)
    return tuple(requests)


def _weight(random: Random, weights: str) -> float:
    if weights == "equal":
        return 1.0
    return float(random.randint(1, 4)) if weights == "integers" else random.randint(1, 15) / 10
