"""Pages of the Python API, from docstrings: what ``import partload`` gives, and every package with its modules."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import get_origin

import partload
from docs.extensions.reference_pages.markdown import linked, table

ROOMS = {
    "instances": "What an instance and a plan mean: records, files, timing model, checker, generators.",
    "formulations": "What is true of all plans: variables, constraints, valid inequalities.",
    "solvers": "How to find a plan or a bound.",
    "benchmarks": "What many runs show: gap studies, reports, measurements.",
}
ELSEWHERE = ("partload.benchmarks.peers.models",)
"""Modules that run in environments of their own, and import what this one has not."""


def pages() -> dict[str, str]:
    """The pages, by their paths: the public interface, and one for each package of a room."""
    made = {"api/partload.md": _interface()}
    for room, meaning in ROOMS.items():
        packages = list(_packages(f"partload.{room}"))
        for package in packages:
            made[f"api/{package.removeprefix('partload.')}.md"] = _package(package, packages, meaning)
    return made


def _interface() -> str:
    parts = ["# Python interface\n", "What `import partload` gives. The records of SLIDE are in `partload.slide`.\n"]
    rows = ((f"[`{name}`](#{name.lower()})", _first(getattr(partload, name))) for name in partload.__all__)
    parts.append(table(("name", "what it is"), rows))
    for name in partload.__all__:
        value = getattr(partload, name)
        if isinstance(value, type):
            directive = f".. autoclass:: partload.{name}\n   :members:"
        elif callable(value):
            directive = f".. autofunction:: partload.{name}"
        else:
            directive = f".. autodata:: partload.{name}\n   :no-value:"
        parts.append(f"## {name}\n\n```{{eval-rst}}\n{directive}\n```\n")
    return "\n".join(parts)


def _first(value: object) -> str:
    """The first paragraph of a docstring; of the name of a type, the type."""
    if get_origin(value) is not None:
        return f"`{value}`"
    return (inspect.getdoc(value) or "").split("\n\n")[0].replace("\n", " ").replace("``", "`")


def _packages(root: str) -> Iterator[str]:
    """A package and those in it."""
    yield root
    for found in _inside(root):
        if found.ispkg and found.name not in ELSEWHERE:
            yield from _packages(found.name)


def _inside(package: str) -> list[pkgutil.ModuleInfo]:
    """What is directly in a package, but for what is private."""
    found = pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}.")
    return [one for one in found if not one.name.rpartition(".")[2].startswith("_")]


def _package(package: str, packages: list[str], meaning: str) -> str:
    """The page of a package: its modules, and links to the packages in it."""
    inner = [one for one in packages if one.rpartition(".")[0] == package]
    parts = [f"# {package}\n"]
    if package == packages[0]:
        parts.append(f"{meaning}\n")
    parts.append(_module(package))
    for one in _inside(package):
        if not one.ispkg:
            parts += [f"## {one.name.removeprefix('partload.')}\n", _module(one.name)]
    if inner:
        names = "\n".join(one.removeprefix("partload.") for one in inner)
        parts.append(f"```{{toctree}}\n:maxdepth: 1\n\n{names}\n```\n")
    return "\n".join(parts)


def _module(name: str) -> str:
    """Header and members of a module. Headers are Markdown; ``as_text`` keeps autodoc from reading them."""
    header = linked(inspect.getdoc(importlib.import_module(name)) or "", "../../")
    return f"{header}\n\n```{{eval-rst}}\n.. automodule:: {name}\n   :members:\n   :no-index:\n```\n"


def as_text(app: object, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Make of a docstring what autodoc reads. That of a module is left out: it stands above its members already."""
    if what == "module":
        lines.clear()
    lines[:] = [_bars(line) for line in lines]


def _bars(line: str) -> str:
    """A line in which bars, outside of code, are bars: those of absolute values."""
    parts = line.split("``")
    parts[::2] = [part.replace("|", r"\|") for part in parts[::2]]
    return "``".join(parts)
