"""Reading a request log: one entry for each line in a window of time."""

from __future__ import annotations

import csv
import datetime
import gc
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from partload.instances import files
from partload.instances.errors import InputError, expected_one_of
from partload.instances.importing.csv_table import Column, place
from partload.instances.logs.formats import FORMATS, OWN_COLUMNS, Format, recognised
from partload.instances.logs.lines import LONGEST_LINE, lines

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MICROSECOND = datetime.timedelta(microseconds=1)
SECONDS = Column("a time in seconds")
DURATION = Column("a duration in seconds", least=0)
TOKENS = Column("a number of tokens", least=0)
OWN_NUMBERS = {
    "input_bits": Column("the size of the input in bits", least=0),
    "spectral_efficiency_bps_per_hz": Column("the spectral efficiency in bit/s/Hz", least=0, above=True),
    "weight": Column("the weight", least=0, above=True),
}
Window = tuple[float, float]
"""First time [s] and the time [s] before which a window ends, on the clock of the log."""
Rows = Iterator[tuple[int, list[str]]]
"""The line of each row, and its cells."""
ALL: Window = (-math.inf, math.inf)


class Entry(NamedTuple):
    """A line of a log; None or nothing where the log does not say."""

    line: int
    arrival_s: float
    """On the clock of the log; of dates, the seconds since that of the first line."""
    model: str | None
    group: str | None
    tokens: float | None
    texts: Mapping[str, str]
    """The id, of the project's own logs."""
    numbers: Mapping[str, float]
    """Size, spectral efficiency and weight, of the project's own logs."""


class _Pairs(list[tuple[str, object]]):
    """The keys and values of a JSON object, with the keys that are repeated."""


class Log(NamedTuple):
    """The entries of a log that lie in a window, by arrival."""

    format: str
    lines: int
    """All lines with an entry, in the window or not."""
    entries: list[Entry]


def read_log(path: str | Path, window: Window = ALL, name: str | None = None) -> Log:
    """Read a log.

    Parameters
    ----------
    path
        A CSV file with a line of column names, or JSON lines; also one that ends in .gz, or ``-``.
    window
        What to keep.
    name
        The format, a key of ``FORMATS``; None recognises it by its columns.

    Raises
    ------
    InputError
        On anything that is not exactly right; it names the file, the line, the column and what was expected.
    """
    if name is not None and name not in FORMATS:
        raise InputError(expected_one_of(FORMATS, name), "format")
    collecting = gc.isenabled()
    gc.disable()  # A million entries, none of them garbage: half of the time.
    try:
        return _log(lines(Path(path)), window, name)
    except InputError as error:
        raise error.within(files.source_name(path)) from None
    finally:
        if collecting:
            gc.enable()


def _log(numbered: Iterator[tuple[int, str]], window: Window, name: str | None) -> Log:
    first = next(numbered, None)
    while first is not None and not first[1].strip():
        first = next(numbered, None)
    if first is None:
        raise InputError("expected a line with the names of columns, or JSON lines; the file is empty")
    if first[1].lstrip().startswith("{"):
        if name not in (None, "own"):
            raise InputError(f"expected the columns of {name}, got JSON", place(first[0]))
        return _collected("own", OWN_COLUMNS, _json_rows(first, numbered), window)
    header, rows = _table(first, numbered)
    found = recognised(header) if name is None else name
    if found is None:
        known = "; ".join(f"{key}: {', '.join(one.header)}" for key, one in FORMATS.items())
        raise InputError(f"expected the columns of a known format ({known}), got {_shown(header)}", place(first[0]))
    _check_header(header, found, first[0])
    return _collected(found, header, rows, window)


def _collected(name: str, header: Sequence[str], rows: Rows, window: Window) -> Log:
    known, entries, count = FORMATS[name], [], 0
    arrival = header.index(known.arrival)
    duration = None if known.duration is None else header.index(known.duration)
    begin, end = window
    origin: float | None = None
    for line, cells in rows:
        count += 1
        time = _time(known, line, cells[arrival])
        if duration is not None and known.duration is not None:
            time -= _number(line, known.duration, cells[duration], DURATION)
        if known.dates:
            origin = time if origin is None else origin
            time = (time - origin) / 1e6
        if begin <= time < end:
            entries.append(_entry(known, line, time, dict(zip(header, cells))))
    if not count:
        raise InputError("expected a line below the names of columns, there is none")
    entries.sort(key=lambda entry: entry.arrival_s)
    return Log(name, count, entries)


def _time(known: Format, line: int, text: str) -> float:
    """Arrival [s]; of dates the microseconds since 1970, of which a double loses none."""
    if known.dates:
        try:
            found = datetime.datetime.fromisoformat(text)
            return ((found if found.tzinfo else found.replace(tzinfo=datetime.UTC)) - EPOCH) // MICROSECOND
        except (ValueError, OverflowError):
            example = "2023-11-16 18:17:03.979"
            raise InputError(
                f"expected a date such as {example}, got {_cut(text)}", place(line, known.arrival)
            ) from None
    return _number(line, known.arrival, text, SECONDS)


