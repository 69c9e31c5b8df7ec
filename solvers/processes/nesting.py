"""How deep calls are nested: whether this process is a worker, the worker of a worker, or neither."""

from __future__ import annotations

_depth = 0


def depth() -> int:
    """The number of calls that this process is inside of: 1 in a worker, 2 in a worker of a worker; 0 otherwise."""
    return _depth


def inside_worker() -> bool:
    """Whether this process is a worker."""
    return _depth > 0


def set_depth(depth: int) -> None:
    """Set the number of calls that this process is inside of."""
    global _depth
    _depth = depth
