"""What the commands print: tables, and numbers with units."""

from __future__ import annotations

import dataclasses
import logging
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from partload import tables
from partload.instances.errors import InputError
from partload.instances.numbers import exact

if TYPE_CHECKING:
    from partload.instances.verdict import Violation

PLAIN_WIDTH = 120
"""Width in characters of a table that goes into a file or a pipe, if its columns are no wider."""


def table(columns: Iterable[str], rows: Iterable[Iterable[str]], title: str | None = None) -> None:
    """Print a table, folded to the terminal; a column with ``>`` behind its name is aligned to the right."""
    found = tables.columns_of(columns, rows)
    tables.print_table(found, title, _width(found))


def _width(columns: Sequence[tables.Column]) -> int | None:
    """The width of a table: None for that of the terminal. In a pipe, which programs read, no column folds."""
    return None if sys.stdout.isatty() else max(PLAIN_WIDTH, tables.least_width(columns))


def print_json(document: object) -> None:
    """Print a JSON document, readable and with nothing else beside it."""
    from json import dumps

    print(dumps(document, indent=1, ensure_ascii=False))


def megabytes(size_bytes: float) -> str:
    """A number of bytes with four digits, in the largest unit in which it is at least 1."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.4g} {unit}"
    return f"{size_bytes:g} B"


def hertz(bandwidth_hz: float) -> str:
    """A bandwidth with four digits, in the largest unit in which it is at least 1."""
    return _scaled(bandwidth_hz, "Hz")


def speed(flop_per_s: float) -> str:
    """A computing speed with four digits, in the largest unit in which it is at least 1."""
    return _scaled(flop_per_s, "FLOP/s")


def _scaled(value: float, unit: str) -> str:
    for prefix, factor in (("P", 1e15), ("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= factor:
            return f"{value / factor:.4g} {prefix}{unit}"
    return f"{value:.4g} {unit}"


def seconds(time_s: float | None) -> str:
    """A time with four digits; ``-`` for None."""
    return "-" if time_s is None else f"{time_s:.4g} s"


def span(least: float, most: float, written: Callable[[float], str]) -> str:
    """Two ends as ``1 s to 3 s``, or one where they are written alike."""
    low, high = written(least), written(most)
    return low if low == high else f"{low} to {high}"


def number(value: float | None) -> str:
    """A number with all its digits; ``-`` for None."""
    return "-" if value is None else exact(value)


def rounded(value: float | None, digits: int = 4) -> str:
    """A number with this many significant digits; ``-`` for None."""
    return "-" if value is None else f"{value:.{digits}g}"


def three_digits(value: float) -> str:
    """A number with three decimals."""
    return f"{value:.3f}"


def percent(share: float | None) -> str:
    """A share in percent, ``-`` for None; a share above 0 is never written as 0."""
    if share is None:
        return "-"
    return "< 0.01%" if 0 < share < 0.00005 else f"{share:.2%}"


def listed(names: Iterable[str], width: int = 40) -> str:
    """The first names that fit into a width in characters, and the number of those left out: ``a, b, +3``."""
    names = list(names)
    fitting: list[str] = []
    for name in names:
        if fitting and len(", ".join((*fitting, name))) > width:
            return f"{', '.join(fitting)}, +{len(names) - len(fitting)}"
        fitting.append(name)
    return ", ".join(fitting)


def violations(found: Sequence[Violation]) -> None:
    """Print the violations of a plan that is not feasible."""
    print(f"not feasible, {len(found)} violation{'s' if len(found) > 1 else ''}")
    columns = ("rule", "where", "ids", "amount>", "problem")
    table(columns, ((v.rule, v.place, listed(v.ids), rounded(v.amount), v.problem) for v in found))


def violation_document(violation: Violation) -> dict[str, object]:
    """A violation as JSON has it; an amount that is infinite is null."""
    amount = violation.amount
    finite = amount if amount is not None and math.isfinite(amount) else None
    return dataclasses.asdict(violation) | {"amount": finite}


def ensure_writable(path: Path | None, inputs: Sequence[str | Path] = ()) -> None:
    """Refuse an output file that cannot be written, before hours are spent on its content.

    Parameters
    ----------
    path
        The output file; None for no output.
    inputs
        What the command reads: a ``Path`` is a file, a text may also be the name of an instance of the library.

    Raises
    ------
    InputError
        When the file cannot be written, or is one of the inputs, also by another path. An existing file stays as it is.
    """
    if path is None:
        return
    for each in inputs:
        _ensure_other_file(path, each)
    existed = path.exists()
    try:
        with path.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise InputError(f"cannot write here: {error.strerror}", source=str(path)) from None
    if not existed:
        path.unlink(missing_ok=True)


def _ensure_other_file(path: Path, read: str | Path) -> None:
    """Raise InputError when a path leads to the file of an input."""
    from partload.instances.library import locate

    file = read if isinstance(read, Path) else locate(read)
    if path.exists() and file.exists() and path.samefile(file):
        raise InputError("expected another file: the output would overwrite the input", source=str(path))


def hush_pyomo() -> None:
    """Keep Pyomo from logging errors and Ctrl-C, because their exceptions already carry the message.

    Import Pyomo before the call, because the import sets the level again.
    """
    logging.getLogger("pyomo").setLevel(logging.CRITICAL)
