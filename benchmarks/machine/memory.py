"""The memory of the server: blocks are read from ranges of files into arrays, and kept until they are dropped."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from partload.instances.checkpoints.opening import open_binary, read_into
from partload.instances.checkpoints.tensors import File
from partload.instances.errors import InputError, expected_one_of

DEVICES = ("cpu", "cuda")
Range = tuple[File, int, int]
"""File, first byte, and number of bytes."""


class Device(Protocol):
    """Where blocks are kept."""

    def place(self, content: NDArray[np.uint8]) -> object:
        """What was read, brought to the device."""

    def finish(self) -> None:
        """Wait until everything that was started on the device is done."""


class MainMemory:
    """Blocks stay in the arrays into which they were read."""

    def place(self, content: NDArray[np.uint8]) -> object:
        """The array itself."""
        return content

    def finish(self) -> None:
        """Nothing runs on its own here."""


class Gpu:
    """Blocks are copied to a GPU by PyTorch."""

    def __init__(self) -> None:
        try:
            import torch
        except ModuleNotFoundError:
            raise InputError("expected PyTorch; install the build for your GPU, or leave it out", "--device") from None
        if not torch.cuda.is_available():
            raise InputError("expected a GPU that PyTorch can use, it finds none", "--device")
        self._torch = torch

    def place(self, content: NDArray[np.uint8]) -> object:
        """A tensor of bytes on the GPU."""
        placed: object = self._torch.from_numpy(content).to("cuda")
        return placed

    def finish(self) -> None:
        """Wait for all kernels and copies."""
        self._torch.cuda.synchronize()


def device(name: str) -> Device:
    """The device of a name; raises InputError when there is none here."""
    if name not in DEVICES:
        raise InputError(expected_one_of(DEVICES, name), "--device")
    return MainMemory() if name == "cpu" else Gpu()


def _fresh(size_bytes: int) -> NDArray[np.uint8]:
    """Memory that comes from the system and goes back to it, whatever its size.

    An allocator would keep small arrays and hand them out again, so that loads of some sizes would be much faster.
    """
    if size_bytes == 0:
        return np.empty(0, np.uint8)
    return np.frombuffer(mmap.mmap(-1, size_bytes), np.uint8)


class Memory:
    """Blocks in memory by their ids. It opens each file once and keeps it open until it is closed itself."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.bytes_read = 0
        """Bytes that were read from files so far."""
        self._blocks: dict[str, object] = {}
        self._streams: dict[File, BinaryIO] = {}
        self._open = ExitStack()

    def __enter__(self) -> Memory:
        return self

    def __exit__(self, *error: object) -> None:
        self._blocks.clear()
        self._open.close()

    @property
    def blocks(self) -> Mapping[str, object]:
        """What is in memory."""
        return self._blocks

    def open(self, files: Iterable[File]) -> None:
        """Open files before they are needed."""
        for file in files:
            if file not in self._streams:
                self._streams[file] = self._open.enter_context(open_binary(file))

    def load(self, name: str, ranges: Sequence[Range]) -> None:
        """Read a block; raises InputError when a file cannot be read."""
        self.open(file for file, _, _ in ranges)
        content = _fresh(sum(size for _, _, size in ranges))
        view, done = content.data, 0
        for file, offset, size in ranges:
            read_into(file, self._streams[file], offset, view[done : done + size])
            done += size
        self.bytes_read += done
        self._blocks[name] = self.device.place(content)

    def keep(self, names: Iterable[str]) -> None:
        """Drop every block but these."""
        kept = frozenset(names)
        for name in [name for name in self._blocks if name not in kept]:
            del self._blocks[name]
