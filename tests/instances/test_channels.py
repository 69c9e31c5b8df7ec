"""Channels: rate and its inverse against 50 digits, least upload times, and the ends of their ranges."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partload.instances.channels import (
    ChannelArrays,
    FlatChannel,
    PowerLimitedChannel,
    bandwidth_for_rate,
    bandwidth_per_snr,
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


def lambert(share: mpmath.mpf) -> mpmath.mpf:
    """b / c by the Lambert W function, in as many digits as are set."""
    return 1 / mpmath.re(-mpmath.lambertw(-share * mpmath.exp(-share), -1) / share - 1)


def root(share: mpmath.mpf) -> mpmath.mpf:
    """b / c = 1 / y with ln(1 + y) = q y, by bisection of its defining equation."""
    low, high = mpmath.mpf(0), mpmath.mpf(1)
    while mpmath.log1p(high) > share * high:
        high *= 2
    for _ in range(mpmath.mp.prec):
        middle = (low + high) / 2
        low, high = (middle, high) if mpmath.log1p(middle) > share * middle else (low, middle)
    return 1 / high


DENSE = np.logspace(-12, math.log10(0.5), 400)
SPARSE = np.logspace(-100, math.log10(0.5), 40)


@pytest.mark.parametrize(("tiny", "exact", "digits"), [(DENSE, lambert, 60), (SPARSE, root, 150)])
@pytest.mark.parametrize("end", ["trickle", "ceiling"])
def test_every_share_of_the_ceiling_is_inverted(end, tiny, exact, digits):
    """Whichever of share and headroom is tiny keeps its digits, and so does the bandwidth."""
    share, headroom = (tiny, 1 - tiny) if end == "trickle" else (1 - tiny, tiny)
    found = bandwidth_per_snr(share, headroom)
    with mpmath.workdps(digits):
        for t, b in zip(tiny.tolist(), found.tolist()):
            expected = exact(mpmath.mpf(t) if end == "trickle" else 1 - mpmath.mpf(t))
            assert abs(b / expected - 1) < 1e-12


def test_where_share_and_headroom_take_over_from_each_other():
    around = np.array([0.5 - 1e-9, np.nextafter(0.5, 0), 0.5, np.nextafter(0.5, 1), 0.5 + 1e-9])
    found = bandwidth_per_snr(around, 1 - around)
    with mpmath.workdps(50):
        assert found.tolist() == pytest.approx([float(lambert(mpmath.mpf(q))) for q in around.tolist()], rel=1e-14)


def test_the_ends_of_the_share():
    share = np.array([0.0, 5e-324, 1.0, 2.0, math.inf])
    headroom = np.array([1.0, 1.0, 0.0, -1.0, -math.inf])
    found = bandwidth_per_snr(share, headroom)
    assert found[0] == 0
    assert 0 <= found[1] <= 5e-324
    assert found[2:].tolist() == [math.inf] * 3


@pytest.mark.parametrize("rate_bps", [1e-310, 1e-300, 1e-200, 1e-12])
@pytest.mark.parametrize("snr_hz", [1e-3, 1e7, 1e12])
def test_a_trickle_needs_a_little(rate_bps, snr_hz):
    """c / b overflows, and the share may be too small for a double; the bandwidth is right all the same."""
    expected = float(exact_bandwidth(snr_hz, rate_bps))
    found = bandwidth_for_rate(limited(snr_hz), np.array([rate_bps]))[0]
    assert found == pytest.approx(expected, rel=1e-9 if rate_bps > 1e-305 else 1e-2)
    assert found > 0


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


def test_a_vanishing_bandwidth_has_a_vanishing_rate():
    """c / b overflows, the rate does not."""
    expected = float(exact_rate(1e7, 1e-305))
    assert rate(limited(1e7), np.array([1e-305]))[0] == pytest.approx(expected, rel=1e-12)
