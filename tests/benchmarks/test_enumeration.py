"""Trying all plans with one slot per model: right where it says so, feasible everywhere."""

from __future__ import annotations

import pytest

from benchmarks.enumeration import best_plan
from instances.library import load
from instances.partial_loading.checker import check_plan, objective
from tests.brute_force import optimum
from tests.random_instances import random_instance


@pytest.mark.parametrize("seed", range(80))
def test_it_is_exact_where_it_says_so_and_never_above(seed):
    instance = random_instance(50_000 + seed)
    plan, exact = best_plan(instance)
    best, _ = optimum(instance)
    assert check_plan(instance, plan).feasible
    assert objective(instance, plan) <= best + 1e-9
    if exact:
        assert objective(instance, plan) == pytest.approx(best)


def test_static_shares_last_until_the_slot_is_ready():
    instance = load("static-band")
    plan, exact = best_plan(instance)
    assert objective(instance, plan) == 2
    assert not exact


def test_too_many_requests_are_refused():
    with pytest.raises(ValueError, match="at most 10 requests"):
        best_plan(load("edge-demo"))
