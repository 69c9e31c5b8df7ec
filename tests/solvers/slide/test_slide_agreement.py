"""A sample of the agreement runs of SLIDE; ``make verify`` does them all."""

from __future__ import annotations

import pytest

from tests.support.agreement_slide import compared, derivation
from tests.support.random_slide import Frequency, random_slide


@pytest.mark.parametrize("frequency", ["per-device", "per-layer"])
@pytest.mark.parametrize("seed", range(1000, 1036, 3))
def test_every_exact_method_finds_the_optimum(seed: int, frequency: Frequency):
    assert compared(random_slide(seed, (frequency,))).problems == ()


@pytest.mark.parametrize("frequency", ["per-device", "per-layer"])
@pytest.mark.parametrize("seed", range(10))
def test_least_bandwidths_of_deep_models_are_convex_optima(seed: int, frequency: Frequency):
    found = derivation(seed, frequency)
    assert found.relative_difference <= 1e-6
    assert found.kkt <= 1e-6
