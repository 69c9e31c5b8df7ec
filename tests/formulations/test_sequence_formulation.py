"""The sequence formulation: it is exact, tells the time as the clock does, and refuses what it does not cover."""

from __future__ import annotations

import dataclasses
from random import Random

import pytest

from partload import solvers
from partload.formulations import FORMULATIONS, by_name
from partload.formulations.explain.explanation import sizes
from partload.formulations.partial_loading.sequence import formulation as sequence
from partload.formulations.partial_loading.sequence.network import network
from partload.formulations.partial_loading.slot import formulation as slot
from partload.formulations.partial_loading.slot.data import SlotData
from partload.formulations.registry import BuiltModel
from partload.instances.channels import FlatChannel
from partload.instances.library import load
from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.instances.partial_loading.plan import Slot
from partload.solvers.engines import highs
from partload.solvers.engines.matrix import matrix_form
from tests.support.brute_force import optimum
from tests.support.model_orders import most_served, random_general, tiny_general


def weighted(instance: Instance, seed: int) -> Instance:
    """The instance with small whole weights, every other seed."""
    draw = Random(f"weights {seed}")
    if seed % 2:
        return instance
    return instance.replace(
        requests=tuple(dataclasses.replace(k, weight=float(draw.randint(1, 5))) for k in instance.requests)
    )


def solved(built: BuiltModel, instance: Instance) -> tuple[float, float]:
    """The optimum of a model, as a weight, and the weight of its plan, which has to be feasible."""
    form = matrix_form(built.model)
    if not len(form.cost):
        return 0.0, 0.0
    outcome = highs.maximise(form)
    assert outcome.finished
    form.assign(outcome.values)
    report = check_plan(instance, built.extract())
    assert report.feasible, report.violations
    return outcome.bound * built.weight_unit.size, report.objective


@pytest.mark.parametrize("seeds", [range(first, first + 20) for first in range(7000, 7100, 20)], ids=str)
def test_the_optimum_is_that_of_the_brute_force(seeds):
    for seed in seeds:
        instance = weighted(tiny_general(seed), seed)
        best, _ = optimum(instance)
        bound, found = solved(sequence.build(instance), instance)
        assert (bound, found) == (pytest.approx(best, abs=1e-6), pytest.approx(best, abs=1e-9)), seed


@pytest.mark.parametrize("seed", range(12))
def test_the_optimum_is_that_of_all_orders_of_models(seed):
    instance = random_general(seed, models=6, requests=20)
    weight = instance.requests[0].weight
    assert solved(sequence.build(instance), instance)[1] == pytest.approx(most_served(instance) * weight)


@pytest.mark.parametrize("seed", range(10))
def test_the_exact_method_proves_it_with_this_formulation(seed):
    instance = weighted(tiny_general(7200 + seed), seed)
    solution = solvers.solve(instance, "milp", formulation="sequence")
    assert (solution.formulation, solution.status) == ("sequence", "optimal")
    assert solution.objective == pytest.approx(optimum(instance)[0])


def relaxation(built: BuiltModel) -> float:
    form = matrix_form(built.model)
    form.integer[:] = False
    return highs.maximise(form).bound * built.weight_unit.size


FAMILIES = ["three-models", "backbone-small", "full-batch", "edge-demo", "nested-12x36"]
PINNED = {"three-models": 4.0, "backbone-small": 4.777778, "edge-demo": 23.274466, "general-9x30": 17.743828}


@pytest.mark.parametrize("name", FAMILIES)
def test_where_families_share_its_relaxation_is_not_above_that_of_the_slot_formulation(name):
    assert relaxation(sequence.build(load(name))) <= relaxation(slot.build(load(name))) + 1e-6


@pytest.mark.parametrize("name", PINNED)
def test_the_relaxation_is_as_strong_as_it_was(name):
    assert relaxation(sequence.build(load(name))) == pytest.approx(PINNED[name], abs=1e-4)


@pytest.mark.parametrize("name", ["no_return", "entered_group"])
def test_each_valid_inequality_is_worth_something(name):
    built = sequence.build(load("general-9x30"))
    built.model.component(name).deactivate()
    assert relaxation(built) > PINNED["general-9x30"] + 1e-3


