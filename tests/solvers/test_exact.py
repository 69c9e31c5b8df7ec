"""The exact driver: limits, Ctrl-C, repair, bounds on the safe side, and what it refuses."""

from __future__ import annotations

import os
import signal
import sys
import threading
from fractions import Fraction

import pytest

from partload import solvers
from partload.formulations import cuts
from partload.formulations.partial_loading.cone import formulation as cone
from partload.formulations.partial_loading.slot import formulation as slot
from partload.instances.channels import FlatChannel
from partload.instances.errors import InputError
from partload.instances.library import load
from partload.instances.partial_loading import checker
from partload.instances.partial_loading.checker import check
from partload.instances.partial_loading.generators import generate
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.instances.partial_loading.static import decided
from partload.instances.weights import weight_grid
from partload.solvers.bound_rounding import safe_bound
from partload.solvers.exact.task import SLACK
from partload.solvers.processes import worker_pool
from tests.support.blind import blindly
from tests.support.brute_force import optimum
from tests.support.random_instances import random_instance

WAYS = [("milp", "highs"), ("milp", "scip"), ("tangents", "highs"), ("tangents", "scip"), ("minlp", "scip")]
NAMES = ", ".join(method.name for method in solvers.METHODS if method.problem == "partial-loading")
BLIND = [("slot", "highs"), ("slot", "scip"), ("cone", "highs"), ("cone", "scip"), ("joint", "scip")]
every_way = pytest.mark.parametrize(("method", "solver"), WAYS)


@pytest.fixture(scope="module")
def long_solve() -> Instance:
    return generate("general", models=25, requests=150, seed=3)


@every_way
def test_a_time_limit_keeps_plan_and_bound(long_solve, method, solver):
    solution = solvers.solve(long_solve, method, solver=solver, time_limit=1.0)
    assert solution.termination == "time-limit"
    assert solution.status == "feasible"
    assert 0 < solution.objective <= solution.bound <= 150
    assert solution.gap == (solution.bound - solution.objective) / solution.bound
    assert check(long_solve, solution).feasible


@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_ctrl_c_keeps_plan_and_bound(long_solve, solver):
    threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    solution = solvers.solve(long_solve, solver=solver)
    assert solution.termination == "interrupted"
    assert 0 < solution.objective <= solution.bound
    assert check(long_solve, solution).feasible


@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_progress_rises_and_falls_towards_each_other(long_solve, solver):
    seen = []
    solvers.solve(long_solve, solver=solver, time_limit=1, progress=seen.append)
    assert seen
    incumbents, bounds = [p.incumbent for p in seen], [p.bound for p in seen]
    assert incumbents == sorted(incumbents)
    assert bounds == sorted(bounds, reverse=True)
    assert all(p.gap == (p.bound - p.incumbent) / p.bound for p in seen)


def test_a_gap_is_enough_when_it_was_asked_for():
    instance = load("general-9x30")
    solution = solvers.solve(instance, gap=0.9)
    assert solution.termination == "proved"
    assert solution.gap <= 0.9
    assert check(instance, solution).feasible


def kept_while_another_runs(unit: float, memory: float) -> Instance:
    """Serving all three needs P kept while B runs; P and Q together are 3 units."""
    blocks = (Block("P", 2 * unit), Block("Q", unit), Block("X", unit))
    models = tuple(Model(i, tuple(J), 0.0, 0.0) for i, J in (("A", "P"), ("B", "Q"), ("C", "PX")))
    requests = tuple(Request(i, i, 0.0, FlatChannel(1.0), deadline) for i, deadline in zip("ABC", (2.0, 3.0, 4.0)))
    server = Server(1.0, unit, memory_bytes=memory, residency="cached")
    return Instance("one byte", server, blocks, models, requests)


@every_way
@pytest.mark.parametrize("unit", [1.0, 1e10])
@pytest.mark.parametrize(("spare", "served"), [(0.0, 3), (-1.0, 2)])
def test_a_single_byte_counts(unit, spare, served, method, solver):
    instance = kept_while_another_runs(unit, 3 * unit + spare)
    solution = solvers.solve(instance, method, solver=solver)
    assert (solution.objective, solution.bound, solution.status) == (served, served, "optimal")
    assert check(instance, solution).feasible


def near_tie(nudge: float) -> Instance:
    """One model and three requests, which together end at 5, due at 5 but for a relative nudge."""
    requests = tuple(Request(f"k{n}", "A", 0.0, FlatChannel(1.0), 5 * (1 + nudge)) for n in range(3))
    blocks, models = (Block("b", 1.0),), (Model("A", ("b",), 1.0, 1.0),)
    return Instance("near tie", Server(1.0, 1.0), blocks, models, requests)


