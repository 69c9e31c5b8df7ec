"""Fractional decimals whose sums tie on paper: 0.1 + 0.2 and 0.3, in loads, times, deadlines and bytes.

Small integers, where ties are exact, in other units: each number is the double next to the decimal that a person would
write. What was a tie then is one up to the rounding of doubles. In units from 1e-9 to 1e12 it shows as well whether
anything in a method depends on the size of numbers.
"""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from random import Random

from partload.instances.channels import Channel, FlatChannel, PowerLimitedChannel
from partload.instances.partial_loading.instance import Block, Instance
from partload.instances.slide import instance as slide
from tests.support.nasty.draws import partial_loading, slides
from tests.support.nasty.near_ties import due_at_ends

FRACTIONS = ("0.1", "0.1", "0.3", "0.7", "0.01", "1")
POWERS = ("1e-9", "1e-6", "1e-3", "1", "1e3", "1e6", "1e9", "1e12")


def fractions(random: Random, name: str) -> Instance:
    """Tenths, three tenths, hundredths of everything."""
    return _in_units(_tied(random, name), *(random.choice(FRACTIONS) for _ in range(3)))


def magnitudes(random: Random, name: str) -> Instance:
    """All times, bytes and bits in units from 1e-9 to 1e12."""
    return _in_units(_tied(random, name), *(random.choice(POWERS) for _ in range(3)))


def slide_fractions(random: Random, name: str) -> slide.Instance:
    """Tenths, three tenths, hundredths of everything."""
    return _slide_in_units(slides(random, name), *(random.choice(FRACTIONS) for _ in range(4)))


def slide_magnitudes(random: Random, name: str) -> slide.Instance:
    """All times, bytes, FLOP and joules in units from 1e-9 to 1e12."""
    return _slide_in_units(slides(random, name), *(random.choice(POWERS) for _ in range(4)))


def _tied(random: Random, name: str) -> Instance:
    """An instance with deadlines that are ends of slots, in as many digits as a person would write."""
    return due_at_ends(random, partial_loading(random, name), lambda end: float(f"{end:.12g}"))


def _times(value: float, unit: str, per: str = "1") -> float:
    """The decimal of a number times a unit, over another; rounded once."""
    return float(Decimal(repr(float(value))) * Decimal(unit) / Decimal(per))


def _channel(channel: Channel, unit: str, per: str) -> Channel:
    """The channel on a band in other units."""
    return channel if isinstance(channel, FlatChannel) else PowerLimitedChannel(_times(channel.snr_hz, unit, per))


def _in_units(instance: Instance, second: str, byte: str, bit: str) -> Instance:
    server = instance.server
    models = (
        dataclasses.replace(
            model,
            batch_setup_s=_times(model.batch_setup_s, second),
            batch_per_request_s=_times(model.batch_per_request_s, second),
            activation_bytes_per_request=_times(model.activation_bytes_per_request, byte),
        )
        for model in instance.models
    )
    requests = (
        dataclasses.replace(
            request,
            input_bits=_times(request.input_bits, bit),
            channel=_channel(request.channel, bit, second),
            deadline_s=_times(request.deadline_s, second),
        )
        for request in instance.requests
    )
    return instance.replace(
        bandwidth_hz=_times(server.bandwidth_hz, bit, second),
        load_rate_bytes_per_s=_times(server.load_rate_bytes_per_s, byte, second),
        load_latency_s=_times(server.load_latency_s, second),
        memory_bytes=None if server.memory_bytes is None else _times(server.memory_bytes, byte),
        blocks=tuple(Block(block.id, _times(block.size_bytes, byte)) for block in instance.blocks),
        models=tuple(models),
        requests=tuple(requests),
    )


def _slide_in_units(instance: slide.Instance, second: str, byte: str, flop: str, joule: str) -> slide.Instance:
    models = (
        dataclasses.replace(
            model,
            layers=tuple(slide.Layer(_times(x.size_bytes, byte), _times(x.work_flop, flop)) for x in model.layers),
        )
        for model in instance.models
    )
    cubed = f"{Decimal(flop) ** 3}"
    users = []
    for user in instance.users:
        coefficient = user.energy_coefficient
        if coefficient is not None:
            coefficient = _times(coefficient, f"{Decimal(joule) * Decimal(second) ** 2}", cubed)
        changed = dataclasses.replace(
            user,
            channel=_channel(user.channel, byte, second),
            deadline_s=_times(user.deadline_s, second),
            max_flop_per_s=_times(user.max_flop_per_s, flop, second),
            min_flop_per_s=_times(user.min_flop_per_s, flop, second),
            energy_budget_j=None if user.energy_budget_j is None else _times(user.energy_budget_j, joule),
            energy_coefficient=coefficient,
        )
        users.append(changed)
    band = _times(instance.downlink.bandwidth_hz, byte, second)
    return instance.replace(bandwidth_hz=band, models=tuple(models), users=tuple(users))
