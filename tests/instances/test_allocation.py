"""Dividing a band: least times against 50 digits, least bandwidths, and the ends of their ranges."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partload.instances.allocation import constant_bandwidths, least_upload_times, least_uploads
from partload.instances.channels import (
    ChannelArrays,
    FlatChannel,
    PowerLimitedChannel,
    bandwidth_for_rate,
    rate,
    upload_time,
)
from tests.instances.test_channels import flat, limited


def test_no_channels_at_all():
    none = ChannelArrays.of([])
    assert least_upload_times(none, np.zeros(0), np.zeros(0, dtype=np.int64), 2, 1.0).tolist() == [0, 0]


def exact_least_time(snr_hz: list[float], bits: list[float], band: float, flat_demand: float = 0.0) -> float:
    """The least t with sum b_k(D_k / t) <= B by bisection on 50 digits."""
    with mpmath.workdps(50):
        ceiling = max(mpmath.mpf(d) * mpmath.log(2) / mpmath.mpf(c) for c, d in zip(snr_hz, bits))
        low, high = ceiling, 2 * ceiling

        def used(t: mpmath.mpf) -> mpmath.mpf:
            total = mpmath.mpf(flat_demand) / t
            for c, d in zip(snr_hz, bits):
                q = mpmath.mpf(d) / t * mpmath.log(2) / mpmath.mpf(c)
                total += mpmath.mpf(c) / mpmath.re(-mpmath.lambertw(-q * mpmath.exp(-q), -1) / q - 1)
            return total

        while used(high) > band:
            high *= 2
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (low, middle) if used(middle) <= band else (middle, high)
        return float(high)


GROUPS = {
    "one": ([1e6], [1e5], 1e7),
    "alike": ([1e6] * 4, [1e5] * 4, 1e7),
    "mixed": ([1e5, 1e6, 1e8], [1e6, 1e4, 1e5], 1e7),
    "one far weaker": ([1e2, 1e8, 1e8], [1e5, 1e5, 1e5], 1e7),
    "narrow band": ([1e7, 2e7], [1e6, 3e6], 1e2),
    "wide band": ([1e5, 2e5], [1e6, 3e6], 1e9),
    "tiny inputs": ([1e6, 1e6], [1e-3, 1.0], 1e7),
}


@pytest.mark.parametrize("name", GROUPS)
def test_least_upload_time_of_power_limited_channels(name):
    snr_hz, bits, band = GROUPS[name]
    group = np.zeros(len(bits), dtype=np.int64)
    time = least_upload_times(limited(*snr_hz), np.array(bits), group, 1, band)[0]
    assert time == pytest.approx(exact_least_time(snr_hz, bits, band), rel=1e-9)


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_of_both_kinds(name):
    snr_hz, bits, band = GROUPS[name]
    channel = ChannelArrays.of([FlatChannel(2.0), *(PowerLimitedChannel(c) for c in snr_hz)])
    everything = np.array([1e5, *bits])
    time = least_upload_times(channel, everything, np.zeros(len(everything), dtype=np.int64), 1, band)[0]
    assert time == pytest.approx(exact_least_time(snr_hz, bits, band, flat_demand=5e4), rel=1e-9)


def test_groups_do_not_touch_each_other():
    names = list(GROUPS)[:3]
    band = 1e7
    channel = limited(*(c for name in names for c in GROUPS[name][0]))
    bits = np.array([d for name in names for d in GROUPS[name][1]])
    group = np.repeat([4, 0, 2], [len(GROUPS[name][1]) for name in names])
    times = least_upload_times(channel, bits, group, 5, band)
    apart = [exact_least_time(*GROUPS[name]) for name in names]
    assert times == pytest.approx([apart[1], 0, apart[2], 0, apart[0]], rel=1e-9)


channels_and_bits = st.lists(
    st.tuples(
        st.one_of(
            st.floats(1e-2, 10).map(FlatChannel),
            st.floats(1e3, 1e9).map(PowerLimitedChannel),
        ),
        st.one_of(st.just(0.0), st.floats(1, 1e8)),
    ),
    min_size=1,
    max_size=12,
)


@given(channels_and_bits, st.floats(1e5, 1e9))
def test_the_least_time_is_reached_with_the_whole_band(items, band):
    """A little more time needs no more than B, a little less needs more."""
    channel = ChannelArrays.of([channel for channel, _ in items])
    bits = np.array([d for _, d in items])
    time = least_upload_times(channel, bits, np.zeros(len(items), dtype=np.int64), 1, band)[0]
    if not bits.any():
        assert time == 0
        return
    # Within 1e-9 of the time: near the ceiling of a rate the bandwidth itself is that of a rounded rate.
    longer = bandwidth_for_rate(channel, bits / (time * (1 + 1e-9)))
    shorter = bandwidth_for_rate(channel, bits / (time * (1 - 1e-9)))
    assert longer.sum() <= band <= shorter.sum()


@given(channels_and_bits, st.floats(1e5, 1e9))
def test_least_uploads_end_together_and_use_the_band(items, band):
    """Each upload of a group ends at the group's time; flat ones use the band to the last hertz."""
    channel = ChannelArrays.of([channel for channel, _ in items])
    bits = np.array([d for _, d in items])
    group = np.arange(len(items)) % 3
    times, bandwidth = least_uploads(channel, bits, group, 4, band)
    assert times.tolist() == least_upload_times(channel, bits, group, 4, band).tolist()
    assert times[3] == 0
    assert (bandwidth[bits == 0] == 0).all()
    busy = bits > 0
    assert upload_time(channel, bits, bandwidth)[busy] == pytest.approx(times[group][busy], rel=1e-10)
    for number in range(3):
        mine = group == number
        used = bandwidth[mine].sum()
        assert used <= band * (1 + 2e-12)
        if channel.flat[mine].all() and bits[mine].any():
            assert used == pytest.approx(band, rel=1e-12)


