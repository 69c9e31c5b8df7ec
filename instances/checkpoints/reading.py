"""Reading a checkpoint: its files are found, and the tensors of each are listed by the reader of its format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from partload.instances.checkpoints import gguf, pytorch, safetensors
from partload.instances.checkpoints.folders import ENDINGS, GRAPH, Layout, layout
from partload.instances.checkpoints.opening import find
from partload.instances.checkpoints.tensors import Checkpoint, File, Tensor, ensure_unique, shown
from partload.instances.errors import InputError

READERS: dict[str, Callable[[File], tuple[Tensor, ...]]] = {
    ".safetensors": safetensors.read,
    ".gguf": gguf.read,
    ".bin": pytorch.read,
    ".pt": pytorch.read,
    ".pth": pytorch.read,
}
"""The reader of each ending; what ``folders`` looks for."""


def read(path: str | Path) -> Checkpoint:
    """The checkpoint at a path: a file, a folder, or a repository in the cache of Hugging Face.

    Only headers are read. Adapters are read without their base, whose name ``base`` states. A network in ONNX has no
    tensors here, only layers; see ``onnx_layers``.

    Raises
    ------
    InputError
        When there is no checkpoint, or a file of it is not exactly right; it names file, place, and what was expected.
    """
    given = Path(path)
    found = layout(given)
    tensors = tuple(tensor for file in found.files for tensor in _tensors(file))
    ensure_unique(tensors, given)
    if given.suffix == GRAPH:
        find(given)
    elif not tensors:
        raise InputError("expected at least one tensor", source=str(path))
    if found.shards is not None:
        _ensure_listed(found, tensors, given)
    return Checkpoint(given, found.names, tensors, found.base)


def _tensors(file: File) -> tuple[Tensor, ...]:
    """The tensors of one file."""
    reader = READERS.get(file.path.suffix)
    if reader is not None:
        return reader(file)
    problem = f"expected a file that ends in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}"
    raise InputError(problem, source=str(file.path))


def _ensure_listed(found: Layout, tensors: tuple[Tensor, ...], given: Path) -> None:
    """Raise InputError unless the index lists exactly the tensors of the shards, each in its file."""
    assert found.shards is not None
    present = {tensor.name: tensor.file.path.name for tensor in tensors}
    for name, file in found.shards.items():
        if present.get(name) != file:
            raise InputError(f"expected tensor {shown(name)} in {shown(file)}, as the index says", source=str(given))
    for name in present:
        if name not in found.shards:
            raise InputError(f"expected tensor {shown(name)} in the index, it is not there", source=str(given))
