"""The method ``tool-switching`` against the brute force and the best eviction of each order, and what it refuses."""

import dataclasses
import itertools
import math
from random import Random

import pytest

from partload import solvers
from partload.instances import library
from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.errors import InputError
from partload.instances.partial_loading.checker import check_plan, objective
from partload.instances.partial_loading.generators import generate
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.solvers.methods import method as registered
from partload.solvers.partial_loading.dynamic.sharing_clusters import servable_models
from partload.solvers.partial_loading.tool_switching import method
from partload.solvers.partial_loading.tool_switching.programme import Programme
from partload.solvers.partial_loading.tool_switching.visit_options import count_options, options
from partload.solvers.registry import Limits
from tests.support.agreement import Way, comparison
from tests.support.brute_force import optimum
from tests.support.random_cached import random_cached

WAY = (Way("tool-switching"),)


def wrong(seeds: range, limited: bool) -> list[str]:
    return [problem for seed in seeds for problem in comparison(random_cached(seed, limited), WAY).problems]


@pytest.mark.parametrize(("seeds", "limited"), [(range(80), True), (range(80, 110), False)], ids=str)
def test_the_optimum_is_found_and_proved(seeds, limited):
    assert wrong(seeds, limited) == []


@pytest.mark.long
@pytest.mark.parametrize("limited", [True, False])
@pytest.mark.parametrize("seeds", [range(start, start + 100) for start in range(200, 1200, 100)], ids=str)
def test_the_optimum_is_found_and_proved_by_the_thousand(seeds, limited):
    assert wrong(seeds, limited) == []


def jobs(seed: int, due: float = 1000.0) -> Instance:
    """The job sequencing and tool switching problem: 6 jobs, each a request, 7 unit tools, 3 or 4 in the magazine."""
    random = Random(f"jobs {seed}")
    capacity = random.choice((3, 4))
    tools = [f"t{j}" for j in range(7)]
    models = tuple(Model(f"m{i}", tuple(random.sample(tools, random.randint(1, capacity))), 0, 0) for i in range(6))
    server = Server(1.0, 1.0, memory_bytes=float(capacity), residency="cached")
    asked = tuple(Request(f"r{i}", f"m{i}", 0.0, FlatChannel(1.0), due) for i in range(6))
    return Instance(f"jobs-{seed}", server, tuple(Block(tool, 1.0) for tool in tools), models, asked)


def fewest_loads(instance: Instance) -> int:
    """The least loads over all orders, each with the tools kept that are needed soonest (Tang and Denardo)."""
    capacity = int(instance.server.memory_bytes)
    best = 10**6
    for order in itertools.permutations([frozenset(model.blocks) for model in instance.models]):
        magazine: set[str] = set()
        loads = 0
        for place, need in enumerate(order):
            loads += len(need - magazine)
            soonest = {
                tool: next((n for n, later in enumerate(order[place + 1 :]) if tool in later), math.inf)
                for tool in magazine - need
            }
            kept = sorted(soonest, key=lambda tool: (soonest[tool], tool))[: capacity - len(need)]
            magazine = set(need) | set(kept)
        best = min(best, loads)
    return best


@pytest.mark.parametrize("seed", range(6))
def test_the_least_loads_are_those_of_the_best_order_with_the_best_eviction(seed):
    least = float(fewest_loads(jobs(seed)))
    enough, short = (solvers.solve(jobs(seed, due), "tool-switching") for due in (least, least - 1))
    assert (enough.status, enough.objective, enough.bound) == ("optimal", 6.0, 6.0)
    assert short.status == "optimal"
    assert short.bound == short.objective <= 5.0


@pytest.mark.parametrize("name", ["tool-switching", "general-small-cached"])
def test_the_library_is_solved(name):
    instance = library.load(name).replace(visits="once")
    solution = solvers.solve(instance, "tool-switching")
    assert (solution.status, solution.objective) == ("optimal", optimum(instance)[0])


def test_solve_takes_it():
    assert solvers.solve(library.load("tool-switching")).method == "tool-switching"


