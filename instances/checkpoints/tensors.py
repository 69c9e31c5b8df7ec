"""A tensor of a checkpoint, and the bytes of a file that it consists of."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

from partload.instances.errors import InputError

Identity = tuple[str | int, ...]
"""Equal for files whose content is known to be equal unread."""
MAX_TENSORS = 100_000
"""Most tensors of one file: ten times what the largest published files hold."""
MAX_DIMENSIONS = 64


@dataclasses.dataclass(frozen=True, slots=True)
class File:
    """A file that holds tensors."""

    path: Path
    """As it was named, for messages."""
    real: Path
    """The file itself, all links followed."""
    size_bytes: int
    identity: Identity


@dataclasses.dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor: its type, its shape, and its place in a file."""

    name: str
    dtype: str
    """The type of its elements as safetensors names it, ``BF16``; of GGUF also the quantised ones, ``Q4_K``."""
    shape: tuple[int, ...]
    """Rows first, whatever the order in the file."""
    file: File
    offset: int
    """First byte in the file."""
    size_bytes: int

    @property
    def elements(self) -> int:
        """Number of its elements."""
        if 0 in self.shape:
            return 0
        product = 1
        for length in self.shape:
            product *= length
        return product


@dataclasses.dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tensors of one model as they lie on disk."""

    path: Path
    """As it was given."""
    names: tuple[str, ...]
    """By which others may refer to it; the first one is the best id."""
    tensors: tuple[Tensor, ...]
    base: str | None = None
    """Name of the checkpoint that an adapter belongs to; None for a model that is complete."""


def shown(name: str) -> str:
    """A name out of a file, safe to print: on one line, in quotes, and not longer than a line."""
    text = repr(name)
    return text if len(text) <= 80 else f"{text[:76]}...{text[0]}"


def ensure_unique(tensors: Iterable[Tensor], source: Path) -> None:
    """Raise InputError on a tensor name that is there twice."""
    seen: set[str] = set()
    for tensor in tensors:
        if tensor.name in seen:
            raise InputError(f"expected each tensor once, {shown(tensor.name)} is repeated", source=str(source))
        seen.add(tensor.name)
