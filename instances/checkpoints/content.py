"""Which tensors are equal, by content: of one type, one shape, and the same bytes.

Only tensors that another one of the same type and shape may equal are read. Most of these differ in their first bytes,
as fine-tuned weights do, and are read no further.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import BinaryIO, Protocol

from partload.instances import extras
from partload.instances.checkpoints.opening import open_binary, read_into
from partload.instances.checkpoints.tensors import File, Identity, Tensor
from partload.instances.errors import InputError, expected_one_of

FIRST_BYTES = 4096
"""Bytes by which tensors are told apart before any is read to its end."""
BUFFER_BYTES = 1 << 20
Key = tuple[Identity, int, int, str, tuple[int, ...]]
"""The place of a tensor, its type and its shape: tensors of one key are one."""
Listener = Callable[[int, int], None]
"""Is told the bytes that were read to the end and how many there are."""


class Hash(Protocol):
    """A running hash, as ``hashlib`` has them."""

    def update(self, data: memoryview, /) -> object:
        """Continue with some bytes."""

    def digest(self) -> bytes:
        """The hash of all bytes so far."""


HASHES = ("sha256", "blake3")
"""The hashes by which contents are compared; blake3 is about three times as fast and needs the extra."""


def hasher(name: str) -> Callable[[], Hash]:
    """What starts a hash of this name; raises InputError when there is none, or it needs an extra that is missing."""
    if name not in HASHES:
        raise InputError(expected_one_of(HASHES, name), source="--hash")
    if name == "sha256":
        return hashlib.sha256
    make: Callable[[], Hash] = extras.load("blake3", "--hash blake3").blake3
    return make


def key_of(tensor: Tensor) -> Key:
    """The key of a tensor."""
    return (tensor.file.identity, tensor.offset, tensor.size_bytes, tensor.dtype, tensor.shape)


def contents(
    tensors: Iterable[Tensor], start: Callable[[], Hash] = hashlib.sha256, listener: Listener | None = None
) -> dict[Key, int]:
    """A number for the content of each key; equal tensors, and no others, have the same number.

    Parameters
    ----------
    tensors
        The tensors of all checkpoints.
    start
        Starts a hash.
    listener
        Hears of the progress.
    """
    places = {key_of(tensor): tensor for tensor in tensors}
    groups = _split([list(places)], lambda key: key[3:])
    with _Reader() as reader:
        begun = _compared(groups, places, beyond=0)
        first = {key: reader.digest(places[key], start(), FIRST_BYTES) for key in begun}
        groups = _split(groups, first.get)
        whole: dict[Key, bytes] = {}
        rest = _compared(groups, places, beyond=FIRST_BYTES)
        done, total = 0, sum(places[key].size_bytes for key in rest)
        for key in rest:
            size = places[key].size_bytes
            told = None if listener is None else _from(listener, done, total)
            whole[key] = reader.digest(places[key], start(), size, told)
            done += size
        groups = _split(groups, whole.get)
    return {key: number for number, group in enumerate(groups) for key in group}


def _split(groups: Iterable[list[Key]], trait: Callable[[Key], object]) -> list[list[Key]]:
    """The groups, each split into those of one trait."""
    parts: list[list[Key]] = []
    for group in groups:
        split: dict[object, list[Key]] = defaultdict(list)
        for key in group:
            split[trait(key)].append(key)
        parts += split.values()
    return parts


def _compared(groups: Iterable[list[Key]], places: dict[Key, Tensor], beyond: int) -> list[Key]:
    """The keys in groups of two or more whose tensors have more bytes than ``beyond``, in the order of their bytes."""
    keys = [key for group in groups if len(group) > 1 for key in group if places[key].size_bytes > beyond]
    return sorted(keys, key=lambda key: (str(places[key].file.real), places[key].offset))


def _from(listener: Listener, done: int, total: int) -> Callable[[int], None]:
    """What tells a listener of bytes beyond those that are done."""
    return lambda count: listener(done + count, total)


class _Reader:
    """Reads tensors into one buffer, and keeps the file of the last one open."""

    def __init__(self) -> None:
        self._buffer = memoryview(bytearray(BUFFER_BYTES))
        self._file: File | None = None
        self._stream: BinaryIO | None = None

    def __enter__(self) -> _Reader:
        return self

    def __exit__(self, *error: object) -> None:
        self._close()

    def digest(self, tensor: Tensor, hash: Hash, most: int, told: Callable[[int], None] | None = None) -> bytes:
        """The digest of a tensor's first bytes, ``most`` or all of them."""
        stream = self._open(tensor.file)
        done, count = 0, min(most, tensor.size_bytes)
        while done < count:
            part = self._buffer[: count - done]
            read_into(tensor.file, stream, tensor.offset + done, part)
            hash.update(part)
            done += len(part)
            if told is not None:
                told(done)
        return hash.digest()

    def _open(self, file: File) -> BinaryIO:
        if self._stream is None or file is not self._file:
            self._close()
            self._stream = open_binary(file)
            self._file = file
        return self._stream

    def _close(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None
