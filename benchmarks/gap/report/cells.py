"""Cells and columns of the tables of a page, as the template takes them."""

from __future__ import annotations

import dataclasses

from partload.benchmarks.gap.report.text import percent


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    heading: str
    hint: str = ""
    """Tooltip of the heading."""


@dataclasses.dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table."""

    text: str = ""
    sort_key: float | None = None
    """Number by which the script sorts the cell; None to sort it by its text."""
    kind: str = ""
    """Class names of the CSS."""
    hint: str = ""
    """Tooltip of the cell."""


def number_cell(number: float | None, text: str | None = None, kind: str = "n") -> Cell:
    """A number, written as ``text`` if given; an empty cell for None."""
    return Cell(kind=kind) if number is None else Cell(f"{number:.10g}" if text is None else text, number, kind)


def percent_cell(share: float | None) -> Cell:
    """A share in percent; an empty cell for None."""
    return number_cell(share, None if share is None else percent(share))


def seconds_cell(time_s: float | None) -> Cell:
    """A time in seconds; an empty cell for None."""
    return number_cell(time_s, None if time_s is None else f"{time_s:.3g}" if time_s >= 0.001 else "< 0.001")
