"""What a command line is expected to do: -h, completion, standard input, compressed files, hints, a verdict as JSON."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import partload
from partload.cli import run
from partload.solvers import bounds

PARTLOAD = [sys.executable, "-m", "partload"]


def completed(line: str) -> list[str]:
    """What bash is offered for the last word of a line."""
    words = line.split(" ")
    environment = os.environ | {
        "_PARTLOAD_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    code = "import sys; from partload.cli import run; sys.exit(run([]))"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("partload so", ["solve"]),
        ("partload solve three", ["three-models"]),
        ("partload check tool", ["tool-switching"]),
        ("partload solve three-models --method knap", ["knapsack-dynamic"]),
        ("partload solve three-models --method ex", ["exact"]),
        ("partload solve three-models --formulation prov", ["provisioning"]),
        ("partload explain rec", ["recursion"]),
    ],
)
def test_a_shell_completes_commands_instances_methods_and_formulations(line, offered):
    assert completed(line) == offered


@pytest.mark.parametrize("words", [["-h"], ["solve", "-h"], ["generate", "-h"], ["generate", "general", "-h"]])
def test_the_short_option_for_help(words, capfd):
    assert run(words) == 0
    short = capfd.readouterr().out
    assert short.startswith("Usage: partload")
    assert run([*words[:-1], "--help"]) == 0
    assert capfd.readouterr().out == short


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["solve", "three-models", "--method", "dynamics"], "got 'dynamics', did you mean 'dynamic'?"),
        (["solve", "three-models", "--formulation", "slots"], "got 'slots', did you mean 'slot'?"),
        (["solve", "three-models", "--solver", "high"], "got 'high', did you mean 'highs'?"),
        (["gap", "three-models", "--methods", "greedy-rates"], "got 'greedy-rates', did you mean 'greedy-rate'?"),
        (["solve", "three-modles"], "did you mean 'three-models'?"),
        (["solve", "three-models", "--methd", "milp"], "--method"),
        (["explain", "joints"], "got 'joints', did you mean 'joint'?"),
    ],
)
def test_misspelt_words_are_answered_with_the_nearest(words, hint, capfd):
    assert run(words) == 2
    problem = capfd.readouterr().err
    assert hint in problem.replace("Did", "did")
    assert len(problem.splitlines()) == 1


def test_compressed_files_are_read_and_written(tmp_path: Path, capfd):
    instance, solution = str(tmp_path / "i.json.gz"), str(tmp_path / "s.json.gz")
    assert run(["generate", "general", "--models", "3", "--requests", "6", "--seed", "1", "-o", instance]) == 0
    assert run(["solve", instance, "-o", solution]) == 0
    assert run(["check", instance, solution]) == 0
    plain = tmp_path / "plain.json"
    partload.write(partload.read(instance), plain)
    assert gzip.decompress(Path(instance).read_bytes()) == plain.read_bytes()
    again = tmp_path / "again.json.gz"
    partload.write(partload.read(instance), again)
    assert again.read_bytes() == Path(instance).read_bytes()  # No time of day in it.
    capfd.readouterr()


@pytest.mark.parametrize("content", [b"{}", gzip.compress(b"{}", mtime=0)[:-3], b""], ids=["plain", "cut", "empty"])
def test_what_only_looks_compressed_is_refused_in_a_line(content, tmp_path: Path, capfd):
    file = tmp_path / "broken.json.gz"
    file.write_bytes(content)
    assert run(["solve", str(file)]) == 2
    problem = capfd.readouterr().err
    assert problem.startswith(f"partload: {file}: ")
    assert "expected" in problem
    assert len(problem.splitlines()) == 1


def test_the_standard_input_stands_for_a_file(tmp_path: Path):
    instance, solution = tmp_path / "i.json", tmp_path / "s.json"
    partload.write(partload.read("three-models"), instance)
    made = subprocess.run([*PARTLOAD, "solve", "-", "--json"], stdin=instance.open(), capture_output=True, timeout=60)
    assert made.returncode == 0
    solution.write_bytes(made.stdout)
    judged = subprocess.run([*PARTLOAD, "check", "three-models", "-"], stdin=solution.open(), capture_output=True)
    assert judged.stdout.decode().startswith("feasible, objective 4")
    broken = subprocess.run([*PARTLOAD, "solve", "-"], input=b"{", capture_output=True, timeout=60)
    assert broken.returncode == 2
    assert broken.stderr.decode().startswith("partload: standard input: line 1 column 2: expected JSON")


def test_check_says_how_far_the_plan_is_from_the_bound(tmp_path: Path, capfd):
    best, worse = str(tmp_path / "best.json"), str(tmp_path / "worse.json")
    partload.write(partload.solve("three-models"), best)
    partload.write(partload.solve("general-9x30", "greedy-rate"), worse)
    assert run(["check", "three-models", best]) == 0
    assert "optimal: no plan serves more, by the combinatorial upper bound" in capfd.readouterr().out
    assert run(["check", "general-9x30", worse]) == 0
    said = "the objective of any plan is at most 21, by the combinatorial upper bound: gap 28.57%"
    assert said in capfd.readouterr().out
    assert run(["check", "general-9x30", worse, "--json"]) == 0
    verdict = json.loads(capfd.readouterr().out)
    assert verdict == {"feasible": True, "objective": 15, "bound": 21, "gap": pytest.approx(6 / 21), "violations": []}
    assert run(["solve", "general-9x30", "--method", "greedy-rate"]) == 0
    assert f"distance   {said}" in capfd.readouterr().out


def test_a_verdict_as_json_lists_every_violation(tmp_path: Path, capfd):
    solution = partload.solve("three-models")
    wrong = tmp_path / "wrong.json"
    twice = (solution.slots[0], *solution.slots)
    partload.write(partload.Solution(instance="three-models", slots=twice), wrong)
    assert run(["check", "three-models", str(wrong), "--json"]) == 1
    verdict = json.loads(capfd.readouterr().out)
    report = partload.check("three-models", wrong)
    assert verdict["feasible"] is False
    assert verdict["bound"] is None
    assert [violation["rule"] for violation in verdict["violations"]] == [v.rule for v in report.violations]


def test_a_bound_below_a_plan_is_an_alarm(monkeypatch):
    instance = partload.read("three-models")
    monkeypatch.setattr(bounds, "upper_bound", lambda instance: 3.0)
    assert bounds.distance(instance, 4.0) == (None, None)
    assert str(bounds.distance(instance, 4.0)).startswith("alarm: ")
    assert bounds.distance(instance, 3.0) == (3, 0)
    assert bounds.distance(instance, 3.0 + 1e-12) == (3 + 1e-12, 0)
