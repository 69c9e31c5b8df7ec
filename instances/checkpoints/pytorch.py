"""Files of ``torch.save``: a ZIP archive, uncompressed, with a pickle that describes the tensors and an entry for each
storage. The pickle is never run; see ``pickled``.
"""

from __future__ import annotations

import dataclasses
import struct
import zipfile
from collections.abc import Iterator, Mapping
from typing import BinaryIO, cast

from partload.instances.checkpoints import pickled
from partload.instances.checkpoints.opening import open_binary, read_exactly
from partload.instances.checkpoints.pickled import Described
from partload.instances.checkpoints.safetensors import BITS
from partload.instances.checkpoints.tensors import MAX_TENSORS, File, Tensor, shown
from partload.instances.errors import InputError

STATE = "state_dict"
"""Where there is this key at the top, only what it holds are the weights of a model."""
MAX_DIRECTORY_BYTES = 8 * 1024 * 1024
MAX_PICKLE_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 20
MOST_OVERLAP = 4
"""Times that the bytes of a file may be counted: views of one storage may overlap, as a flat one and its parts do."""
LOCAL_HEADER = struct.Struct("<4s22xHH")
"""Of an entry: its signature, and the lengths of its name and of the field behind it."""
SIGNATURE = b"PK\x03\x04"
ENCRYPTED = 1
BROKEN = (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError, IndexError, EOFError)
"""What ``zipfile`` raises on archives that are not right."""


@dataclasses.dataclass(frozen=True)
class Archive:
    """The entries of an archive: where the bytes of each begin in the file, and how many there are."""

    file: File
    entries: Mapping[str, tuple[int, int]]
    prefix: str
    """Folder of all entries, with its slash."""

    def content(self, name: str, most: int) -> bytes:
        """The bytes of a small entry."""
        offset, size = self.entries[self.prefix + name]
        if size > most:
            raise InputError(f"expected at most {most} bytes in {name}, it has {size}")
        with open_binary(self.file) as stream:
            return read_exactly(self.file, stream, offset, size)


def read(file: File) -> tuple[Tensor, ...]:
    """The tensors of a file in its own order, which is that of the modules.

    Raises
    ------
    InputError
        On a file that is not exactly right, is not an archive of ``torch.save``, or holds more than tensors.
    """
    try:
        archive = _archive(file)
        if archive.prefix + "byteorder" in archive.entries and archive.content("byteorder", 100) != b"little":
            raise InputError("expected tensors in little-endian order")
        value = pickled.parse(archive.content("data.pkl", MAX_PICKLE_BYTES), "")
        if isinstance(value, dict) and isinstance(value.get(STATE), dict):
            value = value[STATE]
        tensors = tuple(_tensor(archive, name, found) for name, found in _walk(value))
        taken = sum(size for _, size in {(tensor.offset, tensor.size_bytes) for tensor in tensors})
        if taken > MOST_OVERLAP * file.size_bytes:
            raise InputError(
                f"expected tensors that share few bytes, they have {taken} in {file.size_bytes} of the file"
            )
        return tensors
    except InputError as error:
        raise error if error.source else error.within(str(file.path)) from None


class _Bounded:
    """A file of which no more is read at a time than the list of entries may be long."""

    def __init__(self, file: File, stream: BinaryIO) -> None:
        self._file, self._stream = file, stream
        self.seek, self.tell = stream.seek, stream.tell

    def read(self, count: int = -1) -> bytes:
        """Read some bytes; raises InputError when it is asked for more than the limit."""
        if count < 0:
            count = self._file.size_bytes - self.tell()
        if count > MAX_DIRECTORY_BYTES:
            raise InputError(f"expected a list of entries of at most {MAX_DIRECTORY_BYTES} bytes")
        return self._stream.read(max(0, count))


def _archive(file: File) -> Archive:
    """The entries of an archive, none of which may be compressed, lie outside of the file, or share bytes."""
    with open_binary(file) as stream:
        try:
            with zipfile.ZipFile(cast(BinaryIO, _Bounded(file, stream))) as opened:
                listed = opened.infolist()
        except BROKEN:
            old = "; one of PyTorch before 1.6 is to be loaded and saved again"
            raise InputError(f"expected a ZIP archive, as torch.save writes it{old}") from None
        entries: dict[str, tuple[int, int]] = {}
        reached = 0
        for entry in sorted(listed, key=lambda entry: entry.header_offset):
            if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & ENCRYPTED:
                raise InputError("expected entries that are not compressed", shown(entry.filename))
            if entry.filename in entries:
                raise InputError("expected each entry once, it is repeated", shown(entry.filename))
            start = _place(file, stream, entry)
            if entry.header_offset < reached:
                raise InputError("expected entries that follow one another, this one overlaps", shown(entry.filename))
            entries[entry.filename] = start, entry.file_size
            reached = start + entry.file_size
    pickles = [name for name in entries if name.endswith("data.pkl") and name.count("/") == 1]
    if len(pickles) != 1:
        raise InputError(f"expected one entry FOLDER/data.pkl in the archive, it has {len(pickles)}")
    return Archive(file, entries, pickles[0].removesuffix("data.pkl"))


