"""Deadlines that never come, 1e9 to 1e18 s, beside ordinary ones; and instances of numbers that are worlds apart."""

from __future__ import annotations

import dataclasses
from random import Random

from partload.instances.channels import Channel, FlatChannel, PowerLimitedChannel
from partload.instances.partial_loading.instance import Instance
from partload.instances.slide import instance as slide
from tests.support.nasty.draws import partial_loading, slides

LATE = (1e9, 1e12, 1e18)


def never_due(random: Random, name: str) -> Instance:
    """Some requests can wait forever."""
    instance, late, part = partial_loading(random, name), random.choice(LATE), random.choice((0.3, 0.7))
    requests = (dataclasses.replace(r, deadline_s=late) if random.random() < part else r for r in instance.requests)
    return instance.replace(requests=tuple(requests))


def slide_never_due(random: Random, name: str) -> slide.Instance:
    """Some users can wait forever."""
    instance, late = slides(random, name), random.choice(LATE)
    users = (dataclasses.replace(u, deadline_s=late) if random.random() < 0.4 else u for u in instance.users)
    return instance.replace(users=tuple(users))


def spread(random: Random, name: str) -> Instance:
    """Times, sizes, inputs and channels each multiplied by anything from 1e-9 to 1e9."""

    def anything() -> float:
        return 10 ** random.uniform(-9, 9) if random.random() < 0.3 else 1.0

    def channel(channel: Channel) -> Channel:
        if isinstance(channel, FlatChannel):
            return FlatChannel(channel.spectral_efficiency_bps_per_hz * anything())
        return PowerLimitedChannel(channel.snr_hz * anything())

    instance, late = partial_loading(random, name), anything()
    models = (
        dataclasses.replace(
            model,
            batch_setup_s=model.batch_setup_s * anything(),
            batch_per_request_s=model.batch_per_request_s * anything(),
        )
        for model in instance.models
    )
    common = len({request.deadline_s for request in instance.requests}) == 1
    requests = (
        dataclasses.replace(
            request,
            input_bits=request.input_bits * anything(),
            channel=channel(request.channel),
            deadline_s=request.deadline_s * (late if common else anything()),
        )
        for request in instance.requests
    )
    blocks = (dataclasses.replace(block, size_bytes=block.size_bytes * anything()) for block in instance.blocks)
    return instance.replace(memory_bytes=None, blocks=tuple(blocks), models=tuple(models), requests=tuple(requests))
