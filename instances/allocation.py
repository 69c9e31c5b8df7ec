"""Dividing a band among uploads: what is least in time, and what is least in bandwidth.

The functions work on whole columns of requests, flat and power-limited channels mixed as they come.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partload.instances.channels import LN2, ChannelArrays, bandwidth_for_rate, nats_per_hertz

Floats = NDArray[np.float64]
Groups = NDArray[np.int64]

NEWTON_STEPS = 60
ROUNDING = 1e-12
"""Part of the band by which shares may exceed it before they are cut."""


def least_upload_times(
    channel: ChannelArrays, input_bits: Floats, group: Groups, groups: int, bandwidth_hz: float
) -> Floats:
    """Least time in which each group of requests can upload all its inputs, sharing the whole band.

    Flat channels: sum of D_k / eta_k over B (problems, fact 1). With power-limited ones it is the least t with
    sum_k b_k(D_k / t) <= B (fact 2), found by Newton's method on s = 1 / t, kept inside a bracket.

    Parameters
    ----------
    channel, input_bits
        Channels and D_k [bit], shape (K,).
    group
        Group of each request, shape (K,), from 0 to ``groups`` - 1.
    groups
        Number of groups; an empty one takes no time.
    bandwidth_hz
        B [Hz].

    Returns
    -------
    Times [s], shape (groups,).
    """
    flat_load = np.where(channel.flat, input_bits / channel.quality, 0.0)
    flat_demand: Floats = np.bincount(group, flat_load, groups).astype(float)
    limited = ~channel.flat & (input_bits > 0)
    if not limited.any():
        return flat_demand / bandwidth_hz
    touched, member = np.unique(group[limited], return_inverse=True)
    times: Floats = flat_demand / bandwidth_hz
    times[touched] = 1.0 / _fastest(
        channel.quality[limited], input_bits[limited] * LN2, member, flat_demand[touched], bandwidth_hz
    )
    return times


def least_uploads(
    channel: ChannelArrays, input_bits: Floats, group: Groups, groups: int, bandwidth_hz: float
) -> tuple[Floats, Floats]:
    """Least upload time of each group, and the division of the band that reaches it: its uploads all end together.

    Flat channels: b_k = B a_k / sum a (problems, fact 1). Arguments are those of ``least_upload_times``.

    Returns
    -------
    Times [s], shape (groups,), and bandwidths [Hz], shape (K,), which sum to B in each group that has bits to upload; a
    request without bits gets none. Where an upload needs all the rate that its channel has, they can sum to less.
    """
    if channel.flat.all():
        load = input_bits / channel.quality
        total: Floats = np.bincount(group, load, groups).astype(float)
        # Not by way of the time: of inputs next to nothing, that has fewer digits.
        part = np.divide(load, total[group], out=np.zeros(len(load)), where=load > 0)
        return total / bandwidth_hz, bandwidth_hz * part
    times = least_upload_times(channel, input_bits, group, groups, bandwidth_hz)
    with np.errstate(divide="ignore", invalid="ignore"):
        needed_rate = np.where(input_bits > 0, input_bits / times[group], 0.0)
    bandwidth = bandwidth_for_rate(channel, needed_rate)
    return times, _within_band(bandwidth, channel, group, groups, bandwidth_hz)


def constant_bandwidths(channel: ChannelArrays, input_bits: Floats, ready_s: Floats) -> Floats:
    """Least constant bandwidth [Hz] with which each input [bit], sent from time 0, is there at its time [s].

    All of shape (K,). No bits need no bandwidth, whatever the time. The bandwidth is infinite where none is enough:
    bits with no time to send them (``ready_s`` not above 0), or a rate at or above the ceiling of the channel.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        needed_rate = np.where(ready_s > 0, input_bits / np.maximum(ready_s, 0.0), np.inf)
    return bandwidth_for_rate(channel, np.where(input_bits > 0, needed_rate, 0.0))


def _fastest(snr_hz: Floats, nats: Floats, group: Groups, flat_demand: Floats, band: float) -> Floats:
    """Largest s per group with s * flat_demand + sum_k b_k(D_k s) <= B, of inputs D_k ln 2 [nat].

    The left side is convex and increasing in s.
    """
    groups = len(flat_demand)
    ceiling = np.full(groups, np.inf)
    np.minimum.at(ceiling, group, snr_hz / nats)
    with np.errstate(divide="ignore"):
        high = np.minimum(ceiling, band / flat_demand)
    # A hertz is worth least when one request has the whole band: with that worth, s is certainly reached.
    worst = np.log1p(snr_hz / band)
    low = np.minimum(band / (flat_demand + np.bincount(group, nats / worst, groups)), high)
    s, found, open_groups = low, low.copy(), np.arange(groups)
    for _ in range(NEWTON_STEPS):
        share = nats * s[group] / snr_hz
        z = nats_per_hertz(share, 1.0 - share)
        with np.errstate(divide="ignore", invalid="ignore"):
            demand = s * (flat_demand + np.bincount(group, nats / z, len(s)))
            slope = flat_demand + np.bincount(group, nats / (z + np.expm1(-z)), len(s))
            newton = s - (demand - band) / slope
        fits = demand <= band
        low, high = np.where(fits, s, low), np.where(fits, high, s)
        inside = (newton > low) & (newton < high)
        following = np.where(inside, newton, (low + high) / 2)
        moving = np.abs(following - s) > 1e-14 * s
        found[open_groups] = following
        if not moving.any():
            break
        # Most groups settle at once; only the others go on.
        low, high, s, flat_demand, open_groups = (c[moving] for c in (low, high, following, flat_demand, open_groups))
        going = moving[group]
        group = (np.cumsum(moving) - 1)[group[going]]
        nats, snr_hz = nats[going], snr_hz[going]
    return found


def _within_band(bandwidth: Floats, channel: ChannelArrays, group: Groups, groups: int, band: float) -> Floats:
    """Shares that sum to B in each group, up to rounding.

    Just below the ceiling of its rate a power-limited channel turns the rounding of the rate into visible bandwidth,
    in proportion to b^2 / c. What is too much is taken back in that proportion: there the rates hardly feel it.
    """
    bandwidth = np.minimum(bandwidth, band)
    steepness = np.where(channel.flat, 0.0, bandwidth**2 / channel.quality)
    excess = np.bincount(group, bandwidth, groups) - band
    over = excess > band * ROUNDING
    part = np.zeros(groups)
    part[over] = excess[over] / np.bincount(group, steepness, groups)[over]
    return bandwidth - steepness * part[group]
