"""A scan: the models that some checkpoints are, and the blocks that they share, found by content."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from partload.instances.checkpoints.blocks import TensorBlock, blocks_of
from partload.instances.checkpoints.content import Listener, contents, hasher
from partload.instances.checkpoints.folders import ADAPTER_CONFIG, INDEX
from partload.instances.checkpoints.reading import read
from partload.instances.checkpoints.tensors import Checkpoint, Tensor, shown
from partload.instances.errors import InputError
from partload.instances.serialisation import path_text

CHECKPOINT = "checkpoint "
"""Begins the keys of provenance whose values are paths; the id of a model follows."""


@dataclasses.dataclass(frozen=True)
class ScannedModel:
    """A model, and what it was read from."""

    id: str
    checkpoint: Checkpoint
    base: str | None
    """Id of the model that an adapter belongs to."""
    tensors: tuple[Tensor, ...]
    """All that the model needs: of an adapter, those of its base too."""


@dataclasses.dataclass(frozen=True)
class Scan:
    """Models and their blocks. The same checkpoints, with the same content, always give the same blocks and ids."""

    models: tuple[ScannedModel, ...]
    blocks: tuple[TensorBlock, ...]
    hash: str
    """Name of the hash by which contents were compared."""

    @property
    def graphs(self) -> tuple[ScannedModel, ...]:
        """The models that are networks in ONNX: they have layers and no blocks."""
        return tuple(model for model in self.models if not model.tensors)

    @property
    def without_graphs(self) -> Scan:
        """The models that have blocks."""
        return dataclasses.replace(self, models=tuple(model for model in self.models if model.tensors))

    @cached_property
    def blocks_of(self) -> dict[str, tuple[TensorBlock, ...]]:
        """The blocks of each model, by its id."""
        return {model.id: tuple(block for block in self.blocks if model.id in block.models) for model in self.models}

    @property
    def provenance(self) -> dict[str, str]:
        """What an instance states of its blocks: where they were read, so that a later scan finds their bytes again."""
        places = {CHECKPOINT + model.id: path_text(model.checkpoint.path) for model in self.models}
        how = f"tensors that the same models hold, equal by type, shape and {self.hash} of their content"
        return {"made_by": "partload scan", **places, "blocks": how}


def scan(
    paths: Sequence[str | Path],
    hash: str = "sha256",
    listener: Listener | None = None,
    ready: Callable[[Sequence[ScannedModel]], None] | None = None,
) -> Scan:
    """Read some checkpoints and find what they share.

    Parameters
    ----------
    paths
        Files, folders, or repositories in the cache of Hugging Face. The base of each adapter must be among them.
    hash
        The hash by which contents are compared, one of ``content.HASHES``.
    listener
        Hears how many bytes were compared, of how many.
    ready
        Is called with the models before their contents are compared, which may take long.

    Raises
    ------
    InputError
        When a checkpoint cannot be read, two have the same name, or the base of an adapter is missing.
    """
    start = hasher(hash)
    checkpoints = [read(path) for path in paths]
    ids = _ids(checkpoints)
    models = tuple(_model(number, checkpoints, ids) for number in range(len(checkpoints)))
    if ready is not None:
        ready(models)
    own = [tensor for checkpoint in checkpoints for tensor in checkpoint.tensors]
    numbers = contents(own, start, listener)
    return Scan(models, blocks_of({model.id: model.tensors for model in models}, numbers), hash)


def ensure_kept(models: Sequence[ScannedModel], written: Path | None) -> None:
    """Raise InputError when a file that is to be written is one that the models were read from."""
    if written is None or not written.exists():
        return
    files = {tensor.file for model in models for tensor in model.checkpoint.tensors}
    folders = {file.path.parent for file in files}
    beside = written.name == ADAPTER_CONFIG or written.name.endswith(INDEX)
    if any(written.samefile(file.real) for file in files) or (
        beside and any(written.parent.samefile(folder) for folder in folders)
    ):
        raise InputError("expected another file: the output would overwrite a file of a model", source=str(written))


def _ids(checkpoints: Sequence[Checkpoint]) -> list[str]:
    """An id for each checkpoint: its best name, with the folder before it where two would be alike.

    Snapshots of one repository, and folders in a snapshot, have their own name behind that of the repository.
    """
    names = [checkpoint.names[0] for checkpoint in checkpoints]
    ids = [name if names.count(name) == 1 else _long_name(checkpoint) for name, checkpoint in zip(names, checkpoints)]
    ids = [
        f"{name}/{checkpoint.names[-1]}" if ids.count(name) > 1 and name in checkpoint.names else name
        for name, checkpoint in zip(ids, checkpoints)
    ]
    for number, name in enumerate(ids):
        if not name.isprintable():
            problem = f"expected a checkpoint whose name is printable, got {shown(name)}"
            raise InputError(problem, source=shown(str(checkpoints[number].path)))
        if name in ids[:number]:
            first = checkpoints[ids.index(name)].path
            problem = f"expected checkpoints of different names, this one and '{first}' are both called {name!r}"
            raise InputError(problem, source=str(checkpoints[number].path))
    return ids


def _long_name(checkpoint: Checkpoint) -> str:
    """The name of a repository with its organisation, of anything else with the folder that it lies in."""
    full = next((name for name in checkpoint.names if "/" in name), None)
    return full or f"{checkpoint.path.resolve().parent.name}/{checkpoint.names[0]}"


def _model(number: int, checkpoints: Sequence[Checkpoint], ids: Sequence[str]) -> ScannedModel:
    """A checkpoint as a model; an adapter has the tensors of its base too."""
    checkpoint, tensors, base = checkpoints[number], checkpoints[number].tensors, None
    if checkpoint.base is not None:
        found = _base(checkpoint, checkpoints)
        if checkpoints[found].base is not None:
            raise InputError("expected a base that is no adapter itself", source=str(checkpoint.path))
        if not checkpoints[found].tensors:
            raise InputError("expected a base with tensors, a network in ONNX has none", source=str(checkpoint.path))
        base, tensors = ids[found], (*checkpoints[found].tensors, *tensors)
    return ScannedModel(ids[number], checkpoint, base, tensors)


def _base(adapter: Checkpoint, checkpoints: Sequence[Checkpoint]) -> int:
    """Position of an adapter's base: the checkpoint of the whole name that it states, or of the last part of it."""
    assert adapter.base is not None
    last = adapter.base.rstrip("/").rpartition("/")[2]
    others = [number for number, other in enumerate(checkpoints) if other is not adapter]
    for name in (adapter.base, last):
        found = [number for number in others if name in checkpoints[number].names]
        if len(found) == 1:
            return found[0]
        if found:
            several = " and ".join(f"'{checkpoints[number].path}'" for number in found[:2])
            raise InputError(f"expected one base called {shown(name)}, it may be {several}", source=str(adapter.path))
    problem = f"expected the adapter's base {shown(adapter.base)} among the checkpoints"
    raise InputError(f"{problem}: add a file or folder called {shown(last)}", source=str(adapter.path))
