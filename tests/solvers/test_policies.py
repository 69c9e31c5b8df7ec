"""Online policies: feasible, never above the optimum, blind to what has not arrived, and each by its rule."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter

import numpy as np
import pytest

from partload import solvers
from partload.instances.channels import FlatChannel
from partload.instances.errors import InputError
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.generators import generate
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.solvers.methods import METHODS
from partload.solvers.partial_loading.policies import clockwork, edf, fifo, fifo_collate, least_slack, lru
from partload.solvers.partial_loading.policies.policy import Policy
from partload.solvers.registry import Limits
from tests.support.brute_force import optimum
from tests.support.random_instances import random_arrivals

POLICIES: dict[str, Policy] = {
    "fifo": fifo.METHOD,
    "fifo-collate": fifo_collate.METHOD,
    "lru": lru.METHOD,
    "edf": edf.METHOD,
    "least-slack": least_slack.METHOD,
    "clockwork": clockwork.METHOD,
}
REGISTERED = {method.name: method for method in METHODS if method.name in POLICIES}
CHANNELS = ("flat", "power-limited", "mixed")
SAMPLE, MANY = range(700_000, 700_060), range(700_000, 700_500)


@pytest.mark.parametrize("seeds", [SAMPLE, pytest.param(MANY, marks=pytest.mark.long)], ids=len)
def test_feasible_and_never_above_the_optimum(seeds):
    total: Counter[str] = Counter()
    for seed in seeds:
        instance = random_arrivals(seed, ("slotted", "pipelined"), CHANNELS, most_requests=6)
        best, _ = optimum(instance)
        total["optimum"] += best
        for name, method in REGISTERED.items():
            if not method.unsupported(instance, Limits()):
                report = check_plan(instance, method.run(instance, Limits()).plan)
                assert report.feasible, (seed, name, report.violations)
                assert report.objective <= best * (1 + 1e-9), (seed, name)
                total[name] += report.objective
    assert all(total[name] >= 0.3 * total["optimum"] for name in POLICIES if name != "lru")
    assert total["lru"] > 0


def busy(seed: int) -> Instance:
    """More arrivals than a server with a cache can serve."""
    instance = generate("general", models=6, requests=40, seed=seed, weights="random")
    random = np.random.default_rng(seed)
    arrivals = np.sort(random.uniform(0, 2.0, len(instance.requests)))
    requests = tuple(
        dataclasses.replace(request, arrival_s=float(arrival), deadline_s=float(arrival + random.uniform(0.3, 2)))
        for request, arrival in zip(instance.requests, arrivals)
    )
    memory = 1.2 * max(
        instance.size_of(model.blocks) + 40 * model.activation_bytes_per_request for model in instance.models
    )
    server = dataclasses.replace(instance.server, residency="cached", visits="any", memory_bytes=memory)
    server = dataclasses.replace(server, load_rate_bytes_per_s=server.load_rate_bytes_per_s / 4)
    return instance.replace(requests=requests, server=server)


def changed_after(instance: Instance, time_s: float) -> Instance:
    """The same instance, with all requests that arrive later asking for another model, larger and more urgent."""
    models = [model.id for model in instance.models]
    return instance.replace(
        requests=tuple(
            request
            if request.arrival_s <= time_s
            else dataclasses.replace(
                request,
                model=models[(instance.model_index[request.model] + 1) % len(models)],
                input_bits=request.input_bits * 3,
                deadline_s=request.arrival_s + 0.2,
                arrival_s=request.arrival_s + 0.01,
                weight=9.0,
            )
            for request in instance.requests
        )
    )


@pytest.mark.parametrize("name", POLICIES)
def test_requests_to_come_do_not_change_what_is_decided_before(name):
    decided = 0
    for seed in range(3):
        instance = busy(seed)
        for time_s in (0.4, 1.0, 1.6):
            other = changed_after(instance, time_s)
            before, after = (
                [d.slot for d in POLICIES[name].dispatches(one) if d is not None and d.start_s <= time_s]
                for one in (instance, other)
            )
            assert before == after
            decided += len(before)
    assert decided > 10


@pytest.mark.parametrize("name", POLICIES)
def test_the_clock_is_never_later_than_the_server(name):
    for uplink in ("slotted", "pipelined"):
        instance = busy(7).replace(uplink=uplink)
        found = [dispatch for dispatch in POLICIES[name].dispatches(instance) if dispatch is not None]
        times = clock.run(instance, tuple(dispatch.slot for dispatch in found))
        assert (times.end_s <= np.array([dispatch.end_s for dispatch in found]) * (1 + 1e-12)).all()
        loaded = [instance.size_of(blocks) for blocks in times.loaded]
        assert loaded == [dispatch.loaded_bytes for dispatch in found]


@pytest.mark.parametrize("name", POLICIES)
def test_serving_late_serves_everybody_once_and_in_the_end(name):
    instance = busy(3)
    found = list(POLICIES[name].serve_late(instance))
    served = [request for dispatch in found for request in dispatch.slot.requests]
    assert sorted(served) == sorted(request.id for request in instance.requests)
    late = sum(int((instance.arrays.deadline_s[d.rows] < d.end_s).sum()) for d in found)
    assert late > 0
    assert all(b.start_s >= a.end_s for a, b in itertools.pairwise(found))


def line(*asked: tuple[str, float, float], **server: object) -> Instance:
    """Requests (model, arrival, deadline) for A, B and C of 1 byte each, loaded at 1 byte/s; a batch takes 1 s."""
    blocks = tuple(Block(b, 1.0) for b in "abc")
    models = tuple(Model(i, (i.lower(),), 1.0, 0.0) for i in "ABC")
    requests = tuple(Request(f"r{n}", i, 0.0, FlatChannel(1.0), due, 1.0, at) for n, (i, at, due) in enumerate(asked))
    return Instance("line", Server(1.0, 1.0, visits="any", **server), blocks, models, requests)


def models(name: str, instance: Instance) -> str:
    return "".join(slot.model for slot in REGISTERED[name].run(instance, Limits()).plan)


def test_each_policy_follows_its_rule():
    # At 2 s, when A has run, B has waited longest, another A is there, and C is due first.
    asked = line(("A", 0, 9), ("B", 0.5, 30), ("A", 1, 30), ("C", 1.5, 8))
    assert models("fifo", asked) == "ABAC"
    assert models("fifo-collate", asked) == "AABC"  # C has not waited too long, and the visit to A goes on.
    assert models("edf", asked) == "ACBA"
    assert models("least-slack", asked) == models("clockwork", asked) == "ACBA"


def test_a_request_that_waited_too_long_goes_before_the_loaded_model():
    assert models("fifo-collate", line(("A", 0, 9), ("B", 0.5, 30), ("A", 1, 30))) == "AAB"
    assert models("fifo-collate", line(("A", 0, 9), ("B", 0, 4), ("A", 1, 30))) == "ABA"


def test_least_slack_counts_the_load_and_edf_does_not():
    asked = line(("A", 0, 9), ("A", 1, 9.5), ("B", 1, 10))
    assert models("edf", asked) == "AAB"
    assert models("least-slack", asked) == "ABA"


def test_the_cache_drops_what_was_used_longest_ago_and_fifo_what_was_loaded_first():
    """Memory for two of three blocks. A is loaded first and used again before C needs room: only lru keeps it."""
    asked = line(
        ("A", 0, 99), ("B", 1, 99), ("A", 3, 99), ("C", 6, 99), ("A", 8, 99), residency="cached", memory_bytes=2.0
    )
    kept = {}
    for name in ("fifo", "lru"):
        plan = REGISTERED[name].run(asked, Limits()).plan
        assert [slot.model for slot in plan] == list("ABACA")
        kept[name] = plan[3].resident_blocks, sum(map(len, clock.run(asked, plan).loaded))
    assert kept == {"fifo": ({"b", "c"}, 4), "lru": ({"a", "c"}, 3)}


def test_what_cannot_be_in_time_is_dropped_and_keeps_nobody_waiting():
    asked = line(("A", 0, 1.5), ("B", 0, 2.5))
    for name in POLICIES:
        if name != "lru":
            assert models(name, asked) == "B"


@pytest.mark.parametrize("name", POLICIES)
def test_the_rest_is_refused_by_name(name):
    cached = busy(1)
    with pytest.raises(InputError, match=r"does not cover uplink 'static'"):
        solvers.solve(cached.replace(uplink="static"), name)
    assert solvers.solve(cached, name).objective > 0
    if name == "lru":
        with pytest.raises(InputError, match=r"does not cover residency 'previous'"):
            solvers.solve(cached.replace(residency="previous"), name)


@pytest.mark.parametrize("name", POLICIES)
def test_degenerate_instances(name):
    cached = {"residency": "cached"}
    assert REGISTERED[name].run(line(**cached), Limits()).plan == ()
    small = line(("A", 0, 9), **cached).replace(memory_bytes=0.5)
    assert REGISTERED[name].run(small, Limits()).plan == ()
    assert list(POLICIES[name].serve_late(small)) == []
    stopped = REGISTERED[name].run(busy(0), Limits(time_limit=1e-9))
    assert (stopped.termination, len(stopped.plan) <= 1) == ("time-limit", True)
