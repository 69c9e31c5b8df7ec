"""Lines of a log that may be of any size: one at a time, each of bounded length, also from a compressed file."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from partload.instances import files
from partload.instances.errors import InputError
from partload.instances.importing.csv_table import BYTE_ORDER_MARK, place

LONGEST_LINE = 1 << 20
"""Bytes. A longer line is no line of a log, and is refused before it fills the memory."""


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Number and text of each line; of a .gz file too, and of ``-``, the standard input.

    Raises
    ------
    InputError
        When the file cannot be read, a line is too long, or it is not UTF-8; it names the line.
    """
    number = 0
    try:
        with _opened(path) as stream:
            while line := stream.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    raise InputError(
                        f"expected lines of at most {LONGEST_LINE} bytes, this one is longer", place(number)
                    )
                text = line.decode("utf-8")
                yield number, text.removeprefix(BYTE_ORDER_MARK) if number == 1 else text
    except UnicodeDecodeError as error:
        raise InputError(f"expected UTF-8 text, byte {error.start} of the line is none", place(number)) from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"expected a file made by gzip: {error}", place(number + 1)) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}") from None


def _opened(path: Path) -> IO[bytes]:
    if path == files.STANDARD_INPUT:
        return sys.stdin.buffer
    return cast(IO[bytes], gzip.open(path, "rb")) if path.suffix == files.GZIP else path.open("rb")
