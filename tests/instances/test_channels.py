"""Channels: rate and its inverse against 50 digits, least upload times, and the ends of their ranges."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instances.channels import (
    ChannelArrays,
    FlatChannel,
    PowerLimitedChannel,
    bandwidth_for_rate,
    least_upload_times,
    rate,
    upload_time,
)

LN2 = math.log(2)
POWERS = [10.0**n for n in range(-3, 12)]


def limited(*snr_hz: float) -> ChannelArrays:
    return ChannelArrays.of([PowerLimitedChannel(c) for c in snr_hz])


def flat(*efficiency: float) -> ChannelArrays:
    return ChannelArrays.of([FlatChannel(eta) for eta in efficiency])


def exact_rate(snr_hz: float, bandwidth_hz: float) -> mpmath.mpf:
    """b log2(1 + c / b), in 50 digits."""
    with mpmath.workdps(50):
        b, c = mpmath.mpf(bandwidth_hz), mpmath.mpf(snr_hz)
        return b * mpmath.log(1 + c / b, 2)


def exact_bandwidth(snr_hz: float, rate_bps: float) -> mpmath.mpf:
    """Inverse of the rate by the Lambert W function, in 50 digits."""
    with mpmath.workdps(50):
        c = mpmath.mpf(snr_hz)
        q = mpmath.mpf(rate_bps) * mpmath.log(2) / c
        y = mpmath.re(-mpmath.lambertw(-q * mpmath.exp(-q), -1) / q - 1)
        return c / y


@pytest.mark.parametrize("bandwidth_hz", POWERS)
@pytest.mark.parametrize("snr_hz", [1e-2, 1.0, 3e3, 2.5e6, 1e9])
def test_rate_of_a_power_limited_channel(snr_hz, bandwidth_hz):
    expected = float(exact_rate(snr_hz, bandwidth_hz))
    assert rate(limited(snr_hz), np.array([bandwidth_hz]))[0] == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(
    "share", [*(10.0**-n for n in range(1, 12)), 0.3, 0.5, 0.9, 0.97, *(1 - 10.0**-n for n in range(2, 7))]
)
@pytest.mark.parametrize("snr_hz", [1.0, 2.5e6])
def test_bandwidth_of_a_power_limited_channel(snr_hz, share):
    """From a trickle to just under the ceiling, where the Lambert form in doubles has no digits left."""
    rate_bps = share * snr_hz / LN2
    expected = float(exact_bandwidth(snr_hz, rate_bps))
    assert bandwidth_for_rate(limited(snr_hz), np.array([rate_bps]))[0] == pytest.approx(expected, rel=1e-9)


@given(st.floats(1e-3, 1e9), st.floats(1e-6, 1 - 1e-6))
def test_the_inverse_gives_the_rate_back(snr_hz, share):
    rate_bps = np.array([share * snr_hz / LN2])
    channel = limited(snr_hz)
    assert rate(channel, bandwidth_for_rate(channel, rate_bps)) == pytest.approx(rate_bps, rel=1e-9)


@given(st.floats(1e-3, 1e3), st.floats(0, 1e12))
def test_flat_channels_are_proportional(efficiency, bandwidth_hz):
    channel = flat(efficiency)
    assert rate(channel, np.array([bandwidth_hz]))[0] == efficiency * bandwidth_hz
    assert bandwidth_for_rate(channel, np.array([efficiency * bandwidth_hz]))[0] == pytest.approx(
        bandwidth_hz, rel=1e-15
    )


def test_kinds_mix_in_one_column():
    channel = ChannelArrays.of([FlatChannel(2.0), PowerLimitedChannel(1.0)])
    assert rate(channel, np.array([3.0, 1.0])) == pytest.approx([6.0, 1.0])
    assert bandwidth_for_rate(channel, np.array([6.0, 1.0])) == pytest.approx([3.0, 1.0])


def test_at_and_above_the_ceiling_no_bandwidth_is_enough():
    ceiling = 1e6 / LN2
    rates = np.array([ceiling, 1.5 * ceiling, 1e300])
    assert bandwidth_for_rate(limited(1e6, 1e6, 1e6), rates) == pytest.approx([math.inf] * 3)


def test_the_ceiling_is_approached_and_not_passed():
    assert rate(limited(1e6), np.array([1e15]))[0] == pytest.approx(1e6 / LN2, rel=1e-9)
    assert rate(limited(1e6), np.array([math.inf]))[0] == 1e6 / LN2


def test_nothing_costs_nothing_and_gives_nothing():
    both = ChannelArrays.of([FlatChannel(2.0), PowerLimitedChannel(1e6)])
    nothing = np.zeros(2)
    assert list(rate(both, nothing)) == [0, 0]
    assert list(bandwidth_for_rate(both, nothing)) == [0, 0]
    assert list(upload_time(both, nothing, nothing)) == [0, 0]
    assert list(upload_time(both, np.ones(2), nothing)) == [math.inf, math.inf]
    assert list(least_upload_times(both, nothing, np.array([0, 1]), 3, 1.0)) == [0, 0, 0]


def test_a_vanishing_bandwidth_has_a_vanishing_rate():
    """c / b overflows, the rate does not."""
    expected = float(exact_rate(1e7, 1e-305))
    assert rate(limited(1e7), np.array([1e-305]))[0] == pytest.approx(expected, rel=1e-12)


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
