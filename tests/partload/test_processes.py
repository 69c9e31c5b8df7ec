"""The command as a process: Ctrl-C, imports, and how it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import partload

COMMAND = [str(Path(sys.executable).parent / "partload")]
HEAVY = {"pyomo", "highspy", "matplotlib", "numpy", "scipy", "rich"}


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


def test_interrupted_solve_writes_what_it_found(tmp_path: Path):
    path = tmp_path / "solution.json"
    call = [*COMMAND, "solve", "general-60x1000", "-o", str(path)]
    process = subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        time.sleep(8)
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


def test_reader_that_leaves_early_is_no_error():
    line = f"{COMMAND[0]} library | true"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.stderr == ""
