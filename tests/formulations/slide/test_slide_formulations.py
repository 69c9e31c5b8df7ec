"""The formulations of SLIDE, without the help of bounds and plans: against brute force, and against closed forms."""

from __future__ import annotations

import pyomo.environ as pyo
import pytest

from partload.formulations.slide.built import ProvisionModel
from partload.formulations.slide.provisioning import formulation as provisioning
from partload.formulations.slide.recursion import formulation as recursion
from partload.formulations.slide.recursion.data import RecursionData
from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.slide.checker import check_plan, objective
from partload.instances.slide.instance import Downlink, Instance, Layer, Model, User
from partload.instances.slide.plan import Served
from partload.instances.slide.provisioning import pair_requirements, plan_of
from partload.instances.verdict import TOLERANCE
from partload.solvers.engines import scip
from partload.solvers.engines.engine import Budget
from tests.support.blind import blindly
from tests.support.brute_force_slide import optimum
from tests.support.random_slide import random_slide

WAYS = [("provisioning", "highs"), ("provisioning", "scip"), ("recursion", "scip")]
EITHER = [(("per-device",), seed) for seed in range(24)] + [(("per-layer",), seed) for seed in range(12)]


@pytest.mark.parametrize(("formulation", "engine"), WAYS)
@pytest.mark.parametrize(("frequencies", "seed"), EITHER)
def test_a_formulation_alone_finds_the_optimum(formulation, engine, frequencies, seed):
    instance = random_slide(seed, frequencies)
    outcome = blindly(instance, formulation, engine)
    best, _ = optimum(instance)
    assert check_plan(instance, outcome.plan).feasible
    assert outcome.termination == "proved"
    assert objective(instance, outcome.plan) == pytest.approx(best, abs=1e-9)
    assert outcome.bound == pytest.approx(best, abs=1e-6)


def provisioned(model: pyo.ConcreteModel) -> list[tuple[str, str]]:
    return [pair for pair in model.PAIRS if model.provide[pair].value > 0.5]


@pytest.mark.parametrize(("frequencies", "seed"), EITHER)
def test_the_recursion_cannot_be_met_with_less_band_than_the_closed_forms_say(frequencies, seed):
    """The provisioning of an optimum is fixed, and the least band for it asked for: no closed form is in the model."""
    instance = random_slide(seed, frequencies)
    pairs = [(served.user, served.model) for served in optimum(instance)[1]]
    found = pair_requirements(instance, pairs)
    closed = sum(found.bandwidth_hz) / instance.downlink.bandwidth_hz
    model = recursion.build(instance, slack=0.0).model
    for pair in model.PAIRS:
        model.provide[pair].fix(int(pair in pairs))
    model.weight_served.deactivate()
    model.limit.set_value(1 + 1e-7)
    model.spared = pyo.Objective(expr=-sum(model.part[k] * model.share[k] for k in model.RECEIVERS), sense=pyo.maximize)
    answer = scip.solve(model, Budget())
    assert answer.found
    assert answer.end == "finished"
    assert -answer.bound == pytest.approx(closed, rel=2e-5, abs=1e-6)


@pytest.mark.parametrize("frequency", ["per-device", "per-layer"])
def test_what_the_solver_itself_decides_is_feasible(frequency):
    """Bandwidths and speeds of the recursion, with limits tightened, as they are: the checker accepts them."""
    served = 0
    for seed in range(24):
        instance = random_slide(seed, (frequency,))
        built = recursion.build(instance, slack=-1e-6)
        model = built.model
        if not scip.solve(model, Budget()).found:
            continue
        plan = tuple(_as_solved(instance, built, *pair) for pair in provisioned(model))
        report = check_plan(instance, plan)
        assert report.feasible, report.violations
        served += len(plan)
    assert served > 20


def _as_solved(instance: Instance, built: ProvisionModel[RecursionData], k: str, i: str) -> Served:
    model = built.model
    band, limits = instance.downlink.bandwidth_hz, instance.users[instance.user_index[k]]
    share = model.part[k] * model.share[k].value if k in model.RECEIVERS else 0.0
    layers = len(instance.models[instance.model_index[i]].layers)
    unit = built.data.unit_speed
    speeds = [model.speed[k, n].value * unit[k, n] * limits.max_flop_per_s for n in range(1, layers + 1)]
    kept = tuple(min(max(speed, limits.min_flop_per_s), limits.max_flop_per_s) for speed in speeds)
    return Served(k, i, max(share, 0.0) * band, kept[0] if instance.frequency == "per-device" else kept)


def two_users(first, second, band: float) -> Instance:
    model = Model("m", (Layer(1, 1), Layer(1, 1)))
    users = [User(f"u{n}", ("m",), channel, 4.0, max_flop_per_s=1) for n, channel in enumerate((first, second))]
    return Instance("two", Downlink(band), (model,), tuple(users))


@pytest.mark.parametrize(("formulation", "engine"), WAYS)
@pytest.mark.parametrize(("nudge", "served"), [(-1e-6, 1), (-1e-8, 1), (-5e-10, 2), (0.0, 2), (1e-7, 2)])
def test_a_band_that_two_just_fill(formulation, engine, nudge, served):
    """Each needs max(8 / (4 - 2), 16 / (4 - 1)) = 16 / 3 bit/s."""
    instance = two_users(FlatChannel(1), PowerLimitedChannel(16 / 3), 32 / 3 * (1 + nudge))
    assert optimum(instance)[0] == served
    outcome = blindly(instance, formulation, engine)
    assert (len(outcome.plan), outcome.bound) == (served, served)
    assert check_plan(instance, outcome.plan).feasible


@pytest.mark.parametrize(("formulation", "engine"), WAYS)
def test_nobody_is_served_beyond_the_ceiling_of_a_channel(formulation, engine):
    instance = two_users(FlatChannel(1), PowerLimitedChannel(16 / 3 * 0.69), 1e9)
    assert [served.user for served in blindly(instance, formulation, engine).plan] == ["u0"]


@pytest.mark.parametrize("formulation", [provisioning, recursion])
def test_what_is_forbidden_is_not_found_again(formulation):
    instance = two_users(FlatChannel(1), FlatChannel(1), 100.0)
    built = formulation.build(instance, slack=TOLERANCE)
    built.forbid(plan_of(instance, [("u0", "m")]))
    scip.solve(built.model, Budget())
    assert provisioned(built.model) == [("u1", "m")]
