"""What is taken for an instance or a solution, and what is said of anything else."""

from __future__ import annotations

from pathlib import Path

import pytest

import partload
from partload.instances.errors import InputError

INSTANCE = partload.read("three-models")
SOLUTION = partload.solve(INSTANCE, "first-come")
SLIDE = partload.read("slide-overlap")

WRONG = {
    "swapped": (lambda: partload.check(SOLUTION, INSTANCE), "expected an instance, got a solution of 'three-models'"),
    "two instances": (
        lambda: partload.check(INSTANCE, INSTANCE),
        "expected a solution, got the instance 'three-models'",
    ),
    "two problems": (
        lambda: partload.check(SLIDE, SOLUTION),
        "expected a solution of slide, this one is of partial-loading",
    ),
    "a name": (
        lambda: partload.check("three-modles", SOLUTION),
        "no instance of that name in the library, did you mean 'three-models'",
    ),
    "plan of a solution": (lambda: partload.check_plan(SOLUTION, ()), "expected an instance, got a solution"),
    "picture of an instance": (lambda: partload.plot(INSTANCE, "p.svg"), "expected a solution, got the instance"),
    "file of a name": (
        lambda: partload.write("three-models", "w.json"),
        "expected an instance or a solution, got a value of type str",
    ),
}


@pytest.mark.parametrize(("call", "said"), WRONG.values(), ids=WRONG)
def test_wrong_records_are_refused(call, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=said):
        call()
    assert not list(tmp_path.iterdir())
