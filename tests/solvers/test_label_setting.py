"""The method ``label-setting`` against the brute force and other exact methods, and its own proofs one by one."""

import dataclasses
from random import Random

import numpy as np
import pytest

from partload import solvers
from partload.instances import library
from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.errors import InputError
from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.generators import generate
from partload.instances.partial_loading.instance import Instance, Model, Request, Server
from partload.solvers.exact.task import met
from partload.solvers.partial_loading import tree_search
from partload.solvers.partial_loading.dynamic.knapsack_programme import LATEST_END
from partload.solvers.partial_loading.label_setting import search, task
from partload.solvers.partial_loading.label_setting.completion import Memory, Steps, completion
from partload.solvers.partial_loading.label_setting.legs import legs
from partload.solvers.partial_loading.label_setting.search import Search
from tests.support.agreement import Way, comparison
from tests.support.brute_force import optimum
from tests.support.nasty.families import FAMILIES
from tests.support.random_instances import random_arrivals, random_instance

WAY = (Way("label-setting"),)
MANY = [range(start, start + 100) for start in range(64, 2064, 100)]


def covered(seed: int, arrivals: bool = False) -> Instance:
    """The random instance of a seed with residency ``previous``."""
    make = random_arrivals if arrivals else random_instance
    return make(seed).replace(residency="previous")


def searched(instance: Instance) -> Search:
    """A search in this process, to the end."""
    found = Search(instance, lambda: None, lambda served, bound: met(served, bound, 0.0))
    found.run()
    return found


def assert_optimal(instance: Instance) -> None:
    found, best = searched(instance), optimum(instance)[0]
    assert found.contradiction is None
    assert (found.served * found.unit, found.bound * found.unit) == pytest.approx((best, best), rel=1e-9), instance.name
    assert check_plan(instance, found.plan).feasible


@pytest.mark.parametrize("arrivals", [False, True])
def test_the_optimum_is_found_and_proved(arrivals):
    for seed in range(12):  # Every visits, uplink and kind of numbers.
        assert_optimal(covered(seed + 4 * (seed % 2), arrivals))


@pytest.mark.long
@pytest.mark.parametrize("arrivals", [False, True])
@pytest.mark.parametrize("seeds", MANY, ids=str)
def test_the_optimum_is_found_and_proved_by_the_thousand(seeds, arrivals):
    for seed in seeds:
        assert_optimal(covered(seed, arrivals))


def test_the_process_of_its_own_tells_plan_and_bound():
    for seed in (0, 9):
        assert comparison(covered(seed), WAY).problems == ()


@pytest.mark.parametrize("factor", [1e-150, 1e-9, 1e9, 1e150])
def test_times_of_any_magnitude(factor):
    instance = covered(1)
    server, models = instance.server, instance.models
    scaled = instance.replace(
        server=dataclasses.replace(
            server,
            bandwidth_hz=server.bandwidth_hz / factor,
            load_rate_bytes_per_s=server.load_rate_bytes_per_s / factor,
            load_latency_s=server.load_latency_s * factor,
        ),
        models=tuple(
            dataclasses.replace(
                m, batch_setup_s=m.batch_setup_s * factor, batch_per_request_s=m.batch_per_request_s * factor
            )
            for m in models
        ),
        requests=tuple(dataclasses.replace(r, deadline_s=r.deadline_s * factor) for r in instance.requests),
    )
    assert_optimal(scaled)


@pytest.mark.parametrize(
    "name", ["decimal-tie", "visits-once", "visits-any", "general-small-pipelined", "three-models"]
)
def test_the_best_known_of_the_library(name):
    best = optimum(library.load(name))[0]
    found = searched(library.load(name))
    assert (found.served * found.unit, found.bound * found.unit) == (best, best)


@pytest.mark.parametrize("uplink", ["slotted", "pipelined"])
def test_every_prefix_of_an_optimal_plan_keeps_a_bound(uplink, monkeypatch):
    """With random prices and memories, no bound is below the optimum."""
    instance = covered(2).replace(uplink=uplink)
    best = optimum(instance)[0]
    made = legs(instance, instance.arrays.weight, LATEST_END, None)
    random = Random(7)
    for clock in ("end",) if uplink == "slotted" else ("end", "sent"):
        for steps in (1, 3, 50):
            memory = Memory(made, [random.sample(range(made.bits), min(2, made.bits)) for _ in range(made.nodes)])
            prices = np.array([random.random() * random.choice((0, 1, 5)) for _ in range(made.bits)])
            assert completion(Steps.of(made, clock, steps), memory, prices).bound >= best * (1 - 1e-9)


def test_small_fronts_and_budgets_lose_nothing(monkeypatch):
    for name, value in {"FRONT": 3, "BUDGET": 2, "BEAM": 1, "STEPS": 5, "PRICES": 2}.items():
        monkeypatch.setattr(search, name, value)
    for seed in range(6):
        assert_optimal(covered(seed))


def test_deadlines_and_weights_with_the_slot_milp():
    instance = generate("general", models=4, requests=9, seed=1, deadlines="individual", weights="random")
    assert searched(instance).served == solvers.solve(instance, "milp").objective


def test_ten_models_with_deadlines_are_proved():
    instance = generate("general", models=10, requests=30, seed=1, deadlines="individual", weights="random")
    solution = solvers.solve(instance, "label-setting", time_limit=10)
    assert (solution.status, solution.objective, solution.bound) == ("optimal", 57, 57)


