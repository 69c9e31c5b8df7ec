"""Reading a solution file: the format is told by its first line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from partload.instances import files
from partload.instances.errors import InputError
from partload.solvers.solution_files import highs, listings
from partload.solvers.solution_files.point import Point

KNOWN = "a solution file of HiGHS (raw or pretty), SCIP, Gurobi or CBC, or lines of a name and a value"


def read_point(path: str | Path) -> Point:
    """The point of a solution file, also of one that ends in .gz, and of ``-``, standard input.

    Raises
    ------
    InputError
        When the file cannot be read, its format is not known, or it holds no point; it names file and line.
    """
    try:
        lines = files.read_text(Path(path)).splitlines()
        if not "".join(lines).strip():
            raise InputError(f"expected {KNOWN}; the file is empty")
        return _reader(lines[0].strip())(lines)
    except InputError as error:
        raise error.within(files.source_name(path)) from None


def _reader(first: str) -> Callable[[Sequence[str]], Point]:
    if first == "Model status":
        return highs.read_raw
    if first == "Columns":
        return highs.read_pretty
    if first.startswith((listings.SCIP_STATUS, listings.SCIP_OBJECTIVE, listings.SCIP_NOTHING)):
        return listings.read_scip
    if first.startswith(listings.CBC_STATUSES):
        return listings.read_cbc
    if first.startswith("<?xml"):
        raise InputError(f"expected {KNOWN}, got XML")
    if first.startswith("c "):
        raise InputError("expected write_solution_style 0 or 1 of HiGHS, this is a style of glpsol", "line 1")
    return listings.read_plain
