"""The files of a checkpoint: a file, a folder with one, shards with an index, or a repository in the cache of
Hugging Face.
"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from partload.instances.checkpoints import strict_json
from partload.instances.checkpoints.opening import find, open_binary, read_exactly
from partload.instances.checkpoints.tensors import File, shown
from partload.instances.errors import InputError

ENDINGS = (".safetensors", ".gguf", ".bin", ".pt", ".pth")
"""Endings of the files that hold tensors, the preferred ones first."""
GRAPH = ".onnx"
"""Ending of files that hold a network rather than tensors; see ``onnx_layers``."""
INDEX = ".index.json"
ADAPTER = "adapter_model"
ADAPTER_CONFIG = "adapter_config.json"
SHARD = re.compile(r"(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})(?P<ending>\.[a-z]+)")
"""The name of one of several files of a checkpoint."""
NO_WEIGHTS = {"training_args.bin", "optimizer.bin", "optimizer.pt", "scheduler.bin", "scheduler.pt", "rng_state.pth"}
"""Files that training leaves beside the weights."""
BASE = "base_model_name_or_path"
MAX_JSON_BYTES = 32 * 1024 * 1024
CACHED = "models--"
"""Begins the folder of a repository in the cache: ``models--ORGANISATION--NAME``."""


@dataclasses.dataclass(frozen=True)
class Layout:
    """What lies on disk of one checkpoint."""

    files: tuple[File, ...]
    """The files that hold its tensors."""
    names: tuple[str, ...]
    """By which other checkpoints may refer to it; the first one is the best id."""
    shards: dict[str, str] | None = None
    """The file of each tensor, as the index of a sharded checkpoint states it."""
    base: str | None = None
    """What an adapter says of its base."""


def layout(path: Path) -> Layout:
    """The files of the checkpoint at a path.

    Raises
    ------
    InputError
        When there is none, or more than one.
    """
    if not path.is_dir():
        _ensure_whole(path)
        if path.name.endswith(INDEX):
            return _sharded(path)
        if path.suffix == GRAPH:
            return Layout((), (path.stem, path.name))
        base = _base(path.with_name(ADAPTER_CONFIG)) if path.stem == ADAPTER else None
        return Layout((find(path),), (path.stem, path.name), base=base)
    folder = _snapshot(path)
    names = _names(path)
    base = _base(folder / ADAPTER_CONFIG)
    index, files = _candidates(folder)
    if index is not None:
        return dataclasses.replace(_sharded(index), names=names, base=base)
    return Layout(tuple(find(file) for file in files), names, base=base)


def _candidates(folder: Path) -> tuple[Path | None, list[Path]]:
    """The index of a folder's checkpoint or None, and its files otherwise."""
    try:
        listed = sorted(entry for entry in folder.iterdir() if not entry.is_dir() and entry.name not in NO_WEIGHTS)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", source=str(folder)) from None
    for ending in ENDINGS:
        indexes = [entry for entry in listed if entry.name.endswith(ending + INDEX)]
        files = indexes or [entry for entry in listed if entry.suffix == ending]
        if _are_all_parts(files):
            return None, files
        if len(files) == 1:
            _ensure_whole(files[0])
            return (files[0] if indexes else None), files
        if files:
            several = ", ".join(shown(entry.name) for entry in files[:3])
            raise InputError(f"expected one checkpoint, it has {len(files)}: name one of {several}", source=str(folder))
    problem = f"expected a file that ends in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}, there is none"
    raise InputError(problem, source=str(folder))


def _ensure_whole(path: Path) -> None:
    """Raise InputError on a file that is one of several, by its name."""
    part = SHARD.fullmatch(path.name)
    if part is not None and int(part["count"]) > 1:
        problem = f"expected a whole checkpoint, this is one of {int(part['count'])} files"
        raise InputError(f"{problem}: name the folder that holds all of them", source=str(path))


def _are_all_parts(files: list[Path]) -> bool:
    """Whether some files are all parts of one checkpoint, by their names; those of GGUF have no index."""
    parts = [SHARD.fullmatch(file.name) for file in files]
    found = {(part["stem"], int(part["count"]), part["ending"]) for part in parts if part is not None}
    numbers = [int(part["number"]) for part in parts if part is not None]
    count = len(files)
    return (
        {(size, ending) for _, size, ending in found} == {(count, ".gguf")}
        and len(found) == 1
        and (sorted(numbers) == list(range(1, count + 1)))
    )


def _snapshot(path: Path) -> Path:
    """The folder itself; of a repository in the cache, its snapshot of ``main`` or its only one."""
    snapshots = path / "snapshots"
    if not snapshots.is_dir():
        return path
    main = path / "refs" / "main"
    if main.is_file():
        revision = _content(main).decode("utf-8", "replace").strip()
        if "/" not in revision and (snapshots / revision).is_dir() and revision not in ("", ".", ".."):
            return _inside(snapshots / revision, path)
        raise InputError(f"expected the name of a snapshot, got {shown(revision)}", source=str(main))
    revisions = sorted(entry for entry in snapshots.iterdir() if entry.is_dir())
    if len(revisions) != 1:
        raise InputError(f"expected one snapshot, it has {len(revisions)}: name one of them", source=str(snapshots))
    return _inside(revisions[0], path)


def _inside(snapshot: Path, repository: Path) -> Path:
    """The folder of a snapshot; raises InputError on a link to elsewhere."""
    if snapshot.resolve().parent != repository.resolve() / "snapshots":
        problem = "expected a folder of its repository, it is a link to elsewhere; name that folder"
        raise InputError(problem, source=str(snapshot))
    return snapshot


def _names(path: Path) -> tuple[str, ...]:
    """By which a folder may be called: its own name, and in the cache that of the repository."""
    real = path.resolve()
    for folder in (real, *real.parents):
        if folder.name.startswith(CACHED):
            full = folder.name.removeprefix(CACHED).replace("--", "/")
            return (full.rpartition("/")[2], full, real.name)
    return (real.name,)


def _base(config: Path) -> str | None:
    """The base that the configuration of an adapter names; None where there is no such configuration."""
    if not config.exists() and not config.is_symlink():
        return None
    base = strict_json.parse(_content(config), str(config)).get(BASE)
    if not isinstance(base, str) or not base:
        raise InputError("expected the name of the adapter's base", BASE, str(config))
    return base


def _sharded(index: Path) -> Layout:
    """The shards that an index lists; each must be a file beside it."""
    shards = strict_json.texts(strict_json.parse(_content(index), str(index)), "weight_map", str(index))
    for name in dict.fromkeys(shards.values()):
        if Path(name).name != name or name in ("", ".", "..") or "\\" in name or "\0" in name:
            raise InputError(f"expected the name of a file beside the index, got {shown(name)}", source=str(index))
    files = tuple(find(index.with_name(name)) for name in sorted(set(shards.values())))
    return Layout(files, (index.name.removesuffix(INDEX), index.name), shards=shards)


def _content(path: Path) -> bytes:
    """The content of a small file."""
    file = find(path)
    if file.size_bytes > MAX_JSON_BYTES:
        raise InputError(f"expected at most {MAX_JSON_BYTES} bytes, it has {file.size_bytes}", source=str(path))
    with open_binary(file) as stream:
        return read_exactly(file, stream, 0, file.size_bytes)
