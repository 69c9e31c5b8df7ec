"""Finding and opening the files of a checkpoint; links that lead out of its folder are not followed.

The cache of Hugging Face keeps content in ``blobs/HASH`` and lays links to it into ``snapshots/REVISION``. A link from
a snapshot into the ``blobs`` of the same repository is therefore followed. A blob of a large file is named by the
SHA-256 of its content, so that blobs of one name are equal files, also in different repositories.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import BinaryIO

from partload.instances.checkpoints.tensors import File, Identity
from partload.instances.errors import InputError

SHA256_NAME = re.compile(r"[0-9a-f]{64}")
NON_BLOCKING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""A pipe in place of a file is refused, not waited for."""


def find(path: Path) -> File:
    """The file of a path, after its links.

    Raises
    ------
    InputError
        When there is no such file, it is not a regular file, or a link leads out of the folder that it stands in.
    """
    try:
        folder = path.parent.resolve(strict=True)
        real = path.resolve(strict=True)
        status = real.stat()
    except (OSError, RuntimeError) as error:  # RuntimeError: Python 3.11 and 3.12 on links in a circle.
        reason = error.strerror if isinstance(error, OSError) else "its links form a circle"
        raise InputError(f"cannot be read: {reason}", source=str(path)) from None
    blobs = _blobs(folder)
    if real.parent != blobs and not real.is_relative_to(folder):
        raise InputError("expected a file in its folder, it is a link to elsewhere; name that file", source=str(path))
    if not stat.S_ISREG(status.st_mode):
        raise InputError("expected a file", source=str(path))
    return File(path, real, status.st_size, _identity(real, blobs, status))


def open_binary(file: File) -> BinaryIO:
    """Open a file for reading without a buffer; raises InputError when it cannot be, or is no longer the same."""
    try:
        descriptor = os.open(file.real, os.O_RDONLY | NON_BLOCKING)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", source=str(file.path)) from None
    stream = os.fdopen(descriptor, "rb", buffering=0)
    status = os.fstat(descriptor)
    other = file.identity[0] == "file" and file.identity[-1] != status.st_ino
    if not stat.S_ISREG(status.st_mode) or status.st_size != file.size_bytes or other:
        stream.close()
        raise InputError("expected a file that stays as it is, it changed while it was read", source=str(file.path))
    return stream


def read_exactly(file: File, stream: BinaryIO, offset: int, count: int) -> bytes:
    """``count`` bytes of an open file, which must lie within its size; raises InputError when they cannot be read."""
    buffer = bytearray(count)
    read_into(file, stream, offset, memoryview(buffer))
    return bytes(buffer)


def read_into(file: File, stream: BinaryIO, offset: int, buffer: memoryview) -> None:
    """Fill a buffer from a place of an open file; raises InputError when the file ends before."""
    try:
        stream.seek(offset)
        done = 0
        while done < len(buffer):
            count = stream.readinto(buffer[done:])  # type: ignore[attr-defined]
            if not count:
                problem = f"expected {len(buffer) - done} more bytes at {offset + done}, the file ends"
                raise InputError(problem, source=str(file.path))
            done += count
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", source=str(file.path)) from None


def _blobs(folder: Path) -> Path | None:
    """The folder of the blobs that the links of a snapshot lead to; None for a folder outside of any snapshot."""
    for inner in (folder, *folder.parents):
        if inner.parent.name == "snapshots":
            return inner.parent.parent / "blobs"
    return None


def _identity(real: Path, blobs: Path | None, status: os.stat_result) -> Identity:
    if real.parent == blobs and SHA256_NAME.fullmatch(real.name):
        return ("sha256", real.name, status.st_size)
    return ("file", status.st_dev, status.st_ino) if status.st_ino else ("path", str(real))
