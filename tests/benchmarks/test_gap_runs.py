"""One run of a gap study: whatever a method does, a row says it, and the next run goes on."""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path

import pytest

from partload.benchmarks.gap import rows, table, worker_pool
from partload.benchmarks.gap import run as run_module
from partload.benchmarks.gap.cases import cases
from partload.benchmarks.gap.problems import partial_loading as partial_loading_rows
from partload.benchmarks.gap.problems import slide as slide_rows
from partload.benchmarks.gap.run import Task, run
from partload.benchmarks.gap.tasks import build_tasks, select_methods
from partload.benchmarks.gap.worker_pool import WorkerPool
from partload.instances.errors import InputError
from partload.instances.generators import generate
from partload.instances.partial_loading.transform import without_sharing
from partload.instances.reading import read_instance
from partload.solvers import METHODS, solve, upper_bound
from partload.solvers.processes.result import Result, failure_of
from partload.solvers.registry import Limits, Method
from tests.support import works
from tests.support.random_slide import random_slide

OWN = "tests.support.own_heuristics:"
GREEDY = "greedy-rate"


def tasks(source, *methods, no_sharing=(), **limits) -> list[Task]:
    wanted, apart = select_methods(methods), select_methods(no_sharing)
    return build_tasks(cases([source]), wanted, apart, Limits(**limits))


def done(to_do: list[Task], count: int = 1) -> dict[str, rows.Row]:
    """Rows by method."""
    found = {}
    with WorkerPool(to_do, count) as pool:
        while len(found) < len(to_do):
            row = pool.next(60)
            found[row.asked.method] = row
    return found


@pytest.fixture
def marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MARKS", str(tmp_path))
    return tmp_path


def test_the_row_of_a_solve():
    instance = read_instance("three-models")
    (task,) = tasks("three-models", "milp", time_limit=60.0, seed=3)
    row, solution = run(task), solve(instance, "milp")
    assert row.asked == task.asked
    assert (row.method, row.formulation, row.solver) == ("milp", solution.formulation, solution.solver)
    assert (row.status, row.termination, row.reason) == ("optimal", "proved", None)
    assert (row.requests, row.weight, row.served, row.objective, row.bound) == (6, 6.0, 4, 4.0, 4.0)
    assert (row.asked.instance_sha256, row.asked.seed) == (solution.instance_sha256, 3)
    assert row.slots == len(row.bars) == len(solution.slots)
    for bar, slot in zip(row.bars, solution.slots):
        assert (bar.model, bar.requests) == (slot.model, len(slot.requests))
        assert (bar.start_s, bar.load_end_s, bar.end_s) == (slot.start_s, slot.load_end_s, slot.end_s)
        assert bar.loaded_bytes == instance.size_of(slot.loaded_blocks)
    assert row.versions["partload"]
    assert rows.parse(json.loads(rows.render(row))) == row


def test_without_sharing_the_copy_is_solved():
    shared, private = (run(task) for task in tasks("three-models", "milp", no_sharing=["milp"]))
    assert private.objective == solve(without_sharing(read_instance("three-models"))).objective < shared.objective
    assert private.asked.instance_sha256 == shared.asked.instance_sha256
    assert (shared.asked.sharing, private.asked.sharing) == (True, False)


def test_the_row_of_the_other_problem():
    instance = random_slide(0)
    row = run(tasks(instance, OWN + "nobody")[0])
    assert (row.status, row.served, row.objective, row.slots, row.bars) == ("unknown", 0, 0.0, None, ())
    assert (row.requests, row.weight) == (len(instance.users), sum(user.weight for user in instance.users))
    with pytest.raises(InputError, match="no sharing: expected instances in which models share blocks"):
        tasks(instance, no_sharing=["exact"])


def test_the_row_of_a_solve_of_slide(monkeypatch: pytest.MonkeyPatch):
    instance = generate("slide-synthetic", users=6, layers=5)
    (task,) = tasks(instance, "exact", time_limit=60.0)
    row, solution = run(task), solve(instance)
    assert (row.problem, row.method, row.status, row.slots, row.bars) == ("slide", solution.method, "optimal", None, ())
    assert (row.requests, row.served, row.objective) == (6, len(solution.users), solution.objective)
    assert len(row.lanes) == len(solution.users) > 1
    for lane, user in zip(row.lanes, solution.users):
        assert (lane.user, lane.model) == (user.id, user.model)
        assert lane.download_end_s == pytest.approx(user.download_end_s, rel=1e-5)
        assert lane.compute_end_s == pytest.approx(user.compute_end_s, rel=1e-5)
    assert rows.parse(json.loads(rows.render(row))) == row
    monkeypatch.setattr(slide_rows, "MOST_LAYERS", 9)
    assert run(task).lanes == row.lanes[:1]


def test_rows_of_before_there_was_a_second_problem_are_read():
    document = json.loads(rows.render(run(tasks("three-models", GREEDY)[0])))
    del document["problem"], document["lanes"]
    assert (rows.parse(document).problem, rows.parse(document).lanes) == ("partial-loading", ())


@pytest.mark.parametrize("method", METHODS, ids=lambda method: f"{method.problem} {method.name}")
def test_every_method_has_something_tiny_to_be_imported_with(method: Method):
    run_module._warm_up.__wrapped__(method.problem, method.name)


