"""``partload gap``: what it prints and writes, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import partload
from partload.benchmarks.gap import rows
from partload.cli import run
from partload.commands import gap

HEURISTIC = """
def nobody(instance):
    return []

def fails(instance):
    raise ValueError("out of ideas")
"""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("mine_of_gap.py").write_text(HEURISTIC)


def test_every_run_and_every_method_is_printed(capfd):
    call = ["gap", "three-models", "--methods", "exact,mine_of_gap:nobody,mine_of_gap:fails", "--no-sharing", "exact"]
    assert run([*call, "--workers", "2", "-o", "rows.jsonl"]) == 0
    printed = capfd.readouterr()
    assert printed.err == ""
    cells = [line.split() for line in printed.out.splitlines()]
    runs = [line for line in cells if line[:1] == ["three-models"]]
    assert [(line[1].rstrip(","), line[-1]) for line in runs] == [
        ("exact", "optimal"),
        ("mine_of_gap:nobody", "unknown"),
        ("mine_of_gap:fails", "failed"),
        ("exact", "optimal"),
    ]
    assert runs[0][2:6] == ["4", "4", "optimum", "0.00%"]
    assert runs[1][2:6] == ["0", "4", "optimum", "100.00%"]
    assert runs[2][2:6] == ["-", "4", "optimum", "-"]
    assert runs[3][4:8] == ["2", "4", "optimum", "50.00%"]
    assert "failed     mine_of_gap:fails on three-models: failed with ValueError: out of ideas (" in printed.out
    assert "runs       4 of 4, in rows.jsonl" in printed.out
    found = [rows.parse(json.loads(line)) for line in Path("rows.jsonl").read_text().splitlines()]
    assert sorted(row.status for row in found) == ["failed", "optimal", "optimal", "unknown"]
    assert {row.asked.time_limit for row in found} == {60.0}


def test_where_a_heuristic_failed_is_shown_when_asked_for(capsys):
    assert run(["gap", "three-models", "--methods", "mine_of_gap:nobody,mine_of_gap:fails", "--traceback"]) == 0
    shown = capsys.readouterr().err
    assert shown.startswith("mine_of_gap:fails on three-models:\nTraceback")
    assert shown.endswith("ValueError: out of ideas\n\n")
    assert run(["solve", "three-models", "--method", "mine_of_gap:fails", "--traceback"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("Traceback")
    problem = "failed with ValueError: out of ideas"
    assert shown.splitlines()[-1] == f"partload: method: {problem} ({Path('mine_of_gap.py').resolve()}:6)"


def test_the_same_call_again_prints_the_same(capfd):
    call = ["gap", "three-models", "full-batch", "--methods", "exact,greedy-rate", "-o", "rows.jsonl"]
    assert run(call) == 0
    first, content = capfd.readouterr().out, Path("rows.jsonl").read_bytes()
    assert run(call) == 0
    assert capfd.readouterr().out == first
    assert Path("rows.jsonl").read_bytes() == content


def test_without_methods_each_problem_has_its_own(capfd):
    assert run(["gap", "slide-synthetic:users=4", "full-batch", "-o", "rows.jsonl"]) == 0
    found = [rows.parse(json.loads(line)) for line in Path("rows.jsonl").read_text().splitlines()]
    assert {row.problem: sum(each.problem == row.problem for each in found) for row in found} == {
        "slide": 4,
        "partial-loading": 4,
    }
    assert all(row.status in ("optimal", "feasible") for row in found)
    assert "download-first" in capfd.readouterr().out


def test_of_many_runs_only_the_summary_is_printed(monkeypatch: pytest.MonkeyPatch, capfd):
    monkeypatch.setattr(gap, "MOST_LINES", 1)
    assert run(["gap", "three-models", "--methods", "exact,greedy-rate"]) == 0
    printed = capfd.readouterr().out
    assert "three-models" not in printed
    assert "-o ROWS.jsonl or --report DIR list each run" in printed


def test_instances_from_folders_families_and_sweeps(capfd):
    Path("folder").mkdir()
    partload.write(partload.read("three-models"), "folder/one.json")
    assert run(["gap", "folder", "full-batch", "--sweep", "load-rate=1,2", "--methods", "exact", "--seed", "3"]) == 0
    printed = capfd.readouterr().out
    for name in ("three-models load-rate=1", "three-models load-rate=2", "full-batch load-rate=2"):
        assert name in printed
    assert "runs       4 of 4" in printed


def test_report(capfd):
    pytest.importorskip("matplotlib")
    assert run(["gap", "three-models", "--methods", "exact", "--report", "made/report"]) == 0
    assert "report     made/report/index.html" in capfd.readouterr().out
    assert Path("made/report/index.html").stat().st_size > 1000


def test_defaults_are_exact_and_heuristics(capfd):
    assert run(["gap", "three-models"]) == 0
    printed = capfd.readouterr().out
    for method in ("exact", "local-search", "greedy-sharing", "greedy-rate"):
        assert f" {method}" in printed


WRONG = {
    "nothing": ([], "INSTANCE"),
    "unknown instance": (["three-model"], "did you mean 'three-models'"),
    "no method": (["three-models", "--methods", ","], "methods: expected at least one method, got none"),
    "unknown method": (["three-models", "--methods", "magic"], "expected one of exact, "),
    "unknown module": (["three-models", "--methods", "exact,no.such:thing"], "no.such"),
    "unknown function": (["three-models", "--methods", "mine_of_gap:thing"], "thing"),
    "sweep": (["three-models", "--sweep", "bandwith=1:2:3"], "bandwith"),
    "memory": (["three-models", "--memory", "much"], "memory: expected a size such as 4GB or 500MB, got 'much'"),
    "workers": (["three-models", "--workers", "0"], "workers"),
    "time": (["three-models", "--time-limit", "0"], "time limit"),
    "unwritable": (["three-models", "-o", "nowhere/rows.jsonl"], "nowhere/rows.jsonl: cannot write here"),
    "no rows": (
        ["three-models", "--methods", "exact", "-o", "mine_of_gap.py"],
        "mine_of_gap.py: line 1: expected a row",
    ),
    "no folder": (["three-models", "--report", "mine_of_gap.py"], "mine_of_gap.py: cannot"),
    "no cluster": (["three-models", "--dask", "nonsense"], "nonsense: no scheduler of Dask answers here"),
}


@pytest.mark.parametrize(("call", "word"), WRONG.values(), ids=WRONG)
def test_wrong_calls_end_in_one_line(call: list[str], word: str, capfd):
    before = {path: path.read_bytes() for path in Path().iterdir() if path.is_file()}
    assert run(["gap", *call]) == 2
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("partload: ")
    assert printed.err.count("\n") == 1
    assert word in printed.err
    assert {path: path.read_bytes() for path in Path().iterdir() if path.is_file()} == before, "nothing is left behind"
