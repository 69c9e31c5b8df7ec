"""Whether this process is a child, and how deep: a child may call, too."""

from __future__ import annotations

_depth = 0


def depth() -> int:
    """How many calls this process is in: 1 in a child, 2 in a child of a child; 0 where no call was made."""
    return _depth


def inside() -> bool:
    """Whether this process is a child."""
    return _depth > 0


def enter(depth: int) -> None:
    """Say how many calls this process is in."""
    global _depth
    _depth = depth