def _entry(known: Format, line: int, arrival_s: float, cells: Mapping[str, str]) -> Entry:
    names = [cells.get(column, "") for column in known.model]
    model = "/".join(names) if names and all(names) else None
    group = (cells.get(known.group) or None) if known.group else None
    tokens = None if known.tokens is None else _number(line, known.tokens, cells[known.tokens], TOKENS)
    if not known.only_these:
        return Entry(line, arrival_s, model, group, tokens, {}, {})
    numbers = {
        column: _number(line, column, cells[column], rule) for column, rule in OWN_NUMBERS.items() if cells.get(column)
    }
    return Entry(line, arrival_s, model, group, tokens, {"id": cells["id"]} if cells.get("id") else {}, numbers)


def _number(line: int, column: str, text: str, rule: Column) -> float:
    try:
        return rule.number_of(text)
    except InputError:
        bound = "" if rule.least == -math.inf else f" {'above' if rule.above else 'of at least'} {rule.least:g}"
        raise InputError(f"expected a number{bound}, {rule.meaning}, got {_cut(text)}", place(line, column)) from None


def _table(first: tuple[int, str], numbered: Iterator[tuple[int, str]]) -> tuple[list[str], Rows]:
    """The names of the columns, and the cells of each row."""
    at, pending = first[0], 0

    def texts() -> Iterator[str]:
        nonlocal at, pending
        for line, text in _chained(first, numbered):
            at = line
            pending += len(text)
            if pending > LONGEST_LINE:  # Cells in quotes may go on over many lines.
                raise InputError(f"expected rows of at most {LONGEST_LINE} characters, this one is longer", place(line))
            yield text

    reader = csv.reader(texts(), strict=True)

    def next_cells() -> list[str] | None:
        nonlocal pending
        pending = 0
        try:
            return next(reader, None)
        except csv.Error as error:
            problem = "expected comma-separated values with quotes in pairs"
            raise InputError(f"{problem}: {error}", place(at)) from None

    header = next_cells() or []

    def rows() -> Rows:
        while (cells := next_cells()) is not None:
            if len(cells) == len(header):
                yield at, cells
            elif cells:
                problem = f"expected {len(header)} cells, as in the first line, got {len(cells)}"
                raise InputError(problem, place(at))

    return header, rows()


def _json_rows(first: tuple[int, str], numbered: Iterator[tuple[int, str]]) -> Rows:
    for line, text in _chained(first, numbered):
        if not text.strip():
            continue
        try:
            found = json.loads(text, object_pairs_hook=_Pairs)
        except (ValueError, RecursionError) as error:
            column = error.colno if isinstance(error, json.JSONDecodeError) else 1
            raise InputError("expected one JSON object", f"line {line}, column {column}") from None
        if not isinstance(found, _Pairs):
            raise InputError("expected one JSON object", place(line))
        cells: dict[str, str] = {}
        for key, value in found:
            if key not in OWN_COLUMNS:
                raise InputError(f"unknown key: {expected_one_of(OWN_COLUMNS, _cut(key, quote=False))}", place(line))
            if isinstance(value, bool) or not isinstance(value, (str, int, float)):
                raise InputError("expected a text or a number", place(line, key))
            if key in cells:
                raise InputError("expected each key once, it is repeated", place(line, key))
            if isinstance(value, str) and not value.isascii():
                _ensure_text(value, place(line, key))
            cells[key] = value if isinstance(value, str) else repr(value)
        yield line, [cells.get(column, "") for column in OWN_COLUMNS]


def _ensure_text(value: str, where: str) -> None:
    """Raise InputError on half a character, which JSON can state and UTF-8 cannot."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError(f"expected text, {_cut(value)} holds half a character", where) from None


def _chained(first: tuple[int, str], numbered: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    yield first
    yield from numbered


def _check_header(header: Sequence[str], name: str, line: int) -> None:
    known = FORMATS[name]
    for column in known.header:
        if column not in header:
            raise InputError(f"expected a column {column!r} of {name}; it is missing", place(line))
    seen: set[str] = set()
    for column in header:
        if column in seen:
            raise InputError(f"expected each column once, {_cut(column)} is repeated", place(line))
        seen.add(column)
        if known.only_these and column not in OWN_COLUMNS:
            raise InputError(f"unknown column: {expected_one_of(OWN_COLUMNS, _cut(column, quote=False))}", place(line))


def _shown(header: Sequence[str]) -> str:
    return _cut(",".join(header))


def _cut(text: str, *, quote: bool = True) -> str:
    """A text on one line, and not longer than half of it."""
    short = text if len(text) <= 60 else text[:57] + "..."
    return repr(short) if quote or not short.isprintable() else short
