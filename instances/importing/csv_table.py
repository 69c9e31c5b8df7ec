"""Reading a CSV table strictly: known columns, one row for each id, and every error with its line and column.

The text is UTF-8, with or without a byte-order mark, with any line ends; cells may be quoted. An empty cell is the same
as a column that is not there. Nothing else is repaired: spaces around a value are part of it.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from partload.instances import files
from partload.instances.errors import InputError, expected_one_of

BYTE_ORDER_MARK = "\ufeff"
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
"""What counts as a number: no spaces, no commas, no NaN."""


@dataclasses.dataclass(frozen=True)
class Column:
    """A column that a table may have."""

    meaning: str
    """For help and errors, with the unit."""
    required: bool = False
    """Whether every row has a value in it."""
    number: bool = True
    """Whether the values are numbers, or texts."""
    least: float = -math.inf
    above: bool = False
    """Whether the least value itself is too small."""
    most: float = math.inf

    def number_of(self, text: str) -> float:
        """The number of a cell; raises InputError, with nothing but the problem, on one that is out of range."""
        if not NUMBER.fullmatch(text) or not math.isfinite(value := float(text)):
            raise InputError(f"expected a number, {self.meaning}, got {text!r}")
        if value < self.least or (self.above and value == self.least):
            bound = "above" if self.above else "of at least"
            raise InputError(f"expected a number {bound} {self.least:g}, {self.meaning}, got {text}")
        if value > self.most:
            raise InputError(f"expected a number of at most {self.most:g}, {self.meaning}, got {text}")
        return value


@dataclasses.dataclass(frozen=True)
class Row:
    """A row of a table: the cells that are not empty, by column."""

    line: int
    """Of the file, where the row begins."""
    texts: Mapping[str, str]
    numbers: Mapping[str, float]

    def error(self, column: str, problem: str) -> InputError:
        """An error at a cell of the row."""
        return InputError(problem, place(self.line, column))


def place(line: int, column: str = "") -> str:
    """Line and column as errors name them."""
    return f"line {line}, column {column!r}" if column else f"line {line}"


def read_table(path: str | Path, columns: Mapping[str, Column], key: str = "id") -> list[Row]:
    """Read a table.

    Parameters
    ----------
    path
        A CSV file, also one that ends in .gz, or ``-`` for the standard input.
    columns
        What it may have.
    key
        The column whose values have to differ.

    Raises
    ------
    InputError
        On anything that is not exactly right; it names the file, the line, the column and what was expected.
    """
    try:
        return _rows(files.read_text(Path(path)).removeprefix(BYTE_ORDER_MARK), columns, key)
    except InputError as error:
        raise error.within(files.source_name(path)) from None


def _rows(text: str, columns: Mapping[str, Column], key: str) -> list[Row]:
    lines = _lines(text)
    if not lines:
        raise InputError(f"expected a line with the names of columns, such as {', '.join(columns)}; the file is empty")
    (line, header), *body = lines
    _check_header(line, header, columns)
    rows: list[Row] = []
    seen: dict[str, int] = {}
    for line, cells in body:
        if len(cells) != len(header):
            raise InputError(f"expected {len(header)} cells, as in the first line, got {len(cells)}", place(line))
        row = _row(line, dict(zip(header, cells)), columns)
        name = row.texts[key]
        if name in seen:
            raise row.error(key, f"expected each {key} once, {name!r} is on line {seen[name]} too")
        seen[name] = line
        rows.append(row)
    if not rows:
        raise InputError("expected a row below the names of columns, there is none")
    return rows


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """The cells of each row with the line on which it begins; lines with nothing on them are left out."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found, begins = [], 1
    try:
        for cells in reader:
            if cells:
                found.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        problem = "expected comma-separated values with quotes in pairs"
        raise InputError(f"{problem}: {error}", place(begins)) from None
    return found


def _check_header(line: int, header: Sequence[str], columns: Mapping[str, Column]) -> None:
    for number, name in enumerate(header):
        if name not in columns:
            hint = _hint(name, columns)
            raise InputError(f"unknown column: {expected_one_of(columns, name, hint=hint)}", place(line))
        if name in header[:number]:
            raise InputError(f"expected each column once, {name!r} is repeated", place(line))
    for name, column in columns.items():
        if column.required and name not in header:
            raise InputError(f"expected a column {name!r}, {column.meaning}; it is missing", place(line))


def _hint(name: str, columns: Mapping[str, Column]) -> str | None:
    """What is said of an unknown column; None for the nearest of the known ones."""
    for separator, called in ((";", "semicolons"), ("\t", "tabs")):
        if separator in name and set(name.split(separator)) & set(columns):
            return f"; the columns seem to be separated by {called}, expected commas"
    return f", did you mean {name.strip()!r}?" if name.strip() in columns else None


def _row(line: int, cells: Mapping[str, str], columns: Mapping[str, Column]) -> Row:
    texts: dict[str, str] = {}
    numbers: dict[str, float] = {}
    for name, text in cells.items():
        column = columns[name]
        if text == "":
            if column.required:
                raise InputError(f"expected {column.meaning}, the cell is empty", place(line, name))
            continue
        texts[name] = text
        if column.number:
            try:
                numbers[name] = column.number_of(text)
            except InputError as error:
                raise InputError(error.problem, place(line, name)) from None
    return Row(line, texts, numbers)
