"""Which constraints bind at the point of a plan: at an optimum none is broken, and a late plan breaks its deadline."""

from __future__ import annotations

import dataclasses
import math

import pyomo.environ as pyo
import pytest

import partload
from partload.formulations import FORMULATIONS
from partload.formulations.explain.explanation import built
from partload.formulations.explain.tightness import Tightness, tightness
from partload.formulations.registry import Placing
from partload.instances.errors import InputError
from partload.instances.partial_loading.plan import Slot
from partload.instances.problems import problem_of
from partload.instances.records import AnyInstance, Plan
from partload.solvers.completion import complete

INSTANCES = (
    "three-models",
    "full-batch",
    "visits-any",
    "tool-switching",
    "static-band",
    "slide-weights",
    "slide-energy",
    "slide-layer-speeds",
    "slide-power-ceiling",
    "slide-tiny-integer",
)
BY_DEFAULT = ("three-models", "slide-energy")
PAIRS = [
    pytest.param(name, formulation.name, marks=[] if name in BY_DEFAULT else [pytest.mark.long])
    for name in INSTANCES
    for formulation in FORMULATIONS
    if formulation.problem == problem_of(partload.read(name)).name
    and formulation.name not in ("joint", "set-union")
    and not formulation.unsupported(partload.read(name))
]


def at(instance: AnyInstance, formulation: str, plan: Plan) -> tuple[dict[str, Tightness], float]:
    """How the constraints stand at a plan, and the objective of its point, in weights."""
    model = built(next(one for one in FORMULATIONS if one.name == formulation), instance)
    assert isinstance(model, Placing)
    model.place(plan)
    complete(model.model)
    (objective,) = model.model.component_data_objects(pyo.Objective)
    return tightness(model.model), pyo.value(objective) * model.weight_unit.size


@pytest.mark.parametrize(("name", "formulation"), PAIRS)
def test_an_optimum_breaks_nothing_and_has_its_weight(name: str, formulation: str):
    instance = partload.read(name)
    solution = partload.solve(instance, time_limit=20)
    found, weight = at(instance, formulation, solution.plan())
    assert {one: how for one, how in found.items() if how.kind == "broken"} == {}
    assert weight == pytest.approx(solution.objective)
    for how in found.values():
        assert (how.kind == "binds") == (how.binding > 0)
        assert 0 <= how.binding <= how.members
        assert how.slack >= -1e-6


def test_a_plan_that_ends_at_the_deadline_makes_it_bind_and_a_longer_deadline_does_not():
    instance = partload.read("three-models")
    plan = partload.solve(instance).plan()
    end = partload.check_plan(instance, plan).times.end_s[-1]
    assert end == max(request.deadline_s for request in instance.requests)
    assert at(instance, "sequence", plan)[0]["in_time"].kind == "binds"
    later = instance.replace(
        requests=tuple(dataclasses.replace(one, deadline_s=one.deadline_s * 1.25) for one in instance.requests)
    )
    how = at(later, "sequence", plan)[0]["in_time"]
    assert (how.kind, how.binding) == ("loose", 0)
    assert how.slack == pytest.approx(20, rel=1e-6)  # A fifth of the hundred units of the horizon.


@pytest.mark.parametrize("formulation", ["sequence", "slot"])
def test_a_late_plan_breaks_the_deadline_by_as_much_as_it_is_late(formulation: str):
    instance = partload.read("three-models")
    plan = partload.solve(instance).plan()
    report = partload.check_plan(instance, plan)
    shorter = instance.replace(
        requests=tuple(dataclasses.replace(one, deadline_s=one.deadline_s * 0.98) for one in instance.requests)
    )
    (late,) = {violation.amount for violation in partload.check_plan(shorter, plan).violations}
    how = at(shorter, formulation, plan)[0]["in_time"]
    unit = report.times.end_s[-1] * 0.98 / 100
    assert how.kind == "broken"
    assert how.slack == pytest.approx(-late / unit, rel=1e-4)


def test_a_band_that_is_used_up_binds():
    instance = partload.read("slide-weights")
    plan = partload.solve(instance).plan()
    used = math.fsum(served.bandwidth_hz for served in plan)
    assert used == pytest.approx(instance.downlink.bandwidth_hz)
    assert at(instance, "provisioning", plan)[0]["band"].kind == "binds"
    wider = instance.replace(bandwidth_hz=1.01 * used)
    assert at(wider, "provisioning", plan)[0]["band"].kind == "loose"
    assert at(wider, "recursion", plan)[0]["band"].slack == pytest.approx(0.01 / 1.01, rel=1e-4)


@pytest.mark.parametrize("formulation", ["sequence", "slot"])
def test_a_request_that_is_late_even_alone_has_no_variable(formulation: str):
    instance = partload.read("three-models")
    plan = partload.solve(instance).plan()
    slow = instance.replace(bandwidth_hz=instance.server.bandwidth_hz * 1e-6)
    model = built(next(one for one in FORMULATIONS if one.name == formulation), slow)
    assert isinstance(model, Placing)
    with pytest.raises(InputError, match="not in time even when served alone"):
        model.place(plan)


@pytest.mark.parametrize("formulation", ["sequence", "slot"])
def test_a_model_of_which_nobody_can_be_served_has_no_variable(formulation: str):
    base = partload.read("three-models")
    never = tuple(dataclasses.replace(one, input_bits=1e6) if one.model == "C" else one for one in base.requests)
    instance = base.replace(requests=never)
    model = built(next(one for one in FORMULATIONS if one.name == formulation), instance)
    assert isinstance(model, Placing)
    with pytest.raises(InputError, match=r"has no variable for C\.1, C\.2: not in time even when served alone"):
        model.place((Slot("C", ("C.1",)), Slot("C", ("C.2",))))
    with pytest.raises(InputError, match="has no variable for model 'C': none of its requests can be served"):
        model.place((Slot("C", ("A.1",)), Slot("C", ("A.2",))))


def test_a_request_in_the_slot_of_another_model_breaks_its_constraint_or_has_no_variable():
    instance = partload.read("hidden-backbone")
    first, second, *rest = partload.solve(instance).plan()
    moved = dataclasses.replace(second, requests=(*second.requests, *first.requests))
    plan = (dataclasses.replace(first, requests=()), moved, *rest)
    assert at(instance, "slot", plan[1:])[0]["by_its_model"].broken == 1
    with pytest.raises(InputError, match=f"serves {first.requests[0]!r} by the model it asks for"):
        at(instance, "sequence", plan[1:])


def test_a_user_without_bandwidth_on_a_power_limited_channel_breaks_the_arrivals():
    instance = partload.read("slide-power-ceiling")
    first, *rest = partload.solve(instance).plan()
    found, _ = at(instance, "recursion", (dataclasses.replace(first, bandwidth_hz=0.0), *rest))
    assert partload.check_plan(instance, (dataclasses.replace(first, bandwidth_hz=0.0), *rest)).violations
    assert [name for name, how in found.items() if how.kind == "broken"] == ["arrives", "in_time"]


def test_a_second_visit_has_no_arc():
    instance = partload.read("visits-once")
    first, *_, last = partload.solve(instance, "greedy-sharing").plan()
    model = built(next(one for one in FORMULATIONS if one.name == "sequence"), instance)
    assert isinstance(model, Placing)
    with pytest.raises(InputError, match=f"the plan visits {first.model!r} again"):
        model.place((first, last, first))