def test_only_models_that_share_have_arcs():
    arcs = network(SlotData(load("three-models")))
    assert {pair for pair in arcs.load if arcs.hub not in pair} == {("A", "B"), ("B", "A")}
    assert arcs.load["B", "A"] == 0 < arcs.load["A", "B"] < arcs.load[arcs.hub, "B"]


def ring(resident: tuple[str, ...] = ()) -> Instance:
    """Three models, each sharing one of its two blocks of size 3 with the next: B = V = 1, no batch times."""
    blocks = tuple(Block(f"b{n}", 3.0) for n in range(3))
    models = tuple(Model(f"m{n}", (f"b{n}", f"b{(n + 1) % 3}"), 0.0, 0.0) for n in range(3))
    requests = tuple(Request(f"k{n}", f"m{n}", 0.0, FlatChannel(1.0), 10.0) for n in range(3))
    return Instance("ring", Server(1.0, 1.0, resident_blocks=resident), blocks, models, requests)


def test_models_do_not_follow_one_another_in_a_circle():
    """In a circle all three would take 9; from empty memory they take 12, and two of them 9."""
    bound, found = solved(sequence.build(ring()), ring())
    assert (bound, found) == (pytest.approx(2), 2)
    built = sequence.build(ring())
    for name in ("consumed", "no_return", "entered_group"):
        built.model.component(name).deactivate()
    form = matrix_form(built.model)
    assert highs.maximise(form).bound == pytest.approx(3)


def test_blocks_resident_at_time_0_serve_one_path():
    bound, found = solved(sequence.build(ring(("b0",))), ring(("b0",)))
    assert (bound, found) == (pytest.approx(3), 3)


def test_a_plan_that_is_forbidden_is_not_found_again_and_others_are():
    instance = ring()
    built = sequence.build(instance)
    _, found = solved(built, instance)
    assert found == 2
    late = tuple(Slot(f"m{n}", (f"k{n}",)) for n in range(3))
    built.forbid(late)
    assert solved(built, instance)[1] == 2
    first = sequence.build(instance)
    first.forbid(late[:1])  # m0 after nothing, at a full load.
    bound, _ = solved(first, instance)
    assert bound == pytest.approx(2)
    for arc in first.model.ARCS:
        if arc[1] == "m0" and arc[0] in ("m1", "m2"):
            first.model.arc[arc].fix(0)
    first.model.served["k0"].fix(1)
    assert highs.maximise(matrix_form(first.model)).end == "infeasible"


@pytest.mark.parametrize(
    ("changed", "named"),
    [({"uplink": "pipelined"}, "uplink"), ({"visits": "any"}, "visits"), ({"residency": "cached"}, "residency")],
)
def test_it_says_what_it_does_not_cover(changed, named):
    formulation = by_name(FORMULATIONS, "sequence")
    assert formulation.unsupported(ring()) == []
    value = next(iter(changed.values()))
    assert formulation.unsupported(ring().replace(**changed)) == [f"{named} {value!r}"]


def test_deadlines_and_arrivals_of_each_request_are_refused():
    first, *others = ring().requests
    late = ring().replace(requests=(dataclasses.replace(first, deadline_s=9.0, arrival_s=1.0), *others))
    assert by_name(FORMULATIONS, "sequence").unsupported(late) == ["arrivals 'some'", "deadlines 'different'"]


def test_an_instance_without_requests_is_solved():
    empty = Instance("empty", Server(1.0, 1.0), (), (), ())
    assert solved(sequence.build(empty), empty) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("instance", "constraints"),
    [(Instance("empty", Server(1.0, 1.0), (), (), ()), 1), (ring(("b0",)), 40), (load("full-batch"), 36)],
    ids=lambda value: getattr(value, "name", None),
)
def test_every_constraint_can_be_written_out(instance, constraints):
    assert sizes(sequence.build(instance).model).constraints == constraints


@pytest.mark.parametrize("name", ["hub", "start", "hub'"])
def test_any_id_will_do(name):
    models = tuple(dataclasses.replace(model, id=name if model.id == "m0" else model.id) for model in ring().models)
    requests = tuple(dataclasses.replace(k, model=name if k.model == "m0" else k.model) for k in ring().requests)
    instance = ring().replace(models=models, requests=requests)
    assert solved(sequence.build(instance), instance)[1] == 2
