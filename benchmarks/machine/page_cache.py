"""The page cache of the system: a file that is in it is read from memory, not from the disk.

Linux drops a file from it when asked to (``POSIX_FADV_DONTNEED``). Not every file system obeys, so ``cached`` looks
afterwards which pages are still there.
"""

from __future__ import annotations

import ctypes
import mmap
import os
from collections.abc import Iterable
from pathlib import Path

from partload.instances.checkpoints.tensors import File
from partload.instances.errors import InputError

BUFFER_BYTES = 1 << 22
KEPT = 0.02
"""Share of a file that may be in the cache still for the file to count as cold."""


def drop(files: Iterable[File]) -> None:
    """Ask the system to forget the content of some files; pages not written to the disk yet are written first.

    Raises
    ------
    InputError
        On a system that cannot be asked.
    """
    if not hasattr(os, "posix_fadvise"):
        raise InputError(
            "expected a system with posix_fadvise, such as Linux; here files are measured warm only", "cold"
        )
    for file in files:
        descriptor = os.open(file.real, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def warm(files: Iterable[File]) -> None:
    """Read some files, so that the system has their content in memory if it has room for it."""
    buffer = bytearray(BUFFER_BYTES)
    for file in files:
        with Path(file.real).open("rb", buffering=0) as stream:
            while stream.readinto(buffer):
                pass


def cached(files: Iterable[File]) -> float | None:
    """Share of the pages of some files that are in the page cache; None where the system does not tell."""
    there = total = 0
    for file in files:
        if file.size_bytes == 0:
            continue
        pages = _resident(file)
        if pages is None:
            return None
        there += sum(page & 1 for page in pages)
        total += len(pages)
    return there / total if total else None


def _resident(file: File) -> bytes | None:
    """One byte for each page of a file, odd if the page is in the cache; None where the system does not tell."""
    try:
        mincore = ctypes.CDLL(None, use_errno=True).mincore
    except (AttributeError, OSError, TypeError):
        return None
    pages = (ctypes.c_ubyte * -(-file.size_bytes // mmap.PAGESIZE))()
    with (
        Path(file.real).open("rb") as stream,
        # A private map that may be written to, because ctypes takes the address of no other; nothing is written.
        mmap.mmap(stream.fileno(), file.size_bytes, access=mmap.ACCESS_COPY) as view,
    ):
        start = ctypes.c_char.from_buffer(view)
        try:
            failed = mincore(ctypes.c_void_p(ctypes.addressof(start)), ctypes.c_size_t(file.size_bytes), pages)
        finally:
            del start  # The map cannot be closed while anything points to it.
    return None if failed else bytes(pages)
