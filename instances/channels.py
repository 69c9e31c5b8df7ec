"""Wireless channels: how much rate a share of the band buys, and what a rate costs in bandwidth.

*flat*: the power spectral density is fixed, so rate = eta b [bit/s] for bandwidth b [Hz].
*power-limited*: the transmit power is fixed, so rate = b log2(1 + c / b), concave in b and never above c / ln 2.

Both problems use these channels. The functions work on whole columns of requests.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from instances.fields import Positive, tagged

Floats = NDArray[np.float64]
LN2 = math.log(2.0)

SERIES_BELOW = 0.03
"""Below this, y - ln(1 + y) is summed as a series: the difference would lose digits to cancellation."""
SERIES_TERMS = 11
NEWTON_STEPS = 60
SETTLED = 1e-10
"""Relative size of a Newton step after which the next one would be below rounding: convergence is quadratic."""


@dataclass(frozen=True, slots=True, config=tagged("spectral_efficiency_bps_per_hz"))
class FlatChannel:
    """Rate proportional to bandwidth."""

    spectral_efficiency_bps_per_hz: Positive
    """eta."""
    kind: Literal["flat"] = "flat"


@dataclass(frozen=True, slots=True, config=tagged("snr_hz"))
class PowerLimitedChannel:
    """Fixed transmit power: every further hertz buys less."""

    snr_hz: Positive
    """c = P g / N0: received power over noise density."""
    kind: Literal["power-limited"] = "power-limited"


Channel = FlatChannel | PowerLimitedChannel


@dataclasses.dataclass(frozen=True)
class ChannelArrays:
    """K channels as columns of shape (K,)."""

    flat: NDArray[np.bool_]
    """True for a flat channel, False for a power-limited one."""
    quality: Floats
    """eta [bit/s/Hz] of a flat channel, c [Hz] of a power-limited one."""

    @classmethod
    def of(cls, channels: Sequence[Channel]) -> ChannelArrays:
        """Columns of these channels."""
        flat = [isinstance(channel, FlatChannel) for channel in channels]
        quality = [
            channel.spectral_efficiency_bps_per_hz if isinstance(channel, FlatChannel) else channel.snr_hz
            for channel in channels
        ]
        columns = cls(np.array(flat, dtype=bool), np.array(quality, dtype=float))
        columns.flat.setflags(write=False)
        columns.quality.setflags(write=False)
        return columns

    def __getitem__(self, chosen: NDArray[np.int64] | NDArray[np.bool_]) -> ChannelArrays:
        """The channels at some positions."""
        return ChannelArrays(self.flat[chosen], self.quality[chosen])


def rate(channel: ChannelArrays, bandwidth_hz: Floats) -> Floats:
    """Rate [bit/s] of each channel at its bandwidth [Hz], both of shape (K,).

    No bandwidth gives no rate; infinite bandwidth gives a power-limited channel its ceiling c / ln 2.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        snr = channel.quality / bandwidth_hz
        # Of a bandwidth so small that the quotient overflows, the difference of logarithms is what is left.
        worth = np.where(np.isinf(snr), np.log(channel.quality) - np.log(bandwidth_hz), np.log1p(snr))
        limited = bandwidth_hz * worth / LN2
    limited = np.where(bandwidth_hz > 0, limited, 0.0)
    limited = np.where(np.isinf(bandwidth_hz), channel.quality / LN2, limited)
    return np.where(channel.flat, channel.quality * bandwidth_hz, limited)


def bandwidth_for_rate(channel: ChannelArrays, rate_bps: Floats) -> Floats:
    """Least bandwidth [Hz] that gives each channel its rate [bit/s]; infinite at or above the ceiling c / ln 2.

    For a power-limited channel b = c / y, where y > 0 solves ln(1 + y) = q y with q = R ln 2 / c (problems, fact 2).
    """
    bandwidth = np.array(rate_bps / channel.quality)
    limited = ~channel.flat & (rate_bps > 0)
    if limited.any():
        ceiling = channel.quality[limited]
        with np.errstate(divide="ignore"):
            bandwidth[limited] = ceiling / _snr_for_share(rate_bps[limited] * LN2 / ceiling)
    return bandwidth


def upload_time(channel: ChannelArrays, input_bits: Floats, bandwidth_hz: Floats) -> Floats:
    """Time [s] to upload each input at its bandwidth, shape (K,); no bits take no time, no rate takes forever."""
    with np.errstate(divide="ignore", invalid="ignore"):
        time = input_bits / rate(channel, bandwidth_hz)
    return np.where(input_bits > 0, time, 0.0)


def least_upload_times(
    channel: ChannelArrays, input_bits: Floats, group: NDArray[np.int64], groups: int, bandwidth_hz: float
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
        channel.quality[limited], input_bits[limited], member, flat_demand[touched], bandwidth_hz
    )
    return times


def _fastest(snr_hz: Floats, bits: Floats, group: NDArray[np.int64], flat_demand: Floats, band: float) -> Floats:
    """Largest s per group with s * flat_demand + sum_k b_k(D_k s) <= B; the left side is convex and increasing in s."""
    groups = len(flat_demand)
    ceiling = np.full(groups, np.inf)
    np.minimum.at(ceiling, group, snr_hz / (bits * LN2))
    with np.errstate(divide="ignore"):
        high = np.minimum(ceiling, band / flat_demand)
    # A hertz is worth least when one request has the whole band: with that worth, s is certainly reached.
    worst = np.log1p(snr_hz / band) / LN2
    low = np.minimum(band / (flat_demand + np.bincount(group, bits / worst, groups)), high)
    s, found, open_groups = low, low.copy(), np.arange(groups)
    for _ in range(NEWTON_STEPS):
        y = _snr_for_share(bits * s[group] * LN2 / snr_hz)
        with np.errstate(divide="ignore", invalid="ignore"):
            demand = s * flat_demand + np.bincount(group, snr_hz / y, len(s))
            slope = flat_demand + np.bincount(group, bits * LN2 / (np.log1p(y) - y / (1 + y)), len(s))
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
        bits, snr_hz = bits[going], snr_hz[going]
    return found


def _snr_for_share(q: Floats) -> Floats:
    """Y > 0 with ln(1 + y) = q y for q in (0, 1); 0 for q >= 1, where no finite bandwidth is enough.

    Newton's method, started above the root by a bound on the Lambert W function (Chatzigeorgiou, IEEE Communications
    Letters 17(8), 2013), from where it descends. Which of two equal forms of the equation is evaluated depends on
    where the other one loses digits.
    """
    gap = 1.0 - q
    solvable = gap > 0
    q, gap = np.where(solvable, q, 0.5), np.where(solvable, gap, 0.5)
    u = np.where(gap < SERIES_BELOW, _log_remainder(-gap), -gap - np.log(q))
    y = (gap + np.sqrt(2 * u) + u) / q
    for _ in range(NEWTON_STEPS):
        small = y < SERIES_BELOW
        excess = q * y - np.log1p(y)
        if small.any():
            excess[small] = _log_remainder(y[small]) - gap[small] * y[small]
        step = excess / (q - 1 / (1 + y))
        y = y - step
        if np.all(np.abs(step) <= SETTLED * y):
            break
    return np.where(solvable, y, 0.0)


def _log_remainder(y: Floats) -> Floats:
    """Y - ln(1 + y) for small y of either sign: y^2/2 - y^3/3 + y^4/4 - ..."""
    total = np.zeros_like(y)
    for power in range(SERIES_TERMS, 1, -1):
        total = total * y + (-1.0) ** power / power
    return total * y * y
