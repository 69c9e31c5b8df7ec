"""The convex problems as problems: disciplined, parametrised, right in their derivatives, and wrong ones found out."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from partload.formulations.partial_loading.bandwidth.least import LeastBandwidth, LeastTime, least_time
from partload.formulations.rates import GAUSS, NODES, TAU, Rates, Scale
from partload.instances.channels import ChannelArrays, FlatChannel, PowerLimitedChannel
from partload.instances.errors import InputError
from partload.solvers import convex
from partload.solvers.partial_loading.bandwidth import convex as bandwidth
from tests.support.convex_agreement import BAND_HZ, random_slot

SHAPES = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (3, 2, 4)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("problem", [LeastTime, LeastBandwidth])
def test_problems_are_convex_for_every_value_of_their_parameters(problem, shape):
    assert problem(shape).problem.is_dcp(dpp=True)


def test_a_shape_is_built_once():
    assert least_time((2, 1, 0)) is least_time((2, 1, 0))


def scale_of(seed: int) -> Scale:
    channel, bits = random_slot(seed, "mixed")
    random = Random(seed)
    return Scale.of(channel, np.array([BAND_HZ * 10 ** random.uniform(-4, 0) for _ in bits]), BAND_HZ)


@pytest.mark.parametrize("seed", range(5))
def test_slopes_are_those_of_the_rates(seed):
    scale, step = scale_of(seed), 1e-6
    share = np.linspace(0.5, 2, len(scale.order))
    slope = (scale.rate(share * (1 + step)) - scale.rate(share * (1 - step))) / (2 * step * share)
    assert scale.slope(share) == pytest.approx(slope, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_curvatures_are_those_of_the_rates(seed):
    scale, step = scale_of(seed), 1e-6
    share = np.linspace(0.5, 2, len(scale.order))
    change = (scale.slope(share * (1 + step)) - scale.slope(share * (1 - step))) / (2 * step * share)
    assert scale.curvature(share) == pytest.approx(change, rel=1e-6, abs=1e-9)


def test_units_are_near_the_numbers():
    scale = scale_of(1)
    assert scale.rate(np.ones(len(scale.order))) == pytest.approx(1)
    assert scale.back(scale.unit_hz)[scale.order] == pytest.approx(scale.unit_hz)


@pytest.mark.parametrize("snr", [1e-8, 1e-3, 0.1, 0.2, 0.28])
def test_a_sum_of_hyperbolas_is_the_rate_near_its_ceiling(snr):
    assert len(TAU) == NODES
    falls_short = float(np.sum(GAUSS * TAU * snr / (1 + TAU * snr)))
    assert 1 - falls_short == pytest.approx(np.log1p(snr) / snr, rel=2e-9)


@pytest.mark.parametrize("factor", [0.99, 1.01])
@pytest.mark.parametrize("kind", ["flat", "power-limited", "mixed"])
def test_a_wrong_solution_fails_the_optimality_conditions(kind, factor, monkeypatch):
    """A bandwidth off by one percent, from which nothing is refined."""
    channel, bits = random_slot(2, kind, most_requests=6)
    right = convex.value
    spoilt = Rates((1, 0, 0)).share.name()

    def wrong(variable):
        values = right(variable)
        return values * np.where(np.arange(values.size) == 0, factor, 1.0) if variable.name() == spoilt else values

    assert bandwidth.least_upload(channel, bits, BAND_HZ).kkt.worst <= 1e-6
    monkeypatch.setattr(convex, "value", wrong)
    monkeypatch.setattr(convex, "NEWTON_STEPS", 0)
    with pytest.raises(InputError, match="cannot be verified"):
        bandwidth.least_upload(channel, bits, BAND_HZ)


def test_blocks_are_told_apart_by_the_expected_bandwidth():
    channel = ChannelArrays.of([PowerLimitedChannel(1e3), FlatChannel(2.0), PowerLimitedChannel(1e9)])
    scale = Scale.of(channel, np.full(3, 1e6), BAND_HZ)
    assert (scale.shape, scale.order.tolist()) == ((1, 1, 1), [1, 2, 0])
