"""What ``partload replay`` runs of each problem: a module of the name of its package, with ``prepare``."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from partload.instances.solution import SolutionHeader


@dataclasses.dataclass(frozen=True)
class Options:
    """The options of the command."""

    checkpoints: tuple[Path, ...]
    """Empty for those that the instance states."""
    sharing: bool
    cache: str
    batch: str | None
    device: str
    output: Path | None
    """The file for the log, None for none."""


@dataclasses.dataclass(frozen=True)
class Ran:
    """One run."""

    log: SolutionHeader
    """The plan with the times measured."""
    notes: tuple[str, ...]
    """Lines that are printed below the comparison."""


Run = Callable[[], Ran]
