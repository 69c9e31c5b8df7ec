"""GGUF: a header with metadata and the place of each tensor, then the bytes of the tensors, each aligned.

The reader of the package ``gguf`` believes the counts in a file: one that claims 2**60 elements keeps it busy, and its
memory growing, past the end of the file. This reader compares each length with the file first. The tests compare both.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from partload.instances.checkpoints.opening import open_binary, read_exactly
from partload.instances.checkpoints.tensors import MAX_DIMENSIONS, MAX_TENSORS, File, Tensor, shown
from partload.instances.errors import InputError

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MAX_HEADER_BYTES = 64 * 1024 * 1024
"""Several times what the largest vocabularies take."""
MAX_KEYS = 10_000
"""Most keys of metadata: a hundred times what files have."""
PIECE_BYTES = 1 << 18
DEFAULT_ALIGNMENT = 32
ALIGNMENT = "general.alignment"
MAX_NESTING = 4
SCALAR_BYTES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of each type of metadata that always takes the same number."""
UINT32, TEXT, LIST = 4, 8, 9
"""Further types of metadata."""
TYPES = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 40),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
    40: ("NVFP4", 64, 36),
    41: ("Q1_0", 128, 18),
}
"""Of each type of tensor: its name, the elements of a group that is quantised together, and the bytes of the group."""


class _Header:
    """The header, read piece by piece; never beyond its greatest length or the end of the file."""

    def __init__(self, file: File, stream: BinaryIO) -> None:
        self._file, self._stream = file, stream
        self._piece, self._start, self._place = b"", 0, 0
        self.end = min(file.size_bytes, MAX_HEADER_BYTES)

    @property
    def position(self) -> int:
        """Bytes taken so far."""
        return self._start + self._place

    def take(self, count: int) -> bytes:
        """The next bytes; raises InputError when the header has fewer."""
        if count > len(self._piece) - self._place:
            self._fetch(count)
        taken = self._piece[self._place : self._place + count]
        self._place += count
        return taken

    def skip(self, count: int) -> None:
        """Pass over some bytes."""
        if count <= len(self._piece) - self._place:
            self._place += count
        else:
            self._ensure(count)
            self._start, self._piece, self._place = self.position + count, b"", 0

    def number(self, size: int) -> int:
        """The next whole number, of this many bytes."""
        return int.from_bytes(self.take(size), "little")

    def text(self) -> str:
        """The next text; raises InputError unless it is UTF-8."""
        content = self.take(self.number(8))
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            raise InputError(f"expected UTF-8 text before byte {self.position}") from None

    def _ensure(self, count: int) -> None:
        if count > self.end - self.position:
            what = "is it complete?" if self.end == self._file.size_bytes else "which is the most"
            raise InputError(f"expected {count} bytes at {self.position} of a header, it ends at {self.end}, {what}")

    def _fetch(self, count: int) -> None:
        self._ensure(count)
        self._start, self._place = self.position, 0
        size = min(max(count, PIECE_BYTES), self.end - self._start)
        self._piece = read_exactly(self._file, self._stream, self._start, size)


def read(file: File) -> tuple[Tensor, ...]:
    """The tensors of a file in the order of the header; reads the header only.

    Raises
    ------
    InputError
        When the header is not exactly right: it names the file, the tensor, and what was expected.
    """
    try:
        with open_binary(file) as stream:
            tensors, start, alignment = _tensors(file, _Header(file, stream))
        _ensure_close(tensors, start, alignment)
    except InputError as error:
        raise error if error.source else error.within(str(file.path)) from None
    return tuple(tensors)


def _tensors(file: File, header: _Header) -> tuple[list[Tensor], int, int]:
    """The tensors that the header lists, where their bytes begin, and the alignment of these."""
    if header.end < len(MAGIC) or header.take(len(MAGIC)) != MAGIC:
        raise InputError("expected a GGUF file, it does not begin with GGUF")
    version = header.number(4)
    if version not in VERSIONS:
        raise InputError(f"expected GGUF of version 2 or 3 in little-endian order, got {version}")
    count, keys = header.number(8), header.number(8)
    if count > MAX_TENSORS:
        raise InputError(f"expected at most {MAX_TENSORS:,} tensors in a file, it has {count:,}")
    alignment = _metadata(header, keys)
    listed = [_listed(header) for _ in range(count)]
    start = header.position + -header.position % alignment
    return [_tensor(file, start, alignment, *entry) for entry in listed], start, alignment


