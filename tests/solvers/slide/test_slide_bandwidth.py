"""Convex problems of SLIDE: optimality conditions, the closed forms, prices against differences, the goals."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from partload.formulations.goals import GOALS
from partload.instances.channels import FlatChannel, PowerLimitedChannel, rate
from partload.instances.errors import InputError
from partload.instances.slide import clock
from partload.instances.slide.checker import check_plan
from partload.instances.slide.instance import Downlink, Instance, Layer, Model, User
from partload.instances.slide.plan import Plan, Served
from partload.instances.slide.provisioning import pair_requirements, plan_of
from partload.solvers.slide.bandwidth.leftover import use_left_over
from partload.solvers.slide.bandwidth.rederivation import rederived
from tests.support.brute_force_slide import optimum
from tests.support.random_slide import Frequency, random_slide

FREQUENCIES: tuple[Frequency, ...] = ("per-device", "per-layer")
LAYERS = (Layer(1e6, 2e9), Layer(2e6, 4e9), Layer(5e5, 3e9))
STEP = 1e-5


def served(instance: Instance) -> Plan:
    return plan_of(instance, [(user.id, user.models[0]) for user in instance.users])


def few_users(frequency: Frequency = "per-device", band_hz: float = 2e7, **changes) -> Instance:
    """Three users of one model: on a flat and on power-limited channels, with and without a budget that binds."""
    energy = {"energy_budget_j": 1.5, "energy_coefficient": 1e-29}
    limits = {"deadline_s": 3.0, "max_flop_per_s": 1e10}
    users = (
        User("flat", ("m",), FlatChannel(3.0), **limits | energy, weight=2.0),
        User("near", ("m",), PowerLimitedChannel(3e8), **limits | {"min_flop_per_s": 1e9} | energy),
        User("far", ("m",), PowerLimitedChannel(2e7), **limits),
    )
    users = tuple(dataclasses.replace(user, **changes.get(user.id, {})) for user in users)
    return Instance("few", Downlink(band_hz), (Model("m", LAYERS),), users, frequency)


def value(instance: Instance, plan: Plan, goal: str) -> float:
    """What a goal is about, of those who have bits."""
    users = [instance.users[instance.user_index[one.user]] for one in plan]
    rows = np.array([instance.user_index[one.user] for one in plan], dtype=np.int64)
    rates = rate(instance.arrays.channel[rows], np.array([one.bandwidth_hz for one in plan]))
    sending = rates > 0
    latency = clock.run(instance, plan).end_s * np.array([user.weight for user in users])
    return {
        "weighted": float(latency[sending].sum()),
        "proportional": float(np.log(rates[sending]).sum()) if sending.any() else 0.0,
        "max-min": float(rates[sending].min()) if sending.any() else 0.0,
    }[goal]


@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_least_bandwidths_are_those_of_the_closed_forms(frequency):
    count = 0
    for seed in range(24):
        instance = random_slide(seed, (frequency,))
        plan = optimum(instance)[1]
        for derived in rederived(instance, plan, clock.run(instance, plan)):
            assert derived.difference <= 1e-6
            assert derived.kkt <= 1e-6
            count += 1
    assert count > 40


@pytest.mark.parametrize("frequency", FREQUENCIES)
@pytest.mark.parametrize("name", ["flat", "near", "far"])
def test_prices_of_the_least_bandwidth_are_its_differences(frequency, name):
    """A second more and a joule more, one after the other: what the closed form then needs less."""
    instance = few_users(frequency)
    user = instance.users[instance.user_index[name]]
    plan = served(instance)
    found = rederived(instance, plan, clock.run(instance, plan))[instance.user_index[name]]

    def least(**change: float) -> float:
        return float(pair_requirements(few_users(frequency, **{name: change}), [(name, "m")]).bandwidth_hz[0])

    def price(field: str) -> float:
        at = getattr(user, field)
        more, less = least(**{field: at * (1 + STEP)}), least(**{field: at * (1 - STEP)})
        return (less - more) / (2 * STEP * at)

    assert found.price_hz_per_s == pytest.approx(price("deadline_s"), rel=1e-4)
    assert found.price_hz_per_s > 0
    if user.energy_budget_j is not None:
        assert found.price_hz_per_j == pytest.approx(price("energy_budget_j"), rel=1e-4)
        assert found.price_hz_per_j > 0
    else:
        assert found.price_hz_per_j == 0


@pytest.mark.parametrize("frequency", FREQUENCIES)
@pytest.mark.parametrize("goal", GOALS)
def test_the_price_of_a_hertz_is_the_difference_that_it_makes(goal, frequency):
    instance = few_users(frequency)
    band = instance.downlink.bandwidth_hz
    plan = served(instance)
    values = [
        value(wider, use_left_over(wider, plan, goal).plan, goal)
        for wider in (
            instance.replace(bandwidth_hz=band * (1 - STEP)),
            instance.replace(bandwidth_hz=band * (1 + STEP)),
        )
    ]
    difference = (values[1] - values[0]) / (2 * STEP * band) * (-1 if goal == "weighted" else 1)
    assert use_left_over(instance, plan, goal).band_price == pytest.approx(difference, rel=2e-3)


@pytest.mark.parametrize("frequency", FREQUENCIES)
@pytest.mark.parametrize("goal", GOALS)
def test_plans_stay_feasible_and_no_other_goal_does_better(goal, frequency):
    better = 0
    for seed in range(24):
        tight = random_slide(seed, (frequency,))
        plan = optimum(tight)[1]
        instance = tight.replace(bandwidth_hz=2 * tight.downlink.bandwidth_hz)
        found = use_left_over(instance, plan, goal)
        assert check_plan(instance, found.plan).feasible
        assert [(one.user, one.model) for one in found.plan] == [(one.user, one.model) for one in plan]
        assert found.kkt.worst <= 1e-6
        assert found.own_part <= 1e-6
        sign = -1 if goal == "weighted" else 1
        reached = sign * value(instance, found.plan, goal)
        others = [use_left_over(instance, plan, other).plan for other in GOALS if other != goal]
        for other in (served_on_least(instance, plan), *others):
            assert sign * value(instance, other, goal) <= reached + 1e-6 * abs(reached) + 1e-12
        better += reached > sign * value(instance, plan, goal) + 1e-3 * abs(reached)
    assert better > 10


def served_on_least(instance: Instance, plan: Plan) -> Plan:
    return plan_of(instance, [(one.user, one.model) for one in plan])


def test_goals_by_hand():
    """Whole models, nothing to compute, far deadlines: the closed forms of the goals on flat channels."""
    sizes, efficiencies, weights, band = (1e6, 4e6, 2e6), (1.0, 2.0, 4.0), (1.0, 2.0, 3.0), 1e7
    models = tuple(Model(f"m{n}", (Layer(size, 0.0),)) for n, size in enumerate(sizes))
    users = tuple(
        User(f"u{n}", (f"m{n}",), FlatChannel(eta), 1e3, max_flop_per_s=1e9, weight=weight)
        for n, (eta, weight) in enumerate(zip(efficiencies, weights))
    )
    instance = Instance("by hand", Downlink(band), models, users)
    eta = np.array(efficiencies)
    wanted = {
        "weighted": np.sqrt(np.array(weights) * 8 * np.array(sizes) / eta),
        "proportional": np.ones(3),
        "max-min": 1 / eta,
    }
    for goal in GOALS:
        found = use_left_over(instance, served(instance), goal)
        assert found.bandwidth_hz == pytest.approx(band * wanted[goal] / wanted[goal].sum(), rel=1e-7)


def test_max_min_fills_up_after_those_who_need_more():
    """u0 needs 6 of 9 Hz for its deadline; the others share the 3 that are left, and u0 has no more than it needs."""
    models = (Model("m", (Layer(3.0, 0.0),)),)
    users = tuple(User(f"u{n}", ("m",), FlatChannel(1.0), 4.0 if n == 0 else 100.0, 1.0) for n in range(3))
    instance = Instance("needs more", Downlink(9.0), models, users)
    assert use_left_over(instance, served(instance), "max-min").bandwidth_hz == pytest.approx([6, 1.5, 1.5])


@pytest.mark.parametrize("goal", GOALS)
def test_a_band_that_is_full_is_left_as_it_is(goal):
    tight = few_users()
    instance = tight.replace(
        bandwidth_hz=float(pair_requirements(tight, [(u.id, "m") for u in tight.users]).bandwidth_hz.sum())
    )
    found = use_left_over(instance, served(instance), goal)
    assert found.plan == served(instance)
    assert np.isnan(found.band_price)


def test_users_without_bits_have_no_bandwidth():
    models = (Model("empty", (Layer(0.0, 1e9),)), Model("full", (Layer(1e6, 1e9),)))
    users = tuple(User(name, (name,), FlatChannel(1.0), 4.0, max_flop_per_s=1e9) for name in ("empty", "full"))
    instance = Instance("without bits", Downlink(1e7), models, users)
    for goal in GOALS:
        assert use_left_over(instance, served(instance), goal).bandwidth_hz == pytest.approx([0, 1e7])
    first, second = rederived(instance, served(instance), clock.run(instance, served(instance)))
    assert (first.closed, first.convex, first.difference) == (0, 0, 0)
    assert second.closed == pytest.approx(8e6 / 3)


def test_an_infeasible_plan_is_refused():
    instance = few_users()
    with pytest.raises(InputError, match="expected a feasible plan, deadline"):
        use_left_over(instance, (Served("far", "m", 1.0, 1e10),), "weighted")
