"""``partload check --measured`` as a person calls it."""

import json
from pathlib import Path

import pytest

from partload.cli import run


@pytest.fixture
def solution(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    path = tmp_path / "log.json"
    assert run(["solve", "three-models", "-o", str(path)]) == 0
    capsys.readouterr()
    return path


def change(path: Path, number: int, **values: object) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    document["slots"][number] |= values
    path.write_text(json.dumps(document), encoding="utf-8")


def test_an_earlier_end_is_a_lie_of_a_plan_and_a_fact_of_a_run(solution: Path, capsys: pytest.CaptureFixture[str]):
    end = json.loads(solution.read_text(encoding="utf-8"))["slots"][1]["end_s"]
    change(solution, 1, end_s=end - 0.5)
    assert run(["check", "three-models", str(solution)]) == 1
    assert "if these times were measured, add --measured" in capsys.readouterr().out
    assert run(["check", "three-models", str(solution), "--measured"]) == 0
    out = capsys.readouterr().out
    assert "feasible as measured, objective 4" in out
    assert "batch -0.5 s" in out.splitlines()[-1]


def test_json_states_each_cause(solution: Path, capsys: pytest.CaptureFixture[str]):
    change(solution, 1, end_s=1e6)
    assert run(["check", "three-models", str(solution), "--measured", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert not found["feasible"]
    assert {violation["rule"] for violation in found["violations"]} == {"deadline"}
    assert set(found["rows"][1]) == {
        "place", "name", "load", "upload", "batch", "waiting", "end", "error_by_cause_s"
    }  # fmt: skip
    assert found["last_end"]["measured_s"] == 1e6
    assert sum(found["last_end"]["error_by_cause_s"].values()) == pytest.approx(found["last_end"]["error_s"])


def test_a_missing_time_is_one_line_that_names_the_file(solution: Path, capsys: pytest.CaptureFixture[str]):
    change(solution, 0, ready_s=None)
    assert run(["check", "three-models", str(solution), "--measured"]) == 2
    line = capsys.readouterr().err
    assert line.startswith(f"partload: {solution}: slots[0].ready_s: expected the time that was measured")
    assert line.count("\n") == 1


def test_convex_derives_plans_only(solution: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["check", "three-models", str(solution), "--measured", "--convex"]) == 2
    assert "--convex: expected without --measured" in capsys.readouterr().err


def test_slide(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "log.json"
    assert run(["solve", "slide-overlap", "-o", str(path)]) == 0
    assert run(["check", "slide-overlap", str(path), "--measured"]) == 0
    assert "download 0 s, compute 0 s" in capsys.readouterr().out
