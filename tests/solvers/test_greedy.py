"""The greedies and the baselines: feasible and never above the optimum on everything the clock handles."""

from __future__ import annotations

import dataclasses
import os
import signal
from collections import Counter

import numpy as np
import pytest

from partload import solvers
from partload.instances.channels import FlatChannel
from partload.instances.errors import InputError
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.checker import check, check_plan
from partload.instances.partial_loading.generators import generate
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.instances.partial_loading.transform import without_sharing
from partload.solvers.methods import METHODS
from partload.solvers.partial_loading.baselines import full_loading
from partload.solvers.partial_loading.constructive import greedy, greedy_rate, greedy_sharing
from partload.solvers.registry import Limits
from tests.support.brute_force import optimum
from tests.support.random_instances import random_instance

GREEDIES = ("greedy-sharing", "greedy-rate")
BASELINES = ("first-come", "random", "earliest-deadline", "one-per-batch", "full-loading", "equal-bandwidth")
FAST = {m.name: m for m in METHODS if m.problem == "partial-loading" and m.name in GREEDIES + BASELINES}
UPLINKS, CHANNELS = ("slotted", "pipelined", "static"), ("flat", "power-limited", "mixed")
SAMPLE, MANY = range(500_000, 500_090), range(502_000, 504_000)


def served(instance: Instance, name: str, seed: int | None = None) -> float:
    """Weight served, of a plan that the checker accepts."""
    outcome = FAST[name].run(instance, Limits(seed=seed))
    report = check_plan(instance, outcome.plan)
    assert report.feasible, (instance.name, name, report.violations)
    assert (outcome.bound, outcome.termination) == (None, "heuristic-end")
    assert report.objective is not None
    return report.objective


@pytest.mark.parametrize("seeds", [SAMPLE, pytest.param(MANY, marks=pytest.mark.long)], ids=len)
def test_feasible_and_never_above_the_optimum(monkeypatch, seeds):
    """Every residency, rule for visits, uplink and channel. What grows is feasible: nothing is ever cut off."""
    monkeypatch.setattr(greedy, "feasible", lambda partial: partial.plan(partial.size))
    total: Counter[str] = Counter()
    for seed in seeds:
        instance = random_instance(seed, UPLINKS, CHANNELS, most_requests=6)
        best, _ = optimum(instance)
        total["optimum"] += best
        for name, method in FAST.items():
            if not method.unsupported(instance, Limits()):
                value = served(instance, name, seed)
                assert value <= best * (1 + 1e-9), (seed, name)
                total[name] += value
    assert all(total[name] >= 0.85 * total["optimum"] for name in GREEDIES)


@pytest.mark.parametrize("name", FAST)
def test_solve_gives_a_checked_solution_and_the_same_one_for_the_same_seed(name):
    instance = generate("general", models=8, requests=60, seed=3, deadlines="individual", weights="random")
    first, second = (solvers.solve(instance, name, seed=5) for _ in range(2))
    assert first.slots == second.slots
    assert (first.status, first.bound, first.method) == ("feasible", None, name)
    assert check(instance, first).feasible


def test_random_orders_differ_by_seed():
    instance = generate("general", models=8, requests=60, seed=3)
    orders = {tuple(slot.model for slot in solvers.solve(instance, "random", seed=n).slots) for n in range(5)}
    assert len(orders) > 1


@pytest.mark.parametrize("name", FAST)
def test_degenerate_instances(name):
    model = Model("i", ("b",), 0.0, 0.0)
    blocks, server = (Block("b", 0.0),), Server(1.0, 1.0)
    free = Request("k", "i", 0.0, FlatChannel(1.0), 1.0)
    assert served(Instance("nothing", server, (), (), ()), name) == 0
    assert served(Instance("nobody", server, blocks, (model,), ()), name) == 0
    assert served(Instance("all for nothing", server, blocks, (model,), (free,)), name) == 1
    late = Server(1.0, 1.0, load_latency_s=2.0)
    assert served(Instance("a latency for no bytes", late, blocks, (model,), (free,)), name) == 0
    small = Server(1.0, 1.0, memory_bytes=1.0)
    large = Block("b", 2.0)
    assert served(Instance("does not fit", small, (large,), (model,), (free,)), name) == 0


def three_models() -> Instance:
    """After A, C shares more with it than B, which is less to load and has more requests."""
    blocks = (Block("a", 1.0), Block("c", 4.0), Block("b", 2.0))
    models = (Model("A", ("a",), 0.0, 0.0), Model("B", ("b",), 0.0, 0.0), Model("C", ("a", "c"), 0.0, 0.0))
    asked = ("A", "B", "B", "B", "C")
    requests = tuple(Request(f"r{n}", i, 0.0, FlatChannel(1.0), 10.0) for n, i in enumerate(asked))
    return Instance("three", Server(1.0, 1.0), blocks, models, requests)


