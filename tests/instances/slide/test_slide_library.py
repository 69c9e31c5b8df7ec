"""The shipped instances of SLIDE: what they are, what their descriptions promise, which features occur."""

import dataclasses
from pathlib import Path

import pytest

from docs.extensions.reference_pages.library import page as library_page
from partload.instances import files, library, serialisation
from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.library import recipes
from partload.instances.slide.checker import check_plan
from partload.instances.slide.generators import FAMILIES
from partload.instances.slide.instance import Instance
from partload.instances.slide.plan import Served
from partload.instances.slide.transform import merge_parts
from tests.support.brute_force_slide import least_bandwidth, optimum

NAMES = library.names("slide")


def changed_users(instance, **changes):
    return instance.replace(users=tuple(dataclasses.replace(user, **changes) for user in instance.users))


def weight(name, change=lambda instance: instance):
    return optimum(change(library.load(name)))[0]


@pytest.mark.parametrize("name", NAMES)
def test_file_reads_round_trips_and_says_what_it_is(name):
    instance = library.load(name)
    assert isinstance(instance, Instance)
    assert files.parse(serialisation.render(instance)) == instance
    assert instance.name == name
    assert len(instance.description) > 40
    assert instance.provenance["date"] == "2026-11-21"
    assert "made" in instance.provenance or "generator" in instance.provenance


def test_library_covers_sizes_and_features():
    instances = [library.load(name) for name in NAMES]
    users = [user for instance in instances for user in instance.users]
    assert 8 <= len(instances) <= 12
    assert {instance.frequency for instance in instances} == {"per-device", "per-layer"}
    assert {type(user.channel) for user in users} == {FlatChannel, PowerLimitedChannel}
    assert any(user.energy_budget_j for user in users)
    assert any(user.min_accuracy for user in users)
    assert any(user.min_flop_per_s for user in users)
    assert any(len(set(instance.arrays.deadline_s)) > 10 for instance in instances)
    assert any(len(set(instance.arrays.weight)) > 1 for instance in instances)
    assert {recipes.GENERATED[name].family for name in NAMES if name in recipes.GENERATED} == set(FAMILIES)
    sizes = [len(instance.users) for instance in instances]
    assert sum(size <= 6 for size in sizes) >= 7
    assert max(sizes) >= 200


@pytest.mark.parametrize(
    ("name", "served"),
    [
        ("slide-overlap", 3),
        ("slide-decimal-tie", 2),
        ("slide-power-ceiling", 2),
        ("slide-energy", 1),
        ("slide-accuracy", 2),
        ("slide-weights", 10),
        ("slide-layer-speeds", 2),
        ("slide-tiny-integer", 14),
        ("slide-tiny-power", 4),
    ],
)
def test_descriptions_tell_the_optimum(name, served):
    assert weight(name) == served


def test_descriptions_tell_what_a_change_costs_or_brings():
    assert weight("slide-overlap", lambda instance: merge_parts(instance, 1)) == 1
    assert weight("slide-tiny-integer", lambda instance: merge_parts(instance, 1)) == 10
    assert weight("slide-tiny-power", lambda instance: merge_parts(instance, 1)) == 1
    assert weight("slide-tiny-power", lambda instance: instance.replace(frequency="per-device")) == 3
    assert weight("slide-layer-speeds", lambda instance: instance.replace(frequency="per-device")) == 1
    without = {"energy_budget_j": None, "energy_coefficient": None}
    assert weight("slide-energy", lambda instance: changed_users(instance, **without)) == 3
    assert weight("slide-accuracy", lambda instance: changed_users(instance, min_accuracy=None)) == 4
    assert sum(user.weight for user in library.load("slide-tiny-integer").users) == 23


def test_bandwidths_on_paper():
    wide = {"bandwidth_hz": 1e6}
    needs = {
        name: {
            user.id: min(
                (least_bandwidth(instance, user, m) for m in instance.models if m.id in instance.allowed(user)),
                default=float("inf"),
            )
            for user in instance.users
        }
        for name in NAMES
        if len((instance := library.load(name).replace(**wide)).users) <= 4
    }
    assert needs["slide-overlap"]["u1"] == pytest.approx(4 / 3, rel=1e-8)
    assert needs["slide-decimal-tie"] == pytest.approx({"tie": 1, "idle": 0, "never": float("inf")}, rel=1e-8)
    ceiling = needs["slide-power-ceiling"]
    assert (ceiling["near"], ceiling["middle"], ceiling["far"]) == pytest.approx((4, 8, float("inf")), rel=1e-8)
    assert 100 < ceiling["edge"] < 1000
    assert needs["slide-energy"] == pytest.approx({"a": 1, "b": 1, "fast": float("inf")}, rel=1e-8)
    assert needs["slide-accuracy"] == pytest.approx(
        {"any": 1, "good": 4, "also-good": 4, "best": float("inf")}, rel=1e-8
    )
    assert needs["slide-weights"] == pytest.approx({"a": 6, "b": 5, "c": 5, "d": 3}, rel=1e-8)
    assert needs["slide-layer-speeds"] == pytest.approx({"a": 0.5, "b": 0.5}, rel=1e-8)
    one_speed = library.load("slide-layer-speeds").replace(frequency="per-device")
    assert least_bandwidth(one_speed, one_speed.users[0], one_speed.models[0]) == pytest.approx(0.576, abs=5e-4)


def test_ties_on_paper_are_feasible_for_the_checker():
    """With the exact numbers of the descriptions, not with what a search found."""
    first = library.load("slide-overlap")
    assert check_plan(first, tuple(Served(f"u{k}", "m", 4 / 3, 1.0) for k in (1, 2, 3))).feasible
    decimal = library.load("slide-decimal-tie")
    assert check_plan(decimal, (Served("tie", "both", 1.0, 1.0), Served("idle", "work", 0.0, 1.0))).feasible
    speeds = library.load("slide-layer-speeds")
    assert check_plan(speeds, tuple(Served(name, "m", 0.5, (0.5, 1.0)) for name in "ab")).feasible
    power = library.load("slide-power-ceiling")
    assert check_plan(power, (Served("near", "m", 4.0, 1.0), Served("middle", "m", 8.0, 1.0))).feasible


def test_greedy_orders_are_wrong_with_weights():
    """By least bandwidth and by weight per hertz, as the description says."""
    instance = library.load("slide-weights")
    need = {user.id: least_bandwidth(instance, user, instance.models[k]) for k, user in enumerate(instance.users)}
    values = []
    for key in (lambda user: need[user.id], lambda user: -user.weight / need[user.id]):
        left, value = instance.downlink.bandwidth_hz * (1 + 1e-9), 0.0
        for user in sorted(instance.users, key=key):
            if need[user.id] <= left:
                left, value = left - need[user.id], value + user.weight
        values.append(value)
    assert values == [6, 8]


def test_documentation_lists_every_instance_and_family():
    page = (Path(__file__).parents[3] / "docs" / "reference" / "instances.md").read_text(encoding="utf-8")
    shipped = library_page()
    for name in NAMES:
        instance = library.load(name)
        assert f"| `{name}` | {len(instance.models)} | {len(instance.users)} |" in shipped
        assert instance.description, "what it is for"
    for family in FAMILIES:
        assert family in page


def test_known_values_of_small_instances_are_the_optimum():
    known = library.known()
    for name in NAMES:
        if name in known and len(library.load(name).users) <= 6:
            assert known[name].best == known[name].bound == weight(name)
