"""Finding the bytes of an instance's blocks again: the checkpoints that its provenance names are scanned once more."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from partload.instances.checkpoints.content import Listener
from partload.instances.checkpoints.scan import CHECKPOINT, Scan, scan
from partload.instances.errors import InputError

BASE = "base_"
"""What keys have before them that are of the instance of which another one was made, with requests of a log."""


def stated(provenance: Mapping[str, str] | None) -> tuple[Path, ...]:
    """The checkpoints that a scan wrote into an instance, or into the one that it was made of."""
    found = ((key.removeprefix(BASE), path) for key, path in (provenance or {}).items())
    return tuple(Path(path) for key, path in found if key.startswith(CHECKPOINT))


def scan_again(
    provenance: Mapping[str, str] | None,
    sizes: Mapping[str, float],
    hash: str = "sha256",
    listener: Listener | None = None,
    folder: Path | None = None,
) -> Scan:
    """The scan that an instance was made of; its blocks have the places of their bytes.

    Parameters
    ----------
    provenance
        That of the instance.
    sizes
        The size of each block of the instance, by its id.
    hash, listener
        As for ``scan``.
    folder
        What relative paths start from; None for the folder of the process.

    Raises
    ------
    InputError
        When the instance does not name checkpoints, or they have other blocks now.
    """
    paths = [(folder or Path()) / path for path in stated(provenance)]
    if not paths:
        raise InputError("expected an instance of partload scan, it names no checkpoints", "provenance")
    found = scan(paths, hash, listener)
    known = {block.id: block.size_bytes for block in found.blocks}
    for name, size in sizes.items():
        if known.pop(name, None) != size:
            raise InputError(
                f"expected block {name!r} of {size:.0f} bytes in the checkpoints: scan them again", "blocks"
            )
    if known:
        raise InputError(f"expected no block {next(iter(known))!r} in the checkpoints: scan them again", "blocks")
    return found
