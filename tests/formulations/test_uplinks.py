"""Joint and cone formulation: what they believe of times and bandwidth is what the clock and the closed forms say."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pyomo.environ as pyo
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from partload.formulations.partial_loading.cone import formulation as cone
from partload.formulations.partial_loading.joint import formulation as joint
from partload.formulations.partial_loading.joint.band_data import OUTWARDS, BandData
from partload.formulations.partial_loading.slot.built import SlotModel
from partload.formulations.partial_loading.slot.data import SlotData
from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.library import load
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.instances.partial_loading.plan import Slot
from partload.instances.reading import read_instance
from partload.solvers.engines import highs, scip
from partload.solvers.engines.engine import Budget
from partload.solvers.engines.matrix import MatrixForm, matrix_form
from partload.solvers.exact.task import SLACK
from tests.support.brute_force import optimum
from tests.support.random_instances import random_instance
from tests.support.samples import sample

DEFECTS = Path(__file__).parents[1] / "data" / "defects"
UPLINKS = ("slotted", "pipelined", "static")
CHANNELS = ("flat", "power-limited", "mixed")


def soonest_end(built: SlotModel, served: set[str], engine) -> float:
    """Least end of the last slot, in seconds, that a model believes in when exactly these are served."""
    model = built.model
    for k in model.REQUESTS:
        model.served[k].fix(int(k in served))
    model.weight_served.deactivate()
    model.soonest = pyo.Objective(expr=-model.end[model.SLOTS.last()], sense=pyo.maximize)
    answer = engine.solve(model, Budget())
    assert answer.found
    assert answer.end == "finished"
    return model.end[model.SLOTS.last()].value * built.data.unit_s


LOOSE = ("slots", "merge")
"""Without the order among requests, which any set of requests would have to follow."""


@pytest.mark.parametrize("seed", sample(range(36), 14))
def test_the_joint_model_tells_the_time_as_the_clock_does(seed):
    instance = random_instance(60_000 + seed, UPLINKS[:2], CHANNELS, most_requests=5)
    _, plan = optimum(instance)
    served = {k for slot in plan for k in slot.requests}
    if served:
        built = joint.build(instance, tightenings=LOOSE)
        believed = soonest_end(built, served, scip)
        found = built.extract()
        assert believed == pytest.approx(clock.run(instance, found).end_s[-1], rel=1e-6)


@pytest.mark.parametrize("seed", sample(range(36), 14))
def test_the_cone_is_never_late_and_exact_where_it_was_touched(seed):
    """A relaxation: its times are too short at first; touched where its plan stands, it says what the clock says."""
    instance = random_instance(61_000 + seed, UPLINKS[:2], CHANNELS, most_requests=5)
    _, plan = optimum(instance)
    served = {k for slot in plan for k in slot.requests}
    if not served:
        return
    end_s = clock.run(instance, plan).end_s[-1]
    built = cone.build(instance, tightenings=LOOSE)
    assert soonest_end(built, served, highs) <= end_s * (1 + 1e-6)
    built = cone.build(instance, tightenings=LOOSE)
    seen = ()
    for _ in range(50):
        believed = soonest_end(built, served, highs)
        plan = built.extract()
        if plan == seen:
            break
        seen = plan
        built.forbid(plan)
        built.model.forbidden.clear()  # The tangents alone are what is tested.
        built.model.del_component("soonest")
    assert believed == pytest.approx(clock.run(instance, plan).end_s[-1], rel=1e-6)


@given(st.floats(1e-3, 1e3), st.floats(-3, 6), st.floats(1.0, 1e3), st.floats(0.2, 5.0), st.booleans())
@settings(deadline=None, max_examples=300)
def test_tangents_touch_and_stay_below(bits, decades, later, elsewhere, flat):
    """What an upload needs within a time, at the point of the tangent and at another one."""
    channel = FlatChannel(10**decades) if flat else PowerLimitedChannel(10**decades)
    request = Request("k", "i", bits, channel, 1e9)
    instance = Instance("one", Server(1.0, 1.0), (Block("b", 1.0),), (Model("i", ("b",), 0.0, 0.0),), (request,))
    band = BandData(SlotData(instance))
    if "k" not in band.uploads:
        return
    time = band.data.upload["k"] * later
    height, fall = band.tangent("k", band.needed("k", time))
    assert fall > 0
    assert height - fall * time == pytest.approx(band.needed("k", time), rel=1e-9, abs=2 * OUTWARDS * height)
    other = time * elsewhere
    assert height - fall * other <= band.needed("k", other) * (1 + 1e-9)
    # Just below the ceiling of its rate a channel changes within a part of the time that is left to the ceiling.
    headroom = 1.0 if flat else 1 - math.log1p(10**decades) / 10**decades / later
    step = 1e-4 * headroom
    nearby = (band.needed("k", time * (1 + step)) - band.needed("k", time * (1 - step))) / (2 * step * time)
    assert -fall == pytest.approx(nearby, rel=1e-4)


def test_the_joint_formulation_uses_no_closed_form_of_uploads():
    built = joint.build(load("three-models"))
    assert not built.data.uploads_add_up
    assert built.model.component("visit_uploads") is None
    assert all(built.model.due_work[k] == built.model.per_request[k] for k in built.model.REQUESTS)


@pytest.mark.parametrize("formulation", [cone, joint])
@pytest.mark.parametrize("uplink", UPLINKS)
@pytest.mark.parametrize("bits", [0.0, 1.0])
def test_everything_is_covered_even_nothing_to_upload(formulation, uplink, bits):
    requests = tuple(Request(f"k{k}", "i", bits, FlatChannel(1.0), 10.0) for k in range(3))
    blocks, models = (Block("b", 1.0),), (Model("i", ("b",), 1.0, 1.0),)
    instance = Instance("bits", Server(1.0, 1.0, uplink=uplink), blocks, models, requests)
    built = formulation.build(instance)
    assert scip.solve(built.model, Budget()).end == "finished"
    report = check_plan(instance, built.extract())
    assert report.feasible
    assert report.objective == 3


def test_static_plans_come_with_the_least_bandwidths():
    instance = load("static-band")
    built = joint.build(instance)
    scip.solve(built.model, Budget())
    plan = built.extract()
    assert all(isinstance(slot, Slot) and slot.bandwidth_hz for slot in plan)
    assert math.fsum(b for slot in plan for b in slot.bandwidth_hz.values()) <= instance.server.bandwidth_hz * (
        1 + 1e-9
    )


def test_the_bound_does_not_depend_on_the_order_of_the_rows():
    """Rates near their ceilings make steep tangents; large coefficients once made half of the orders prove 1, not 5."""
    instance = read_instance(DEFECTS / "ceilings_tangents_43.json")
    form = matrix_form(cone.build(instance, slack=SLACK).model)
    random = np.random.default_rng(0)
    for _ in range(20):
        order = random.permutation(len(form.row_lower))
        assert highs.maximise(reordered(form, order)).bound >= 5


def reordered(form: MatrixForm, order: NDArray[np.int64]) -> MatrixForm:
    """The same model with its rows in another order."""
    rows = [slice(form.start[n], form.start[n + 1]) for n in order]
    return dataclasses.replace(
        form,
        row_lower=form.row_lower[order],
        row_upper=form.row_upper[order],
        start=np.concatenate([[0], np.cumsum([row.stop - row.start for row in rows])]).astype(form.start.dtype),
        index=np.concatenate([form.index[row] for row in rows]),
        value=np.concatenate([form.value[row] for row in rows]),
    )
