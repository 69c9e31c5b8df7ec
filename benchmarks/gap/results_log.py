"""The results log of a study: one line for each run that has ended, on disk before the study goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from pydantic import ValidationError

from partload.benchmarks.gap import rows
from partload.benchmarks.gap.rows import Row, RunKey
from partload.instances.errors import InputError, item_path

START = f'{{"format":"{rows.FORMAT}"'.encode()
"""The beginning of every line. It tells an incomplete row from a file of something else."""


class ResultsLog:
    """The rows of a study in a file or, without a path, in memory.

    The log reads the rows that the file has already. It locks the file while it is open. It removes a last line that
    is incomplete, since the study that wrote the line was killed.

    Parameters
    ----------
    path
        A file of rows, which need not exist; None for no file.

    Raises
    ------
    InputError
        When the file cannot be written, another study is writing it, or a line is not a row. The file is unchanged.
    """

    def __init__(self, path: Path | None) -> None:
        self._rows: dict[RunKey, Row] = {}
        self._path = path
        self._file: int | None = None
        if path is not None:
            self._file = _opened(path)
            try:
                _lock(self._file, path)
                self._read(self._file, path)
            except BaseException:
                self.close()
                raise

    @property
    def rows(self) -> Mapping[RunKey, Row]:
        """Every row of the log, by the key of its run."""
        return self._rows

    def add(self, row: Row) -> None:
        """Add a row. It is on disk when this returns.

        Raises
        ------
        InputError
            When the row cannot be written, as on a full disk. The file is unchanged.
        """
        if self._file is not None:
            self._append(self._file, f"{rows.render(row)}\n".encode())
        self._rows[row.asked] = row

    def close(self) -> None:
        """Close the file, which unlocks it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> ResultsLog:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _append(self, file: int, line: bytes) -> None:
        before = os.lseek(file, 0, os.SEEK_END)
        try:
            written = 0
            while written < len(line):
                written += os.write(file, line[written:])
            os.fsync(file)
        except OSError as error:
            os.ftruncate(file, before)
            raise InputError(f"cannot write here: {error.strerror}", source=str(self._path)) from None

    def _read(self, file: int, path: Path) -> None:
        with os.fdopen(os.dup(file), "rb") as stream:
            stream.seek(0)
            content = stream.read()
        found, incomplete = _parse(content, path)
        for row in found:
            self._rows.setdefault(row.asked, row)  # Of two rows of one run, as in concatenated files, the first counts.
        if incomplete:
            os.ftruncate(file, len(content) - incomplete)
        elif content and not content.endswith(b"\n"):  # An editor removed only the end of the last line.
            self._append(file, b"\n")


def read_log(path: Path) -> tuple[list[Row], bool]:
    """Read the rows of a results log, which stays as it is.

    Returns
    -------
    The rows, and whether the last line is complete. A study that was killed, or still runs, leaves an incomplete one.

    Raises
    ------
    InputError
        When the file cannot be read, or a line is not a row.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read this file: {error.strerror}", source=str(path)) from None
    found, incomplete = _parse(content, path)
    return found, not incomplete


def _parse(content: bytes, path: Path) -> tuple[list[Row], int]:
    """The rows of a log, and the number of bytes of an incomplete last line."""
    *lines, last = content.split(b"\n")
    found = [_row(line, f"{path}: line {number}") for number, line in enumerate(lines, 1)]
    if not last:
        return found, 0
    place = f"{path}: line {len(lines) + 1}"
    if not (last.startswith(START) or START.startswith(last)):
        raise InputError(_EXPECTED, source=place)
    return ([*found, _row(last, place)], 0) if _is_json(last) else (found, len(last))


def _row(line: bytes, place: str) -> Row:
    try:
        document = json.loads(line)
    except ValueError:
        raise InputError(_EXPECTED, source=place) from None
    if not isinstance(document, dict) or document.get("format") != rows.FORMAT:
        raise InputError(_EXPECTED, source=place)
    if document.get("version") != rows.VERSION:
        problem = f"expected version {rows.VERSION}, got {document.get('version')!r}"
        raise InputError(problem, source=place)
    try:
        return rows.parse(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        problem = f"{first['msg'][:1].lower()}{first['msg'][1:]}"
        raise InputError(problem, item_path(*first["loc"]), place) from None


_EXPECTED = f"expected a row of a study, {rows.FORMAT}, as JSON"


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _opened(path: Path) -> int:
    if path.exists() and not path.is_file():
        raise InputError("cannot write here: expected a file", source=str(path))
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
    except OSError as error:
        raise InputError(f"cannot write here: {error.strerror}", source=str(path)) from None


def _lock(file: int, path: Path) -> None:
    """Lock the file for this process, on systems that have such locks. A lock ends with its process."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise InputError("another study is writing here", source=str(path)) from None
