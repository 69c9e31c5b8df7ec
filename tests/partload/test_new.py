"""``partload new``: what it writes works as it stands, commands of its README included."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import cloudpickle
import pytest

import partload
from partload.cli import run
from partload.commands import new
from partload.instances.partial_loading.instance import Uplink
from partload.instances.records import AnyInstance
from partload.solvers.exact.task import News
from partload.solvers.user_formulation.task import Packed, Task
from partload.solvers.user_formulation.work import work
from tests.support.random_instances import Channels, random_arrivals, random_instance
from tests.support.random_slide import random_slide

BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
UPLINKS: tuple[Uplink, ...] = ("slotted", "pipelined", "static")
CHANNELS: tuple[Channels, ...] = ("flat", "power-limited", "mixed")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        pytest.param("heuristic", "partial-loading", marks=pytest.mark.long),
        pytest.param("formulation", "slide", marks=pytest.mark.long),
        pytest.param("heuristic", "slide", marks=pytest.mark.long),
        pytest.param("formulation", "partial-loading", marks=pytest.mark.long),
    ],
)
def test_it_solves_its_test_passes_and_its_study_runs(kind: str, problem: str, capfd):
    assert run(["new", kind, "mine", "--problem", problem]) == 0
    names = ("mine/mine.py", "mine/test_mine.py", "mine/README.md")
    assert capfd.readouterr().out.splitlines()[:3] == [f"wrote {Path(name)}" for name in names]
    (commands,) = BLOCK.findall(Path("mine/README.md").read_text())
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd="mine",
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "Ran 1 test" in done.stderr
    assert "FAILED" not in done.stderr
    assert partload.check(new.INSTANCES[problem][0], "mine/solution.json").feasible
    assert f"mine:{'solve' if kind == 'heuristic' else 'build'}" in done.stdout.partition("objective")[2]


def test_all_files_are_python_with_short_lines():
    for problem in new.INSTANCES:
        for kind in new.KINDS:
            assert run(["new", kind, f"{kind}_{problem.replace('-', '_')}", "--problem", problem]) == 0
    for file in Path().rglob("*.py"):
        assert max(map(len, file.read_text().splitlines())) <= 130
        compile(file.read_text(), str(file), "exec")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["method", "mine"], "partload: kind: expected one of heuristic, formulation, got 'method'"),
        (["heuristic", "mine", "--problem", "tsp"], "partload: --problem: expected one of partial-loading, slide"),
        (["heuristic", "my-own"], "partload: name: expected the name of a Python module"),
        (["heuristic", "../mine"], "partload: name: expected the name of a Python module"),
        (["heuristic", "class"], "partload: name: expected the name of a Python module"),
        (["heuristic", "numpy"], "partload: name: expected a name of its own, a module 'numpy' is installed"),
        (["heuristic", "json"], "partload: name: expected a name of its own, a module 'json' is installed"),
        (["heuristic", "there"], "partload: there: expected the name of a new folder, this one is there already"),
    ],
)
def test_what_cannot_be_written_is_refused_in_one_line(arguments: list[str], expected: str, capfd):
    Path("there").mkdir()
    assert run(["new", *arguments]) == 2
    printed = capfd.readouterr()
    assert printed.err.startswith(expected)
    assert (printed.err.count("\n"), printed.out, [str(path) for path in Path().rglob("*")]) == (1, "", ["there"])


@pytest.mark.long
@pytest.mark.parametrize("problem", ["partial-loading", "slide"])
def test_the_bounds_of_the_formulations_hold(problem: str, monkeypatch: pytest.MonkeyPatch):
    """Against the optimum of an exact method, on random instances with every feature."""
    name = f"bounding_{problem.replace('-', '_')}"
    assert run(["new", "formulation", name, "--problem", problem]) == 0
    monkeypatch.syspath_prepend(str(Path(name).absolute()))
    for seed in range(96):
        instance: AnyInstance = random_slide(seed)
        if problem == "partial-loading":
            instance = (random_instance, random_arrivals)[seed % 2](seed, UPLINKS, CHANNELS)
        sent: list[News] = []
        work(sent.append, Task(Packed(f"{name}:build"), cloudpickle.dumps(instance), None, None, 0.0, None))
        best = partload.solve(instance)
        assert best.objective is not None
        bounds = [news.bound for news in sent if news.bound is not None]
        assert min(bounds) >= best.objective * (1 - 1e-9), seed