@every_way
@pytest.mark.parametrize(
    ("nudge", "served"),
    [(-1e-5, 2), (-1e-6, 2), (-1e-7, 2), (-1e-8, 2), (-2e-9, 2), (-5e-10, 3), (0.0, 3), (1e-9, 3), (1e-7, 3)],
)
def test_near_ties_are_told_apart_to_the_checkers_tolerance(nudge, served, method, solver):
    instance = near_tie(nudge)
    assert optimum(instance)[0] == served
    solution = solvers.solve(instance, method, solver=solver)
    assert (solution.objective, solution.bound, solution.status) == (served, served, "optimal")
    assert check(instance, solution).feasible


def test_a_plan_that_needs_the_slack_is_repaired_with_tightened_times_and_its_requests_forbidden(monkeypatch):
    slacks, forbidden = [], []

    def build(instance, *, slack):
        slacks.append(slack)
        return slot_build(instance, slack=slack)

    def forbid(model, served, ids):
        forbidden.append(set(ids))
        own_forbid(model, served, ids)

    slot_build, own_forbid = slot.build, cuts.forbid_together
    monkeypatch.setattr(slot, "build", build)
    monkeypatch.setattr(cuts, "forbid_together", forbid)
    instance = near_tie(-2e-9)
    found = blindly(instance, "slot", "highs")
    assert slacks == [SLACK, -SLACK]
    assert forbidden == [{"k0", "k1", "k2"}]
    assert (checker.objective(instance, found.plan), found.bound, found.termination) == (2, 2, "proved")


def test_of_a_static_plan_that_lacks_band_no_feasible_beginning_is_forbidden():
    """With C to come, A and B would need 1.005 of the band, which few tangents do not see; alone they need 0.893."""
    blocks = (Block("c", 10.0),)
    models = (Model("A", (), 0.0, 0.0), Model("B", (), 0.0, 0.0), Model("C", ("c",), 0.0, 0.0))
    requests = (
        Request("a", "A", 4.02, FlatChannel(1.0), 9.0),
        Request("b", "B", 4.02, FlatChannel(1.0), 9.0),
        Request("c", "C", 0.0, FlatChannel(1.0), 18.0, 0.5),
    )
    instance = Instance("beginning", Server(1.0, 1.0, uplink="static"), blocks, models, requests)
    assert optimum(instance)[0] == 2
    found = blindly(instance, "cone", "highs")
    assert (checker.objective(instance, found.plan), found.bound, found.termination) == (2, 2, "proved")


