"""The bandwidth of a plan derived again: what each slot needs, what a hertz is worth, and what the plan does."""

from __future__ import annotations

import pytest

from partload.instances.channels import FlatChannel
from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.instances.partial_loading.plan import Plan, Slot
from partload.solvers.partial_loading.bandwidth.rederivation import Derived, rederived


def derived(instance: Instance, plan: Plan) -> list[Derived]:
    report = check_plan(instance, plan)
    assert report.feasible
    return rederived(instance, plan, report.times)


def instance(uplink: str) -> Instance:
    """B = 10 Hz; a, b and c take 2, 3 and 0 Hz s."""
    loads = {"a": 2.0, "b": 3.0, "c": 0.0}
    requests = tuple(Request(name, "m", load, FlatChannel(1.0), 100.0) for name, load in loads.items())
    server = Server(10.0, 1.0, uplink=uplink)
    return Instance("i", server, (Block("x", 1.0),), (Model("m", ("x",), 0.0, 1.0),), requests)


@pytest.mark.parametrize("uplink", ["slotted", "pipelined"])
def test_upload_times(uplink):
    """t = sum a / B, so that one more hertz is worth sum a / B^2 seconds."""
    own = {"a": 4.0, "b": 4.0}
    first, second = derived(instance(uplink), (Slot("m", ("a", "b"), bandwidth_hz=own), Slot("m", ("c",))))
    assert (first.closed, first.convex, first.own) == pytest.approx((0.5, 0.5, 0.75), rel=1e-9)
    assert first.price_s_per_hz == pytest.approx(0.05, rel=1e-9)
    assert max(first.difference, first.kkt) <= 1e-6
    assert (second.closed, second.convex, second.own, second.price_s_per_hz, second.difference) == (0, 0, 0, 0, 0)


def test_least_bandwidths():
    """Ready at 1 s, when it is loaded: 5 Hz of the 9 are enough; db/dready = -5 Hz/s, so a hertz is worth 0.2 s."""
    plan = (Slot("m", ("a", "b", "c"), bandwidth_hz={"a": 4.0, "b": 5.0, "c": 0.0}),)
    (slot,) = derived(instance("static"), plan)
    assert (slot.closed, slot.convex, slot.own) == pytest.approx((5, 5, 9), rel=1e-9)
    assert slot.price_s_per_hz == pytest.approx(0.2, rel=1e-9)
    assert max(slot.difference, slot.kkt) <= 1e-6
