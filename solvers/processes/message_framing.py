"""Message framing on the pipes between parent and worker: each message is a kind, a length and a content."""

from __future__ import annotations

import enum
import struct
from typing import BinaryIO, NamedTuple

_HEADER = struct.Struct(">cQ")


class MessageKind(enum.Enum):
    """The purpose of a message."""

    TASK = b"t"
    """To the worker: a function and its arguments."""
    STARTED = b"k"
    """The worker has received the task and begins."""
    OUTDATED = b"o"
    """The worker has imported files that have changed since, and ends."""
    SENT = b"m"
    """The task has sent something while it runs."""
    RETURNED = b"v"
    """The task has returned a value."""
    RAISED = b"e"
    """The task has raised an exception."""


class Message(NamedTuple):
    """One message."""

    kind: MessageKind
    content: bytes


def write_message(pipe: BinaryIO, kind: MessageKind, content: bytes = b"") -> None:
    """Write a message; raises OSError when the other side is gone."""
    pipe.write(_HEADER.pack(kind.value, len(content)))
    pipe.write(content)
    pipe.flush()


def read_message(pipe: BinaryIO) -> Message | None:
    """The next message; None when the other side is gone, also in the middle of a message."""
    header = pipe.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    kind, length = _HEADER.unpack(header)
    content = pipe.read(length)
    return Message(MessageKind(kind), content) if len(content) == length else None
