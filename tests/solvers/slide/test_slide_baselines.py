"""Baselines: plans that hold, never above the optimum, and what downloading first costs."""

from __future__ import annotations

import dataclasses
import importlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partload.instances.channels import FlatChannel
from partload.instances.slide import clock
from partload.instances.slide.checker import check_plan
from partload.instances.slide.instance import Downlink, Instance, Layer, Model, User
from partload.instances.slide.plan import Plan, Served
from partload.solvers.registry import Limits
from partload.solvers.slide import admission, knapsack_dynamic
from partload.solvers.slide.baselines import (
    download_first,
    equal_bandwidth,
    full_speed,
    random_admission,
    smallest_model,
)
from tests.support.random_slide import random_slide, slides

BASELINES = ("download_first", "equal_bandwidth", "full_speed", "smallest_model", "random_admission")
EVERY = ("per-device", "per-layer")


def value(instance: Instance, plan: Plan) -> float:
    report = check_plan(instance, plan)
    assert report.feasible, report.violations
    assert report.objective is not None
    return report.objective


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_is_feasible_and_never_above_the_optimum(name):
    baseline, below = importlib.import_module(f"partload.solvers.slide.baselines.{name}"), 0
    for seed in range(200):
        instance = random_slide(seed)
        best = value(instance, knapsack_dynamic.run(instance, Limits()).plan)
        outcome = baseline.run(instance, Limits(seed=seed))
        assert outcome.bound is None
        assert outcome.termination == "heuristic-end"
        reached = value(instance, outcome.plan)
        assert reached <= best * (1 + 1e-12)
        below += reached < best
    assert below > 5


@given(slides(frequencies=EVERY), st.sampled_from(BASELINES))
@settings(deadline=None, max_examples=100)
def test_every_instance_is_covered(instance, name):
    baseline = importlib.import_module(f"partload.solvers.slide.baselines.{name}")
    value(instance, baseline.run(instance, Limits()).plan)


@given(slides(weights=("equal",)))
@settings(deadline=None, max_examples=150)
def test_download_first_never_serves_more(instance):
    first = value(instance, download_first.run(instance, Limits()).plan)
    assert first <= value(instance, admission.run(instance, Limits()).plan)


@given(slides(), st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
@settings(deadline=None, max_examples=150)
def test_at_equal_rate_and_speed_download_first_takes_at_most_twice_as_long(instance, bandwidth, speed):
    """Never less, either; downloading in one piece is a model of one layer to the clock (problems, SLIDE, fact 4)."""
    users = tuple(dataclasses.replace(u, channel=FlatChannel(1.0), models=(u.models[0],)) for u in instance.users)
    layered = instance.replace(users=users)
    whole = tuple(Model(m.id, (Layer(m.size_bytes, m.work_flop),), m.accuracy) for m in instance.models)
    rate = bandwidth * max(1.0, *(m.size_bytes for m in whole))
    flop_per_s = speed * max(1.0, *(m.work_flop for m in whole))
    plan = tuple(Served(u.id, u.models[0], rate, flop_per_s) for u in users)
    slide, first = (clock.run(of, plan).end_s for of in (layered, layered.replace(models=whole)))
    assert (slide <= first * (1 + 1e-12)).all()
    assert (first <= 2 * slide * (1 + 1e-12)).all()


def two_halves(bytes_each: float, work_each: float) -> Instance:
    """All work is in the first layer, all bytes are in the second: one after the other takes twice as long as both."""
    model = Model("m", (Layer(0.0, work_each), Layer(bytes_each, 0.0)))
    return Instance("halves", Downlink(8.0), (model,), (User("u", ("m",), FlatChannel(1.0), 100.0, 1.0),))


def test_the_factor_two_is_reached():
    instance = two_halves(5.0, 5.0)
    assert clock.run(instance, (Served("u", "m", 8.0, 1.0),)).end_s.tolist() == [5.0]
    needed = download_first.METHOD.need(instance)
    assert needed.rate_bps.tolist() == [40 / (100 - 5)]


def pair(**changes: object) -> Instance:
    """Two users with deadline 5 at speed 1; the small model needs 4 bit/s, the large one 2: its layers come late."""
    models = (Model("small", (Layer(1, 3), Layer(0, 0))), Model("large", (Layer(0, 1), Layer(1.25, 0))))
    users = tuple(User(f"u{k}", ("small", "large"), FlatChannel(1.0), 5.0, 1.0) for k in range(2))
    return Instance("pair", Downlink(4.0), models, tuple(dataclasses.replace(user, **changes) for user in users))


def test_the_smallest_model_is_not_the_one_of_least_bandwidth():
    assert [one.model for one in admission.run(pair(), Limits()).plan] == ["large", "large"]
    assert [one.model for one in smallest_model.run(pair(), Limits()).plan] == ["small"]
    short = smallest_model.run(pair(deadline_s=2.5), Limits()).plan  # Too short for the work of the small one.
    assert [one.model for one in short] == ["large"]


def test_full_speed_serves_nobody_whose_energy_it_exceeds():
    frugal = pair(max_flop_per_s=2.0, energy_budget_j=1.0, energy_coefficient=1.0)
    assert len(admission.run(frugal, Limits()).plan) == 2
    assert full_speed.run(frugal, Limits()).plan == ()
    able = full_speed.run(pair(max_flop_per_s=2.0, energy_budget_j=4.0, energy_coefficient=1.0), Limits()).plan
    assert [(one.model, one.flop_per_s) for one in able] == [("large", 2.0)] * 2


def test_equal_bandwidth_splits_the_band_among_those_served():
    users = [User(f"u{k}", ("m",), FlatChannel(1.0), 8.0 / least, 1.0) for k, least in enumerate((1, 2, 3, 6, 7))]
    instance = Instance("shares", Downlink(12.0), (Model("m", (Layer(1, 0),)),), tuple(users))
    plan = equal_bandwidth.run(instance, Limits()).plan
    assert {one.user: one.bandwidth_hz for one in plan} == {"u0": 4.0, "u1": 4.0, "u2": 4.0}
    assert value(instance, plan) == 3
    assert len(admission.run(instance, Limits()).plan) == 4


def test_random_admission_goes_by_its_seed():
    users = tuple(User(f"u{k}", ("m",), FlatChannel(1.0), 8.0, 1.0) for k in range(50))
    instance = Instance("alike", Downlink(10.0), (Model("m", (Layer(1, 0),)),), users)
    drawn = [random_admission.run(instance, Limits(seed=seed)).plan for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert [len(plan) for plan in drawn] == [10] * 3
