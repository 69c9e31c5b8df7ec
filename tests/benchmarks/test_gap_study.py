"""A gap study as a whole: what it plans, that it goes on where it was, and that no run is lost or done twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

import partload
from partload.benchmarks.gap import rows, worker_pool
from partload.benchmarks.gap.cases import Case, cases
from partload.benchmarks.gap.problems import study_of
from partload.benchmarks.gap.results_log import ResultsLog
from partload.benchmarks.gap.rows import RunKey
from partload.benchmarks.gap.study import gap
from partload.benchmarks.gap.tasks import build_tasks, default_methods, select_methods
from partload.instances.errors import InputError
from partload.instances.generators import generate
from partload.instances.problems import PROBLEMS
from partload.solvers.methods import METHODS
from partload.solvers.processes import worker
from partload.solvers.processes import worker_pool as processes_pool
from partload.solvers.registry import Limits
from tests.support.works import lives, wait_until

COMMAND = [sys.executable, "-m", "partload", "gap"]
OWN = "tests.support.own_heuristics:"
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MARKS", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


def runs(study) -> list[tuple[str, str, bool]]:
    return [(row.asked.instance, row.asked.method, row.asked.sharing) for row in study.rows]


def test_rows_come_case_by_case_whatever_ends_first(marks: Path):
    study = gap(["three-models", "full-batch"], [OWN + "slow", "greedy-rate"], no_sharing=["first-come"], workers=2)
    methods = [(OWN + "slow", True), ("greedy-rate", True), ("exact", True), ("first-come", False)]
    assert runs(study) == [(case, *method) for case in ("three-models", "full-batch") for method in methods]
    assert (study.complete, study.planned, study.notes) == (True, 8, ())
    assert [line.gap for line in study.lines() if line.row.asked.method == "exact"] == [0.0, 0.0]


def planned(source: str, *given: str, **limits) -> list[RunKey]:
    tasks = build_tasks(cases([source]), select_methods(given), [], Limits(**limits))
    return [task.asked for task in tasks]


def test_something_exact_is_always_run():
    def methods(source: str, *given: str) -> list[str]:
        return [asked.method for asked in planned(source, *given)]

    assert methods("three-models", "milp") == ["milp"]
    assert methods("static-band", "milp") == ["milp", "exact"], "milp does not cover it"
    assert methods("three-models", "exact@30", "exact") == ["exact", "exact"]
    assert methods("three-models", "greedy-rate") == ["greedy-rate", "exact"]


def test_each_problem_has_its_usual_methods():
    slide = generate("slide-synthetic", users=3)
    tasks = build_tasks(cases([slide, "three-models"]), default_methods(), [], Limits())
    found: dict[str, list[str]] = {}
    for task in tasks:
        found.setdefault(task.asked.instance, []).append(task.asked.method)
    assert found["three-models"] == ["exact", "local-search", "greedy-sharing", "greedy-rate"]
    assert found[slide.name] == ["exact", "download-first", "equal-bandwidth", "smallest-model"]
    for known in PROBLEMS:
        problem, names = known.name, study_of(known).DEFAULT_METHODS
        registered = {method.name for method in METHODS if method.problem == problem}
        assert {name.partition("@")[0] for name in names} <= {"exact", *registered}


def test_limits_are_those_of_all_or_of_the_method():
    asked = planned("three-models", "exact@30", "greedy-rate", time_limit=7, seed=5, gap=0.25)
    assert [(each.time_limit, each.seed, each.gap) for each in asked] == [(30, 5, 0.25), (7, 5, 0.25)]


def test_sweeps_vary_the_instances():
    study = gap("three-models", ["exact"], sweeps=["requests=2,4"])
    assert [(row.asked.swept.of, row.asked.swept.value, row.requests) for row in study.rows] == [
        ("three-models", 2.0, 2),
        ("three-models", 4.0, 4),
    ]


def test_the_same_instance_twice_is_run_once():
    instance = partload.read("three-models")
    assert len(gap(iter(["three-models", instance, Case(instance)]), ["exact", "exact"]).rows) == 1


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"methods": []}, "methods: expected at least one method, got none"),
        ({"methods": ["magic"]}, "expected one of exact, "),
        ({"methods": ["no.such:thing"]}, "cannot import 'no.such'"),
        ({"methods": ["exact@soon"]}, "expected METHOD@SECONDS"),
        ({"methods": [lambda instance: [], lambda instance: []]}, "expected methods of different names"),
        ({"methods": [3]}, "expected a name or a callable, got 3"),
        ({"methods": [(lambda lock: lambda instance: lock)(threading.Lock())]}, "cannot be sent to another process"),
        ({"no_sharing": ["magic"]}, "expected one of exact, "),
        ({"sweeps": ["magic=1"]}, "bandwidth"),
        ({"sources": []}, "expected an instance"),
        ({"sources": 3}, "sources: expected an instance, .*, got a int"),
        ({"sources": ["three-models", None]}, "sources: expected an instance, .*, got a NoneType"),
        ({"sources": ["three-model"]}, "three-models"),
        ({"time_limit": 0}, "time limit"),
        ({"gap": 1.0}, "gap"),
        ({"seed": -1}, "seed"),
        ({"memory": "much"}, "memory: expected a size"),
        ({"workers": 0}, "workers"),
        ({"dask": "localhost:1", "workers": 2}, "workers: expected none with a cluster"),
        ({"dask": "nonsense"}, "nonsense: no scheduler of Dask answers here"),
        ({"output": "none/rows.jsonl"}, "cannot write here"),
    ],
)
def test_what_is_wrong_with_a_call_is_said_before_the_first_run(change, problem, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worker_pool, "run_in_process", lambda *_: pytest.fail("a run was started"))
    with pytest.raises(InputError, match=problem):
        gap(**{"sources": ["three-models"], "methods": ["exact"]} | change)


def test_what_is_in_the_file_is_not_run_again(marks: Path, monkeypatch: pytest.MonkeyPatch):
    path = marks / "rows.jsonl"
    first = gap("three-models", [OWN + "nobody", "exact"], output=path)
    content = path.read_bytes()
    second = gap(["three-models", "full-batch"], [OWN + "nobody", "exact"], output=path)
    assert second.rows[:2] == first.rows
    assert path.read_bytes().startswith(content)
    assert path.read_bytes().count(b"\n") == 4
    monkeypatch.setattr(worker_pool, "run_in_process", lambda *_: pytest.fail("a run was started"))
    assert gap("full-batch", ["exact"], output=path).rows == second.rows[3:]
    assert path.read_bytes().count(b"\n") == 4


def test_rows_of_another_version_are_pointed_out(marks: Path):
    path = marks / "rows.jsonl"
    gap("three-models", ["exact"], output=path)
    document = json.loads(path.read_text())
    document["versions"]["partload"] = "0.0.1"
    path.write_text(json.dumps(document) + "\n")
    study = gap("three-models", ["exact", "greedy-rate"], output=path)
    assert "0.0.1, " in study.notes[0]


def test_a_process_that_cannot_start_ends_the_study_and_makes_no_rows(marks: Path, monkeypatch: pytest.MonkeyPatch):
    processes_pool.close_all()
    monkeypatch.setattr(worker, "_START", "raise ImportError('no numpy here')")
    with pytest.raises(InputError, match=r"a worker process does not start, .*no numpy here"):
        gap("three-models", ["exact"], output=marks / "rows.jsonl")
    assert (marks / "rows.jsonl").read_bytes() == b""


def test_killed_and_started_again_every_run_is_there_once(marks: Path):
    path = marks / "rows.jsonl"
    call = [*COMMAND, "general:models=2,requests=3,seed=0:7:8", "--methods", f"{OWN}slow,greedy-rate,exact"]
    call += ["--workers", "2", "-o", str(path)]
    kept = b""
    for enough in (3, 9):
        process = subprocess.Popen(call, stdout=subprocess.DEVNULL, cwd=marks)
        try:
            wait_until(lambda enough=enough: lines_of(path) >= enough)
        finally:
            process.kill()
            process.wait()
        wait_until(lambda: not any(lives(int(mark.name.partition("-")[2])) for mark in marks.glob("process-*")))
        assert path.read_bytes().startswith(kept)
        kept = path.read_bytes()[: path.read_bytes().rindex(b"\n") + 1]
    assert kept.count(b"\n") < 24, "killed in the middle"
    assert subprocess.run(call, stdout=subprocess.DEVNULL, cwd=marks, check=False).returncode == 0
    assert path.read_bytes().startswith(kept)
    found = Counter(rows.parse(json.loads(line)).asked for line in path.read_text().splitlines())
    assert len(found) == 24
    assert set(found.values()) == {1}


def test_ctrl_c_prints_what_there_is(marks: Path):
    path = marks / "rows.jsonl"
    call = [*COMMAND, "three-models", "--methods", f"exact,{OWN}never", "--workers", "2", "-o", str(path)]
    process = subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=marks)
    try:
        wait_until(lambda: lines_of(path) == 1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, err) == (130, "")
    assert "runs       1 of 2" in out
    with ResultsLog(path) as log:
        assert [row.status for row in log.rows.values()] == ["optimal"]


def lines_of(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0
