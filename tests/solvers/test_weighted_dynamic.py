"""The dynamic programme with weights against the oracle, and its parts against every set of requests."""

import dataclasses
import itertools
import math
from random import Random

import numpy as np
import pytest

from partload import solvers
from partload.instances import library
from partload.instances.channels import FlatChannel
from partload.instances.errors import InputError
from partload.instances.partial_loading.checker import check_plan, objective
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.solvers.methods import method as registered
from partload.solvers.partial_loading.constructive import greedy_rate
from partload.solvers.partial_loading.dynamic import cost_by_profit as by_profit
from partload.solvers.partial_loading.dynamic import weighted as weighted_dynamic
from partload.solvers.registry import Limits
from tests.support.agreement import WITHIN, Way, comparison
from tests.support.brute_force import optimum
from tests.support.random_backbones import random_nested, random_weighted

FEW = [range(start, start + 50) for start in range(0, 100, 50)]
MANY = [range(start, start + 100) for start in range(100, 1200, 100)]
GAPS = (0.01, 0.1, 0.3, 0.6, 0.9)

WEIGHTED = registered("partial-loading", "weighted-dynamic")


def wrong(seeds: range) -> list[str]:
    ways = (Way("weighted-dynamic"),)
    return [problem for seed in seeds for problem in comparison(random_weighted(seed), ways).problems]


@pytest.mark.parametrize("seeds", FEW, ids=str)
def test_the_optimum_is_found_and_proved(seeds):
    assert wrong(seeds) == []


@pytest.mark.long
@pytest.mark.parametrize("seeds", MANY, ids=str)
def test_the_optimum_is_found_and_proved_by_the_thousand(seeds):
    assert wrong(seeds) == []


@pytest.mark.parametrize("seed", range(20))
def test_the_milp_has_the_same_optimum(seed):
    instance = random_weighted(seed, models=4, requests=9)
    mine, milp = (solvers.solve(instance, method) for method in ("weighted-dynamic", "milp"))
    assert mine.objective == pytest.approx(milp.objective)
    assert mine.status == "optimal"


@pytest.mark.parametrize("seed", range(10))
def test_with_equal_weights_it_is_the_other_dynamic_programme(seed):
    instance = random_nested(seed, models=8, requests=40)
    assert solvers.solve(instance, "weighted-dynamic").bound == solvers.solve(instance, "dynamic").bound


@pytest.mark.parametrize("gap", GAPS)
def test_the_value_is_within_the_gap_of_the_optimum_and_the_bound_above_it(gap):
    below = 0
    for seed in range(60):
        instance = random_weighted(seed, real=True)
        assert WEIGHTED.unsupported(instance, Limits(gap=gap)) == []
        found = weighted_dynamic.run(instance, Limits(gap=gap))
        assert check_plan(instance, found.plan).feasible
        value, best = objective(instance, found.plan), optimum(instance)[0]
        assert (1 - gap) * best <= value * (1 + WITHIN) <= best * (1 + 2 * WITHIN)
        assert found.bound >= best * (1 - WITHIN)
        assert found.bound - value <= gap * found.bound
        assert found.termination == "proved"
        below += value < best * (1 - WITHIN)
    assert below or gap < 0.1, "no scale so coarse that anything was lost: this test would not see a wrong one"


def test_units_lose_less_than_the_guarantee_allows():
    """What is served in units, and how many requests: K p >= weight - c K, for every plan of the oracle."""
    for seed in range(40):
        instance = random_weighted(seed, real=True)
        best, plan = optimum(instance)
        scale = weighted_dynamic.InitialBounds(instance, greedy_rate.run(instance, Limits()).plan).scale(0.3)
        one_weight = len({request.weight for request in instance.requests}) == 1  # Then its multiples are exact.
        assert scale.rounding_loss >= sum(len(slot.requests) for slot in plan) or one_weight
        assert scale.unit * scale.units(plan) <= best * (1 + WITHIN)
        assert scale.unit * (scale.units(plan) + scale.rounding_loss) >= best * (1 - WITHIN)
        assert scale.most_units >= scale.units(plan)


@pytest.mark.parametrize("seed", range(60))
def test_a_visit_takes_the_least_time_of_all_sets_and_first_batches(seed):
    random = Random(seed)
    count, batch, most_profit = random.randint(1, 6), random.randint(1, 4), random.choice((1, 4))
    upload = sorted((float(random.randint(0, 6)) for _ in range(count)), reverse=True)
    profit = [random.randint(1, most_profit) for _ in range(count)]
    setup, each = float(random.randint(0, 3)), float(random.randint(0, 2))
    units = random.randint(1, sum(profit))
    costs = by_profit.CostByProfit(list(range(count)), upload, profit, batch, count, units, setup, each)
    for load in (0.0, 3.0, float(random.randint(0, 20))):
        times = costs.times(load)
        for worth in range(1, units + 1):
            ways = [set(chosen) for u in range(1, count + 1) for chosen in itertools.combinations(range(count), u)]
            least = min(
                taken(way, upload, batch, load, setup, each)
                for way in ways
                if sum(map(profit.__getitem__, way)) >= worth
            )
            assert times[worth - 1] == pytest.approx(least)
            slots = costs.batches(load, worth)
            chosen = [k for slot in slots for k in slot]
            assert sum(profit[k] for k in chosen) >= worth
            assert len(set(chosen)) == len(chosen)
            assert all(1 <= len(slot) <= batch for slot in slots)
            sums = [sum(upload[k] for k in slot) for slot in slots]
            inference = len(slots) * setup + len(chosen) * each
            assert max(load, sums[0]) + sum(sums[1:]) + inference == pytest.approx(least)


