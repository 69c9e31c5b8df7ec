"""``check --convex`` and ``solve --bandwidth``: what they print, and what they say without CVXPY."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import partload
from partload.cli import run
from partload.commands import check


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def solved() -> str:
    assert run(["solve", "three-models", "-o", "solution.json"]) == 0
    return "solution.json"


def test_check_convex_derives_the_bandwidth_again(solved, capfd):
    assert run(["check", "three-models", solved]) == 0
    verdict = capfd.readouterr().out.splitlines()
    assert run(["check", "three-models", solved, "--convex"]) == 0
    printed = capfd.readouterr().out.splitlines()
    assert printed[: len(verdict)] == verdict
    assert "three-models: least upload times" in printed[len(verdict)]
    for word in ("closed [s]", "convex [s]", "difference", "ms per MHz", "KKT", "own [s]"):
        assert any(word in line for line in printed)
    assert printed[-1].startswith("largest relative difference ")


def test_check_convex_of_a_static_uplink(capfd):
    assert run(["solve", "static-band", "-o", "solution.json"]) == 0
    assert run(["check", "static-band", "solution.json", "--convex"]) == 0
    printed = capfd.readouterr().out
    assert "static-band: least bandwidth for the ready times" in printed
    assert "convex [MHz]" in printed


def test_check_convex_of_slide(capfd):
    assert run(["solve", "slide-energy", "-o", "solution.json"]) == 0
    assert run(["check", "slide-energy", "solution.json", "--convex"]) == 0
    printed = capfd.readouterr().out
    assert "slide-energy: least bandwidths" in printed
    for word in ("closed [MHz]", "convex [MHz]", "kHz per ms", "kHz per mJ", "own [MHz]"):
        assert word in printed


@pytest.mark.parametrize("goal", ["weighted", "proportional", "max-min"])
def test_bandwidth_left_over_in_slide_serves_a_goal(goal, capfd):
    assert run(["solve", "slide-layer-speeds", "--bandwidth", goal, "-o", "solution.json"]) == 0
    assert run(["check", "slide-layer-speeds", "solution.json"]) == 0
    assert json.loads(Path("solution.json").read_text())["options"]["bandwidth"] == goal


def test_check_convex_of_an_infeasible_solution(solved, capfd):
    document = json.loads(Path(solved).read_text())
    document["objective"] += 1
    Path(solved).write_text(json.dumps(document))
    assert run(["check", "three-models", solved, "--convex"]) == 1
    assert "not feasible" in capfd.readouterr().out


def test_check_convex_says_no_when_they_differ(solved, monkeypatch, capfd):
    monkeypatch.setattr(check, "AGREE", -1.0)
    assert run(["check", "three-models", solved, "--convex"]) == 1


@pytest.mark.parametrize("goal", ["weighted", "proportional", "max-min"])
def test_solve_for_a_goal(goal):
    assert run(["solve", "general-small-power", "--bandwidth", goal, "-o", "goal.json"]) == 0
    assert run(["check", "general-small-power", "goal.json"]) == 0
    found = partload.read("goal.json")
    plain = partload.solve(partload.read("general-small-power"))
    assert found.options == plain.options | {"bandwidth": goal}
    assert (found.objective, found.bound, found.status) == (plain.objective, plain.bound, plain.status)
    assert found.metrics != plain.metrics
    assert found.metrics["upload_p50_s"] > 0


def test_an_unknown_goal_is_refused_before_anything_is_solved(capfd):
    assert run(["solve", "general-60x1000", "--bandwidth", "fair"]) == 2
    expected = "partload: bandwidth: expected one of weighted, proportional, max-min, got 'fair'\n"
    assert capfd.readouterr().err == expected


WITHOUT = """
import sys
sys.modules["{package}"] = None
from partload.cli import run
sys.exit(run({call}))
"""


@pytest.mark.parametrize(
    ("package", "call", "asked"),
    [
        ("cvxpy", ["solve", "general-60x1000", "--bandwidth", "max-min"], "bandwidth 'max-min'"),
        ("clarabel", ["check", "three-models", "solution.json", "--convex"], "check --convex"),
    ],
)
def test_without_the_extra(package, call, asked, solved):
    """Said at once: the large instance would take a minute."""
    code = WITHOUT.format(package=package, call=call)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2
    assert done.stderr == f"partload: {asked}: needs {package}: pip install 'partload[convex]'\n"


def test_a_plain_solve_and_check_do_not_import_cvxpy():
    code = (
        "import sys\nfrom partload.cli import run\n"
        "assert run(['solve', 'three-models', '-o', 's.json']) == 0\n"
        "assert run(['check', 'three-models', 's.json']) == 0\n"
        "assert 'cvxpy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)