def test_a_time_limit_keeps_a_true_bound():
    instance = generate("general", models=20, requests=60, seed=3, deadlines="individual", weights="random")
    solution = solvers.solve(instance, "label-setting", time_limit=0.2)
    assert solution.bound >= 123
    assert check_plan(instance, solution.plan()).feasible


def test_a_gap_is_enough():
    instance = generate("general", models=10, requests=30, seed=3, deadlines="individual", weights="random")
    solution = solvers.solve(instance, "label-setting", gap=0.1)
    assert solution.objective <= 63 <= solution.bound <= solution.objective / 0.9 * (1 + 1e-9)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"residency": "cached"}, "cached"),
        ({"uplink": "static"}, "static"),
    ],
)
def test_other_features_are_refused(changes, named):
    with pytest.raises(InputError, match=named):
        solvers.solve(covered(0).replace(**changes), "label-setting")


def test_power_limited_channels_are_refused():
    instance = covered(0)
    requests = (dataclasses.replace(r, channel=PowerLimitedChannel(1.0)) for r in instance.requests)
    with pytest.raises(InputError, match="power-limited"):
        solvers.solve(instance.replace(requests=tuple(requests)), "label-setting")


def test_too_many_requests_for_one_model_are_refused():
    instance = generate("general", models=2, requests=60, seed=0, deadlines="individual")
    with pytest.raises(InputError, match="more than 600,000 ways to make batches"):
        solvers.solve(instance, "label-setting")


def test_too_many_models_are_refused():
    instance = generate("general", models=90, requests=200, seed=0, deadlines="individual")
    with pytest.raises(InputError, match="at most 64"):
        solvers.solve(instance, "label-setting")


@pytest.mark.parametrize("uplink", ["slotted", "pipelined"])
def test_where_nothing_takes_any_time_all_are_served(uplink):
    instance = covered(0).replace(uplink=uplink, memory_bytes=None, load_latency_s=0.0)
    instance = instance.replace(
        blocks=tuple(dataclasses.replace(block, size_bytes=0.0) for block in instance.blocks),
        models=tuple(dataclasses.replace(m, batch_setup_s=0.0, batch_per_request_s=0.0) for m in instance.models),
        requests=tuple(dataclasses.replace(request, input_bits=0.0) for request in instance.requests),
    )
    assert_optimal(instance)
    assert searched(instance).served * searched(instance).unit == pytest.approx(instance.arrays.weight.sum())


def test_weights_of_any_magnitude():
    instance = covered(1)
    weights = (1e-12, 1e-12, 1.0, 1000.0)
    requests = tuple(dataclasses.replace(r, weight=weights[n % 4]) for n, r in enumerate(instance.requests))
    assert_optimal(instance.replace(requests=requests))


def test_plans_within_the_tolerance_leave_the_bound():
    found = searched(FAMILIES["equal-models"].instance(54))
    assert (found.served, found.bound, found.contradiction) == (3, 4, None)


def test_a_bound_below_a_plan_is_an_alarm():
    one = searched(generate("general", models=4, requests=10, seed=1, deadlines="individual"))
    known = one.bound
    one._lower(one.served - 1)
    assert "but a plan serves" in one.contradiction
    assert one.bound == known


def test_a_plan_above_a_bound_is_an_alarm(monkeypatch):
    """As if the bound were wrong: the outcome says so."""
    instance, sent = generate("general", models=4, requests=10, seed=1, deadlines="individual"), []
    monkeypatch.setattr(search, "upper_bound", lambda instance: 1.0)
    assert task.search(sent.append, tree_search.Task(instance)) == "error"
    assert "but a plan serves" in sent[-1].note


def test_thousands_of_requests_for_one_model_are_refused_in_a_line():
    """The number of their batches has more digits than Python writes."""
    with pytest.raises(InputError, match=r"more than 600,000 ways to make batches of the requests for each model$"):
        solvers.solve(generate("general", models=1, requests=12_000, seed=1, uplink="pipelined"), "label-setting")


@pytest.mark.parametrize("gap", [0.05, 0.12, 0.16, 0.3, 0.5])
@pytest.mark.parametrize("weights", ["equal", "random"])
def test_at_a_gap_the_bound_still_holds_for_the_optimum(gap, weights):
    for seed in range(4):
        instance = generate("general", models=6, requests=18, seed=seed, deadlines="individual", weights=weights)
        best = searched(instance).served
        found = Search(instance, lambda: None, lambda served, bound: met(served, bound, gap), gap)
        found.run()
        assert found.served <= best <= found.bound
        assert met(found.served, found.bound, gap)


@pytest.mark.parametrize("extra", [0.5e-9, 0.95e-9, 1e-9, 1.1e-9, 3e-9])
@pytest.mark.parametrize("visits", ["once", "any"])
def test_the_bound_counts_weights_of_next_to_nothing(extra, visits):
    channel = FlatChannel(1.0)
    requests = tuple(Request(f"r{n}", f"m{n}", 0.0, channel, 1.0, weight) for n, weight in enumerate((1.0, extra)))
    models = tuple(Model(f"m{n}", (), 0.0, 0.0) for n in range(2))
    found = searched(Instance("next to nothing", Server(1.0, 1.0, visits=visits), (), models, requests))
    assert found.bound * found.unit >= 1.0 + extra


def test_at_a_time_limit_there_is_a_plan_from_the_beginning():
    instance = generate("general", models=40, requests=120, seed=1, deadlines="individual")
    solution = solvers.solve(instance, "label-setting", time_limit=0.2)
    assert solution.termination == "time-limit"
    assert 0 < solution.objective <= solution.bound
    assert check_plan(instance, solution.plan()).feasible