@pytest.mark.parametrize(("uplink", "seeds"), [("pipelined", 30), ("static", 15)])
def test_only_what_no_division_of_the_band_makes_feasible_is_forbidden(monkeypatch, uplink, seeds):
    forbidden = []

    def forbid(built, plan):
        forbidden.append((built.data.instance, plan))
        own_forbid(built, plan)

    own_forbid = cone.ConeModel.forbid
    monkeypatch.setattr(cone.ConeModel, "forbid", forbid)
    monkeypatch.setattr(cone, "_tangents", lambda band, k, most: [])  # As few tangents as there can be.
    for seed in range(seeds):
        blindly(random_instance(seed, (uplink,), ("power-limited", "flat"), 6), "cone", "highs")
    assert len(forbidden) > 2
    for instance, plan in forbidden:
        assert not checker.check_plan(instance, decided(instance, plan)).feasible


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"method": "magic"}, f"method: expected one of exact, {NAMES} or package.module:function, got 'magic'"),
        (
            {"formulation": "slots"},
            "formulation: expected one of slot, sequence, set-union, cone, joint, provisioning, recursion, "
            "got 'slots', did you mean 'slot'?",
        ),
        ({"solver": "cplex"}, "solver: expected one of highs, scip, got 'cplex'"),
        ({"time_limit": 0}, "time limit: expected a number of seconds above 0, got 0"),
        ({"time_limit": float("nan")}, "time limit: expected a number of seconds above 0, got nan"),
        ({"gap": 1.0}, "gap: expected a number from 0 to below 1, got 1"),
        ({"seed": -1}, "seed: expected a whole number from 0 to 2147483647, got -1"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(options, problem):
    with pytest.raises(InputError) as error:
        solvers.solve(load("three-models"), **options)
    assert str(error.value) == problem


def test_an_unknown_option_is_refused():
    with pytest.raises(TypeError):
        solvers.solve(load("three-models"), timelimit=3)


@pytest.mark.parametrize(
    ("name", "options", "lacking"),
    [
        ("general-small-static", {}, "uplink 'static'"),
        ("general-small-power", {}, "channel 'power-limited'"),
        ("three-models", {"formulation": "joint"}, "formulation 'joint'"),
    ],
)
def test_what_is_not_covered_is_refused_by_name(name, options, lacking):
    with pytest.raises(InputError, match=f"'milp' does not cover {lacking}"):
        solvers.solve(load(name), "milp", **options)


def test_without_a_name_the_first_method_that_covers_everything_asked_for_is_taken():
    def chosen(name, **options):
        return solvers.solve(load(name), **options).method

    assert chosen("three-models") == "dynamic"
    assert chosen("three-models", solver="highs") == "milp"
    assert chosen("general-small-static") == "tangents"
    assert chosen("general-small-power", solver="scip") == "tangents"
    assert chosen("three-models", formulation="joint") == "minlp"
    with pytest.raises(InputError, match="method 'minlp' does not cover solver 'highs'"):
        solvers.solve(load("three-models"), formulation="joint", solver="highs")


def test_an_engine_that_is_not_installed_is_named_with_its_extra(monkeypatch):
    monkeypatch.delitem(sys.modules, "partload.solvers.engines.scip", raising=False)
    monkeypatch.setitem(sys.modules, "pyscipopt", None)
    with pytest.raises(InputError) as error:
        solvers.solve(load("three-models"), solver="scip")
    assert str(error.value) == "solver scip: needs pyscipopt: pip install 'partload[scip]'"


@every_way
def test_hopeless_requests_are_an_optimum_of_nothing(method, solver):
    instance = load("three-models")
    hopeless = instance.replace(
        requests=tuple(Request(k.id, k.model, k.input_bits, k.channel, 1e-6) for k in instance.requests)
    )
    solution = solvers.solve(hopeless, method, solver=solver)
    assert (solution.status, solution.objective, solution.bound, solution.gap) == ("optimal", 0.0, 0.0, 0.0)


def test_the_same_seed_gives_the_same_plan():
    instance = load("general-9x30")
    assert solvers.solve(instance, seed=7).slots == solvers.solve(instance, seed=7).slots


@pytest.mark.parametrize(
    ("weights", "grid"),
    [([1.0, 1.0], 1.0), ([2.0, 4.0], 2.0), ([0.1, 0.25], 0.05), ([1.0, 1 / 3], 0.0), ([], 0.0)],
)
def test_sums_of_weights_lie_on_a_grid(weights, grid):
    assert weight_grid(weights) == pytest.approx(grid)


def test_bounds_are_moved_to_the_safe_side():
    assert safe_bound(20.0 - 1e-7, 1.0) == 20
    assert safe_bound(20.0 + 1e-7, 1.0) == 20
    assert safe_bound(20.9, 1.0) == 20
    assert safe_bound(0.35, 0.1) == pytest.approx(float(Fraction(3, 10)))
    assert safe_bound(20.0, 0.0) > 20
    assert safe_bound(float("inf"), 1.0) == float("inf")
    assert safe_bound(-1e-12, 0.0) == 0


@pytest.mark.parametrize(("formulation", "engine"), BLIND)
def test_a_repair_in_which_nothing_fits_proves_nothing(formulation, engine):
    """One request ends exactly when it is due, a heavier one just after: tightened, neither can be served."""
    blocks, models = tuple(Block(i, 1.0) for i in "AB"), tuple(Model(i, (i,), 1.0, 1.0) for i in "AB")
    requests = (
        Request("tie", "A", 0.0, FlatChannel(1.0), 3.0, 1.0),
        Request("late", "B", 0.0, FlatChannel(1.0), 3.0 * (1 - 1e-7), 2.0),
    )
    instance = Instance("repair of nothing", Server(1.0, 1.0), blocks, models, requests)
    found = blindly(instance, formulation, engine)
    assert (checker.objective(instance, found.plan), found.bound, found.termination) == (1, 1, "proved")


def test_the_process_of_a_search_is_used_again():
    """A process with a thread left over would end; importing Pyomo again takes a second."""
    worker_pool.close_all()
    solvers.solve(load("visits-once"), "milp")
    (first,) = worker_pool.idle_ids()
    solvers.solve(load("visits-any"), "milp")
    assert worker_pool.idle_ids() == {first}
