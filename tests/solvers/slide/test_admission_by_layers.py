"""Admission where each layer may have a speed of its own: against brute force, and never less than with one speed."""

from __future__ import annotations

import itertools

import pytest

from partload.instances.slide.checker import check_plan
from partload.solvers.registry import Limits
from partload.solvers.slide import admission, knapsack_dynamic
from partload.solvers.slide.bounds.knapsack import upper_bound
from tests.support.brute_force_slide import optimum
from tests.support.random_slide import random_slide

PER_LAYER = ("per-layer",)
RANDOM, WEIGHTED = 200, 100


@pytest.mark.parametrize(
    ("method", "weights", "count"),
    [(admission, ("equal",), RANDOM), (knapsack_dynamic, ("integers", "fractions"), WEIGHTED)],
)
def test_it_is_the_optimum_of_brute_force(method, weights, count):
    left_out = several = 0
    for seed in range(count):
        instance = random_slide(seed, frequencies=PER_LAYER, weights=weights)
        best, _ = optimum(instance)
        outcome = method.run(instance, Limits())
        report = check_plan(instance, outcome.plan)
        assert report.feasible, (seed, report.violations)
        assert report.objective == pytest.approx(best, rel=1e-12), seed
        assert outcome.bound == pytest.approx(best, rel=1e-9), seed
        assert outcome.termination == "proved"
        left_out += best < sum(user.weight for user in instance.users)
        several += any(isinstance(one.flop_per_s, tuple) and len(set(one.flop_per_s)) > 1 for one in outcome.plan)
    assert left_out > count / 2
    assert several > count / 10


def test_it_never_serves_fewer_than_with_one_speed_for_the_device():
    more = 0
    for seed, part in itertools.product(range(RANDOM), (0.5, 0.75, 1.0)):
        drawn = random_slide(seed, frequencies=PER_LAYER, weights=("equal",))
        instance = drawn.replace(bandwidth_hz=part * drawn.downlink.bandwidth_hz)
        by_layer = len(admission.run(instance, Limits()).plan)
        alike = len(admission.run(instance.replace(frequency="per-device"), Limits()).plan)
        assert by_layer >= alike, seed
        more += by_layer > alike
    assert more > 1


def test_the_upper_bound_is_none_below_the_optimum():
    for seed in range(RANDOM):
        instance = random_slide(seed, frequencies=PER_LAYER)
        assert upper_bound(instance) >= optimum(instance)[0] * (1 - 1e-9), seed