def test_long_plans_are_cut_in_the_row(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(partial_loading_rows, "MOST_BARS", 1)
    row = run(tasks("three-models", "one-per-batch")[0])
    assert row.slots == row.served > len(row.bars) == 1


WRONG = {
    "fails": ("failed", "failed with ValueError: out of ideas (", "own_heuristics.py:"),
    "leaves": ("failed", "failed with SystemExit: enough (", "own_heuristics.py:"),
    "cannot_be_said": ("failed", "failed with ValueError: half a character ? (", "own_heuristics.py:"),
    "twice": ("infeasible", "gives a plan that is not feasible: served-twice", ""),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_a_heuristic_does_wrong_becomes_a_row(name: str):
    status, start, part = WRONG[name]
    row = run(tasks("three-models", OWN + name)[0])
    assert row.status == status
    assert row.reason.startswith(start)
    assert part in row.reason
    assert "\n" not in row.reason
    assert (row.objective, row.bound, row.served, row.bars) == (None, None, None, ())
    assert row.requests == 6
    rows.render(row).encode()


def test_a_method_that_does_not_cover_the_instance_refuses():
    row = run(tasks("static-band", "milp")[0])
    assert (row.status, row.objective) == ("refused", None)
    assert "does not cover" in row.reason
    assert "static" in row.reason


def test_of_an_instance_too_large_for_anything_exact_there_is_a_bound(monkeypatch: pytest.MonkeyPatch):
    refused = failure_of(InputError("a model that would be too large", source="formulation"))
    monkeypatch.setattr(
        "partload.solvers.exact.child.processes.call", lambda *_, **__: Result("raised", 0.0, failure=refused)
    )
    to_do = tasks("general-small-pipelined", GREEDY, no_sharing=["exact"])
    found = [run(task) for task in to_do]
    assert [row.status for row in found] == ["feasible", "refused", "refused"]
    instance = read_instance("general-small-pipelined")
    assert [row.bound for row in found] == [None, upper_bound(instance), upper_bound(without_sharing(instance))]
    sha256 = to_do[0].asked.instance_sha256
    monkeypatch.setattr("partload.instances.library.known", dict)
    assert table.references(found)[sha256].value == upper_bound(instance)


def test_an_unexpected_error_inside_a_method_becomes_a_row(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("partload.solvers.partial_loading.constructive.greedy_rate.run", lambda *_: 1 / 0)
    row = run(tasks("three-models", GREEDY)[0])
    assert row.status == "failed"
    assert row.reason.startswith("failed with ZeroDivisionError")


def test_a_process_does_one_run_after_the_other_whatever_they_do(marks: Path):
    names = ("fails", "crashes", "talks", "killed_once", "the_first")
    found = done(tasks("three-models", *(OWN + name for name in names)), count=2)
    assert all(row.peak_bytes is None or row.peak_bytes > 10**7 for row in found.values())
    assert [found[OWN + name].status for name in names] == ["failed", "failed", "unknown", "unknown", "feasible"]
    assert found[OWN + "crashes"].reason == "tried 3 times, at last it died with exit status 3: last words"
    assert found["exact"].status == "optimal"


def test_a_run_that_does_not_stop_is_stopped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worker_pool, "GRACE_S", 0.5)
    monkeypatch.setattr(run_module, "run_in_child", works.loop)
    (row,) = done(tasks("three-models", GREEDY, time_limit=0.5)[:1]).values()
    assert row.status == "failed"
    assert row.reason.startswith("did not stop at its time limit")


def test_a_heuristic_is_ended_at_its_time_limit():
    found = done(tasks("three-models", OWN + "never", OWN + "better_and_better", time_limit=0.5))
    outcomes = [(found[OWN + name].status, found[OWN + name].termination) for name in ("never", "better_and_better")]
    assert outcomes == [("unknown", "time-limit"), ("feasible", "time-limit")]
    assert found[OWN + "better_and_better"].served == 1


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read as Linux tells it")
@pytest.mark.parametrize("method", [OWN + "grows", "one-per-batch"])
def test_a_run_that_takes_too_much_memory_is_ended(method: str, monkeypatch: pytest.MonkeyPatch):
    if method == "one-per-batch":
        monkeypatch.setattr(run_module, "run_in_child", works.grow)
    (row,) = done(tasks("three-models", method, memory_bytes=300_000_000)[:1]).values()
    assert (row.status, row.reason) == ("failed", "used more than 300 MB of memory")
    assert row.peak_bytes > 200_000_000
    assert row.asked.memory_bytes == 300_000_000


def test_where_it_failed_is_in_the_row():
    found = done(tasks("three-models", OWN + "fails", OWN + "nobody"))
    assert found[OWN + "fails"].traceback.startswith("thinking\nTraceback")
    assert 'raise ValueError("out of ideas' in found[OWN + "fails"].traceback
    assert found[OWN + "nobody"].traceback is None


def test_heuristics_from_anywhere_reach_the_process():
    half = 0.5

    def of_this_function(instance):
        return [] if half else None

    found = done(tasks("three-models", of_this_function, lambda instance: 1 / 0))
    mine, other = (row for name, row in found.items() if name != "exact")
    assert mine.asked.method.endswith("of_this_function")
    assert (mine.status, mine.method) == ("unknown", mine.asked.method)
    assert other.reason.startswith("failed with ZeroDivisionError")


def test_a_task_goes_by_plain_pickling():
    (task, _) = tasks("three-models", lambda instance: [])
    assert pickle.loads(pickle.dumps(task)) == task
