"""Local search: feasible, no better than the optimum, no worse than both greedies, and the same for the same seed."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from itertools import product
from random import Random

import numpy as np
import pytest

from partload import solvers
from partload.instances import library
from partload.instances.allocation import constant_bandwidths, least_upload_times
from partload.instances.channels import nats_per_hertz
from partload.instances.errors import InputError
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.checker import check, check_plan, objective
from partload.instances.partial_loading.generators import generate
from partload.instances.partial_loading.instance import Instance
from partload.solvers.partial_loading.constructive import greedy_rate, greedy_sharing
from partload.solvers.partial_loading.local_search import search as local_search
from partload.solvers.partial_loading.local_search.data import Numbers
from partload.solvers.partial_loading.local_search.ruin import MOVES
from partload.solvers.partial_loading.local_search.times import Times
from partload.solvers.partial_loading.local_search.uploads import Uploads, _nats_per_hertz
from partload.solvers.registry import Limits
from tests.support.brute_force import optimum
from tests.support.random_instances import random_instance

UPLINKS, CHANNELS = ("slotted", "pipelined", "static"), ("flat", "power-limited", "mixed")
SAMPLE = range(510_000, 510_144)
STEPS, NO_BOUND = 60, 1e9

KINDS = {
    "one deadline": {},
    "own deadlines, weights": {"deadlines": "individual", "weights": "random"},
    "cached, any, memory": {"residency": "cached", "visits": "any", "memory": 1.5, "weights": "random"},
    "cached, no limit": {"residency": "cached"},
    "any": {"visits": "any", "bandwidth": 5e6},
    "pipelined": {"uplink": "pipelined", "bandwidth": 5e6, "deadlines": "individual"},
    "static": {"uplink": "static", "bandwidth": 5e6},
    "power-limited": {"channel": "power-limited", "bandwidth": 5e6},
    "static, power-limited": {"uplink": "static", "channel": "power-limited"},
    "batches of 2, latency": {"max_batch": 2, "load_latency": 0.01},
}


def best_greedy(instance: Instance) -> float:
    return max(objective(instance, greedy.run(instance, Limits()).plan) for greedy in (greedy_rate, greedy_sharing))


def searched(instance: Instance, seed: int = 0, patience: int = STEPS) -> float:
    """Weight served, of a plan that the checker accepts."""
    outcome = local_search.search(instance, Limits(seed=seed), NO_BOUND, patience)
    report = check_plan(instance, outcome.plan)
    assert report.feasible, (instance.name, report.violations)
    assert (outcome.bound, outcome.termination) == (None, "heuristic-end")
    assert report.objective is not None
    return report.objective


def test_between_the_greedies_and_the_optimum():
    """Every residency, rule for visits, uplink and channel; nearly always it is the optimum."""
    total: Counter[str] = Counter()
    for seed in SAMPLE:
        instance = random_instance(seed, UPLINKS, CHANNELS, most_requests=6)
        best, _ = optimum(instance)
        value = searched(instance, seed)
        assert best_greedy(instance) <= value <= best * (1 + 1e-9), seed
        total["optimum"] += best
        total["found"] += value
        total["optimal"] += value >= best * (1 - 1e-9)
    assert total["found"] >= 0.99 * total["optimum"]
    assert total["optimal"] >= 0.95 * len(SAMPLE)


@pytest.mark.parametrize("kind", KINDS)
def test_each_feature(monkeypatch, kind):
    """Better than both greedies, and no plan of the annealing is rejected: what it computes is what the clock says."""
    monkeypatch.setattr(local_search.model_order, "covers", lambda instance: False)
    keep, kept = local_search._Run._keep, []
    monkeypatch.setattr(local_search._Run, "_keep", lambda *found: kept.append(keep(*found)) or kept[-1])
    instance = generate("backbone", models=8, requests=40, seed=1, **KINDS[kind])
    assert searched(instance, patience=300) > best_greedy(instance)
    assert kept
    assert all(kept)


@pytest.mark.parametrize("seed", range(510_200, 510_236))
def test_times_are_those_of_the_clock_after_every_step(seed):
    instance = random_instance(seed, UPLINKS, CHANNELS, most_requests=7)
    annealing = local_search.Annealing(instance, greedy_rate.run(instance, Limits()).plan, Random(seed))
    for _ in range(20):
        annealing.step()
        draft = annealing.best
        times, plan = Times(annealing.numbers, draft.batches), draft.plan()
        assert times.feasible
        assert check_plan(instance, plan).feasible
        if instance.server.uplink != "static":
            assert times.end_s == pytest.approx(clock.run(instance, plan).end_s.tolist(), rel=1e-9)
        assert draft.served == {instance.request_index[k] for slot in plan for k in slot.requests}


def test_uploads_are_those_of_the_whole_columns():
    random = np.random.default_rng(1)
    for seed in range(30):
        instance = generate("general", requests=20, seed=seed, channel="power-limited" if seed % 2 else "flat")
        columns, band = instance.arrays, instance.server.bandwidth_hz
        uploads, rows = Uploads(instance), random.choice(20, 6, replace=False)
        channel, bits = columns.channel[rows], columns.input_bits[rows]
        together = least_upload_times(channel, bits, np.zeros(6, dtype=np.int64), 1, band)[0]
        assert uploads.together_s(rows.tolist()) == pytest.approx(together, rel=1e-10)
        ready = columns.alone_s(band)[rows] * random.uniform(1, 20, 6)
        shares = [uploads.share(k, t) for k, t in zip(rows.tolist(), ready.tolist())]
        assert shares == pytest.approx((constant_bandwidths(channel, bits, ready) / band).tolist(), rel=1e-9)


def test_one_inversion_is_that_of_the_columns():
    share = np.concatenate([10.0 ** np.arange(-300, 0, 7), [0.3, 0.5, 0.9, 0.999, 1 - 1e-9, 1.0, 1.5]])
    expected = nats_per_hertz(share[:-1], 1 - share[:-1])
    assert [_nats_per_hertz(q) for q in share[:-1].tolist()] == pytest.approx(expected.tolist(), rel=1e-13)
    assert _nats_per_hertz(1.5) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_move_gives_requests_to_their_models_once(kind):
    """A move may give plans that are late, but none with a request twice, in a wrong place, or in too large a batch."""
    instance = generate("general", models=6, requests=30, seed=4, **KINDS[kind])
    annealing = local_search.Annealing(instance, greedy_rate.run(instance, Limits()).plan, Random(0))
    numbers, draft, changed = annealing.numbers, annealing.best, Counter()
    for turn, name in product(range(100), MOVES):
        change = MOVES[name](draft, Random(turn))
        if change is None:
            continue
        batches, keep = change
        rows = [k for batch in batches for k in batch.rows]
        assert len(rows) == len(set(rows))
        assert keep <= set(rows)
        assert all(numbers.model_of[k] == batch.model for batch in batches for k in batch.rows)
        assert all(0 < len(batch.rows) <= numbers.most[batch.model] for batch in batches)
        changed[name] += [batch.rows for batch in batches] != [batch.rows for batch in draft.batches]
        visits = [a.model for a, b in zip(batches, [*batches[1:], None]) if b is None or a.model != b.model]
        assert not numbers.once or len(visits) == len(set(visits)), name
        if name == "split":
            annealing.step()
            draft = annealing._current
    if instance.models[0].max_batch is not None:  # Else a slot may serve all who ask, and every model be visited.
        assert set(changed) == set(MOVES)


def test_the_same_seed_gives_the_same_plan_and_another_one_may_not():
    instance = generate("general", models=8, requests=60, seed=3, deadlines="individual", weights="random")
    plans = [local_search.search(instance, Limits(seed=seed), NO_BOUND, 100).plan for seed in (5, 5, 6, 7)]
    assert plans[0] == plans[1]
    assert len(set(map(str, plans))) > 1


def test_solve_gives_a_checked_solution():
    instance = library.load("general-9x30")
    solution = solvers.solve(instance, "local-search", seed=1)
    assert (solution.objective, solution.status, solution.termination) == (16, "feasible", "heuristic-end")
    assert (solution.method, solution.bound) == ("local-search", None)
    assert check(instance, solution).feasible


def test_a_plan_that_meets_the_upper_bound_is_proved():
    instance = generate("general", models=3, requests=8, seed=1, deadline=1e3)
    solution = solvers.solve(instance, "local-search", time_limit=60.0)
    assert (solution.objective, solution.bound, solution.status, solution.termination) == (8, 8, "optimal", "proved")


def test_a_gap_that_was_asked_for_ends_it():
    instance = library.load("nested-12x36")  # Serves 20; the bound is 21.
    solution = solvers.solve(instance, "local-search", time_limit=60.0, gap=0.1)
    assert (solution.status, solution.termination, solution.bound) == ("feasible", "proved", 21)


def test_a_time_limit_is_used_up_and_the_best_plan_is_kept():
    instance = library.load("general-9x30")
    told = []
    started = time.perf_counter()
    solution = solvers.solve(instance, "local-search", time_limit=1.3, progress=told.append)
    assert time.perf_counter() - started >= 1.3
    assert (solution.objective, solution.termination, solution.bound) == (16, "time-limit", None)
    assert told
    assert told[0].incumbent <= 16 <= told[0].bound
    assert solvers.solve(instance, "local-search", time_limit=1e-9).termination == "time-limit"


def test_ctrl_c_keeps_the_best_plan(monkeypatch):
    step, steps = local_search.Annealing.step, []

    def interrupting(annealing):
        steps.append(1)
        if len(steps) == 50:
            os.kill(os.getpid(), signal.SIGINT)
        return step(annealing)

    monkeypatch.setattr(local_search.Annealing, "step", interrupting)
    instance = library.load("general-9x30")
    outcome = local_search.run(instance, Limits())
    assert (outcome.termination, len(steps)) == ("interrupted", 50)
    assert objective(instance, outcome.plan) >= best_greedy(instance)


def test_a_plan_that_the_checker_rejects_is_left(monkeypatch):
    """With all deadlines put off inside the search, what it finds is late; the greedy plan is what remains."""
    instance = library.load("general-9x30")
    monkeypatch.setattr("partload.solvers.partial_loading.local_search.data.ON_TIME", 1.5)
    outcome = local_search.search(instance, Limits(), NO_BOUND, 20)
    assert check_plan(instance, outcome.plan).feasible
    assert objective(instance, outcome.plan) == best_greedy(instance)


def test_a_formulation_and_a_solver_have_no_place_in_it():
    with pytest.raises(InputError, match=r"does not cover formulation 'slot', solver 'scip'"):
        solvers.solve(library.load("three-models"), "local-search", formulation="slot", solver="scip")


@pytest.mark.parametrize("name", ["three-models", "visits-any", "tool-switching", "static-band", "decimal-tie"])
def test_tiny_instances_of_the_library_are_solved(name):
    assert solvers.solve(library.load(name), "local-search").objective == library.known()[name].best
    assert Numbers(library.load(name)).wanted