def test_each_greedy_follows_its_rule():
    instance = three_models()
    assert [slot.model for slot in greedy_sharing.run(instance, Limits()).plan] == ["A", "C", "B"]
    assert [slot.model for slot in greedy_rate.run(instance, Limits()).plan] == ["B", "A", "C"]
    order = ["A", "B", "C"]
    assert [slot.model for slot in FAST["first-come"].run(instance, Limits()).plan] == order


def test_what_is_kept_is_what_is_asked_for_most():
    """After A, memory has room for one block besides the model at work: p, which two requests ask for, and not q."""
    blocks = tuple(Block(b, 1.0) for b in "pqx")
    models = (Model("A", ("p", "q"), 0.0, 0.0), Model("X", ("x",), 0.0, 0.0), Model("P", ("p",), 0.0, 0.0))
    models = (*models, Model("Q", ("q",), 0.0, 0.0))
    due = {"A": 2.0, "X": 3.0, "P": 9.0, "Q": 9.0}
    requests = tuple(Request(f"r{n}", i, 0.0, FlatChannel(1.0), due[i]) for n, i in enumerate("AXPPQ"))
    instance = Instance("keep", Server(1.0, 1.0, memory_bytes=2.0, residency="cached"), blocks, models, requests)
    plan = FAST["earliest-deadline"].run(instance, Limits()).plan
    assert [(slot.model, slot.resident_blocks) for slot in plan[:2]] == [("A", {"p", "q"}), ("X", {"x", "p"})]
    assert clock.run(instance, plan).end_s.max() == 4


def test_full_loading_pays_for_blocks_that_are_in_memory():
    """A backbone of 5 s for two models: with sharing both are done at 5 s; the clock is kinder than the plan."""
    models = tuple(Model(i, ("backbone",), 0.0, 0.0) for i in "AB")
    requests = tuple(Request(f"r{i}", i, 0.0, FlatChannel(1.0), 10.0) for i in "AB")
    instance = Instance("backbone", Server(1.0, 1.0), (Block("backbone", 5.0),), models, requests)
    partial = full_loading.METHOD.construct(instance)
    assert partial.end_s == 10
    assert clock.run(instance, partial.plan(partial.size)).end_s.tolist() == [5, 5]
    short = instance.replace(requests=tuple(dataclasses.replace(k, deadline_s=6.0) for k in requests))
    assert (served(short, "greedy-sharing"), served(short, "full-loading")) == (2, 1)
    assert served(without_sharing(short), "greedy-sharing") == 1


def test_equal_bandwidth_splits_the_band_of_each_slot_and_does_not_cover_the_static_uplink():
    instance = generate("general", models=4, requests=20, seed=1)
    for slot in FAST["equal-bandwidth"].run(instance, Limits()).plan:
        assert set(slot.bandwidth_hz.values()) == {instance.server.bandwidth_hz / len(slot.requests)}
    with pytest.raises(InputError, match=r"does not cover uplink 'static'"):
        solvers.solve(instance.replace(uplink="static"), "equal-bandwidth")


def test_one_request_per_batch():
    instance = generate("general", models=4, requests=20, seed=1)
    assert {len(slot.requests) for slot in FAST["one-per-batch"].run(instance, Limits()).plan} == {1}


def test_a_formulation_has_no_place_in_a_greedy():
    with pytest.raises(InputError, match=r"does not cover formulation 'slot'"):
        solvers.solve(three_models(), "greedy-rate", formulation="slot")


def test_ctrl_c_and_the_time_limit_keep_the_plan_so_far(monkeypatch):
    def interrupting(partial, loads_s, random):
        if partial.current is not None:
            os.kill(os.getpid(), signal.SIGINT)
        return np.arange(len(loads_s), dtype=float)

    outcome = greedy.Rule(interrupting).run(three_models(), Limits())
    assert (outcome.termination, [slot.model for slot in outcome.plan]) == ("interrupted", ["A", "B"])
    stopped = greedy_rate.run(three_models(), Limits(time_limit=1e-9))
    assert (stopped.termination, len(stopped.plan)) == ("time-limit", 1)


def test_a_plan_that_the_checker_rejects_is_cut_where_it_fails(monkeypatch):
    instance = three_models().replace(load_rate_bytes_per_s=0.5)
    monkeypatch.setattr(greedy.PartialPlan, "possible", lambda self, loads_s: np.flatnonzero(self.count > 0))
    monkeypatch.setattr("partload.solvers.partial_loading.constructive.partial_plan.ON_TIME", 10.0)
    plan = greedy_sharing.run(instance, Limits()).plan
    assert [slot.model for slot in plan] == ["A", "C"]
    assert check_plan(instance, plan).feasible
