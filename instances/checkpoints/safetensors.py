"""Safetensors: eight bytes with the length of a JSON header, the header, and the bytes of all tensors without gaps."""

from __future__ import annotations

from typing import TypeGuard

from partload.instances.checkpoints import strict_json
from partload.instances.checkpoints.opening import open_binary, read_exactly
from partload.instances.checkpoints.tensors import MAX_DIMENSIONS, MAX_TENSORS, File, Tensor, shown
from partload.instances.errors import InputError

PREFIX_BYTES = 8
MAX_HEADER_BYTES = 32 * 1024 * 1024
"""A header of MAX_TENSORS tensors takes about half of it."""
METADATA = "__metadata__"
KEYS = {"dtype", "shape", "data_offsets"}
BITS = {
    "BOOL": 8,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "U8": 8,
    "I8": 8,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "C64": 64,
    "F64": 64,
    "I64": 64,
    "U64": 64,
}
"""Bits of one element of each type."""


def read(file: File) -> tuple[Tensor, ...]:
    """The tensors of a file in the order of their bytes; reads its header only.

    Raises
    ------
    InputError
        When the header is not exactly right: it names the file, the tensor, and what was expected.
    """
    header = _header(file)
    start = PREFIX_BYTES + len(header)
    document = strict_json.parse(header, str(file.path))
    if METADATA in document:
        strict_json.texts(document, METADATA, str(file.path))
        del document[METADATA]
    if len(document) > MAX_TENSORS:
        problem = f"expected at most {MAX_TENSORS:,} tensors in a file, it has {len(document):,}"
        raise InputError(problem, source=str(file.path))
    try:
        tensors = sorted(
            (_tensor(file, start, name, entry) for name, entry in document.items()),
            key=lambda tensor: (tensor.offset, tensor.size_bytes),
        )
        _ensure_gapless(tensors, start, file.size_bytes)
    except InputError as error:
        raise error.within(str(file.path)) from None
    return tuple(tensors)


def _header(file: File) -> bytes:
    """The bytes of the header, once its length is known to lie within the file."""
    with open_binary(file) as stream:
        if file.size_bytes < PREFIX_BYTES:
            problem = f"expected a safetensors file of at least {PREFIX_BYTES} bytes, it has {file.size_bytes}"
            raise InputError(problem, source=str(file.path))
        length = int.from_bytes(read_exactly(file, stream, 0, PREFIX_BYTES), "little")
        most = min(file.size_bytes - PREFIX_BYTES, MAX_HEADER_BYTES)
        if length > most:
            problem = f"expected a safetensors header of at most {most} bytes, its length says {length}"
            raise InputError(problem, source=str(file.path))
        return read_exactly(file, stream, PREFIX_BYTES, length)


def _tensor(file: File, start: int, name: str, entry: object) -> Tensor:
    """A tensor from its entry in the header; its bytes must be as many as its type and shape ask for."""
    place = f"tensor {shown(name)}"
    if not isinstance(entry, dict) or set(entry) != KEYS:
        raise InputError("expected exactly the keys dtype, shape and data_offsets", place)
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in BITS:
        got = shown(dtype) if isinstance(dtype, str) else f"a value of type {type(dtype).__name__}"
        raise InputError(f"expected a dtype of safetensors, such as F32 or BF16, got {got}", place)
    if not _whole(shape) or len(shape) > MAX_DIMENSIONS:
        raise InputError("expected a shape of whole numbers of at least 0", place)
    if not _whole(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise InputError("expected data_offsets of two whole numbers, the second at least the first", place)
    size = offsets[1] - offsets[0]
    if offsets[1] > file.size_bytes - start:
        has = file.size_bytes - start
        raise InputError(f"expected {offsets[1]} bytes of data, the file has {has}: is it complete?", place)
    tensor = Tensor(name, dtype, tuple(shape), file, start + offsets[0], size)
    bits = _bits(tensor, 8 * size)
    if bits != 8 * size:
        raise InputError(f"expected data_offsets that are as far apart as dtype and shape say, got {size} bytes", place)
    return tensor


def _bits(tensor: Tensor, enough: int) -> int:
    """Bits that a type and a shape ask for; a shape of a thousand huge numbers is not multiplied to its end."""
    if 0 in tensor.shape:
        return 0
    bits = BITS[tensor.dtype]
    for length in tensor.shape:
        bits *= length
        if bits > enough:
            break
    return bits


def _whole(value: object) -> TypeGuard[list[int]]:
    """Whether a value is a list of whole numbers of at least 0."""
    return isinstance(value, list) and all(type(number) is int and number >= 0 for number in value)


def _ensure_gapless(tensors: list[Tensor], start: int, end: int) -> None:
    """Raise InputError unless the tensors, in the order of their bytes, follow one another from start to end."""
    reached = start
    for tensor in tensors:
        if tensor.offset != reached:
            what = "overlaps the tensor before it" if tensor.offset < reached else "leaves a gap before it"
            raise InputError(
                f"expected tensors that follow one another, this one {what}", f"tensor {shown(tensor.name)}"
            )
        reached += tensor.size_bytes
    if reached != end:
        raise InputError(f"expected the file to end after the last tensor, {end - reached} bytes follow")
