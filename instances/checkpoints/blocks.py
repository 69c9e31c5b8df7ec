"""Blocks of real models: tensors that always appear together, in the same set of models."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence

from partload.instances.checkpoints.content import Key, key_of
from partload.instances.checkpoints.tensors import File, Tensor

MAX_ID_LENGTH = 60
PRIVATE = "private"
ALL = "all"


@dataclasses.dataclass(frozen=True)
class TensorBlock:
    """A block and the tensors that it consists of, each content once."""

    id: str
    models: tuple[str, ...]
    """The models that hold all of it."""
    tensors: tuple[Tensor, ...]
    """A place to read each content from."""

    @property
    def size_bytes(self) -> int:
        """Bytes of its tensors."""
        return sum(tensor.size_bytes for tensor in self.tensors)

    @property
    def ranges(self) -> tuple[tuple[File, int, int], ...]:
        """The bytes of the block as file, first byte and number of bytes, in the order of the files; neighbours are
        one range.
        """
        ranges: list[tuple[File, int, int]] = []
        for tensor in sorted(self.tensors, key=lambda tensor: (str(tensor.file.real), tensor.offset)):
            if ranges and ranges[-1][0] is tensor.file and ranges[-1][1] + ranges[-1][2] == tensor.offset:
                file, offset, size = ranges.pop()
                ranges.append((file, offset, size + tensor.size_bytes))
            elif tensor.size_bytes:
                ranges.append((tensor.file, tensor.offset, tensor.size_bytes))
        return tuple(ranges)


def blocks_of(models: Mapping[str, Sequence[Tensor]], contents: Mapping[Key, int]) -> tuple[TensorBlock, ...]:
    """The blocks of some models, in the order in which their first tensors appear.

    Parameters
    ----------
    models
        The tensors of each model.
    contents
        A number for the content of each tensor.
    """
    places: dict[int, Tensor] = {}
    holders: dict[int, dict[str, None]] = {}
    for model, tensors in models.items():
        for tensor in tensors:
            content = contents[key_of(tensor)]
            places.setdefault(content, tensor)
            holders.setdefault(content, {})[model] = None
    together: dict[tuple[str, ...], list[Tensor]] = {}
    for content, tensor in places.items():
        together.setdefault(tuple(holders[content]), []).append(tensor)
    names = _ids(list(together), len(models))
    return tuple(TensorBlock(names[holder], holder, tuple(tensors)) for holder, tensors in together.items())


def _ids(holders: Sequence[tuple[str, ...]], models: int) -> dict[tuple[str, ...], str]:
    """An id for each set of models, which follows from the set alone unless two ids would be alike."""
    ids: dict[tuple[str, ...], str] = {}
    taken: set[str] = set()
    for holder in holders:
        known = tuple(sorted(holder))  # In whatever order the checkpoints were named.
        name = _id(known, models)
        if name in taken:
            name = f"{name}-{_hash(known)}"
        taken.add(name)
        ids[holder] = name
    return ids


def _id(holder: tuple[str, ...], models: int) -> str:
    if len(holder) == 1:
        return f"{holder[0]}.{PRIVATE}"
    if len(holder) == models:
        return ALL
    joined = "+".join(holder)
    return joined if len(joined) <= MAX_ID_LENGTH else f"{holder[0]}+{len(holder) - 1}-{_hash(holder)}"


def _hash(holder: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(holder).encode()).hexdigest()[:8]
