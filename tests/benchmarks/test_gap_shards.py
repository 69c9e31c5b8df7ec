"""Shards of a study: together they are the study, and their merged logs show the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import partload
from partload.benchmarks.gap.cases import cases
from partload.benchmarks.gap.shards import Shard, read_shard, tasks_of
from partload.benchmarks.gap.tasks import build_tasks, select_methods
from partload.cli import run
from partload.solvers.registry import Limits

FAMILY = "general:models=3,requests=6,seed=0:4:5"
METHODS = ["exact", "greedy-rate", "greedy-sharing"]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)


@given(st.integers(1, 25))
def test_the_shards_are_disjoint_and_together_the_study(count):
    tasks = build_tasks(cases(FAMILY), select_methods(METHODS), [], Limits())
    shards = [tasks_of(tasks, Shard(number, count)) for number in range(1, count + 1)]
    found = [task.asked for shard in shards for task in shard]
    assert len(found) == len(set(found)) == len(tasks)
    assert set(found) == {task.asked for task in tasks}


def test_the_runs_of_one_method_are_spread_over_the_shards():
    tasks = build_tasks(cases(FAMILY), select_methods(METHODS), [], Limits())
    shards = [tasks_of(tasks, Shard(number, 3)) for number in (1, 2, 3)]
    for method in METHODS:
        counts = [sum(task.asked.method == method for task in shard) for shard in shards]
        assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize("text", ["", "3", "0/2", "3/2", "1/0", "a/b", "1/2/3", "-1/2", "1 / 2"])
def test_another_text_is_no_shard(text):
    with pytest.raises(partload.InputError, match="shard: expected NUMBER/COUNT, such as 3/20"):
        read_shard(text)


def test_merged_shards_show_the_study(capfd):
    call = ["gap", "three-models", "full-batch", "--methods", "exact,greedy-rate,greedy-sharing"]
    assert run([*call, "-o", "whole.jsonl"]) == 0
    whole = capfd.readouterr().out.splitlines()
    for number in (1, 2, 3):
        assert run([*call, "--shard", f"{number}/3", "-o", f"rows-{number}.jsonl"]) == 0
        assert f"runs       2 of 2, in rows-{number}.jsonl" in capfd.readouterr().out
    assert run(["gap", "--merge", "rows-1.jsonl", "rows-2.jsonl", "rows-3.jsonl", "-o", "all.jsonl"]) == 0
    merged = capfd.readouterr().out
    assert "note" not in merged
    assert "runs       6 of 6, in all.jsonl" in merged
    served = {tuple(line.split()[:6]) for line in whole if line.startswith(("three-models", "full-batch"))}
    assert served == {
        tuple(line.split()[:6]) for line in merged.splitlines() if line.startswith(("three-models", "full-batch"))
    }
    before = Path("all.jsonl").read_bytes()
    assert run([*call, "-o", "all.jsonl"]) == 0  # Nothing is left to run.
    assert Path("all.jsonl").read_bytes() == before


def test_what_a_merge_leaves_out_is_said():
    partload.gap(["three-models", "full-batch"], ["greedy-rate"], output="all.jsonl")
    lines = Path("all.jsonl").read_bytes().splitlines(keepends=True)
    Path("a.jsonl").write_bytes(b"".join(lines[:3]))
    Path("b.jsonl").write_bytes(lines[2] + lines[3][:50])
    study = partload.merge(["a.jsonl", "b.jsonl"])
    assert len(study.rows) == 3
    assert study.notes[0] == "b.jsonl ends in an incomplete row, which is left out"
    assert study.notes[1] == "1 runs are in more than one row; the first row of a run counts"
    assert "has no run on 1 of 2 instances: a log may be missing or incomplete" in study.notes[2]
    assert Path("b.jsonl").read_bytes() == lines[2] + lines[3][:50]


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (["gap", "three-models", "--merge"], "three-models: cannot read this file: No such file or directory"),
        (["gap", "--merge", "a.jsonl", "-o", "a.jsonl"], "a.jsonl: expected another file: the output is one of the"),
        (["gap", "--merge", "a.jsonl", "--methods", "exact"], "--methods: expected none with --merge, which shows"),
        (["gap", "--merge", "a.jsonl", "--shard", "1/2"], "--shard: expected none with --merge, which shows"),
        (["gap", "--merge", "wrong.jsonl"], "wrong.jsonl: line 1: expected a row of a study"),
        (["gap", "three-models", "--shard", "5/4"], "shard: expected NUMBER/COUNT"),
    ],
)
def test_a_wrong_call_is_one_line(call, problem, capsys):
    partload.gap("three-models", ["exact"], output="a.jsonl")
    Path("wrong.jsonl").write_text("{}\n")
    before = Path("a.jsonl").read_bytes()
    assert run(call) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"partload: {problem}")
    assert printed.err.count("\n") == 1
    assert Path("a.jsonl").read_bytes() == before
