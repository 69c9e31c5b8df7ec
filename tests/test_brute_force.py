"""The oracle itself: against every plan there is, against rules written apart from it, and against the checker."""

from random import Random

import pytest

from instances.channels import FlatChannel
from instances.partial_loading.checker import check_plan
from instances.partial_loading.instance import Block, Instance, Model, Request, Server
from tests.brute_force import every_plan, optimum
from tests.own_rules import broken_by_plan, served_weight
from tests.random_instances import FEATURES, features, make, random_instance


def tiny(seed: int) -> Instance:
    """At most 3 requests: few enough plans to look at each."""
    return make(Random(seed), features(seed), f"tiny-{seed}", most_requests=3)


@pytest.mark.parametrize("seed", range(2 * len(FEATURES)))
def test_no_plan_at_all_is_better(seed):
    instance = tiny(seed)
    best = max(served_weight(instance, plan) for plan in every_plan(instance) if not broken_by_plan(instance, plan))
    assert optimum(instance)[0] == pytest.approx(float(best), rel=1e-12)


@pytest.mark.parametrize("seed", range(2 * len(FEATURES)))
def test_its_plan_keeps_every_rule_and_is_worth_the_optimum(seed):
    instance = random_instance(seed)
    value, plan = optimum(instance)
    assert not broken_by_plan(instance, plan)
    report = check_plan(instance, plan)
    assert report.violations == ()
    assert report.objective == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("seed", [seed for seed in range(150) if features(seed).residency == "cached"])
def test_resident_sets_inside_others_never_help(seed):
    instance = make(Random(seed), features(seed), "sets", most_requests=4)
    assert optimum(instance)[0] == optimum(instance, every_set=True)[0]


def test_once_and_any_differ_where_a_second_visit_carries_blocks_for_nothing():
    """The example of fact 9."""
    blocks = tuple(Block(name, size) for name, size in {"P": 3.0, "Q": 3.0, "X": 1.0, "Y": 1.0}.items())
    models = tuple(Model(name, tuple(of), 0.0, 0.0) for name, of in {"m": "PQ", "x": "PX", "y": "QY"}.items())
    asked = (("m", 7.0), ("m", 7.0), ("x", 0.0), ("y", 0.0))
    requests = tuple(Request(f"r{k}", m, a, FlatChannel(1.0), 16.0) for k, (m, a) in enumerate(asked))
    once = Instance("fact 9", Server(1.0, 1.0), blocks, models, requests)
    assert optimum(once)[0] == 3
    value, plan = optimum(once.replace(visits="any"))
    assert value == 4
    assert [slot.model for slot in plan] in (["m", "x", "m", "y"], ["m", "y", "m", "x"])


@pytest.mark.parametrize("seed", range(len(FEATURES)))
def test_relaxations_are_ordered(seed):
    """Fact 8."""
    instance = random_instance(seed)
    value = {
        (residency, visits, uplink): optimum(instance.replace(residency=residency, visits=visits, uplink=uplink))[0]
        for residency in ("previous", "cached")
        for visits in ("once", "any")
        for uplink in ("slotted", "pipelined")
    }
    for residency, visits, uplink in value:
        here = value[residency, visits, uplink]
        assert here <= value["cached", visits, uplink]
        assert here <= value[residency, "any", uplink]
        assert here <= value[residency, visits, "pipelined"]
