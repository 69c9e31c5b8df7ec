"""Least upload time and least bandwidth by convex optimization: against the closed forms, and as the numbers end."""

from __future__ import annotations

import numpy as np
import pytest

from partload.instances.allocation import constant_bandwidths, least_upload_times
from partload.instances.channels import LN2, ChannelArrays, FlatChannel, PowerLimitedChannel, upload_time
from partload.instances.errors import InputError
from partload.solvers.partial_loading.bandwidth.convex import least_bandwidth, least_upload
from tests.support.convex_agreement import BAND_HZ, difference, random_slot

KINDS = ("flat", "power-limited", "mixed")
SAMPLE, MANY = range(40), range(1000)


def closed_time(channel: ChannelArrays, bits: np.ndarray, band_hz: float = BAND_HZ) -> float:
    return float(least_upload_times(channel, bits, np.zeros(len(bits), dtype=np.int64), 1, band_hz)[0])


def names(bits: np.ndarray) -> list[str]:
    return [f"r{k}" for k in range(len(bits))]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seeds", [SAMPLE, pytest.param(MANY, marks=pytest.mark.long)], ids=len)
def test_closed_form_and_convex_optimum_agree(kind, seeds):
    found = [difference(seed, kind) for seed in seeds]
    assert max(slot.relative_difference for slot in found) <= 1e-6
    assert max(slot.kkt for slot in found) <= 1e-6


@pytest.mark.parametrize("kind", KINDS)
def test_the_division_found_uploads_everything_in_time(kind):
    for seed in range(5):
        channel, bits = random_slot(seed, kind)
        found = least_upload(channel, bits, BAND_HZ)
        assert found.bandwidth_hz.sum() <= BAND_HZ * (1 + 1e-8)
        assert upload_time(channel, bits, found.bandwidth_hz).max() == pytest.approx(found.time_s, rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_price_of_the_band_is_the_slope_of_the_closed_form(kind):
    step = 1e-4 * BAND_HZ
    for seed in range(10):
        channel, bits = random_slot(seed, kind, most_requests=10)
        found = least_upload(channel, bits, BAND_HZ)
        wider, narrower = (closed_time(channel, bits, BAND_HZ + change) for change in (step, -step))
        assert found.price_s_per_hz == pytest.approx((narrower - wider) / (2 * step), rel=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_least_bandwidths_and_their_price(kind):
    for seed in range(10):
        channel, bits = random_slot(seed, kind, most_requests=10)
        ready = closed_time(channel, bits) * np.linspace(1.3, 3, len(bits))
        found = least_bandwidth(channel, bits, ready, names(bits))
        assert found.bandwidth_hz == pytest.approx(constant_bandwidths(channel, bits, ready), rel=1e-6)
        later, sooner = (constant_bandwidths(channel, bits, ready * (1 + change)) for change in (1e-4, -1e-4))
        assert found.price_hz_per_s == pytest.approx((sooner - later) / (2e-4 * ready), rel=1e-5)


@pytest.mark.parametrize("headroom", [0.5, 1e-2, 1e-4, 1e-6, 1e-8])
def test_least_bandwidth_just_below_the_ceiling(headroom):
    channel, ready = ChannelArrays.of([PowerLimitedChannel(1e6)]), np.array([1.0])
    bits = np.array([(1 - headroom) * 1e6 / LN2])
    found = least_bandwidth(channel, bits, ready, ["r"])
    assert found.bandwidth_hz == pytest.approx(constant_bandwidths(channel, bits, ready), rel=1e-6)


def test_channels_far_apart():
    """c / B from 1e-3 to 1e6 in one slot, and one channel 60 dB below the worst of them."""
    channel = ChannelArrays.of([PowerLimitedChannel(BAND_HZ * 10.0**n) for n in (-9, -3, 0, 3, 6)])
    bits = np.full(5, 1e5)
    found = least_upload(channel, bits, BAND_HZ)
    assert found.time_s == pytest.approx(closed_time(channel, bits), rel=1e-6)
    assert found.kkt.worst <= 1e-6


def test_nothing_to_upload():
    channel, none = ChannelArrays.of([FlatChannel(1.0), PowerLimitedChannel(1e6)]), np.zeros(2)
    found = least_upload(channel, none, BAND_HZ)
    assert (found.time_s, found.price_s_per_hz, found.bandwidth_hz.tolist()) == (0, 0, [0, 0])
    assert least_bandwidth(channel, none, none, ["a", "b"]).bandwidth_hz.tolist() == [0, 0]


def test_a_request_without_bits_gets_no_bandwidth():
    channel = ChannelArrays.of([FlatChannel(1.0), FlatChannel(2.0), PowerLimitedChannel(1e6)])
    found = least_upload(channel, np.array([0.0, 4e6, 0.0]), BAND_HZ)
    assert found.bandwidth_hz == pytest.approx([0, BAND_HZ, 0], rel=1e-9)
    assert found.time_s == pytest.approx(0.2, rel=1e-9)
    # t = a / B, so that dt/dB = -t / B.
    assert found.price_s_per_hz == pytest.approx(0.2 / BAND_HZ, rel=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_requests(kind):
    channel, bits = random_slot(0, kind, most_requests=1)
    copies = ChannelArrays(np.tile(channel.flat, 1000), np.tile(channel.quality, 1000) * np.linspace(1, 2, 1000))
    bits = np.tile(bits, 1000)
    assert least_upload(copies, bits, BAND_HZ).time_s == pytest.approx(closed_time(copies, bits), rel=1e-6)


def test_a_rate_that_the_channel_never_gives():
    channel = ChannelArrays.of([FlatChannel(1.0), PowerLimitedChannel(1e6)])
    with pytest.raises(InputError) as caught:
        least_bandwidth(channel, np.array([1e6, 2e6]), np.array([1.0, 1.0]), ["near", "far"])
    assert str(caught.value) == (
        "request 'far': needs 2000000 bit/s to be ready at 1 s, its channel stays below 1442695.0408889635 bit/s: "
        "allow more time"
    )


def test_no_time_at_all():
    with pytest.raises(InputError) as caught:
        least_bandwidth(ChannelArrays.of([FlatChannel(1.0)]), np.array([1e6]), np.array([0.0]), ["late"])
    assert str(caught.value).startswith("request 'late': has 1000000 bits to upload and must be ready at 0 s")
