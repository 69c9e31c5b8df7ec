"""The method ``set-union`` against the brute force and the dynamic programme, and what it refuses."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from partload import solvers
from partload.benchmarks.cached import set_union
from partload.formulations import FORMULATIONS, by_name
from partload.instances.errors import InputError
from partload.instances.partial_loading.instance import Instance
from partload.solvers.methods import method as registered
from partload.solvers.partial_loading.set_union.first_exclusion import first_exclusion
from partload.solvers.partial_loading.set_union.items import count, items_of
from partload.solvers.partial_loading.set_union.shares import Shares
from partload.solvers.registry import Limits
from tests.support.nasty.blind import UNIONS
from tests.support.nasty.comparison import compared
from tests.support.random_cached import random_union


def wrong(seeds: range) -> list[str]:
    return [problem for seed in seeds for problem in compared(random_union(seed), UNIONS).problems]


def test_the_optimum_is_found_and_proved():
    assert wrong(range(12)) == []


@pytest.mark.long
@pytest.mark.parametrize("seeds", [range(start, start + 100) for start in range(100, 1100, 100)], ids=str)
def test_the_optimum_is_found_and_proved_by_the_thousand(seeds):
    assert wrong(seeds) == []


def test_numbers_that_are_no_ties_are_proved_optimal():
    for seed in range(0, 40, 2 * 3):
        assert solvers.solve(random_union(seed), "set-union").status == "optimal"


@pytest.mark.parametrize("seed", range(3))
def test_the_dynamic_programme_has_the_same_optimum(seed):
    instance = set_union(seed, 0.3, 0.6, models=10, blocks=12)
    found, other = (solvers.solve(instance, name) for name in ("set-union", "tool-switching"))
    assert found.status == other.status == "optimal"
    assert found.objective == other.objective


def plain() -> Instance:
    return set_union(1, 0.3, 0.6, models=6, blocks=8)


def changed_requests(**changes: object) -> Instance:
    instance = plain()
    return instance.replace(requests=tuple(dataclasses.replace(r, **changes) for r in instance.requests))


def test_what_is_not_covered_is_refused_by_name():
    twice = tuple(dataclasses.replace(r, id=f"{r.id}.{n}") for r in plain().requests for n in range(2))
    limited = tuple(dataclasses.replace(m, max_batch=1) for m in plain().models)
    refused = {
        "residency 'previous'": plain().replace(residency="previous"),
        "visits 'any'": plain().replace(visits="any"),
        "uplink 'static'": plain().replace(uplink="static"),
        "memory that does not hold all blocks and a batch": plain().replace(memory_bytes=1000.0),
        "uploads, which may hide loads": changed_requests(input_bits=1.0),
        "load latency": plain().replace(load_latency_s=1.0),
        "batches that are limited": plain().replace(models=limited, requests=twice),
    }
    for refusal, instance in refused.items():
        assert registered("partial-loading", "set-union").unsupported(instance, Limits()) == [refusal]
        assert by_name(FORMULATIONS, "set-union").unsupported(instance) == [refusal]
    with pytest.raises(InputError, match="does not cover load latency"):
        solvers.solve(refused["load latency"], "set-union")


def test_a_time_limit_leaves_a_plan_and_a_bound():
    stopped = solvers.solve(set_union(3, 0.1, 0.75), "set-union", time_limit=0.3)
    assert stopped.termination == "time-limit"
    assert 0 < stopped.objective < stopped.bound


def test_what_is_too_large_is_refused_with_the_way_out():
    large = set_union(1, 0.1, 0.75, models=700, blocks=700)
    (refusal,) = registered("partial-loading", "set-union").unsupported(large, Limits())
    assert refusal == ("700 items times 700 elements, at most 400,000 (a MILP: --method milp --formulation set-union)")
    assert registered("partial-loading", "milp").unsupported(large, Limits(formulation="set-union")) == []


@pytest.mark.parametrize("seed", range(12))
def test_the_size_is_known_without_making_the_items(seed):
    instance = random_union(seed)
    made = items_of(instance, np.ones(len(instance.requests)))
    most_items, most_elements = count(instance)
    assert made.uses.shape[0] <= most_items
    assert made.uses.shape[1] <= most_elements


@pytest.mark.parametrize("seed", range(20))
def test_no_exclusion_loses_less_than_the_bound(seed):
    items = items_of(instance := set_union(seed, 0.3, 0.6, models=9, blocks=8), instance.arrays.weight)
    random = np.random.default_rng(seed)
    elements = items.uses.shape[1]
    candidates, dead = random.random(elements) < 0.8, random.random(len(items.weight)) < 0.2
    asked = float(items.time[candidates].sum()) * random.random()
    found = Shares(items).losses(~dead[None], candidates[None], np.array([asked]))
    losses = []
    for chosen in itertools.product((False, True), repeat=elements):
        excluded = np.array(chosen)
        if not (excluded & ~candidates).any() and items.time[excluded].sum() >= asked:
            losses.append(items.weight[items.uses[:, excluded].any(axis=1) & ~dead].sum())
    assert found.least[0] <= min(losses)
    single = [items.weight[items.uses[:, j] & ~dead].sum() for j in range(elements)]
    assert found.alone[0] == pytest.approx(single, rel=1e-5)


def test_where_no_items_share_elements_the_bound_is_the_fractional_knapsack():
    items = items_of(instance := set_union(2, 0.12, 0.9, models=4, blocks=40), instance.arrays.weight)
    alone = np.flatnonzero(items.uses.sum(axis=0) == 1)
    items = dataclasses.replace(items, uses=items.uses[:, alone], time=items.time[alone])
    time, weight = items.uses @ items.time, items.weight
    cheapest = int((weight / time).argmin())
    every = np.ones((1, len(alone)), dtype=bool)
    found = Shares(items).losses(np.ones((1, 4), dtype=bool), every, np.array([0.5 * time[cheapest]]))
    assert found.least[0] == pytest.approx(0.5 * weight[cheapest], rel=1e-3)


def test_without_enough_candidates_nothing_is_in_time():
    items = items_of(instance := set_union(1, 0.3, 0.6, models=9, blocks=8), instance.arrays.weight)
    nobody, every = np.zeros((1, 9), dtype=bool), np.ones((1, 8), dtype=bool)
    assert Shares(items).losses(~nobody, every, np.array([items.time.sum() * 1.1])).least[0] == np.inf
    assert Shares(items).losses(nobody, every, np.array([0.5])).least[0] == 0


@pytest.mark.parametrize("asked", [0.1, 1.0, 2.0])
def test_the_first_exclusion_is_enough_and_no_element_of_it_is_spare(asked):
    items = items_of(instance := set_union(5, 0.2, 0.3), instance.arrays.weight)
    excluded = first_exclusion(items, asked)
    assert items.time[excluded].sum() >= asked * (1 - 1e-12)
    assert items.time[excluded].sum() - items.time[excluded].min() < asked
