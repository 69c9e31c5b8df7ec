"""Local search over orders of models: what it covers, what it keeps, and how near the optimum it comes."""

from __future__ import annotations

import pytest

from partload import solvers
from partload.instances.library import load
from partload.instances.partial_loading.checker import check_plan, objective
from partload.instances.partial_loading.generators import generate
from partload.solvers.partial_loading.constructive import greedy_rate
from partload.solvers.partial_loading.local_search import model_order
from partload.solvers.registry import Limits
from tests.support.brute_force import optimum
from tests.support.model_orders import tiny_general

KINDS = {
    "equal weights": {},
    "weights": {"weights": "random", "integer": True},
    "batches of 3": {"max_batch": 3},
    "load latency": {"load_latency": 0.01},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(2))
def test_it_is_within_half_a_percent_of_the_optimum(kind, seed):
    instance = generate("general", models=32, requests=200, seed=seed, **KINDS[kind])
    best = solvers.solve(instance, "sequence")
    assert best.status == "optimal"
    found = []
    model_order.search(instance, greedy_rate.run(instance, Limits()).plan, None, found.append, lambda: False)
    values = [objective(instance, plan) for plan in found]
    assert values == sorted(set(values))
    assert all(check_plan(instance, plan).feasible for plan in found)
    assert 0.995 * best.objective <= values[-1] <= best.objective


def test_it_nearly_always_finds_the_optimum_of_small_instances():
    total = optimal = 0
    for seed in range(60):
        instance = tiny_general(seed)
        if not model_order.covers(instance):
            continue
        found = [()]
        model_order.search(instance, (), seed, found.append, lambda: False)
        best, _ = optimum(instance)
        value = objective(instance, found[-1])
        assert check_plan(instance, found[-1]).feasible
        assert value <= best * (1 + 1e-9)
        total += 1
        optimal += value >= best * (1 - 1e-9)
    assert total >= 50
    assert optimal >= 0.9 * total


def test_it_ends_when_it_is_told_to():
    instance, found = generate("general", models=32, requests=200, seed=0), []
    model_order.search(instance, (), None, found.append, lambda: bool(found))
    assert len(found) <= 2


@pytest.mark.parametrize(
    "name", ["lora-10x40", "general-small-cached", "general-small-pipelined", "general-small-static"]
)
def test_where_more_than_the_order_is_to_be_decided_it_does_not_begin(name):
    assert not model_order.covers(load(name))


def test_weights_that_take_minutes_are_left_to_the_annealing(monkeypatch):
    instance = generate("general", models=32, requests=200, seed=0, weights="random", integer=True)
    assert model_order.covers(instance)
    monkeypatch.setattr(model_order, "MOST_WORK", 10.0)
    assert not model_order.covers(instance)
