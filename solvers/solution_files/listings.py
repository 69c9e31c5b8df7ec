"""Solution files that list a variable on each line: those of SCIP, Gurobi and CBC, and plain ``name value`` lines.

What is not listed is 0.
"""

from __future__ import annotations

from collections.abc import Sequence

from partload.instances.errors import InputError
from partload.solvers.solution_files.point import Point, no_point, number

Lines = Sequence[str]
SCIP_STATUS, SCIP_OBJECTIVE, SCIP_NOTHING = "solution status:", "objective value:", "no solution available"
CBC_STATUSES = ("Optimal", "Infeasible", "Integer infeasible", "Unbounded", "Stopped on")
CBC_OBJECTIVE = "- objective value"


def read_scip(lines: Lines) -> Point:
    """The point of a file that SCIP wrote: name, value and the coefficient in the objective in brackets."""
    point = Point("SCIP")
    for n, line in enumerate(lines, 1):
        text = line.strip()
        if text.startswith(SCIP_STATUS):
            point.status = text.removeprefix(SCIP_STATUS).strip()
        elif text.startswith(SCIP_OBJECTIVE):
            point.objective = number(n, text.removeprefix(SCIP_OBJECTIVE).strip(), "the objective")
        elif text == SCIP_NOTHING:
            raise no_point(point.status)
        elif text:
            words = text.split()
            if len(words) < 2 or (len(words) > 2 and not words[2].startswith("(obj:")):
                raise _unexpected(n, text)
            point.add(n, words[0], words[1])
    if point.objective is None:
        raise no_point(point.status)
    return point


def read_cbc(lines: Lines) -> Point:
    """The point of a file that CBC wrote: number, name, value and reduced cost; ``**`` marks what is infeasible."""
    point = Point("CBC")
    status, found, objective = lines[0].partition(CBC_OBJECTIVE)
    point.status = status.strip()
    if found:
        point.objective = number(1, objective.strip(), "the objective")
    for n, line in enumerate(lines[1:], 2):
        words = line.split()
        if not words:
            continue
        if words[0] == "**":
            raise InputError("expected a feasible point, CBC marks this value with **", f"line {n}")
        if len(words) != 4:
            raise _unexpected(n, line)
        point.add(n, words[1], words[2])
    if not point.values and not found:
        raise no_point(point.status)
    return point


def read_plain(lines: Lines) -> Point:
    """The point of a file with a name and a value on each line; ``#`` begins a comment, in which Gurobi says more."""
    point = Point(None)
    for n, line in enumerate(lines, 1):
        text = line.strip()
        if text.startswith("#"):
            name, found, value = text.lstrip("# ").partition("=")
            if found and name.strip() == "Objective value":
                point.program, point.objective = "Gurobi", number(n, value.strip(), "the objective")
        elif text:
            words = text.split()
            if len(words) != 2:
                raise _unexpected(n, text)
            point.add(n, *words)
    if not point.values:
        raise no_point(point.status)
    return point


def _unexpected(line: int, text: str) -> InputError:
    return InputError(f"expected the name and the value of a variable, got {text.strip()!r:.60}", f"line {line}")
