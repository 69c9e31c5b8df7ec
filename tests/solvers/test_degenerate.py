"""Instances at the edge of sense: a right answer, with its proof, from every exact method."""

from __future__ import annotations

import pytest

from partload import solvers
from partload.formulations.partial_loading.cone import formulation as cone
from partload.instances.channels import Channel, FlatChannel, PowerLimitedChannel
from partload.instances.errors import InputError
from partload.instances.partial_loading.checker import check
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server, Uplink

LOAD_S, SETUP_S, PER_REQUEST_S = 0.1, 0.01, 0.001


def one_model(uplink: Uplink, channels: list[Channel], bits: list[float], deadline_s: float) -> Instance:
    """Requests for one model, on a band of 1 MHz."""
    requests = tuple(Request(f"k{n}", "i", b, c, deadline_s) for n, (c, b) in enumerate(zip(channels, bits)))
    model = Model("i", ("b",), SETUP_S, PER_REQUEST_S)
    return Instance("edge", Server(1e6, 1e9, uplink=uplink), (Block("b", LOAD_S * 1e9),), (model,), requests)


CASES = {
    "nobody": ([], [], 1.0, 0),
    "one request": ([PowerLimitedChannel(1e6)], [1e5], 1.0, 1),
    "no bits": ([FlatChannel(1.0), PowerLimitedChannel(1e6)], [0.0, 0.0], 1.0, 2),
    "one without bits": ([FlatChannel(1.0), PowerLimitedChannel(1e6)], [0.0, 1e5], 1.0, 2),
    "flat, one 60 dB worse": ([FlatChannel(5.0)] * 5 + [FlatChannel(5e-6)], [1e6] * 6, 2.0, 5),
    "power-limited, one 60 dB worse": ([PowerLimitedChannel(1e7)] * 5 + [PowerLimitedChannel(10.0)], [1e6] * 6, 2.0, 5),
    "60 dB worse and patient": ([PowerLimitedChannel(1e7), PowerLimitedChannel(10.0)], [1e6, 10.0], 2.0, 2),
    "a rate above the ceiling": ([PowerLimitedChannel(1e6)], [1e9], 1.0, 0),
    "no time to load": ([FlatChannel(1.0)], [0.0], LOAD_S, 0),
}


@pytest.mark.parametrize("method", ["tangents", "minlp"])
@pytest.mark.parametrize("uplink", ["slotted", "pipelined", "static"])
@pytest.mark.parametrize("case", CASES)
def test_edges(case, uplink, method):
    channels, bits, deadline_s, served = CASES[case]
    instance = one_model(uplink, channels, bits, deadline_s)
    solution = solvers.solve(instance, method)
    assert (solution.objective, solution.bound, solution.status) == (served, served, "optimal")
    assert check(instance, solution).feasible


@pytest.mark.parametrize("method", ["tangents", pytest.param("minlp", marks=pytest.mark.long)])
def test_a_thousand_requests(method):
    """Loading and one setup leave 40 ms for inference at 1 ms each; uploads hide behind the load."""
    channels = [FlatChannel(100.0 + n) for n in range(1000)]
    instance = one_model("slotted", channels, [1e4] * 1000, LOAD_S + SETUP_S + 0.04)
    solution = solvers.solve(instance, method)
    assert (solution.objective, solution.bound, solution.status) == (40, 40, "optimal")
    assert check(instance, solution).feasible


def test_what_is_too_large_is_refused_before_it_is_built():
    instance = one_model("static", [PowerLimitedChannel(1e6)] * 2000, [1.0] * 2000, 100.0)
    with pytest.raises(InputError, match=r"expected at most 4,000,000; solve a part of it"):
        cone.build(instance)
