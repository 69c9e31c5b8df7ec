"""A sample of the agreement runs on nasty families; ``make verify`` does them all."""

from __future__ import annotations

import pytest

from tests.support.nasty.families import EVERY, FAMILIES, agreement


@pytest.mark.parametrize("seed", [EVERY * 100, 1])
@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_methods_that_are_told_nothing_agree(family, seed):
    assert agreement(family, seed).problems == ()
