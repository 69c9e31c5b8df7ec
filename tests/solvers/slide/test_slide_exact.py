"""The exact driver on SLIDE: time limits, what is refused, the shipped instances, and plans that needed the room."""

from __future__ import annotations

import dataclasses

import pytest

from partload import solvers
from partload.formulations import cuts
from partload.instances.channels import FlatChannel
from partload.instances.errors import InputError
from partload.instances.library import load
from partload.instances.slide.checker import check
from partload.instances.slide.instance import Downlink, Instance, Layer, Model, User
from tests.support.blind import blindly

SMALL = ["slide-accuracy", "slide-decimal-tie", "slide-energy", "slide-layer-speeds", "slide-overlap"]


@pytest.mark.parametrize("method", ["milp", "minlp"])
@pytest.mark.parametrize("name", SMALL)
def test_shipped_instances_have_one_optimum(name, method):
    instance = load(name)
    solution, own = solvers.solve(instance, method), solvers.solve(instance)
    assert (solution.status, solution.termination) == ("optimal", "proved")
    assert (solution.objective, solution.bound) == (own.objective, own.bound)
    assert check(instance, solution).feasible


def test_a_time_limit_keeps_plan_and_bound():
    instance = load("slide-cell-60")
    users = tuple(dataclasses.replace(user, weight=1 + n**0.5) for n, user in enumerate(instance.users))
    instance = instance.replace(users=users)
    solution = solvers.solve(instance, "minlp", time_limit=2)
    assert solution.termination == "time-limit"
    assert 0 < solution.objective <= solution.bound
    assert check(instance, solution).feasible


@pytest.mark.parametrize(
    ("options", "lacking"),
    [
        ({"method": "minlp", "solver": "highs"}, "'minlp' does not cover solver 'highs'"),
        ({"method": "milp", "formulation": "recursion"}, "'milp' does not cover formulation 'recursion'"),
        ({"method": "milp", "formulation": "slot"}, "formulation 'slot' is one of partial-loading"),
        ({"method": "tangents"}, "expected one of"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(options, lacking):
    with pytest.raises(InputError, match=lacking):
        solvers.solve(load("slide-energy"), **options)


def test_a_provisioning_that_needs_the_slack_is_forbidden_and_nothing_else(monkeypatch):
    """Both users fill the band but for a relative 1e-7, within the slack and beyond what the checker tolerates."""
    forbidden = []

    def forbid(model, served, ids):
        forbidden.append(set(ids))
        own_forbid(model, served, ids)

    own_forbid = cuts.forbid_together
    monkeypatch.setattr(cuts, "forbid_together", forbid)
    users = tuple(User(f"u{n}", ("m",), FlatChannel(1.0), 8.0, max_flop_per_s=1.0) for n in range(2))
    instance = Instance("slack", Downlink(2 * (1 - 1e-7)), (Model("m", (Layer(1.0, 0.0),)),), users)
    outcome = blindly(instance, "provisioning", "highs")
    assert (len(outcome.plan), outcome.bound, outcome.termination) == (1, 1, "proved")
    assert forbidden == [{"u0", "u1"}]
