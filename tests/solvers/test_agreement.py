"""The exact methods against the oracle: random tiny instances over every feature."""

import pytest

from tests.agreement import disagreement
from tests.random_instances import random_instance

FEW = [range(start, start + 16) for start in range(0, 160, 16)]
MANY = [range(start, start + 100) for start in range(0, 2000, 100)]


@pytest.mark.parametrize("seeds", FEW, ids=str)
def test_the_optimum_is_found_and_proved(seeds):
    assert [found for found in (disagreement(random_instance(seed)) for seed in seeds) if found] == []


@pytest.mark.long
@pytest.mark.parametrize("seeds", MANY, ids=str)
def test_the_optimum_is_found_and_proved_by_the_thousand(seeds):
    assert [found for found in (disagreement(random_instance(seed)) for seed in seeds) if found] == []
