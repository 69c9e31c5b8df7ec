"""The combinatorial bound: never below the optimum, and worth its name."""

from __future__ import annotations

import dataclasses

import pytest

from partload import solvers
from partload.instances import library
from partload.instances.channels import FlatChannel
from partload.instances.errors import InputError
from partload.instances.partial_loading.generators import generate
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from tests.support.brute_force import optimum
from tests.support.random_instances import random_instance

ROUNDING = 1e-9
RUNS = ((("slotted", "pipelined"), 6), (("static",), 5))
CHANNELS = ("flat", "power-limited", "mixed")


@pytest.mark.parametrize(("uplinks", "most"), RUNS)
def test_it_is_never_below_the_optimum(uplinks, most):
    tight = total = 0
    for seed in range(288):
        instance = random_instance(seed, uplinks, CHANNELS, most)
        best, bound = optimum(instance)[0], solvers.upper_bound(instance)
        assert bound >= best * (1 - ROUNDING), instance.name
        served_all = best == sum(request.weight for request in instance.requests)
        total += not served_all
        tight += not served_all and bound <= best * (1 + ROUNDING)
    assert tight > total / 4  # It is not the sum of the weights in disguise.


def identical(requests: int, deadline: float, **server: object) -> Instance:
    """One model that takes 1 to load, 1 to set up and 1 for each request; every upload takes 1."""
    return Instance(
        "identical",
        dataclasses.replace(Server(1.0, 1.0), **server),
        (Block("b", 1.0),),
        (Model("m", ("b",), 1.0, 1.0),),
        tuple(Request(f"k{n}", "m", 1.0, FlatChannel(1.0), deadline) for n in range(requests)),
    )


@pytest.mark.parametrize("uplink", ["slotted", "pipelined", "static"])
@pytest.mark.parametrize("deadline", [2.999, 3.0, 5.0, 6.999, 7.0, 7 * (1 - 5e-10), 9.0])
def test_ties_are_on_the_safe_side(uplink, deadline):
    instance = identical(6, deadline, uplink=uplink)
    assert solvers.upper_bound(instance) >= optimum(instance)[0]


def test_with_one_model_and_one_deadline_the_bound_is_the_optimum_but_for_what_knapsacks_cannot_see():
    instance = identical(6, 7.0)  # Three requests upload in 3, set up in 1 and take 3.
    assert (solvers.upper_bound(instance), optimum(instance)[0]) == (3, 3)


def test_each_resource_counts():
    uploads_only = identical(6, 100.0).replace(bandwidth_hz=1 / 40)
    assert solvers.upper_bound(uploads_only) == 2
    assert solvers.upper_bound(uploads_only.replace(uplink="static")) == 2
    assert solvers.upper_bound(uploads_only.replace(uplink="pipelined")) == 2
    load_only = identical(6, 5.5, load_rate_bytes_per_s=0.3)
    assert solvers.upper_bound(load_only) == 1
    assert solvers.upper_bound(load_only.replace(resident_blocks=("b",))) == 2


def test_deadlines_count_one_by_one():
    early, late = identical(6, 3.0).requests, identical(6, 100.0).requests
    instance = identical(0, 1.0).replace(
        requests=early + tuple(dataclasses.replace(k, id=f"late {k.id}") for k in late), bandwidth_hz=1e6
    )
    assert solvers.upper_bound(instance) == optimum(instance)[0] == 7


def test_nobody_to_serve_is_worth_nothing():
    assert solvers.upper_bound(identical(0, 1.0)) == 0
    assert solvers.upper_bound(identical(3, 0.5)) == 0


def test_numbers_at_the_ends_of_what_doubles_hold():
    wide = identical(3, 1e300, load_rate_bytes_per_s=1e-300, memory_bytes=None)
    huge = wide.replace(blocks=(Block("b", 1e308),), resident_blocks=("b",))
    assert solvers.upper_bound(huge) == 3
    light = tuple(dataclasses.replace(k, weight=5e-324) for k in huge.requests)
    assert solvers.upper_bound(huge.replace(requests=light)) >= 0


def test_a_large_instance_is_bounded_below_its_weight():
    instance = generate("general", models=100, requests=5000, seed=1)
    assert 1 < solvers.upper_bound(instance) < 5000


@pytest.mark.parametrize("bound", [solvers.upper_bound, solvers.relaxation_bound])
@pytest.mark.parametrize(
    ("name", "optimum", "asked"),
    [("general-9x30", 16, 30), ("general-small-static", 4, 8), ("slide-weights", 10, 18), ("slide-tiny-power", 4, 6)],
)
def test_both_bounds_are_for_both_problems(bound, name: str, optimum: float, asked: float):
    assert optimum <= bound(library.load(name)) < asked


@pytest.mark.parametrize("bound", [solvers.upper_bound, solvers.relaxation_bound])
def test_what_is_no_instance_is_refused(bound):
    with pytest.raises(InputError, match="expected an instance, got a value of type str"):
        bound("three-models")
    with pytest.raises(InputError, match="expected an instance, got a solution of 'three-models'"):
        bound(solvers.solve(library.load("three-models"), "first-come"))
