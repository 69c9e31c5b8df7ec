"""Weights: the knapsack against all subsets and brute force, its guarantee, and what it refuses."""

from __future__ import annotations

import dataclasses
import itertools
import math
from random import Random

import numpy as np
import pytest

from instances.slide.checker import check_plan
from solvers.registry import Limits
from solvers.slide import admission, knapsack_dynamic
from solvers.slide.knapsack import Knapsack, programme
from tests.brute_force_slide import optimum
from tests.random_slide import random_slide

RANDOM = 200
ROUNDING = 1e-9


def best_of_all(weight: list[float], size: list[float], capacity: float) -> float:
    """The greatest weight of any subset that fits."""
    sets = itertools.product((0, 1), repeat=len(weight))
    fitting = (s for s in sets if math.fsum(x for x, taken in zip(size, s) if taken) <= capacity)
    return max(math.fsum(w for w, taken in zip(weight, s) if taken) for s in fitting)


def knapsacks(count: int, weights: str):
    """Random knapsacks of up to 11 items, sizes that are small integers, alike or like the weights among them."""
    for seed in range(count):
        random = Random(seed)
        n = random.randint(1, 11)
        size = [float(random.randint(0, 9)) for _ in range(n)]
        if weights == "integers":
            weight = [float(random.randint(1, 9)) for _ in range(n)]
        elif weights == "like sizes":
            weight = [s + 5.0 for s in size]
        else:
            weight = [random.uniform(0.1, 3) for _ in range(n)]
        yield weight, size, float(random.randint(0, int(sum(size)) + 1))


@pytest.mark.parametrize("weights", ["integers", "like sizes"])
def test_weights_on_a_grid_are_exact(weights):
    greedy_missed = 0
    for weight, size, capacity in knapsacks(400, weights):
        knapsack = Knapsack(np.array(weight), np.array(size), capacity, 0.0)
        assert knapsack.fits
        chosen, bound = knapsack.solved()
        best = best_of_all(weight, size, capacity)
        assert math.fsum(np.array(size)[chosen].tolist()) <= capacity
        assert knapsack.worth(chosen) == bound == best
        greedy_missed += knapsack.value < best
    assert greedy_missed > 20


@pytest.mark.parametrize("gap", [0.3, 0.1, 0.01, 0.001])
def test_within_a_gap_the_guarantee_holds(gap):
    scaled = 0
    for weight, size, capacity in knapsacks(300, "real"):
        knapsack = Knapsack(np.array(weight), np.array(size), capacity, gap)
        assert knapsack.fits
        chosen, bound = knapsack.solved()
        value, best = knapsack.worth(chosen), best_of_all(weight, size, capacity)
        assert math.fsum(np.array(size)[chosen].tolist()) <= capacity
        assert best * (1 - gap) <= value * (1 + ROUNDING)
        assert value <= best <= bound * (1 + ROUNDING)
        assert bound - value <= gap * bound * (1 + ROUNDING)
        scaled += knapsack.step == 0 and knapsack.relaxed[0] - knapsack.value > gap * knapsack.relaxed[0]
    assert scaled > 20 or gap > 0.1


def test_the_core_of_a_large_knapsack_is_small_and_holds_the_optimum():
    random = np.random.default_rng(1)
    weight, size = random.integers(1, 11, 20_000).astype(float), random.uniform(1, 10, 20_000)
    knapsack = Knapsack(weight, size, 0.3 * float(size.sum()), 0.0)
    inside, core = knapsack.decided
    assert core.sum() < 500
    chosen, bound = knapsack.solved()
    assert knapsack.worth(chosen) == bound <= knapsack.relaxed[0]
    assert (chosen[inside]).all() or knapsack.worth(chosen) == knapsack.value


def test_the_programme_finds_what_all_subsets_have():
    for weight, size, capacity in knapsacks(200, "integers"):
        taken, found = programme(np.array(weight, dtype=np.int64), np.array(size), capacity, int(sum(weight)))
        assert found == best_of_all(weight, size, capacity) == sum(weight[item] for item in taken)
        assert sum(size[item] for item in taken) <= capacity


def test_it_is_the_optimum_of_brute_force():
    for seed in range(RANDOM):
        instance = random_slide(seed, weights=("integers", "fractions"))
        best, _ = optimum(instance)
        for gap in (0.0, 0.05):
            assert not knapsack_dynamic.lacks(instance, Limits(gap=gap))
            outcome = knapsack_dynamic.run(instance, Limits(gap=gap))
            report = check_plan(instance, outcome.plan)
            assert report.feasible, report.violations
            assert outcome.termination == "proved"
            assert outcome.bound >= best * (1 - ROUNDING)
            assert report.objective >= best * (1 - gap) * (1 - ROUNDING)
            assert gap or report.objective == pytest.approx(outcome.bound, rel=1e-12)


def test_with_equal_weights_it_serves_as_many_as_admission():
    for seed in range(RANDOM):
        instance = random_slide(seed, weights=("equal",))
        admitted, packed = (m.run(instance, Limits()) for m in (admission, knapsack_dynamic))
        assert (len(packed.plan), packed.bound) == (len(admitted.plan), admitted.bound)


def test_weights_that_are_too_fine_are_refused_with_a_gap_that_would_do():
    random, instance = Random(1), random_slide(0, weights=("equal",))
    users = tuple(
        dataclasses.replace(user, id=f"{user.id}.{copy}", weight=random.random())
        for copy in range(4)
        for user in instance.users
    )
    instance = instance.replace(users=users)
    refusal = knapsack_dynamic.lacks(instance, Limits())
    assert refusal == ["weights as fine as these at gap 0 (gap 0.001 would do)"]
    assert not knapsack_dynamic.lacks(instance, Limits(gap=0.001))
    outcome = knapsack_dynamic.run(instance, Limits(gap=0.001))
    assert outcome.termination == "proved"
    assert check_plan(instance, outcome.plan).feasible
