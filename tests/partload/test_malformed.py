"""Malformed files on the command line: status 2, nothing on standard output, one line on standard error, at once."""

import json
import subprocess
import sys
import time
from itertools import product

import pytest

from partload.cli import run
from tests.support import malformed, malformed_slide

LIMIT_S = 2.0
"""Of processor time: that of a busy machine is no matter of ours."""
HEAVY = ("100 MB of binary noise", "100 MB of text noise")
AS_PROCESS = (*HEAVY, "truncated", "utf-16", "a directory", "nested lists, 100,000 deep", "unknown key of two lines")


def refused(arguments: list[str], capfd: pytest.CaptureFixture[str], named: str) -> None:
    started = time.process_time()
    status = run(arguments)
    taken = time.process_time() - started
    said = capfd.readouterr()
    judge(status, said.out, said.err, named)
    assert taken < LIMIT_S


def judge(status: int, out: str, err: str, named: str) -> None:
    assert status == 2
    assert out == ""
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert err.rstrip("\n").isprintable()
    assert named in err
    assert "Traceback" not in err


INSTANCES = [*malformed.INSTANCES, *malformed_slide.INSTANCES]


@pytest.mark.parametrize(
    ("command", "case"),
    [*product(["solve"], INSTANCES), *product(["plot"], [case for case in INSTANCES if case.name not in HEAVY][::8])],
    ids=lambda part: part if isinstance(part, str) else part.name,
)
def test_instance(case, command, tmp_path, capfd):
    file = case.make(tmp_path / "instance.json")
    output = tmp_path / "output.svg"
    refused([command, str(file), "-o", str(output)], capfd, f"{file}: {case.path}")
    assert not output.exists()


@pytest.mark.parametrize(
    ("of", "case"),
    [(of, case) for of in (malformed, malformed_slide) for case in of.SOLUTIONS],
    ids=lambda part: part.name if isinstance(part, malformed.Malformed) else part.__name__.rpartition(".")[2],
)
def test_solution(of, case, tmp_path, capfd):
    right = tmp_path / "right.json"
    right.write_text(json.dumps(of.INSTANCE))
    file = case.make(tmp_path / "solution.json")
    refused(["check", str(right), str(file)], capfd, f"{file}: {case.path}")


@pytest.mark.parametrize("case", [c for c in malformed.INSTANCES if c.name in AS_PROCESS], ids=lambda case: case.name)
def test_instance_in_a_process_of_its_own(case, tmp_path):
    file = case.make(tmp_path / "instance.json")
    call = [sys.executable, "-c", "from partload.__main__ import main; main()", "solve", str(file)]
    done = subprocess.run(call, capture_output=True, text=True, timeout=30, check=False)
    judge(done.returncode, done.stdout, done.stderr, f"{file}: {case.path}")


def test_the_cases_run_as_processes_are_there():
    assert set(AS_PROCESS) <= {case.name for case in malformed.INSTANCES}


@pytest.mark.parametrize("of", [malformed, malformed_slide])
def test_what_is_right_is_taken(of, tmp_path, capfd):
    instance, solution = tmp_path / "instance.json", tmp_path / "solution.json"
    instance.write_text(json.dumps(of.INSTANCE))
    solution.write_text(json.dumps(of.SOLUTION))
    assert run(["solve", str(instance)]) == 0
    assert run(["check", str(instance), str(solution)]) in (0, 1)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("of", [malformed, malformed_slide])
def test_an_instance_is_no_solution_and_a_solution_no_instance(of, tmp_path, capfd):
    instance, solution = tmp_path / "instance.json", tmp_path / "solution.json"
    instance.write_text(json.dumps(of.INSTANCE))
    solution.write_text(json.dumps(of.SOLUTION))
    refused(["solve", str(solution)], capfd, str(solution))
    refused(["check", str(instance), str(instance)], capfd, str(instance))
    refused(["check", str(solution), str(solution)], capfd, str(solution))
