"""Files as ``torch.save`` writes them, without PyTorch: its pickles name modules that stand-ins take the place of."""

from __future__ import annotations

import io
import pickle
import sys
import types
import zipfile
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

STORAGES = {"float32": "FloatStorage", "float16": "HalfStorage", "int64": "LongStorage", "uint8": "ByteStorage"}


class FakeStorage:
    """A storage of an array."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values


class FakeTensor:
    """A view of a storage."""

    def __init__(self, storage: FakeStorage, start: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
        self.storage, self.start, self.shape, self.strides = storage, start, shape, strides


def tensor(values: np.ndarray) -> FakeTensor:
    """A tensor of its own storage, in the order in which the array lies in memory."""
    base = values if values.flags.c_contiguous else values.ravel(order="K")
    strides = tuple(stride // values.itemsize for stride in values.strides)
    return FakeTensor(FakeStorage(np.ravel(base)), 0, values.shape, strides)


@contextmanager
def fake_torch() -> Iterator[types.ModuleType]:
    """Modules of the names that pickles of PyTorch use."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    for name in STORAGES.values():
        setattr(torch, name, type(name, (), {"__module__": "torch"}))
    for name in ("_rebuild_tensor_v2", "_rebuild_parameter"):
        made = types.FunctionType((lambda *given: given).__code__, {}, name)
        made.__module__, made.__qualname__ = "torch._utils", name
        setattr(utils, name, made)
    known = {name: sys.modules.get(name) for name in ("torch", "torch._utils")}
    sys.modules.update({"torch": torch, "torch._utils": utils})
    torch._utils = utils  # type: ignore[attr-defined]
    try:
        yield torch
    finally:
        for name, module in known.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, protocol: int, torch: types.ModuleType) -> None:
        super().__init__(file, protocol)
        self.torch = torch
        self.storages: list[FakeStorage] = []

    def persistent_id(self, value: object) -> object:
        if not isinstance(value, FakeStorage):
            return None
        if value not in self.storages:
            self.storages.append(value)
        kind = getattr(self.torch, STORAGES[value.values.dtype.name])
        return ("storage", kind, str(self.storages.index(value)), "cpu", value.values.size)

    def reducer_override(self, value: object) -> Any:
        if not isinstance(value, FakeTensor):
            return NotImplemented
        given = (value.storage, value.start, value.shape, value.strides, False, OrderedDict())
        return self.torch._utils._rebuild_tensor_v2, given


def encode(value: object, protocol: int = 2) -> bytes:
    """The content of a file of ``torch.save``."""
    described = io.BytesIO()
    with fake_torch() as torch:
        pickler = _Pickler(described, protocol, torch)
        pickler.dump(value)
    entries = {f"data/{number}": each.values.tobytes() for number, each in enumerate(pickler.storages)}
    return archive({"data.pkl": described.getvalue(), "byteorder": b"little", **entries, "version": b"3\n"})


def archive(entries: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """A ZIP archive with these entries in one folder."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as opened:
        for name, data in entries.items():
            opened.writestr(zipfile.ZipInfo(f"archive/{name}"), data, compression)
    return content.getvalue()


def save(path: Path, weights: Mapping[str, np.ndarray]) -> None:
    """Write a dictionary of arrays as a file of ``torch.save``."""
    path.write_bytes(encode(OrderedDict((name, tensor(values)) for name, values in weights.items())))
