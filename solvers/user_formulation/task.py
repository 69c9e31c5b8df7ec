"""What the parent and the child that solves a user's formulation say to each other, beside ``exact.task.News``."""

from __future__ import annotations

import dataclasses

from partload.formulations.registry import Kind
from partload.instances.solution import Termination


@dataclasses.dataclass(frozen=True)
class Packed:
    """A formulation as it goes to another process."""

    name: str
    """``package.module:function``."""
    content: bytes | None = None
    """Its function, pickled; None where the other process finds it by its name."""
    kind: Kind | None = None
    """What its module says, where the function is pickled."""


@dataclasses.dataclass(frozen=True)
class Task:
    """What is to be solved, and how long that may take."""

    packed: Packed
    instance: bytes
    engine: str | None
    time_limit: float | None
    gap: float
    seed: int | None


@dataclasses.dataclass(frozen=True)
class Done:
    """How it ended."""

    termination: Termination
    kind: Kind | None
    build_s: float
    solve_s: float
