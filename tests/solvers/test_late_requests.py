"""Requests that arrive after time 0: heuristics never above the oracle, bounds never below, everything else refuses."""

from __future__ import annotations

import dataclasses
from collections import Counter
from random import Random

import pytest

from partload import solvers
from partload.formulations import FORMULATIONS
from partload.instances.channels import FlatChannel
from partload.instances.errors import InputError
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.checker import check_plan, objective
from partload.instances.partial_loading.generators import generate
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.instances.partial_loading.static import decided
from partload.solvers.methods import METHODS
from partload.solvers.partial_loading.bandwidth.leftover import use_left_over
from partload.solvers.partial_loading.bandwidth.rederivation import rederived
from partload.solvers.partial_loading.constructive import greedy, greedy_rate
from partload.solvers.partial_loading.local_search import search as local_search
from partload.solvers.partial_loading.local_search.times import Times
from partload.solvers.registry import Limits
from tests.support.agreement import GREEDIES, HEURISTICS, below, bounded
from tests.support.brute_force import bracket, optimum
from tests.support.brute_force_slots import every_plan
from tests.support.random_instances import random_arrivals

UPLINKS, CHANNELS = ("slotted", "pipelined", "static"), ("flat", "power-limited", "mixed")
SAMPLE, MANY = range(520_000, 520_048), range(522_000, 524_000)
KINDS = {
    "slotted": {},
    "own deadlines, weights": {"deadlines": "individual", "weights": "random"},
    "cached, any, memory": {"residency": "cached", "visits": "any", "memory": 1.5, "weights": "random"},
    "pipelined": {"uplink": "pipelined", "bandwidth": 5e6},
    "static": {"uplink": "static", "bandwidth": 10e6},
    "static, power-limited": {"uplink": "static", "channel": "power-limited"},
    "batches of 2": {"max_batch": 2},
}


@pytest.mark.parametrize("seeds", [SAMPLE, pytest.param(MANY, marks=pytest.mark.long)], ids=len)
def test_heuristics_lie_below_the_oracle_and_bounds_above(monkeypatch, seeds):
    """What the constructive heuristics build is feasible as it stands: nothing is cut off."""
    monkeypatch.setattr(greedy, "feasible", lambda plan: plan.plan(plan.size))
    total: Counter[str] = Counter()
    for seed in seeds:
        instance = random_arrivals(seed, UPLINKS, CHANNELS, most_requests=6)
        result = below(instance, seed)
        assert not result.problems
        assert not bounded(instance).problems
        best = optimum(instance)[0]
        total["optimum"] += best
        total["bound"] += solvers.upper_bound(instance)
        total["found"] += best - result.difference * max(best, 1.0)
        total["optimal"] += result.difference <= 1e-9
    assert total["found"] >= 0.98 * total["optimum"]
    assert total["optimal"] >= 0.95 * len(seeds)
    assert total["bound"] <= 1.25 * total["optimum"]


@pytest.mark.parametrize("seed", range(48))
def test_the_oracle_is_the_best_of_every_plan(seed):
    """Tiny: every sequence of batches with their least bandwidths, judged by the checker."""
    instance = random_arrivals(seed, UPLINKS, CHANNELS, most_requests=3)
    found = bracket(instance)
    best = 0.0
    for slots in every_plan(instance):
        plan = decided(instance, slots)
        if check_plan(instance, plan).feasible:
            best = max(best, objective(instance, plan))
    assert found.lower * (1 - 1e-12) <= best <= found.upper * (1 + 1e-12)


