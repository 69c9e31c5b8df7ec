"""Variations of SLIDE change what they name and nothing else; merged layers keep their bytes and their work."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partload.instances.errors import InputError
from partload.instances.partial_loading.instance import Instance as Other
from partload.instances.partial_loading.instance import Server
from partload.instances.slide import clock
from partload.instances.slide.instance import Downlink, Instance, Layer, Model
from partload.instances.slide.plan import Served
from partload.instances.slide.transform import merge_parts
from partload.instances.slide.variations import PARAMETERS
from partload.instances.variations import Sweep, read_sweep, varied
from tests.support.random_slide import random_slide, slides

CHANGED = {"bandwidth": "downlink", "parts": "models"}
"""The field of the instance that a parameter changes; the users for all others."""
BUDGETED = next(
    i for i in map(random_slide, range(99)) if {u.energy_budget_j is None for u in i.users} == {True, False}
)


def with_layers(count: int) -> Instance:
    model = Model("m", tuple(Layer(float(n), float(n * n), f"l{n}") for n in range(1, count + 1)), 0.5)
    return Instance("layers", Downlink(1), (model,), ())


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_nothing_else_changes(parameter):
    after = varied(BUDGETED, parameter, 2.0)
    changed = {f.name for f in dataclasses.fields(Instance) if getattr(BUDGETED, f.name) != getattr(after, f.name)}
    assert changed <= {"name", CHANGED.get(parameter, "users")}
    assert after.name == f"{BUDGETED.name} {parameter}=2"


def test_values_arrive():
    assert varied(BUDGETED, "bandwidth", 0.125).downlink.bandwidth_hz == 0.125
    assert varied(BUDGETED, "users", 1).users == BUDGETED.users[:1]
    assert max(user.deadline_s for user in varied(BUDGETED, "deadline", 3.5).users) == 3.5
    for user, faster in zip(BUDGETED.users, varied(BUDGETED, "device-speed", 3).users):
        assert faster == dataclasses.replace(
            user, max_flop_per_s=3 * user.max_flop_per_s, min_flop_per_s=3 * user.min_flop_per_s
        )
    for user, richer in zip(BUDGETED.users, varied(BUDGETED, "energy-budget", 3).users):
        budget = None if user.energy_budget_j is None else 3 * user.energy_budget_j
        assert richer == dataclasses.replace(user, energy_budget_j=budget)


@pytest.mark.parametrize(
    ("parameter", "value", "message"),
    [
        ("requests", 1.0, "sweep: expected one of bandwidth, deadline, users"),
        (
            "user",
            1.0,
            "sweep: expected one of bandwidth, deadline, users, device-speed, energy-budget, parts, got 'user', ",
        ),
        ("parts", 0.0, "parts: expected a number at least 1, got 0"),
        ("parts", 1.5, "parts: expected a whole number, got 1.5"),
        ("users", 99.0, f"users: expected at most {len(BUDGETED.users)}, all that '{BUDGETED.name}' has, got 99"),
        ("device-speed", 0.0, "device-speed: expected a number above 0, got 0"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(parameter, value, message):
    with pytest.raises(InputError) as caught:
        varied(BUDGETED, parameter, value)
    assert str(caught.value).startswith(message)


def test_budgets_have_to_be_there_to_be_varied():
    with pytest.raises(InputError, match="energy-budget: expected an instance with energy budgets, 'layers' has none"):
        varied(with_layers(2), "energy-budget", 2.0)


def test_sweeps_are_of_both_problems():
    assert read_sweep("parts=1,2,4") == Sweep("parts", (1.0, 2.0, 4.0))
    assert read_sweep("users=3:6:9") == Sweep("users", (3.0, 4.0, 5.0, 6.0))
    with pytest.raises(InputError, match="sweep: expected one of bandwidth, load-rate"):
        varied(Other("o", Server(1, 1), (), (), ()), "parts", 1.0)


@pytest.mark.parametrize(
    ("layers", "parts", "sizes"),
    [
        (5, 1, [15]),
        (5, 2, [6, 9]),
        (5, 3, [3, 7, 5]),
        (5, 4, [3, 3, 4, 5]),
        (6, 3, [3, 7, 11]),
        (5, 5, [1, 2, 3, 4, 5]),
        (5, 9, [1, 2, 3, 4, 5]),
    ],
)
def test_layers_are_merged_by_hand(layers, parts, sizes):
    instance = with_layers(layers)
    (model,) = merge_parts(instance, parts).models
    assert [layer.size_bytes for layer in model.layers] == sizes
    assert sum(layer.work_flop for layer in model.layers) == sum(n * n for n in range(1, layers + 1))
    assert model.accuracy == 0.5
    if parts >= layers:
        assert model == instance.models[0]


@given(st.integers(1, 40), st.integers(1, 40))
def test_parts_are_as_equal_as_can_be(layers, parts):
    (model,) = merge_parts(with_layers(layers), parts).models
    assert len(model.layers) == min(layers, parts)
    own = Instance("ones", Downlink(1), (Model("m", (Layer(1, 0),) * layers),), ())
    counts = [layer.size_bytes for layer in merge_parts(own, parts).models[0].layers]
    assert max(counts) - min(counts) <= 1


@given(slides(), st.integers(1, 4), st.integers(1, 3))
def test_more_parts_never_end_later(instance, parts, times):
    plan = tuple(
        Served(user.id, user.models[0], instance.downlink.bandwidth_hz, user.max_flop_per_s) for user in instance.users
    )
    fewer = clock.run(merge_parts(instance, parts), plan).end_s
    more = clock.run(merge_parts(instance, parts * times), plan).end_s
    assert (more <= fewer * (1 + 1e-12)).all()


def test_one_part_is_the_conventional_scheme():
    for seed in range(50):
        instance = random_slide(seed)
        merged = merge_parts(instance, 1)
        plan = tuple(Served(u.id, u.models[0], instance.downlink.bandwidth_hz, u.max_flop_per_s) for u in merged.users)
        times = clock.run(instance, plan)
        for n, served in enumerate(plan):
            model = instance.models[instance.model_index[served.model]]
            late = times.download_end_s[n][-1] + model.work_flop / served.flop_per_s
            assert clock.run(merged, plan).end_s[n] == pytest.approx(late, rel=1e-12)
