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
    "playwright": {"benchmarks"},
    "starlette": {"partload"},
    "uvicorn": {"partload"},
    "torch": {"benchmarks"},
    "typer": {"partload"},
}
"""Rooms in which a library may be imported."""
LATE = {
    "pyomo": (
        "formulations/built.py",
        "formulations/cuts.py",
        "formulations/templates.py",
        "formulations/partial_loading",
        "formulations/slide",
        "formulations/explain",
        "formulations/model_files.py",
        "solvers/completion.py",
        "solvers/engines/matrix.py",
        "solvers/engines/highs.py",
        "solvers/engines/scip.py",
        "solvers/relaxation/cuts.py",
        "solvers/relaxation/solving.py",
        "solvers/solution_files/importing.py",
        "solvers/user_formulation/model_check.py",
        "solvers/user_formulation/source.py",
    ),
    "cvxpy": (
        "formulations/rates.py",
        "formulations/partial_loading/bandwidth",
        "formulations/slide",
        "solvers/convex.py",
    ),
    "highspy": ("solvers/engines/highs.py", "solvers/partial_loading/sequence/master.py"),
    "pyscipopt": ("solvers/engines/scip.py",),
    "starlette": ("partload/explore/server.py",),
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


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def modules(file: Path) -> set[str]:
    """Names of the modules that a file imports, or imports from."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


@pytest.mark.parametrize("room", FLOORS)
def test_files_import_only_from_their_floor_and_below(room):
    above = set(FLOORS[FLOORS.index(room) + 1 :])
    strangers = above | {library for library, rooms in AT_HOME.items() if room not in rooms}
    found = {str(file.relative_to(ROOT)): imports(file) & strangers for file in files(room)}
    assert found
    assert {name: these for name, these in found.items() if these} == {}


@pytest.mark.parametrize("folder", [*FLOORS, "tests"])
def test_rooms_are_imported_by_their_full_name(folder):
    found = {str(file.relative_to(ROOT)): {name.partition(".")[0] for name in modules(file)} for file in files(folder)}
    assert {name: these & set(FLOORS[:-1]) for name, these in found.items() if these & set(FLOORS[:-1])} == {}


@pytest.mark.parametrize("library", LATE)
def test_heavy_libraries_are_imported_late(library):
    everything = [file for room in FLOORS for file in files(room)]
    early = [str(file.relative_to(ROOT)) for file in everything if library in imports(file, top_only=True)]
    assert early
    assert [name for name in early if not name.startswith(LATE[library])] == []
