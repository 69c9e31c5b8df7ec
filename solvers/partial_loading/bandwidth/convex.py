"""Least upload time and least bandwidth by convex optimization: solved, verified, and what a hertz is worth.

Nothing here is needed to solve an instance: `partload.instances.allocation` has the closed forms. This answers the same
questions without them and adds prices. The mathematics is in `partload.formulations.partial_loading.bandwidth.least`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from partload.formulations.partial_loading.bandwidth import least as problems
from partload.formulations.rates import Scale
from partload.instances.allocation import constant_bandwidths
from partload.instances.channels import LN2, ChannelArrays, upload_time
from partload.instances.errors import InputError
from partload.instances.numbers import exact
from partload.solvers import convex

Floats = NDArray[np.float64]
ROUNDS = 100
"""Rounds of ``_expected``; what is still far off then is put right by solving again in the units of the solution."""


@dataclasses.dataclass(frozen=True)
class LeastUpload:
    """The least upload time of a slot of K requests."""

    time_s: float
    """t."""
    bandwidth_hz: Floats
    """b_k, shape (K,); 0 for a request without bits."""
    price_s_per_hz: float
    """-dt/dB: the time that one more hertz of band saves."""
    kkt: convex.Residuals


@dataclasses.dataclass(frozen=True)
class LeastBandwidth:
    """The least bandwidths with which K uploads take at most given times."""

    bandwidth_hz: Floats
    """b_k, shape (K,); 0 for a request without bits."""
    price_hz_per_s: Floats
    """-db_k/dready_k: the bandwidth saved by one more second, shape (K,). Its reciprocal, of a sum over those with one
    ready time, is how many seconds earlier they could be ready with one more hertz."""
    kkt: convex.Residuals


def least_upload(channel: ChannelArrays, input_bits: Floats, band_hz: float) -> LeastUpload:
    """Least time in which K requests can upload their inputs [bit] on a band [Hz] that they share.

    Raises
    ------
    InputError
        When the solver's answer cannot be verified.
    """
    sending = input_bits > 0
    if not sending.any():
        return LeastUpload(0.0, np.zeros(len(input_bits)), 0.0, convex.EXACT)
    channel, bits = channel[sending], input_bits[sending]
    expected = _expected(channel, bits, band_hz)
    unit_s = float(np.max(upload_time(channel, bits, expected)))

    def attempt(near_hz: Floats) -> LeastUpload | None:
        scale = Scale.of(channel, near_hz, band_hz)
        return _least_upload(scale, bits[scale.order] / unit_s / scale.unit_bps, band_hz, unit_s)

    found = convex.verified(attempt, expected, "least upload time")
    return dataclasses.replace(found, bandwidth_hz=_among(sending, found.bandwidth_hz))


def _expected(channel: ChannelArrays, bits: Floats, band_hz: float) -> Floats:
    """A division of the band near the best: in each round, slower uploads get more of it."""
    bandwidth = np.full(len(bits), band_hz / len(bits))
    for _ in range(ROUNDS):
        time = upload_time(channel, bits, bandwidth)
        if np.max(time) <= 1.2 * np.min(time):
            break
        bandwidth *= time
        bandwidth *= band_hz / np.sum(bandwidth)
    return bandwidth


def _least_upload(scale: Scale, demand: Floats, band_hz: float, unit_s: float) -> LeastUpload | None:
    """Solve in these units, and verify with the rate itself.

    The rows are D_k s - rate_k <= 0 and sum b - B <= 0, the columns b_k and s, the objective -s.
    """
    made = problems.least_time(scale.shape)
    made.set(scale, demand, band_hz)
    if not convex.run(made.problem):
        return None
    part, count = scale.unit_hz / band_hz, len(demand)

    def conditions(point: Floats, worth: Floats) -> convex.Conditions:
        share, speed = point[:count], point[count]
        jacobian, hessian = np.zeros((count + 1, count + 1)), np.zeros((count + 1, count + 1))
        jacobian[:count, :count] = np.diag(-scale.slope(share))
        jacobian[:count, count] = demand
        jacobian[count, :count] = part
        hessian[:count, :count] = np.diag(-scale.curvature(share) * worth[:count])
        values = np.append(demand * speed - scale.rate(share), part @ share - 1)
        return convex.Conditions(np.append(np.zeros(count), -1.0), values, jacobian, hessian)

    found = np.append(convex.value(made.rates.share), convex.value(made.speed))
    point, worth, kkt = convex.refined(conditions, found, convex.multipliers(made.arrive, made.in_band))
    time = unit_s / float(point[count])
    price = time / float(point[count]) * float(worth[count]) / band_hz
    return LeastUpload(time, scale.back(point[:count] * scale.unit_hz), price, kkt)


def least_bandwidth(
    channel: ChannelArrays, input_bits: Floats, ready_s: Floats, names: Sequence[str]
) -> LeastBandwidth:
    """Least bandwidths with which K inputs [bit] are uploaded within their times [s], shapes (K,).

    Raises
    ------
    InputError
        When there is no such bandwidth: a request, by its name, has bits but no time to send them, or needs a rate that
        its channel never gives. Also when the solver's answer cannot be verified.
    """
    sending = input_bits > 0
    if not sending.any():
        return LeastBandwidth(np.zeros(len(input_bits)), np.zeros(len(input_bits)), convex.EXACT)
    channel, bits, ready = channel[sending], input_bits[sending], ready_s[sending]
    expected = constant_bandwidths(channel, bits, ready)
    for k in np.flatnonzero(~np.isfinite(expected)).tolist():
        name = names[np.flatnonzero(sending).tolist()[k]]
        raise InputError(_why_not(channel, bits, ready, k), source=f"request {name!r}")

    def attempt(near_hz: Floats) -> LeastBandwidth | None:
        scale = Scale.of(channel, near_hz, float(expected.sum()))
        return _least_bandwidth(scale, bits[scale.order], ready[scale.order])

    found = convex.verified(attempt, expected, "least bandwidth")
    return LeastBandwidth(_among(sending, found.bandwidth_hz), _among(sending, found.price_hz_per_s), found.kkt)


def _least_bandwidth(scale: Scale, bits: Floats, ready_s: Floats) -> LeastBandwidth | None:
    """Solve in these units, and verify with the rate itself.

    Rows are D_k / ready_k - rate_k <= 0; those of channels near their ceiling in units of the distance to it, since
    that is what their bandwidth depends on.
    """
    demand = bits / ready_s / scale.unit_bps
    needed = bits * LN2 / (ready_s * scale.channel.quality)
    made = problems.least_bandwidth(scale.shape)
    made.set(scale, demand, (1 - needed) / scale.snr)
    if not convex.run(made.problem):
        return None
    row = np.ones(len(bits))
    row[made.plain :] = np.log1p(scale.snr[made.plain :]) / scale.snr[made.plain :] ** 2

    def conditions(share: Floats, worth: Floats) -> convex.Conditions:
        return convex.Conditions(
            gradient=np.ones(len(share)),
            values=row * (demand - scale.rate(share)),
            jacobian=np.diag(-row * scale.slope(share)),
            hessian=np.diag(-row * scale.curvature(share) * worth),
        )

    found = convex.value(made.rates.share)
    share, worth, kkt = convex.refined(conditions, found, convex.multipliers(*made.arrive))
    price = scale.unit_hz * worth * row * demand / ready_s
    return LeastBandwidth(scale.back(share * scale.unit_hz), scale.back(price), kkt)


def _why_not(channel: ChannelArrays, bits: Floats, ready_s: Floats, k: int) -> str:
    """Why no bandwidth is enough for request k."""
    if not ready_s[k] > 0:
        problem = f"has {exact(bits[k])} bits to upload and must be ready at {exact(ready_s[k])} s"
        return f"{problem}: expected a time above 0"
    needed, ceiling = bits[k] / ready_s[k], channel.quality[k] / LN2
    problem = f"needs {exact(needed)} bit/s to be ready at {exact(ready_s[k])} s"
    return f"{problem}, its channel stays below {exact(ceiling)} bit/s: allow more time"


def _among(chosen: NDArray[np.bool_], values: Floats) -> Floats:
    """A column of all requests with the values of some, and 0 for the others."""
    column = np.zeros(len(chosen))
    column[chosen] = values
    return column
