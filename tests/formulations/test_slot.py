"""The slot formulation: what it covers, that nothing it adds cuts off the optimum, and what its LP is worth."""

from __future__ import annotations

import math
from random import Random

import pyomo.environ as pyo
import pytest

from partload.formulations import FORMULATIONS, by_name
from partload.formulations.partial_loading.slot import formulation as slot
from partload.formulations.partial_loading.slot import schedule
from partload.formulations.partial_loading.slot.data import SlotData
from partload.formulations.partial_loading.slot.valid_inequalities import TIGHTENINGS
from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.errors import InputError
from partload.instances.library import load
from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.solvers.engines import highs
from partload.solvers.engines.matrix import matrix_form
from tests.support.brute_force import optimum
from tests.support.random_instances import random_arrivals, random_instance
from tests.support.samples import sample

LOOSER = [(), *(tuple(set(TIGHTENINGS) - {name}) for name in TIGHTENINGS), tuple(TIGHTENINGS)]


def value(instance: Instance, tightenings: tuple[str, ...]) -> float:
    """Optimum of the formulation with some tightenings; the plan behind it has to be feasible."""
    built = slot.build(instance, tightenings=tightenings)
    form = matrix_form(built.model)
    if not len(form.cost):
        return 0.0
    result = highs.maximise(form)
    assert result.finished
    form.assign(result.values)
    report = check_plan(instance, built.extract())
    assert report.feasible, report.violations
    return report.objective


def relaxation(instance: Instance, tightenings: tuple[str, ...]) -> float:
    """Value of the LP relaxation."""
    form = matrix_form(slot.build(instance, tightenings=tightenings).model)
    form.integer[:] = False
    return highs.maximise(form).bound


@pytest.mark.parametrize("seed", sample(range(40), 6))
def test_no_tightening_cuts_off_the_optimum(seed):
    instance = random_instance(90_000 + seed)
    best, _ = optimum(instance)
    chosen = LOOSER[seed % len(LOOSER)]
    assert math.isclose(value(instance, chosen), best, abs_tol=1e-9)
    assert math.isclose(value(instance, tuple(TIGHTENINGS)), best, abs_tol=1e-9)


@pytest.mark.parametrize("name", ["three-models", "backbone-small", "full-batch", "visits-once", "hidden-backbone"])
def test_the_relaxation_is_a_bound_and_tightening_only_lowers_it(name):
    instance = load(name)
    best, _ = optimum(instance)
    tight = relaxation(instance, tuple(TIGHTENINGS))
    assert best - 1e-6 <= tight <= relaxation(instance, ("slots",)) + 1e-6 <= relaxation(instance, ()) + 2e-6


PINNED = {
    "three-models": 4.0,
    "full-batch": 4.0,
    "v100-resnet50": 22.0155,
    "nested-12x36": 20.7,
    "general-9x30": 17.6897,
    "edge-demo": 23.2745,
}


@pytest.mark.parametrize(("name", "expected"), PINNED.items())
def test_the_relaxation_is_as_strong_as_it_was(name, expected):
    assert relaxation(load(name), tuple(TIGHTENINGS)) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("seed", range(60))
def test_no_feasible_plan_has_more_slots_or_ends_them_sooner_than_the_bound_says(seed):
    instance = random_instance(91_000 + seed)
    _, plan = optimum(instance)
    data = SlotData(instance)
    ends = data.soonest_end
    times = check_plan(instance, plan).times
    merged = [n for n in range(1, len(plan)) if plan[n].model == plan[n - 1].model]
    if any(not data.stays[plan[n].model] for n in merged):
        return  # The bound speaks of plans in which slots that can be one are one.
    assert len(plan) <= len(ends)
    for n, end in enumerate(ends[: len(plan)]):
        assert end <= times.end_s[n] / data.unit_s * (1 + 1e-9)


def test_it_says_what_it_does_not_cover():
    instance = load("three-models")
    formulation = by_name(FORMULATIONS, "slot")
    assert formulation.unsupported(instance) == []
    assert formulation.unsupported(instance.replace(uplink="static")) == ["uplink 'static'"]
    limited = tuple(
        Request(k.id, k.model, k.input_bits, PowerLimitedChannel(1.0), k.deadline_s) for k in instance.requests
    )
    assert formulation.unsupported(instance.replace(requests=limited)) == ["channel 'power-limited'"]


def test_a_model_beyond_the_size_limit_is_refused_before_it_is_built():
    requests = tuple(Request(f"k{k}", f"i{k % 100}", 0.0, FlatChannel(1.0), 1e9) for k in range(5000))
    models = tuple(Model(f"i{i}", ("b",), 0.0, 1.0) for i in range(100))
    instance = Instance("giant", Server(1.0, 1.0, visits="any"), (Block("b", 1.0),), models, requests)
    with pytest.raises(InputError, match="expected at most 4,000,000"):
        slot.build(instance)


