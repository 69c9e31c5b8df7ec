"""What parent and child write to each other: frames on a pipe, each a kind, a length and a content."""

from __future__ import annotations

import enum
import struct
from typing import BinaryIO, NamedTuple

_HEAD = struct.Struct(">cQ")


class Kind(enum.Enum):
    """What a frame is about."""

    TASK = b"t"
    """To the child: work and its arguments."""
    TAKEN = b"k"
    """The child has the task and begins."""
    OUTDATED = b"o"
    """The child has imported files that have changed since, and does nothing any more."""
    MESSAGE = b"m"
    """What the work sends while it runs."""
    RETURNED = b"v"
    RAISED = b"e"


class Frame(NamedTuple):
    """One frame."""

    kind: Kind
    content: bytes


def send(pipe: BinaryIO, kind: Kind, content: bytes = b"") -> None:
    """Write a frame; raises OSError when nobody is there to read it."""
    pipe.write(_HEAD.pack(kind.value, len(content)))
    pipe.write(content)
    pipe.flush()


def receive(pipe: BinaryIO) -> Frame | None:
    """The next frame; None when the other side is gone, also in the middle of one."""
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    kind, length = _HEAD.unpack(head)
    content = pipe.read(length)
    return Frame(Kind(kind), content) if len(content) == length else None
