"""``import-solution`` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from partload.cli import run
from partload.instances import files
from tests.support.other_solvers import solved


@pytest.fixture(autouse=True)
def _a_solution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert run(["export", "three-models", "--formulation", "sequence", "-o", "model.mps"]) == 0
    solved(Path("model.mps"), Path("model.sol"), "highs-raw")


CALL = ["import-solution", "three-models", "model.sol", "--formulation", "sequence"]


def test_the_plan_is_shown_and_written_and_checked(capfd):
    capfd.readouterr()
    assert run([*CALL, "-o", "solution.json"]) == 0
    out = capfd.readouterr().out
    for line in ("objective  4", "status     feasible: found by another program", "by         sequence / HiGHS\n"):
        assert line in out
    assert run(["check", "three-models", "solution.json"]) == 0


def test_json(capfd):
    capfd.readouterr()
    assert run([*CALL, "--json"]) == 0
    solution = files.parse(capfd.readouterr().out)
    assert solution.provenance["source_states"].startswith("status Optimal, objective 4")  # type: ignore[index, union-attr]


def test_violations_are_listed_and_nothing_is_written(capfd):
    Path("late.sol").write_text("".join(f"served(_{m}_{n}_) 1\n" for m in "ABC" for n in (1, 2)) + LATE)
    capfd.readouterr()
    assert run(["import-solution", "three-models", "late.sol", "--formulation", "sequence", "-o", "late.json"]) == 1
    printed = capfd.readouterr()
    assert "not feasible" in printed.out
    assert "deadline" in printed.out
    assert (printed.err, Path("late.json").exists()) == ("", False)


LATE = "visited(A) 1\nvisited(B) 1\nvisited(C) 1\narc(hub_A) 1\narc(hub_B) 1\narc(hub_C) 1\n"


def test_one_line_for_a_file_of_another_model(capfd):
    capfd.readouterr()
    assert run([*CALL[:-1], "slot"]) == 2
    printed = capfd.readouterr()
    assert printed.err.startswith("partload: model.sol: line ")
    assert "this is one of another model" in printed.err
    assert (printed.err.count("\n"), printed.out) == (1, "")
    assert run([*CALL, "-o", "model.sol"]) == 2
    assert "would overwrite the input" in capfd.readouterr().err