def _place(file: File, stream: BinaryIO, entry: zipfile.ZipInfo) -> int:
    """The first byte of an entry's content, behind its own header."""
    if entry.header_offset + LOCAL_HEADER.size > file.size_bytes or entry.header_offset < 0:
        raise InputError("expected an entry within the file", shown(entry.filename))
    header = read_exactly(file, stream, entry.header_offset, LOCAL_HEADER.size)
    signature, name, extra = LOCAL_HEADER.unpack(header)
    start: int = entry.header_offset + LOCAL_HEADER.size + name + extra
    if signature != SIGNATURE or entry.compress_size != entry.file_size or start + entry.file_size > file.size_bytes:
        raise InputError("expected an entry within the file", shown(entry.filename))
    return start


def _walk(value: object) -> Iterator[tuple[str, Described]]:
    """Every tensor with its name, the keys that lead to it with dots between them; without recursion.

    The stack holds iterators, one for each depth: what lies in a list of a million is never held a second time.
    """
    stack: list[Iterator[tuple[str, object]]] = [iter([("", value)])]
    seen: set[int] = set()
    count = 0
    while stack:
        name, found = next(stack[-1], ("", None))
        if found is None:
            stack.pop()
        elif isinstance(found, Described):
            count += 1
            if count > MAX_TENSORS:
                raise InputError(f"expected at most {MAX_TENSORS:,} tensors in a file")
            if not name.isascii():
                _ensure_text(name)
            yield name, found
        elif isinstance(found, dict | list | tuple) and found:
            if id(found) in seen or len(stack) > MAX_DEPTH + 1:
                problem = f"expected dictionaries in at most {MAX_DEPTH} others, each in one place"
                raise InputError(problem, shown(name))
            seen.add(id(found))
            stack.append(_inner(name, found))


def _inner(name: str, outer: dict[object, object] | list[object] | tuple[object, ...]) -> Iterator[tuple[str, object]]:
    """What is in a dictionary or a list, with names; nothing that is None."""
    for key, each in outer.items() if isinstance(outer, dict) else enumerate(outer):
        if each is not None:
            yield f"{name}.{key}" if name else str(key), each


def _ensure_text(name: str) -> None:
    """Raise InputError on half a character, which a pickle can state and UTF-8 cannot."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError(f"expected text, {shown(name)} holds half a character") from None


def _tensor(archive: Archive, name: str, found: Described) -> Tensor:
    """A tensor, whose elements must lie densely within its storage, in any order of its dimensions."""
    place = f"tensor {shown(name)}"
    entry = archive.entries.get(f"{archive.prefix}data/{found.storage.key}")
    if entry is None:
        raise InputError(f"expected its storage {shown(found.storage.key)} in the archive, it is not there", place)
    offset, size = entry
    storage_bits = 8 if found.storage.dtype is None else BITS[found.storage.dtype]
    if found.storage.length * storage_bits != 8 * size:
        raise InputError("expected a storage as long as the pickle says", place)
    order = _dense_order(found)
    if order is None:
        raise InputError("expected a dense tensor, it is a view: save a copy, tensor.contiguous()", place)
    item = BITS[found.dtype] // 8
    tensor = Tensor(name, found.dtype, found.shape, archive.file, offset + found.start * item, 0)
    end = (found.start + tensor.elements) * item
    if tensor.elements and end > size:
        raise InputError("expected its elements within its storage", place)
    dtype = found.dtype if order == sorted(order) else f"{found.dtype} order {' '.join(map(str, order))}"
    return dataclasses.replace(tensor, dtype=dtype, size_bytes=tensor.elements * item)


def _dense_order(found: Described) -> list[int] | None:
    """The dimensions that are longer than 1, from the slowest to the fastest; None of a view that is not dense."""
    if len(found.shape) != len(found.strides):
        return None
    order = [number for number, length in enumerate(found.shape) if length != 1]
    if 0 in found.shape:
        return order
    order.sort(key=lambda number: (-found.strides[number], number))
    expected = 1
    for number in reversed(order):
        if found.strides[number] != expected:
            return None
        expected *= found.shape[number]
    return order
