"""The command as a process: Ctrl-C, imports, and how it ends."""

from __future__ import annotations

import importlib.metadata
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import partload
from tests.support.works import lives, wait_until

ROOT = Path(__file__).parent.parent.parent
COMMAND = [str(Path(sys.executable).parent / "partload")]
HEAVY = {"pyomo", "highspy", "matplotlib", "numpy", "scipy", "rich"}


@pytest.fixture
def children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[int]]:
    """Numbers of the processes in which heuristics ran, as far as they are alive."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("MARKS", str(tmp_path))
    return lambda: [number for mark in tmp_path.glob("process-*") if lives(number := int(mark.name.partition("-")[2]))]


def imported_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stderr.split()}


@pytest.mark.parametrize("call", [["--help"], ["solve", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(call: list[str]):
    assert not imported_by(f"from partload.cli import run; assert run({call}) == 0") & HEAVY


def test_package_imports_nothing_heavy():
    assert not imported_by("import partload") & HEAVY


def test_solving_draws_nothing():
    assert "matplotlib" not in imported_by("from partload.cli import run; assert run(['solve', 'three-models']) == 0")


INTERRUPTED_IMPORT = """
import os
import signal
import sys


class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            os.kill(os.getpid(), signal.SIGINT)
        return None


sys.meta_path.insert(0, Interrupts())
sys.argv = ["partload", "solve", "three-models"]
"""


@pytest.mark.parametrize("name", ["partload.cli", "typer", "partload.commands.gap", "numpy", "partload.solvers"])
@pytest.mark.parametrize("start", ["from partload.__main__ import main; main()", "runpy.run_module('partload')"])
def test_an_interrupt_during_the_imports_ends_in_one_line(name: str, start: str):
    program = INTERRUPTED_IMPORT.format(name=name)
    start = start if "runpy" not in start else "import runpy; runpy.run_module('partload', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", program + start], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "partload: interrupted\n")


def test_the_command_starts_where_interrupts_are_heard():
    scripts = importlib.metadata.entry_points(group="console_scripts", name="partload")
    assert {script.value for script in scripts} == {"partload.__main__:main"}


def test_interrupted_solve_writes_what_it_found(tmp_path: Path):
    path = tmp_path / "solution.json"
    call = [*COMMAND, "solve", "general-60x1000", "--method", "milp", "-o", str(path)]
    process = subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        time.sleep(2.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130, err
    assert "interrupted" in out
    assert "Traceback" not in err
    solution = partload.read(path)
    assert solution.termination == "interrupted"
    assert subprocess.run([*COMMAND, "check", "general-60x1000", str(path)], check=False).returncode == 0


OWN = "tests.support.own_heuristics:"
BOMB = """
import os
from pathlib import Path

import partload

(Path(os.environ["MARKS"]) / f"process-{os.getpid()}").touch()


def nothing(instance):
    return []


"""
BOMBS = {
    "gap": 'partload.gap(["three-models"], ["bomb:nothing"])',
    "gap of a function": 'print(partload.gap(["three-models"], [nothing]).rows[0].reason)',
    "solve": 'partload.solve(partload.read("three-models"), "bomb:nothing")',
    "solve of a function": 'partload.solve(partload.read("three-models"), nothing)',
}
CALLS = {
    "as a script": [sys.executable, "bomb.py"],
    "as a module": [sys.executable, "-c", "import bomb"],
    "gap": [*COMMAND, "gap", "three-models", "--methods", "bomb:nothing"],
    "solve": [*COMMAND, "solve", "three-models", "--method", "bomb:nothing"],
}


PAIRS = [
    *(("gap", call) for call in CALLS),
    *((bomb, "solve") for bomb in BOMBS),
    ("solve of a function", "as a script"),
    ("gap of a function", "as a script"),
]


@pytest.mark.parametrize(("bomb", "call"), PAIRS)
def test_a_module_that_uses_itself_when_it_is_imported_is_refused(bomb: str, call: str, children):
    Path("bomb.py").write_text(BOMB + BOMBS[bomb] + "\n")
    done = subprocess.run(CALLS[call], capture_output=True, text=True, check=False, timeout=120)
    said = (done.stdout + done.stderr).splitlines()
    if call == "as a script" and "function" in bomb:  # The function goes with its code: nothing imports the module.
        assert done.returncode == 0
        return
    assert any("put the call under `if __name__" in line for line in said), said
    if call in ("gap", "solve"):
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    wait_until(lambda: not children())


@pytest.mark.parametrize("call", [["solve", "three-models", "--method"], ["gap", "three-models", "--methods"]])
def test_a_command_that_is_killed_leaves_nothing_behind(call: list[str], children):
    process = subprocess.Popen([*COMMAND, *call, f"{OWN}marks_and_loops"], stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: len(children()) == 1)
    finally:
        process.kill()
        process.wait()
    wait_until(lambda: not children())


def test_an_interrupted_heuristic_leaves_its_last_plan(children):
    call = [*COMMAND, "solve", "three-models", "--method", f"{OWN}marks_and_loops", "-o", "solution.json"]
    process = subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: len(children()) == 1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, err) == (130, "")
    assert "served     1 of 6" in out
    assert partload.read("solution.json").termination == "interrupted"
    wait_until(lambda: not children())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("call", [["library"], ["schema", "partload/slide"], ["solve", "slide-overlap"]], ids=" ".join)
def test_output_that_cannot_be_written_ends_in_one_line(call: list[str]):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(COMMAND + call, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "partload: the system reports: No space left on device\n")


def test_reader_that_leaves_early_is_no_error():
    line = f"{COMMAND[0]} library | true"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.stderr == ""
