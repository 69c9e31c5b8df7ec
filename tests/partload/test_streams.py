"""What a process prints: on standard output what was asked for, on standard error nothing, whatever an engine says.

Engines write past Python, into buffers that are emptied when the process ends: only a process of its own shows it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from partload.cli import run
from partload.instances import files

COMMAND = str(Path(sys.executable).parent / "partload")
NEEDS_SCIP = pytest.mark.skipif(find_spec("pyscipopt") is None, reason="SCIP is not installed")


def printed_by(call: list[str], folder: Path) -> str:
    """What a call prints on standard output; it ends well and prints nothing on standard error."""
    done = subprocess.run(call, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize(
    "call",
    [
        ["visits-once", "--method", "milp"],
        ["visits-once", "--method", "milp", "--time-limit", "60"],
        ["general-small-power", "--method", "tangents"],
        ["slide-weights", "--method", "milp"],
        pytest.param(["visits-once", "--method", "milp", "--solver", "scip"], marks=NEEDS_SCIP),
        pytest.param(["visits-once", "--method", "minlp"], marks=[NEEDS_SCIP, pytest.mark.long]),
        pytest.param(["slide-weights", "--method", "minlp"], marks=NEEDS_SCIP),
    ],
    ids=" ".join,
)
def test_the_document_is_all_that_a_solve_prints(call: list[str], tmp_path: Path):
    printed = printed_by([COMMAND, "solve", *call, "--json"], tmp_path)
    document = json.loads(printed)
    assert document["solver"].startswith(("HiGHS ", "SCIP ")), "the engine was needed"
    assert (document["status"], files.parse(printed).termination) == ("optimal", "proved")


def test_a_name_that_the_terminal_cannot_show_is_escaped(tmp_path: Path):
    output = os.fsencode(tmp_path) + b"/\xff.json"
    call = [COMMAND, "generate", "general", "--models", "2", "--requests", "2", "-o", output]
    strict = os.environ | {"PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run(call, env=strict, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\udcff.json" in done.stdout


def test_what_a_heuristic_prints_is_not_of_the_document(tmp_path: Path):
    loud = (
        "import sys\n\n\ndef nobody(instance):\n    print('here')\n    print('there', file=sys.stderr)\n    return []\n"
    )
    (tmp_path / "loud.py").write_text(loud)
    printed = printed_by([COMMAND, "solve", "three-models", "--method", "loud:nobody", "--json"], tmp_path)
    assert files.parse(printed).termination == "heuristic-end"


@pytest.mark.parametrize(
    "call",
    [
        ["methods"],
        ["formulations"],
        ["library"],
        ["schema"],
        ["explain", "slot"],
        ["export", "three-models", "--formulation", "slot", "-o", "model.mps"],
        ["export", "slide-weights", "--formulation", "recursion", "-o", "model.nl"],
    ],
    ids=" ".join,
)
def test_a_process_prints_what_the_command_prints(
    call: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    assert run(call) == 0
    assert printed_by([COMMAND, *call], tmp_path) == capsys.readouterr().out != ""


INTERRUPTED = """
import sys

import partload.formulations.slide.provisioning.formulation as provisioning
from partload.cli import run


def interrupted(terms):
    raise KeyboardInterrupt


# In the middle of a rule, which Pyomo logs as an error.
provisioning.ensure_size = lambda instance, parts: setattr(provisioning, "sum", interrupted)
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    "call",
    [["export", "slide-weights", "--formulation", "provisioning", "-o", "m.lp"], ["explain", "provisioning"]],
    ids=" ".join,
)
def test_a_model_whose_building_is_interrupted_is_not_an_error(call: list[str], tmp_path: Path):
    code = [sys.executable, "-c", INTERRUPTED, *call]
    done = subprocess.run(code, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "partload: interrupted\n")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "code",
    [
        "import partload",
        "from partload.solvers.engines import highs; highs.version()",
        pytest.param("from partload.solvers.engines import scip; scip.version()", marks=NEEDS_SCIP),
        "partload.solve(partload.read('visits-once'), 'milp', time_limit=60)",
        pytest.param("partload.solve(partload.read('visits-once'), 'minlp', time_limit=60)", marks=NEEDS_SCIP),
        "partload.solvers.relaxation_bound(partload.read('static-band'))",
        pytest.param("partload.gap(['visits-once'], ['milp', 'minlp'])", marks=pytest.mark.long),
    ],
)
def test_python_prints_nothing_of_its_own(code: str, tmp_path: Path):
    assert printed_by([sys.executable, "-c", f"import partload.solvers\n{code}"], tmp_path) == ""
