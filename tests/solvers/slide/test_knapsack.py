"""Weights: the knapsack against all subsets and brute force, its guarantee, and what it refuses."""

from __future__ import annotations

import dataclasses
import itertools
import math
from random import Random

import numpy as np
import pytest

from partload.instances.slide.checker import check_plan
from partload.solvers.registry import Limits
from partload.solvers.slide import admission, knapsack_dynamic
from partload.solvers.slide.knapsack import Knapsack
from tests.support.brute_force_slide import optimum
from tests.support.random_slide import random_slide

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


@pytest.mark.parametrize("weights", ["integers", "like sizes", "real"])
def test_all_weights_are_exact(weights):
    greedy_missed = 0
    for weight, size, capacity in knapsacks(400, weights):
        knapsack = Knapsack(np.array(weight), np.array(size), capacity)
        chosen, bound, complete = knapsack.solve()
        best = best_of_all(weight, size, capacity)
        assert math.fsum(np.array(size)[chosen].tolist()) <= capacity
        assert complete
        assert knapsack.weight_of(chosen) == pytest.approx(best, rel=1e-12)
        assert bound == pytest.approx(best, rel=1e-12)
        greedy_missed += knapsack.weight_of(knapsack.greedy) < best
    assert greedy_missed > 20


@pytest.mark.parametrize("gap", [0.3, 0.1, 0.01, 0.001])
def test_within_a_gap_the_guarantee_holds(gap):
    for weight, size, capacity in knapsacks(300, "real"):
        knapsack = Knapsack(np.array(weight), np.array(size), capacity, gap)
        chosen, bound, complete = knapsack.solve()
        value, best = knapsack.weight_of(chosen), best_of_all(weight, size, capacity)
        assert complete
        assert math.fsum(np.array(size)[chosen].tolist()) <= capacity
        assert best * (1 - gap) <= value * (1 + ROUNDING)
        assert value <= best * (1 + ROUNDING)
        assert best <= bound * (1 + ROUNDING)
        assert bound - value <= gap * bound * (1 + ROUNDING)


@pytest.mark.parametrize("whole", [True, False])
def test_twenty_thousand_items_are_proved(whole):
    random = np.random.default_rng(1)
    weight = random.integers(1, 11, 20_000).astype(float) if whole else random.uniform(0.1, 10, 20_000)
    size = random.uniform(1, 10, 20_000)
    knapsack = Knapsack(weight, size, 0.3 * float(size.sum()))
    chosen, bound, complete = knapsack.solve()
    assert complete
    assert math.fsum(size[chosen].tolist()) <= knapsack.capacity
    assert knapsack.weight_of(chosen) == bound <= knapsack.upper_bound


@pytest.mark.parametrize("most", ["MOST_PAIRS", "MOST_WORK"])
def test_what_is_given_up_stays_in_the_bound(monkeypatch, most):
    monkeypatch.setattr(f"partload.solvers.slide.knapsack.{most}", 3)
    unfinished = 0
    for weight, size, capacity in knapsacks(300, "real"):
        knapsack = Knapsack(np.array(weight), np.array(size), capacity)
        chosen, bound, complete = knapsack.solve()
        best = best_of_all(weight, size, capacity)
        assert knapsack.weight_of(chosen) <= best * (1 + ROUNDING)
        assert best <= bound * (1 + ROUNDING)
        unfinished += not complete
    assert unfinished > 5


def test_it_is_the_optimum_of_brute_force():
    for seed in range(RANDOM):
        instance = random_slide(seed, weights=("integers", "fractions"))
        best, _ = optimum(instance)
        for gap in (0.0, 0.05):
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


def test_weights_as_fine_as_doubles_are_proved():
    random, instance = Random(1), random_slide(0, weights=("equal",))
    users = tuple(
        dataclasses.replace(user, id=f"{user.id}.{copy}", weight=random.random())
        for copy in range(4)
        for user in instance.users
    )
    outcome = knapsack_dynamic.run(instance.replace(users=users), Limits())
    assert outcome.termination == "proved"
    assert check_plan(instance.replace(users=users), outcome.plan).feasible