def taken(chosen: set[int], upload: list[float], batch: int, load: float, setup: float, each: float) -> float:
    """Least time of a set of requests over every first batch."""
    ways = []
    for size in range(1, min(batch, len(chosen)) + 1):
        batches = 1 + math.ceil((len(chosen) - size) / batch)
        for first in itertools.combinations(sorted(chosen), size):
            head, rest = (sum(upload[k] for k in part) for part in (first, chosen - set(first)))
            ways.append(max(load, head) + rest + batches * setup + len(chosen) * each)
    return min(ways)


def weighted(name: str, weights: list[float]) -> Instance:
    """An instance of the library with weights in turn."""
    instance = library.load(name)
    asked = (dataclasses.replace(r, weight=w) for r, w in zip(instance.requests, itertools.cycle(weights)))
    return instance.replace(requests=tuple(asked))


def test_it_is_the_first_choice_where_weights_differ():
    assert solvers.solve(weighted("backbone-small", [1.0, 3.0])).method == "weighted-dynamic"


def test_weights_too_fine_are_refused_with_a_gap_that_would_do():
    instance = weighted("nested-12x36", np.random.default_rng(1).uniform(1, 2, 36).tolist())
    with pytest.raises(InputError, match=r"'weighted-dynamic' does not cover weights .* at gap 0 \(gap 0.001 would do"):
        solvers.solve(instance, "weighted-dynamic")
    solution = solvers.solve(instance, "weighted-dynamic", gap=0.001)
    assert solution.gap <= 0.001
    assert solution.termination == "proved"
    assert solvers.solve(instance, gap=0.001).method == "weighted-dynamic"


def test_many_requests_of_one_model_are_refused_before_they_take_all_memory():
    channel, count = FlatChannel(1.0), 3000
    requests = tuple(Request(f"r{k}", "m", 1.0 + k / 7, channel, 1e6, 1.0 + k % 97) for k in range(count))
    instance = Instance("one-model", Server(1.0, 1.0), (Block("b", 1.0),), (Model("m", ("b",), 0.0, 0.1),), requests)
    assert WEIGHTED.unsupported(instance, Limits())


@pytest.mark.parametrize(
    ("changes", "lacking"),
    [({"residency": "cached"}, "residency 'cached'"), ({"uplink": "static"}, "uplink 'static'")],
)
def test_rules_not_covered_are_named(changes, lacking):
    with pytest.raises(InputError, match=f"'weighted-dynamic' does not cover {lacking}"):
        solvers.solve(library.load("backbone-small").replace(**changes), "weighted-dynamic")


@pytest.mark.parametrize("sizes", [(1e-300, 1e-5, 1.0), (1.0, 1e150), (1e5, 3.3, 1e-5)])
def test_weights_of_any_size_are_served_within_the_gap_or_refused(sizes):
    served = 0
    for seed in range(20):
        drawn = random_weighted(seed)
        asked = (dataclasses.replace(r, weight=sizes[k % len(sizes)]) for k, r in enumerate(drawn.requests))
        instance = drawn.replace(requests=tuple(asked))
        if not WEIGHTED.unsupported(instance, Limits(gap=0.2)):
            solution, best = solvers.solve(instance, "weighted-dynamic", gap=0.2), optimum(instance)[0]
            assert 0.8 * best <= solution.objective * (1 + WITHIN)
            assert best <= solution.bound * (1 + WITHIN)
            served += best > 0
    assert served > 10


def test_nobody_to_serve():
    instance = library.load("backbone-small").replace(requests=())
    assert solvers.solve(instance, "weighted-dynamic").status == "optimal"
    late = tuple(dataclasses.replace(r, deadline_s=1e-9) for r in library.load("backbone-small").requests)
    nothing = solvers.solve(library.load("backbone-small").replace(requests=late), "weighted-dynamic", gap=0.5)
    assert (nothing.status, nothing.objective, nothing.bound) == ("optimal", 0, 0)


@pytest.mark.parametrize("limit", [1e-9, 0.003, 0.01])
def test_a_limit_that_is_over_leaves_a_plan_and_a_true_bound(limit):
    instance = weighted("backbone-12x40", [1.0, 2.5, 0.5, 7.0])
    best = solvers.solve(instance, "weighted-dynamic").objective
    stopped = solvers.solve(instance, "weighted-dynamic", time_limit=limit)
    assert stopped.termination in ("time-limit", "proved")
    assert stopped.objective <= best <= stopped.bound


def test_units_that_a_plan_cut_short_makes_too_fine_end_the_solve_with_a_true_bound(monkeypatch):
    instance = weighted("nested-12x36", np.random.default_rng(1).uniform(1, 2, 36).tolist())
    best = solvers.solve(instance, "weighted-dynamic", gap=0.001).bound
    monkeypatch.setattr(weighted_dynamic, "MOST_UNITS", 10)
    stopped = weighted_dynamic.run(instance, Limits(gap=0.001, time_limit=60))
    assert stopped.termination == "time-limit"
    assert 0 < objective(instance, stopped.plan) <= best <= stopped.bound


def test_ctrl_c_leaves_the_plan_in_hand(monkeypatch):
    instance = weighted("backbone-12x40", [1.0, 2.5, 0.5, 7.0])
    best = solvers.solve(instance, "weighted-dynamic").objective

    def pressed(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(by_profit.CostByProfit, "times", pressed)
    stopped = solvers.solve(instance, "weighted-dynamic")
    assert stopped.termination == "interrupted"
    assert 0 < stopped.objective <= best <= stopped.bound


def test_it_tells_how_far_it_is():
    heard = []
    instance = weighted("nested-12x36", [1.0, 2.5, 0.5, 7.0, 3.1])
    best = solvers.solve(instance, "weighted-dynamic", progress=heard.append).objective
    assert heard
    assert all(0 <= progress.incumbent <= best <= progress.bound for progress in heard)
