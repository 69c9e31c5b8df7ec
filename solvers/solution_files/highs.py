"""Solution files of HiGHS: ``write_solution_style`` 0 (raw), 1 (pretty) and 4 (raw without zeros).

Raw files name the status, then the objective and the columns, each with its value. Pretty files are a table: the last
word of a line is the name, and the values stand below the words ``Primal`` and, for LPs, ``Dual`` of the head.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from partload.instances.errors import InputError
from partload.solvers.solution_files.point import Point, no_point, number

Lines = Sequence[str]
PRIMAL = "# Primal solution values"


def read_raw(lines: Lines) -> Point:
    """The point of a raw file."""
    point = Point("HiGHS", complete=True)
    point.status = lines[1].strip() if len(lines) > 1 else None
    try:
        start = next(n for n, line in enumerate(lines) if line.strip() == PRIMAL)
    except StopIteration:
        raise no_point(point.status) from None
    names = None
    inside = enumerate(lines[start + 1 :], start + 2)
    for n, line in inside:
        words = line.split()
        if words[:1] == ["Objective"]:
            point.objective = number(n, words[-1], "the objective")
        if words[:2] == ["#", "Columns"]:
            count = _count(n, words[2] if len(words) > 2 else "")
            point.complete, names = count >= 0 and "sparse" not in words, abs(count)  # Negative: without zeros.
            break
        if words[:1] == ["None"]:
            break
    if names is None:
        raise no_point(point.status)
    for n, line in (next(inside, (len(lines), "")) for _ in range(names)):
        words = line.split()
        if len(words) != (2 if point.complete else 3):
            raise InputError(f"expected the name and the value of a variable, got {line.strip()!r:.60}", f"line {n}")
        point.add(n, words[0], words[1])
    return point


def read_pretty(lines: Lines) -> Point:
    """The point of a pretty file."""
    point = Point("HiGHS", complete=True)
    if len(lines) < 2 or not {"Primal", "Name"} <= set(lines[1].split()):
        raise InputError("expected a head with the words Primal and Name, as HiGHS writes it", "line 2")
    head = lines[1]
    end = head.index("Primal") + len("Primal")  # Numbers are aligned to the right.
    for n, line in _table(lines):
        words = line.split()
        before = line[:end].split()
        if len(words) < 3 or not before:
            raise InputError(f"expected a row of the table, got {line.strip()!r:.60}", f"line {n}")
        point.add(n, words[-1], before[-1])
    for n, line in enumerate(lines, 1):
        name, _, text = line.partition(":")
        if name == "Model status":
            point.status = text.strip()
        if name == "Objective value":
            point.objective = number(n, text.strip(), "the objective")
    if not point.values:
        raise no_point(point.status)
    return point


def _table(lines: Lines) -> Iterator[tuple[int, str]]:
    """The rows of the table of columns, with their line numbers."""
    for n, line in enumerate(lines[2:], 3):
        if line.strip() in ("Rows", ""):
            return
        yield n, line


def _count(line: int, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InputError(f"expected the number of columns, got {text!r}", f"line {line}") from None
