"""Measures of a plan, by hand."""

from __future__ import annotations

import pytest

from partload.instances.channels import FlatChannel
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.instances.partial_loading.metrics import metrics
from partload.instances.partial_loading.plan import Plan, Slot

INSTANCE = Instance(
    "by-hand",
    Server(10.0, 1.0),
    (Block("x", 1.0),),
    (Model("m", ("x",), 0.0, 1.0),),
    tuple(Request(name, "m", bits, FlatChannel(1.0), 100.0) for name, bits in (("a", 6.0), ("b", 6.0), ("c", 0.0))),
)


def measured(plan: Plan) -> dict[str, float | None]:
    return metrics(INSTANCE, plan, clock.run(INSTANCE, plan))


def test_uploads_take_as_long_as_their_bandwidth_makes_them():
    """At 6 and 4 Hz, 6 bits take 1 s and 1.5 s; c has none."""
    found = measured((Slot("m", ("a", "b", "c"), bandwidth_hz={"a": 6.0, "b": 4.0}),))
    assert found["upload_p50_s"] == pytest.approx(1.0)
    assert found["upload_p99_s"] == pytest.approx(1.49)
    assert found["latency_p50_s"] == pytest.approx(4.5)
    assert found["jain_index"] == pytest.approx(100 / (3 * 52))
    assert found["uplink_utilisation"] == pytest.approx(12 / 10 / 4.5)


def test_nobody_served_has_no_percentiles():
    found = measured(())
    assert [found[f"{name}_p{percent}_s"] for name in ("latency", "upload") for percent in (50, 99)] == [None] * 4