@pytest.mark.parametrize("name", ["start", "start'", "(1)", "a b", ""])
def test_any_id_will_do(name):
    instance = Instance(
        "ids",
        Server(1.0, 1.0),
        (Block(name, 1.0),),
        (Model(name, (name,), 1.0, 1.0), Model("other", (name,), 1.0, 1.0)),
        (Request(name, name, 1.0, FlatChannel(1.0), 3.0), Request("k", "other", 0.0, FlatChannel(1.0), 5.0)),
    )
    assert value(instance, tuple(TIGHTENINGS)) == 2


def test_an_instance_without_requests_or_models_is_solved():
    empty = Instance("empty", Server(1.0, 1.0), (), (), ())
    assert value(empty, tuple(TIGHTENINGS)) == 0


def test_formulations_are_found_by_name_only():
    assert by_name(FORMULATIONS, "slot").kind == "exact"
    with pytest.raises(
        InputError, match="expected one of slot, sequence, set-union, cone, joint, provisioning, recursion, got"
    ):
        by_name(FORMULATIONS, "slots")


def test_requests_that_dominate_are_preferred_within_a_model():
    def request(name: str, upload: float, deadline: float, weight: float) -> Request:
        return Request(name, "A", upload, FlatChannel(1.0), deadline, weight)

    requests = (
        request("dominated", 3.0, 20.0, 1.0),
        request("smallest", 1.0, 20.0, 1.0),
        request("heaviest", 2.0, 20.0, 2.0),
        request("latest", 2.0, 30.0, 1.0),
    )
    instance = Instance("order", Server(1.0, 1.0), (Block("b", 1.0),), (Model("A", ("b",), 1.0, 1.0),), requests)
    assert set(SlotData(instance).better) == {
        ("smallest", "dominated"),
        ("heaviest", "dominated"),
        ("latest", "dominated"),
    }


def limited_batches(seed: int) -> Instance:
    """Two or three models with batches of at most two, more requests than fit into one, one deadline, integers."""
    random = Random(seed)
    blocks = tuple(Block(f"b{j}", random.randint(0, 12)) for j in range(3))
    models = tuple(
        Model(f"i{i}", tuple(b.id for b in blocks if random.random() < 0.6), random.randint(0, 2), 1.0, max_batch=2)
        for i in range(random.randint(2, 3))
    )
    requests = tuple(
        Request(f"k{k}", random.choice(models).id, random.randint(0, 4), FlatChannel(1.0), random.randint(20, 40))
        for k in range(7)
    )
    requests = tuple(Request(k.id, k.model, k.input_bits, k.channel, requests[0].deadline_s) for k in requests)
    server = Server(1.0, 1.0, visits=random.choice(["once", "any"]))
    return Instance(f"batches-{seed}", server, blocks, models, requests)


@pytest.mark.parametrize("seed", sample(range(60), 20))
def test_a_slot_that_stands_for_several_batches_takes_as_long_as_they_do(seed):
    instance = limited_batches(seed)
    assert value(instance, tuple(TIGHTENINGS)) == optimum(instance)[0]


def soonest_end(instance: Instance, served: set[str]) -> tuple[float, float]:
    """Least end [s] that the model believes in when exactly these are served, and what the clock says of its plan."""
    built = slot.build(instance, tightenings=set(TIGHTENINGS) - {"order"})
    model = built.model
    for k in model.REQUESTS:
        model.served[k].fix(int(k in served))
    last = model.SLOTS.last()
    model.weight_served.deactivate()
    model.soonest = pyo.Objective(expr=-model.end[last], sense=pyo.maximize)
    form = matrix_form(model)
    form.assign(highs.maximise(form).values)
    times = check_plan(instance, built.extract()).times
    return model.end[last].value * built.data.unit_s, times.end_s[-1]


@pytest.mark.parametrize("make", [random_instance, random_arrivals, limited_batches])
@pytest.mark.parametrize("seed", sample(range(60), 8))
def test_the_model_tells_the_time_as_the_clock_does(make, seed):
    instance = make(80_000 + seed)
    _, plan = optimum(instance)
    served = {k for one in plan for k in one.requests}
    for left_out in ("", *sorted(served)):
        chosen = served - {left_out}
        if chosen:
            believed, true = soonest_end(instance, chosen)
            assert believed == pytest.approx(true, rel=1e-6)


@pytest.mark.parametrize("seed", range(10))
def test_without_moves_the_same_orders_are_left_even_in_fractions(seed, monkeypatch):
    """Slots follow one another as with moves: any objective on who runs when has the same LP value."""
    instance, draw = load("general-small-cached"), Random(seed)
    values = []
    for has_moves in (False, True):
        monkeypatch.setattr(schedule, "_has_moves", lambda data, has_moves=has_moves: has_moves)
        model = slot.build(instance, tightenings=("slots", "merge")).model
        assert (model.component("move") is not None) == has_moves
        draw.seed(seed)
        worth = {(n, i): draw.uniform(-1, 2) for n in model.SLOTS for i in model.MODELS}
        model.weight_served.deactivate()
        model.worth = pyo.Objective(expr=sum(worth[at] * model.run[at] for at in worth), sense=pyo.maximize)
        form = matrix_form(model)
        form.integer[:] = False
        values.append(highs.maximise(form).bound)
    assert values[0] > 0
    assert values[0] == pytest.approx(values[1], abs=1e-6)