@pytest.mark.parametrize("seed", range(520_200, 520_236))
def test_times_of_local_search_are_those_of_the_clock(seed):
    instance = random_arrivals(seed, UPLINKS, CHANNELS, most_requests=7)
    annealing = local_search.Annealing(instance, greedy_rate.run(instance, Limits()).plan, Random(seed))
    for _ in range(20):
        annealing.step()
        draft = annealing.best
        times, plan = Times(annealing.numbers, draft.batches), draft.plan()
        assert times.feasible
        assert check_plan(instance, plan).feasible
        if instance.server.uplink != "static":
            assert times.end_s == pytest.approx(clock.run(instance, plan).end_s.tolist(), rel=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_local_search_is_better_than_the_greedies_and_computes_what_the_clock_says(monkeypatch, kind):
    keep, kept = local_search._Run._keep, []
    monkeypatch.setattr(local_search._Run, "_keep", lambda *found: kept.append(keep(*found)) or kept[-1])
    instance = generate("backbone", models=8, requests=40, seed=1, arrivals=0.7, **KINDS[kind])
    found = objective(instance, local_search.search(instance, Limits(), 1e9, 300).plan)
    greedies = [method for method in HEURISTICS if method.name in GREEDIES]
    assert found > max(objective(instance, method.run(instance, Limits()).plan) for method in greedies)
    assert kept
    assert all(kept)


def waiting_pays(**server: object) -> Instance:
    """One model that takes 4 to set up; the second request arrives at 2, and both have to end by 6."""
    requests = tuple(Request(f"k{n}", "m", 0.0, FlatChannel(1.0), 6.0, arrival_s=2.0 * n) for n in range(2))
    return Instance("waiting", Server(1.0, 1.0), (Block("b", 1.0),), (Model("m", ("b",), 4.0, 0.0),), requests).replace(
        **server
    )


@pytest.mark.parametrize("uplink", UPLINKS)
@pytest.mark.parametrize("name", ["greedy-rate", "local-search", "first-come"])
def test_a_slot_waits_for_a_request_where_that_pays(uplink, name):
    solution = solvers.solve(waiting_pays(uplink=uplink), name)
    assert (solution.objective, solution.slots[0].ready_s) == (2, 2)


@pytest.mark.parametrize("uplink", UPLINKS)
def test_the_bound_sees_who_cannot_be_in_time(uplink):
    instance = waiting_pays(uplink=uplink)
    late = tuple(dataclasses.replace(k, arrival_s=2.5) for k in instance.requests)
    assert solvers.upper_bound(instance) == 2
    assert solvers.upper_bound(instance.replace(requests=late)) == 0


@pytest.mark.parametrize("uplink", UPLINKS)
def test_the_bound_sees_how_little_time_an_upload_has(uplink):
    """Two uploads of 1 s each between 1 and 2: one is sent in time."""
    requests = tuple(Request(f"k{n}", "m", 1.0, FlatChannel(1.0), 2.0, arrival_s=1.0) for n in range(2))
    instance = waiting_pays(uplink=uplink).replace(requests=requests, models=(Model("m", (), 0.0, 0.0),))
    assert optimum(instance)[0] == 1
    assert solvers.upper_bound(instance) == (1 if uplink == "static" else 2)


@pytest.mark.parametrize("seed", range(12))
def test_the_relaxation_bound_is_valid(seed):
    instance = random_arrivals(seed, UPLINKS, CHANNELS, most_requests=5)
    assert solvers.relaxation_bound(instance) >= optimum(instance)[0] * (1 - 1e-9)


def test_static_bandwidths_are_derived_again_from_the_arrival_on():
    instance = generate("general", models=3, requests=8, seed=2, uplink="static", arrivals=0.5)
    plan = greedy_rate.run(instance, Limits()).plan
    found = rederived(instance, plan, clock.run(instance, plan))
    assert all(one.difference < 1e-6 for one in found)
    assert found[-1].own == pytest.approx(found[-1].closed, rel=1e-6)


def test_what_does_not_cover_arrivals_says_so():
    instance = waiting_pays()
    refusing = [m for m in METHODS if m.problem == "partial-loading" and m.name in ("dynamic", "weighted-dynamic")]
    for method in refusing:
        assert "arrivals 'some'" in method.unsupported(instance, Limits()), method.name
    for formulation in FORMULATIONS:
        if formulation.problem == "partial-loading" and "some" not in formulation.supports.get("arrivals", ()):
            assert "arrivals 'some'" in formulation.unsupported(instance), formulation.name
    with pytest.raises(InputError, match="bandwidth 'weighted': does not cover arrivals 'some'"):
        use_left_over(instance, (), "weighted")
