"""One namespace: every package of the source tree is installed below ``partload``, and nobody's own folders collide."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.test_floors import FLOORS

ROOT = Path(__file__).parent.parent
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]


def test_the_list_of_packages_is_complete():
    folders = (file.parent.relative_to(ROOT).parts for room in FLOORS for file in (ROOT / room).rglob("__init__.py"))
    assert sorted(SETUPTOOLS["packages"]) == sorted(
        ".".join(("partload", *parts)[parts[0] == "partload" :]) for parts in folders
    )


def test_every_data_file_is_installed():
    """A wheel takes what the patterns of its package name; a folder without ``__init__.py`` is none."""
    listed = subprocess.run(["git", "ls-files", *FLOORS], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    data = [Path(line) for line in listed.splitlines() if not line.endswith(".py")]
    assert [str(file) for file in data if not is_installed(file)] == []


def is_installed(file: Path) -> bool:
    folder = next(parent for parent in file.parents if (ROOT / parent / "__init__.py").exists())
    package = ".".join(("partload", *folder.parts)[folder.parts[0] == "partload" :])
    patterns = SETUPTOOLS["package-data"]
    return any(file.match(str(folder / pattern)) for pattern in [*patterns["*"], *patterns.get(package, ())])


def test_every_room_is_mapped_to_its_folder():
    rooms = {f"partload.{room}": room for room in FLOORS if room != "partload"}
    assert SETUPTOOLS["package-dir"] == rooms


@pytest.mark.parametrize("name", ["solvers/__init__.py", "instances/__init__.py", "benchmarks.py", "formulations.py"])
def test_a_module_of_the_users_own_breaks_nothing(name: str, tmp_path: Path):
    own = tmp_path / name
    own.parent.mkdir(exist_ok=True)
    own.write_text("raise RuntimeError('the module of the user was imported')", encoding="utf-8")
    program = (
        "import partload; instance = partload.read('three-models'); "
        "solution = partload.solve(instance, 'milp'); print(partload.check(instance, solution).feasible); "
        "partload.gap([instance], ['greedy-rate'])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.split()[0]) == (0, "True"), done.stderr
