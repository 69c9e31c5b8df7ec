"""The runs of a study as a pandas frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from partload.benchmarks.gap.report.csv_table import COLUMNS, cells
from partload.benchmarks.gap.table import Line
from partload.instances import extras

if TYPE_CHECKING:
    import pandas

WHOLE = ("row", "seed", "memory_limit_bytes", "requests", "served", "peak_bytes", "slots")
"""Columns of whole numbers, some of which may be unknown."""
NUMBERS = (
    *("swept_value", "time_limit_s", "gap_asked", "weight", "objective", "bound", "reference", "gap"),
    *("total_s", "build_s", "solve_s"),
)


def to_frame(lines: Sequence[Line]) -> pandas.DataFrame:
    """The lines as a frame, one row for each run, with the columns of ``table.csv`` and a type for each.

    Whole numbers are ``Int64``, other numbers ``float64``, ``sharing`` is ``boolean``, ``ended`` a time in UTC, and
    everything else ``string``. What is unknown is missing.

    Raises
    ------
    InputError
        When pandas is not installed.
    """
    library = extras.load("pandas", "a frame of a study")
    rows = [cells(number, line) for number, line in enumerate(lines, 1)]
    frame: pandas.DataFrame = library.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    frame["sharing"] = frame["sharing"].map({"yes": True, "no": False})
    kinds = dict.fromkeys(COLUMNS, "string") | dict.fromkeys(WHOLE, "Int64") | dict.fromkeys(NUMBERS, "float64")
    kinds["sharing"] = "boolean"
    ended = library.to_datetime(frame.pop("ended"), utc=True)
    del kinds["ended"]
    return frame.astype(kinds).assign(ended=ended)