@given(channels_and_bits, st.floats(1e-3, 1e3))
def test_constant_bandwidths_are_just_in_time(items, ready_s):
    """With the bandwidth found an upload ends at its time; where none is found the ceiling itself is too slow."""
    channel = ChannelArrays.of([channel for channel, _ in items])
    bits = np.array([d for _, d in items])
    bandwidth = constant_bandwidths(channel, bits, np.full(len(items), ready_s))
    reached = (bits > 0) & np.isfinite(bandwidth)
    assert upload_time(channel, bits, bandwidth)[reached] == pytest.approx(ready_s, rel=1e-9)
    assert (bandwidth[bits == 0] == 0).all()
    without = np.isinf(bandwidth)
    assert (upload_time(channel, bits, bandwidth)[without] >= ready_s * (1 - 1e-15)).all()


def test_no_time_needs_infinite_bandwidth_unless_there_is_nothing_to_send():
    channel = ChannelArrays.of([FlatChannel(2.0), FlatChannel(2.0), PowerLimitedChannel(1e6), PowerLimitedChannel(1e6)])
    for ready_s in (0.0, -1.0, -math.inf):
        found = constant_bandwidths(channel, np.array([1.0, 0.0, 1.0, 0.0]), np.full(4, ready_s))
        assert found.tolist() == [math.inf, 0, math.inf, 0]
    assert constant_bandwidths(channel, np.ones(4), np.full(4, math.inf)).tolist() == [0] * 4


# One request 60 dB below the others; so far down that it needs all the rate its channel has.
FAR_AND_NEAR = [1e1, *[1e7] * 5]


@pytest.mark.parametrize("bits", [1.0, 1e3, 1e6])
def test_a_channel_60_db_worse(bits):
    channel, inputs = limited(*FAR_AND_NEAR), np.full(6, bits)
    times, bandwidth = least_uploads(channel, inputs, np.zeros(6, dtype=np.int64), 1, 1e7)
    assert times[0] == pytest.approx(exact_least_time(FAR_AND_NEAR, inputs.tolist(), 1e7), rel=1e-12)
    assert times[0] >= bits * math.log(2) / 10
    assert 0.9e7 < bandwidth.sum() <= 1e7 * (1 + 2e-12)
    assert upload_time(channel, inputs, bandwidth) == pytest.approx(np.full(6, times[0]), rel=1e-10)


@pytest.mark.parametrize("kind", [FlatChannel, PowerLimitedChannel])
def test_a_thousand_requests_in_one_group(kind):
    """Each needs a thousandth of the band: with channels and inputs alike that is known without any search."""
    channel, bits = ChannelArrays.of([kind(1e6)] * 1000), np.full(1000, 1e5)
    times, bandwidth = least_uploads(channel, bits, np.zeros(1000, dtype=np.int64), 1, 1e7)
    assert bandwidth == pytest.approx(np.full(1000, 1e4), rel=1e-12)
    assert times[0] == pytest.approx(1e5 / rate(channel[:1], np.array([1e4]))[0], rel=1e-12)


def test_one_request_has_the_whole_band():
    for channel in (flat(3.0), limited(2e6)):
        times, bandwidth = least_uploads(channel, np.array([6e6]), np.array([0]), 1, 1e6)
        assert bandwidth[0] == pytest.approx(1e6, rel=1e-12)
        assert times[0] == pytest.approx(6e6 / rate(channel, np.array([1e6]))[0], rel=1e-14)


def test_no_requests_and_groups_without_any():
    for groups in (0, 3):
        times, bandwidth = least_uploads(ChannelArrays.of([]), np.zeros(0), np.zeros(0, dtype=np.int64), groups, 1.0)
        assert times.tolist() == [0] * groups
        assert bandwidth.shape == (0,)
    times, bandwidth = least_uploads(limited(1.0, 1.0), np.array([0.0, 1.0]), np.array([4, 2]), 6, 1.0)
    assert times.tolist() == [0, 0, pytest.approx(1.0, rel=1e-15), 0, 0, 0]
    assert bandwidth.tolist() == [0, pytest.approx(1.0, rel=1e-15)]


def test_inputs_next_to_nothing_still_share_the_whole_band():
    """The least time, 2e-313 s, is a double with three digits; the bandwidths do not depend on it."""
    channel = ChannelArrays.of([FlatChannel(1.75), FlatChannel(1.75)])
    _, bandwidth = least_uploads(channel, np.array([3.9e-307, 1.3e-307]), np.zeros(2, dtype=np.int64), 1, 1e6)
    assert bandwidth.tolist() == pytest.approx([7.5e5, 2.5e5], rel=1e-12)