def _metadata(header: _Header, keys: int) -> int:
    """Pass over the metadata; return the alignment that it states."""
    alignment, seen = DEFAULT_ALIGNMENT, set[str]()
    for _ in range(keys):  # Each takes 13 bytes or more of the header, so that a false number ends at its end.
        key = header.text()
        if key in seen:
            raise InputError(f"expected each key once, {shown(key)} is repeated")
        if len(seen) == MAX_KEYS:
            raise InputError(f"expected at most {MAX_KEYS:,} keys of metadata, it has {keys:,}")
        seen.add(key)
        kind = header.number(4)
        if key != ALIGNMENT:
            _pass_over(header, kind, 0)
            continue
        alignment = header.number(4) if kind == UINT32 else 0
        if alignment == 0 or alignment & (alignment - 1) or alignment > PIECE_BYTES:
            raise InputError("expected a power of two of four bytes", ALIGNMENT)
    return alignment


def _pass_over(header: _Header, kind: int, nesting: int) -> None:
    """Pass over a value of the metadata."""
    if kind in SCALAR_BYTES:
        header.skip(SCALAR_BYTES[kind])
    elif kind == TEXT:
        header.skip(header.number(8))
    elif kind == LIST and nesting < MAX_NESTING:
        inner, length = header.number(4), header.number(8)
        if inner in SCALAR_BYTES:
            header.skip(length * SCALAR_BYTES[inner])
        else:
            for _ in range(length):  # Each takes 8 bytes or more of the header.
                _pass_over(header, inner, nesting + 1)
    else:
        raise InputError(f"expected a type of metadata before byte {header.position}, got {kind}")


def _listed(header: _Header) -> tuple[str, tuple[int, ...], int, int]:
    """Name, shape, type and place of the next tensor in the header."""
    name = header.text()
    dimensions = header.number(4)
    if dimensions > MAX_DIMENSIONS:
        raise InputError(f"expected at most {MAX_DIMENSIONS} dimensions, got {dimensions}", f"tensor {shown(name)}")
    lengths = struct.unpack(f"<{dimensions}Q", header.take(8 * dimensions))
    return name, lengths[::-1], header.number(4), header.number(8)


def _tensor(file: File, start: int, alignment: int, name: str, shape: tuple[int, ...], kind: int, place: int) -> Tensor:
    """A tensor by what the header says of it."""
    where = f"tensor {shown(name)}"
    if kind not in TYPES:
        raise InputError(f"expected a type of GGUF, got number {kind}", where)
    dtype, group, group_bytes = TYPES[kind]
    if (shape[-1] if shape else 1) % group:
        raise InputError(f"expected rows of a multiple of {group} elements in type {dtype}", where)
    if place % alignment:
        raise InputError(f"expected an offset that is a multiple of {alignment}, got {place}", where)
    tensor = Tensor(name, dtype, shape, file, start + place, 0)
    size = tensor.elements // group * group_bytes
    if tensor.offset + size > file.size_bytes:
        raise InputError(f"expected {size} bytes at {tensor.offset}, the file ends at {file.size_bytes}", where)
    return Tensor(name, dtype, shape, file, tensor.offset, size)


def _ensure_close(tensors: list[Tensor], start: int, alignment: int) -> None:
    """Raise InputError unless the tensors follow one another with no more between them than the alignment asks for."""
    reached, end = start, tensors[0].file.size_bytes if tensors else start
    for tensor in sorted(tensors, key=lambda tensor: (tensor.offset, tensor.size_bytes)):
        if not 0 <= tensor.offset - reached < alignment:
            what = "overlaps the tensor before it" if tensor.offset < reached else "leaves a gap before it"
            place = f"tensor {shown(tensor.name)}"
            raise InputError(f"expected tensors that follow one another, this one {what}", place)
        reached = tensor.offset + tensor.size_bytes
    if end - reached >= alignment:
        raise InputError(f"expected the file to end after the last tensor, {end - reached} bytes follow")
