"""A second opinion on channels, in plain Python: bisection of what the rate of a bandwidth is, and nothing else.

Only the data classes are shared with the project. Everything is right to about 1e-14, but for bandwidths just below the
ceiling of a rate, where the last digit of the rate is worth more than that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from partload.instances.channels import Channel, FlatChannel
from partload.instances.partial_loading.instance import Request

DIGITS = 1e-15


def rate(channel: Channel, bandwidth_hz: float) -> float:
    """eta b, or b log2(1 + c / b), for a bandwidth above 0."""
    if isinstance(channel, FlatChannel):
        return channel.spectral_efficiency_bps_per_hz * bandwidth_hz
    return bandwidth_hz * math.log1p(channel.snr_hz / bandwidth_hz) / math.log(2)


def least_bandwidth(request: Request, ready_s: float) -> float:
    """Least constant bandwidth with which the input is there in time; infinite when none is enough."""
    if request.input_bits == 0:
        return 0.0
    if ready_s <= 0:
        return math.inf
    return bandwidth(request.channel, request.input_bits / ready_s)


@lru_cache(maxsize=1 << 14)
def bandwidth(channel: Channel, needed: float) -> float:
    """Least bandwidth that gives a channel a rate above 0; infinite when none does."""
    if isinstance(channel, FlatChannel):
        return needed / channel.spectral_efficiency_bps_per_hz
    if needed >= channel.snr_hz / math.log(2) * (1 - DIGITS):
        return math.inf
    high = channel.snr_hz
    while rate(channel, high) < needed:
        high *= 2
    low = high / 2
    while rate(channel, low) >= needed:
        low, high = low / 2, low
    while high - low > DIGITS * high:
        middle = (low + high) / 2
        low, high = (middle, high) if rate(channel, middle) < needed else (low, middle)
    return high


def least_upload_time(requests: Sequence[Request], band: float) -> float:
    """Least time in which some division of the band uploads all these inputs: what they need of it falls with time."""
    if all(isinstance(request.channel, FlatChannel) for request in requests):
        return math.fsum(least_bandwidth(request, 1.0) for request in requests) / band
    # One after another on the whole band they take no less; at least as long as the longest takes there.
    alone = [request.input_bits / rate(request.channel, band) for request in requests]
    low, high = max(alone), math.fsum(alone)
    while high - low > DIGITS * high:
        middle = (low + high) / 2
        fits = math.fsum(least_bandwidth(request, middle) for request in requests) <= band
        low, high = (low, middle) if fits else (middle, high)
    return high
