"""A feature that nobody has heard of is refused by name, by every method and formulation, the clock and the checker."""

from __future__ import annotations

import copy
import dataclasses
from typing import get_args

import pytest

from partload.formulations import FORMULATIONS
from partload.instances.channels import CHANNELS
from partload.instances.errors import InputError
from partload.instances.features import Feature, described, unsupported
from partload.instances.library import load
from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.horizon import horizon_s
from partload.instances.partial_loading.instance import Residency, Uplink, Visits
from partload.instances.partial_loading.plan import Slot
from partload.instances.partial_loading.residency import RESIDENCIES
from partload.instances.partial_loading.uplink import UPLINKS
from partload.instances.partial_loading.visits import VISITS
from partload.instances.problems import PROBLEMS, problem_of
from partload.instances.slide.checker import check_plan as check_slide_plan
from partload.instances.slide.frequency import FREQUENCIES, least_bandwidths
from partload.instances.slide.instance import Frequency
from partload.instances.slide.provisioning import plan_of
from partload.solvers import upper_bound
from partload.solvers.methods import METHODS
from partload.solvers.registry import Limits

SERVER = (("residency", "swapped"), ("visits", "twice"), ("uplink", "tdma"))


def with_server(axis: str, value: str):
    """The smallest instance with a made-up rule, which no reader of files would let in."""
    made = copy.copy(load("three-models"))
    server = copy.copy(made.server)
    object.__setattr__(server, axis, value)
    object.__setattr__(made, "server", server)
    return made


def with_channel(name: str, field: str):
    """An instance of either problem with a channel of a made-up kind."""
    made = copy.copy(load(name))
    first, *others = getattr(made, field)
    channel, first = copy.copy(first.channel), copy.copy(first)
    object.__setattr__(channel, "kind", "optical")
    object.__setattr__(first, "channel", channel)
    object.__setattr__(made, field, (first, *others))
    return made


def with_frequency():
    made = copy.copy(load("slide-energy"))
    object.__setattr__(made, "frequency", "per-block")
    return made


MADE_UP = [
    *((with_server(axis, value), f"{axis} {value!r}") for axis, value in SERVER),
    (with_channel("three-models", "requests"), "channel 'optical'"),
    (with_channel("slide-energy", "users"), "channel 'optical'"),
    (with_frequency(), "frequency 'per-block'"),
]
every = pytest.mark.parametrize(("instance", "name"), MADE_UP, ids=[name for _, name in MADE_UP])


@every
def test_no_method_supports_it(instance, name):
    mine = [method for method in METHODS if method.problem == problem_of(instance).name]
    assert len(mine) > 5
    for method in mine:
        assert name in method.unsupported(instance, Limits()), method.name


@every
def test_no_formulation_supports_it(instance, name):
    mine = [formulation for formulation in FORMULATIONS if formulation.problem == problem_of(instance).name]
    assert len(mine) > 1
    for formulation in mine:
        assert name in formulation.unsupported(instance), formulation.name


@pytest.mark.parametrize(("axis", "value"), SERVER)
def test_the_clock_and_the_checker_refuse_it(axis, value):
    instance = with_server(axis, value)
    request = instance.requests[0]
    with pytest.raises(InputError, match=f"expected {axis} .*, got {value!r}"):
        check_plan(instance, (Slot(request.model, (request.id,)),))


def test_horizon_and_bound_refuse_an_uplink_that_nobody_knows():
    for refusing in (horizon_s, upper_bound):
        with pytest.raises(InputError, match=r"expected uplink .*, got 'tdma'"):
            refusing(with_server("uplink", "tdma"))


@pytest.mark.parametrize(("allowed", "table"), [(Residency, RESIDENCIES), (Visits, VISITS), (Uplink, UPLINKS)])
def test_the_tables_have_what_files_may_say(allowed, table):
    assert get_args(allowed) == tuple(table)


def test_the_table_of_channels_has_their_kinds():
    assert {name: kind.__dataclass_fields__["kind"].default for name, kind in CHANNELS.items()} == dict(
        zip(CHANNELS, CHANNELS)
    )


def test_every_shipped_feature_is_known_and_supported_by_some_exact_method():
    for problem in PROBLEMS:
        for axis, values in problem.known_features.items():
            for value in values:
                feature = Feature(axis, value)
                assert any(
                    method.supports is not None and not unsupported([feature], method.supports)
                    for method in METHODS
                    if method.problem == problem.name
                )


def test_listings_say_what_is_limited_and_nothing_else():
    known = {"uplink": ("slotted", "static"), "visits": ("once", "any")}
    assert described(known, known) == "everything"
    assert described({"uplink": ("slotted",), "visits": ("once", "any")}, known) == "uplink slotted"
    assert described({"uplink": ("slotted",)}, known) == "uplink slotted; visits -"
    assert {method.covers for method in METHODS if method.name == "milp"} == {
        "uplink slotted, pipelined; channel flat",
        "everything",
    }


def test_what_an_instance_asks_for_follows_from_it():
    instance = load("three-models")
    asked = dict(problem_of(instance).features(instance))
    assert asked == {
        "residency": "previous",
        "visits": "once",
        "uplink": "slotted",
        "channel": "flat",
        "deadlines": "common",
        "weights": "equal",
        "arrivals": "none",
    }
    first, *others = instance.requests
    changed = instance.replace(requests=(dataclasses.replace(first, weight=2.0, deadline_s=1.0), *others))
    asked = dict(problem_of(changed).features(changed))
    assert (asked["deadlines"], asked["weights"]) == ("different", "different")


def test_every_frequency_rule_that_a_file_may_have_is_in_the_table():
    assert tuple(FREQUENCIES) == get_args(Frequency)


@pytest.mark.parametrize(
    "ask",
    [
        lambda instance: check_slide_plan(instance, ()),
        least_bandwidths,
        lambda instance: plan_of(instance, [(instance.users[0].id, instance.models[0].id)]),
    ],
    ids=["checker", "least bandwidths", "plan of a provisioning"],
)
def test_a_made_up_frequency_rule_is_refused_by_name(ask):
    with pytest.raises(InputError, match="expected frequency per-device, per-layer, got 'per-block'"):
        ask(with_frequency())
