"""A sample of the agreement runs at a gap; ``make verify`` does them all."""

from __future__ import annotations

import pytest

from tests.support.agreement_gap import kept


@pytest.mark.parametrize("seed", [1, 31, *range(60, 75)])  # 1 and 31: nothing is served, of weights without a grid.
def test_exact_methods_keep_to_the_gap_that_was_asked_for(seed):
    assert kept(seed)[1].problems == ()
