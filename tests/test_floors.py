"""The rooms stand on floors: each imports only from those below, and heavy libraries only where they are used."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = ("instances", "formulations", "solvers", "benchmarks", "partload")
AT_HOME = {
    "pyomo": {"formulations", "solvers", "partload"},
    "highspy": {"solvers"},
    "cvxpy": {"formulations", "solvers"},
    "pyscipopt": {"solvers"},
    "matplotlib": {"benchmarks", "partload"},
    "typer": {"partload"},
}
"""Rooms in which a library may be imported."""
LATE = {
    "pyomo": (
        "formulations/cuts.py",
        "formulations/templates.py",
        "formulations/partial_loading",
        "formulations/slide",
        "formulations/explain.py",
        "solvers/engines/matrix.py",
        "solvers/engines/highs.py",
        "solvers/engines/scip.py",
    ),
    "cvxpy": (
        "formulations/rates.py",
        "formulations/partial_loading/bandwidth",
        "formulations/slide",
        "solvers/convex.py",
    ),
    "highspy": ("solvers/engines/highs.py", "solvers/partial_loading/sequence/master.py"),
    "pyscipopt": ("solvers/engines/scip.py",),
}
"""Files that may import a heavy library at their top: those that are themselves imported late."""


def imports(file: Path, top_only: bool = False) -> set[str]:
    """What a file imports: rooms by their name, everything else by that of its package."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    nodes = tree.body if top_only else list(ast.walk(tree))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {package(name) for name in names}


def package(name: str) -> str:
    first, *rest = name.split(".")
    return rest[0] if first == "partload" and rest and rest[0] in FLOORS else first


def files() -> list[Path]:
    return [file for room in FLOORS for file in sorted((ROOT / room).rglob("*.py"))]


@pytest.mark.parametrize("file", files(), ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_imports_only_from_its_floor_and_below(file):
    room = file.relative_to(ROOT).parts[0]
    above = set(FLOORS[FLOORS.index(room) + 1 :])
    assert not imports(file) & above
    for library, rooms in AT_HOME.items():
        assert library not in imports(file) or room in rooms


@pytest.mark.parametrize(
    "file", [*files(), *sorted((ROOT / "tests").rglob("*.py"))], ids=lambda file: str(file.relative_to(ROOT))
)
def test_rooms_are_imported_by_their_full_name(file):
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    assert not {name.partition(".")[0] for name in names} & set(FLOORS[:-1])


@pytest.mark.parametrize("library", LATE)
def test_heavy_libraries_are_imported_late(library):
    early = [str(file.relative_to(ROOT)) for file in files() if library in imports(file, top_only=True)]
    assert early
    assert [name for name in early if not name.startswith(LATE[library])] == []