def changed(**changes: object) -> Instance:
    return library.load("tool-switching").replace(**changes)


def with_first_request(**changes: object) -> Instance:
    instance = library.load("tool-switching")
    return instance.replace(requests=(dataclasses.replace(instance.requests[0], **changes), *instance.requests[1:]))


@pytest.mark.parametrize(
    ("instance", "refusal"),
    [
        (changed(residency="previous"), "residency 'previous'"),
        (changed(visits="any"), "visits 'any'"),
        (changed(uplink="pipelined"), "uplink 'pipelined'"),
        (changed(uplink="static"), "uplink 'static'"),
        (with_first_request(channel=PowerLimitedChannel(1.0)), "channel 'power-limited'"),
        (with_first_request(deadline_s=4.0), "deadlines 'different'"),
        (with_first_request(arrival_s=1.0), "arrivals 'some'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_covered_is_refused_by_name(instance, refusal):
    assert registered("partial-loading", "tool-switching").unsupported(instance, Limits()) == [refusal]
    with pytest.raises(InputError, match=f"does not cover {refusal}"):
        solvers.solve(instance, "tool-switching")


def test_tables_that_are_too_large_are_refused():
    instance = library.load("tool-switching")
    blocks = tuple(Block(f"b{j}", 1.0) for j in range(15))
    alike = tuple(dataclasses.replace(model, blocks=tuple(b.id for b in blocks)) for model in instance.models)
    wide = instance.replace(blocks=blocks, models=alike, memory_bytes=15.0)
    assert method.refusals(wide, Limits()) == ["15 shared blocks, expected at most 14"]
    many = tuple(dataclasses.replace(instance.requests[0], id=f"r{k}", weight=1.0 + k, input_bits=k) for k in range(40))
    assert "sets of requests of model '12'" in method.refusals(instance.replace(requests=many), Limits())[0]
    several = tuple(dataclasses.replace(r, id=f"{r.id}.{n}") for r in instance.requests for n in range(40))
    assert "states" in method.refusals(instance.replace(requests=several), Limits())[0]
    assert method.refusals(instance, Limits()) == []


def test_no_requests():
    solution = solvers.solve(library.load("tool-switching").replace(requests=()), "tool-switching")
    assert (solution.status, solution.objective, solution.bound) == ("optimal", 0.0, 0.0)


@pytest.mark.parametrize("rate", [1e-300, 1.0, 1e303])
@pytest.mark.parametrize("due", [1e-300, 1e-9, 1e18, 1.7e308])
def test_numbers_at_the_end_of_all_doubles(rate, due):
    instance = jobs(1, due).replace(load_rate_bytes_per_s=rate)
    solution = solvers.solve(instance, "tool-switching")
    assert solution.status == "optimal"
    assert solution.objective == (6.0 if due * rate > 50 else 0.0)


@pytest.mark.parametrize(("stop", "termination"), [(KeyboardInterrupt, "interrupted"), (TimeoutError, "time-limit")])
def test_what_is_cut_short_keeps_a_plan_and_a_bound(stop, termination, monkeypatch):
    instance = jobs(0, float(fewest_loads(jobs(0))))
    run = Programme.run

    def cut_short(self):
        if stop is KeyboardInterrupt:
            raise KeyboardInterrupt
        while True:
            run(self)

    monkeypatch.setattr(Programme, "run", cut_short)
    outcome = method.run(instance, Limits(time_limit=0.5))
    assert outcome.termination == termination
    assert check_plan(instance, outcome.plan).feasible
    assert 0 < objective(instance, outcome.plan) < 6 <= outcome.bound


@pytest.mark.parametrize("seed", range(10))
def test_options_are_counted_without_making_them(seed):
    instance = generate("general", models=3, requests=18, seed=seed, weights="random", residency="cached")
    for name, positions in servable_models(instance).items():
        made = len(list(options(instance, instance.models[instance.model_index[name]], positions)))
        assert count_options(instance, positions, 1000) == made
        assert count_options(instance, positions, made - 1) == made
        assert count_options(instance, positions, 2) == min(made, 3)
