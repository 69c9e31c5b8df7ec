"""The public names have real types: mypy, run over a user's program, infers them without a cast."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_floors import FLOORS

ROOT = Path(__file__).parent.parent
PROGRAM = """
from typing import assert_type

import partload
from partload import slide

instance = partload.read("three-models", partload.Instance)
assert_type(instance, partload.Instance)
assert_type(partload.solve(instance), partload.Solution)
assert_type(partload.solve(instance).slots[0].requests, tuple[str, ...])
assert_type(partload.check(instance, partload.solve(instance)).feasible, bool)
assert_type(partload.solve(partload.read("slide-overlap", slide.Instance)), slide.Solution)
assert_type(partload.solve("three-models").objective, float | None)
assert_type(partload.check("three-models", "solution.json").feasible, bool)
assert_type(partload.Slot("A", ("one",)), partload.Slot)
"""
WRONG = 'import partload\npartload.solve(3)\npartload.Slot(1, ("one",))\n'


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rooms linked into one tree, as an installed package has them."""
    folder = tmp_path_factory.mktemp("tree")
    (folder / "partload").mkdir()
    for entry in [*(ROOT / room for room in FLOORS[:-1]), *(ROOT / "partload").iterdir()]:
        if entry.name != "__pycache__":
            (folder / "partload" / entry.name).symlink_to(entry)
    return folder


def checked(program: str, tree: Path) -> subprocess.CompletedProcess[str]:
    """Mypy's verdict on a program."""
    file = tree / "program.py"
    file.write_text(program, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "--config-file=", str(file)]
    environment = os.environ | {"MYPYPATH": str(tree)}
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=300)


@pytest.mark.long
def test_public_names_have_real_types(tree: Path):
    done = checked(PROGRAM, tree)
    assert done.returncode == 0, done.stdout


def test_wrong_types_are_seen(tree: Path):
    done = checked(WRONG, tree)
    assert done.stdout.startswith("program.py:2: error:"), done.stdout
    assert "program.py:3: error:" in done.stdout
