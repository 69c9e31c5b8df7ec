"""Variations change what they name and nothing else."""

from __future__ import annotations

import dataclasses

import pytest

from partload.instances.errors import InputError
from partload.instances.library import load
from partload.instances.partial_loading.variations import PARAMETERS
from partload.instances.problems import PROBLEMS
from partload.instances.variations import ANY, Sweep, read_sweep, varied

ELSEWHERE = {"shared": {"server", "blocks", "models"}, "requests": {"requests"}, "deadline": {"requests"}}
"""Fields of the instance that a parameter may change; the server's or the models' for all others."""


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_nothing_else_changes(parameter):
    before = load("v100-vision")
    after = varied(before, parameter, 1.0 if parameter == "shared" else 2.0)
    allowed = ELSEWHERE.get(parameter, {"models"} if parameter == "batch-time" else {"server"})
    for field in dataclasses.fields(before):
        same = getattr(before, field.name) == getattr(after, field.name)
        assert same or field.name in {"name", *allowed}
    assert after.name == f"v100-vision {parameter}={'1' if parameter == 'shared' else '2'}"


@pytest.mark.parametrize(
    ("parameter", "field"),
    [("bandwidth", "bandwidth_hz"), ("load-rate", "load_rate_bytes_per_s"), ("load-latency", "load_latency_s")],
)
def test_the_server_has_the_value(parameter, field):
    assert getattr(varied(load("v100-vision"), parameter, 0.125).server, field) == 0.125


def test_the_latest_deadline_is_the_value_and_the_others_are_in_proportion():
    before = load("general-small-pipelined")
    after = varied(before, "deadline", 3.0)
    assert max(request.deadline_s for request in after.requests) == 3.0
    ratios = {round(a.deadline_s / b.deadline_s, 12) for a, b in zip(after.requests, before.requests)}
    assert len({request.deadline_s for request in before.requests}) > 1
    assert len(ratios) == 1


def test_the_first_requests_are_kept():
    before = load("edge-demo")
    assert varied(before, "requests", 7).requests == before.requests[:7]


def test_memory_is_a_multiple_of_the_largest_model():
    before = load("edge-demo")
    largest = max(before.size_of(model.blocks) for model in before.models)
    assert varied(before, "memory", 1.5).server.memory_bytes == pytest.approx(1.5 * largest, abs=1)


def test_batches_take_the_factor():
    before = load("edge-demo")
    after = varied(before, "batch-time", 3.0)
    for a, b in zip(after.models, before.models):
        assert (a.batch_setup_s, a.batch_per_request_s) == (3 * b.batch_setup_s, 3 * b.batch_per_request_s)


@pytest.mark.parametrize(
    ("parameter", "value", "message"),
    [
        ("bandwith", 1.0, "sweep: expected one of bandwidth, load-rate"),
        ("bandwidth", 0.0, "bandwidth: expected a number above 0, got 0"),
        ("load-latency", -1.0, "load-latency: expected a number at least 0, got -1"),
        ("shared", 1.5, "shared: expected a number at least 0 and at most 1, got 1.5"),
        ("requests", 2.5, "requests: expected a whole number, got 2.5"),
        ("requests", 99, "requests: expected at most 6, all that 'three-models' has, got 99"),
        ("deadline", float("nan"), "deadline: expected a number above 0, got nan"),
        ("memory", float("inf"), "memory: expected a number above 0, got inf"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(parameter, value, message):
    with pytest.raises(InputError) as caught:
        varied(load("three-models"), parameter, value)
    assert str(caught.value).startswith(message)


def test_memory_needs_a_model_with_a_size():
    instance = load("three-models").replace(models=(), requests=(), blocks=(), resident_blocks=())
    with pytest.raises(InputError, match="expected an instance whose models have a size"):
        varied(instance, "memory", 1.0)


def test_a_sweep_is_read_from_text():
    assert read_sweep("bandwidth=5e6:15e6:3") == Sweep("bandwidth", (5e6, 10e6, 15e6))
    assert read_sweep("requests=3:6:9") == Sweep("requests", (3.0, 4.0, 5.0, 6.0))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bandwidth", "sweep: expected PARAMETER=FROM:TO:COUNT or PARAMETER=VALUE,VALUE, got 'bandwidth'"),
        ("band=1", "sweep: expected one of bandwidth, load-rate"),
        ("bandwidth=0:1:2", "bandwidth: expected a number above 0, got 0"),
        ("requests=1.5", "requests: expected whole numbers, got '1.5'"),
        ("memory=a", "memory: expected FROM:TO:COUNT"),
    ],
)
def test_a_sweep_that_makes_no_sense_is_refused(text, message):
    with pytest.raises(InputError) as caught:
        read_sweep(text)
    assert str(caught.value).startswith(message)


def test_parameters_of_the_same_name_take_the_same_values():
    for of_problem in [problem.parameters for problem in PROBLEMS]:
        for name, one in of_problem.items():
            other = ANY[name]
            limits = (one.unit, one.least, one.least_allowed, one.greatest, one.whole)
            assert limits == (other.unit, other.least, other.least_allowed, other.greatest, other.whole)


def test_close_values_keep_names_of_their_own():
    names = {varied(load("three-models"), "bandwidth", value).name for value in (1e7, 1e7 + 1)}
    assert names == {"three-models bandwidth=10000000", "three-models bandwidth=10000001"}
