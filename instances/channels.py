"""Wireless channels: how much rate a share of the band buys, and what a rate costs in bandwidth.

*flat*: the power spectral density is fixed, so rate = eta b [bit/s] for bandwidth b [Hz].
*power-limited*: the transmit power is fixed, so rate = b log2(1 + c / b), concave in b and never above c / ln 2.

Both problems use these channels. The functions work on whole columns of requests.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Literal, assert_never

import numpy as np
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from partload.instances.fields import Positive, tagged

Floats = NDArray[np.float64]
LN2 = math.log(2.0)

SERIES_BELOW = 0.02
SERIES = (2.0, -1 / 3, 1 / 9, -19 / 540, 17 / 1620, -13 / 4536)
"""z as a power series in -ln q, from its first power, where z = 2 (1 - q) and more; see ``nats_per_hertz``."""
HALLEY_STEPS = 2
SMALLEST = math.ulp(0.0)


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
CHANNELS: Mapping[str, type[Channel]] = {"flat": FlatChannel, "power-limited": PowerLimitedChannel}
"""Every kind of channel, by its name in the file format."""


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
        quality = [_quality(channel) for channel in channels]
        columns = cls(np.array(flat, dtype=bool), np.array(quality, dtype=float))
        columns.flat.setflags(write=False)
        columns.quality.setflags(write=False)
        return columns

    def __getitem__(self, chosen: slice[int, int, None] | NDArray[np.int64] | NDArray[np.bool_]) -> ChannelArrays:
        """The channels at some positions."""
        return ChannelArrays(self.flat[chosen], self.quality[chosen])


def _quality(channel: Channel) -> float:
    """The one number of a channel, see ``ChannelArrays.quality``."""
    if isinstance(channel, FlatChannel):
        return channel.spectral_efficiency_bps_per_hz
    if isinstance(channel, PowerLimitedChannel):
        return channel.snr_hz
    assert_never(channel)


def rate(channel: ChannelArrays, bandwidth_hz: Floats) -> Floats:
    """Rate [bit/s] of each channel at its bandwidth [Hz], both of shape (K,).

    No bandwidth gives no rate; infinite bandwidth gives a power-limited channel its ceiling c / ln 2.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        snr = channel.quality / bandwidth_hz
        # Of a bandwidth so small that the quotient overflows, the difference of logarithms is what is left.
        worth = np.where(np.isinf(snr), np.log(channel.quality) - np.log(bandwidth_hz), np.log1p(snr))
        limited = bandwidth_hz * worth / LN2
        flat = channel.quality * bandwidth_hz
        ceiling = channel.quality / LN2
    limited = np.where(bandwidth_hz > 0, limited, 0.0)
    limited = np.where(np.isinf(bandwidth_hz), ceiling, limited)
    return np.where(channel.flat, flat, limited)


def bandwidth_for_rate(channel: ChannelArrays, rate_bps: Floats) -> Floats:
    """Least bandwidth [Hz] that gives each channel its rate [bit/s], both of shape (K,).

    Infinite for a power-limited channel at or above its ceiling c / ln 2 (problems, fact 2). Just below, at a share q
    of it, the rounding of the rate is worth a part 1e-16 / (1 - q) of the bandwidth; ``bandwidth_per_snr`` takes 1 - q
    as well.
    """
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        bandwidth = np.array(rate_bps / channel.quality)
        limited = ~channel.flat
        if limited.any():
            nats = rate_bps[limited] * LN2
            share = nats / channel.quality[limited]
            bandwidth[limited] = nats / nats_per_hertz(share, 1.0 - share)
    return bandwidth


def bandwidth_per_snr(share: Floats, headroom: Floats) -> Floats:
    """Bandwidth over c of a power-limited channel whose rate is a share q of its ceiling, R = q c / ln 2.

    Parameters
    ----------
    share, headroom
        q and 1 - q, of one shape. The caller states both, since neither can be had from the other at both ends without
        losing digits; below a share of 1/2 only the share counts, above only the headroom.

    Returns
    -------
    b / c, within a relative 1e-12 for every q; 0 for no share, infinite for no headroom.
    """
    with np.errstate(divide="ignore"):
        return share / nats_per_hertz(share, headroom)


def nats_per_hertz(share: Floats, headroom: Floats) -> Floats:
    """Spectral efficiency z = ln(1 + c / b) [nat/s/Hz] at a share q of the ceiling; see ``bandwidth_per_snr``.

    From R = b z / ln 2 and c / b = e^z - 1 follows q = z / (e^z - 1): large z means much rate from little bandwidth, a
    small share. With L = -ln q that is

        z + ln( (1 - e^-z) / z ) = L,

    whose left side is convex and close to straight: its slope lies between 1/2 and 1, its curvature between 0 and 1/12.
    So two steps of Halley's method from z = L + ln(1 + L), right at both ends, settle every digit. For small L
    the logarithm would lose digits to cancellation, and the first terms of the inverse series take over. The result is
    0 without headroom; a share that is 0 counts as the smallest double.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        logarithm = np.where(share < 0.5, -np.log(np.maximum(share, SMALLEST)), -np.log1p(-headroom))
        logarithm = np.where(headroom > 0, logarithm, 0.0)
        z = logarithm + np.log1p(logarithm)
        for _ in range(HALLEY_STEPS):
            part = -np.expm1(-z)
            excess = z + np.log(part / z) - logarithm
            slope = 1 / part - 1 / z
            curvature = 1 / z**2 - (1 - part) / part**2
            z = z - excess / (slope - excess * curvature / (2 * slope))
    series = logarithm * np.polynomial.polynomial.polyval(logarithm, SERIES)
    return np.where(logarithm < SERIES_BELOW, series, z)


def upload_time(channel: ChannelArrays, input_bits: Floats, bandwidth_hz: Floats) -> Floats:
    """Time [s] to upload each input at its bandwidth, shape (K,); no bits take no time, no rate takes forever."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        time = input_bits / rate(channel, bandwidth_hz)
    return np.where(input_bits > 0, time, 0.0)
