"""What a pickle of PyTorch describes, read without unpickling: nothing that it names is imported or called.

A pickle is a program for a machine with a stack. This machine knows the few instructions that ``torch.save`` writes for
dictionaries of tensors, and builds descriptions of tensors where Python would build tensors. It refuses every other
instruction and every function that is not in ``REBUILT``, by name.
"""

from __future__ import annotations

import dataclasses
import pickletools
import struct
import warnings
from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from partload.instances.checkpoints.tensors import MAX_DIMENSIONS, shown
from partload.instances.errors import InputError

MAX_INSTRUCTIONS = 1_500_000
"""A tensor takes about 35."""
LARGEST = 2**63
TYPES = {
    "float64": "F64",
    "double": "F64",
    "float32": "F32",
    "float": "F32",
    "float16": "F16",
    "half": "F16",
    "bfloat16": "BF16",
    "int64": "I64",
    "long": "I64",
    "int32": "I32",
    "int": "I32",
    "int16": "I16",
    "short": "I16",
    "int8": "I8",
    "char": "I8",
    "uint8": "U8",
    "byte": "U8",
    "uint16": "U16",
    "uint32": "U32",
    "uint64": "U64",
    "bool": "BOOL",
    "complex64": "C64",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
    "float8_e4m3fnuz": "F8_E4M3FNUZ",
    "float8_e5m2fnuz": "F8_E5M2FNUZ",
    "float8_e8m0fnu": "F8_E8M0",
}
"""The name in safetensors of each type of PyTorch; ``half`` and ``long`` are those in names of storages."""


@dataclasses.dataclass(frozen=True, slots=True)
class Storage:
    """A storage: an entry of the archive."""

    key: str
    dtype: str | None
    """None for bytes whose type the tensor states."""
    length: int
    """In elements, or in bytes where the type is None."""


@dataclasses.dataclass(frozen=True, slots=True)
class Described:
    """A tensor: its storage, and which of its elements."""

    storage: Storage
    dtype: str
    start: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Named:
    """What the pickle names of a module: a function, a class, a type."""

    name: str


class Opaque:
    """Something that does not matter."""


MARK = Opaque()
OPAQUE = Opaque()


def parse(data: bytes, source: str) -> object:
    """The value that a pickle describes: dictionaries, lists, numbers, texts, and ``Described`` tensors.

    Raises
    ------
    InputError
        On anything but a well-formed pickle of what ``torch.save`` writes for dictionaries of tensors.
    """
    machine = _Machine()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Texts with strange escapes, which the machine refuses anyway.
            return _run(machine, data)
    except InputError as error:
        raise error.within(source) from None
    except (ValueError, TypeError, IndexError, KeyError, OverflowError, struct.error):
        raise InputError("expected a well-formed pickle of tensors", source=source) from None


def _run(machine: _Machine, data: bytes) -> object:
    """The value that is left when the pickle stops."""
    for number, (instruction, argument, _) in enumerate(pickletools.genops(data)):
        if number >= MAX_INSTRUCTIONS:
            raise InputError(f"expected a pickle of at most {MAX_INSTRUCTIONS:,} instructions")
        if instruction.name == "STOP":
            return machine.pop()
        machine.step(instruction.name, argument)
    raise ValueError("no end")


class _Machine:
    """A stack and a memo, as a pickle expects them."""

    def __init__(self) -> None:
        self._stack: list[object] = []
        self._memo: dict[int, object] = {}

    def pop(self) -> object:
        """Take the top of the stack."""
        return self._stack.pop()

    def step(self, name: str, argument: object) -> None:
        """Carry out one instruction."""
        if name in LITERALS:
            self._stack.append(argument)
        elif name in CONSTANTS:
            self._stack.append(CONSTANTS[name]())
        elif name in ("BINPUT", "LONG_BINPUT", "MEMOIZE"):
            self._memo[len(self._memo) if argument is None else cast(int, argument)] = self._stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            self._stack.append(self._memo[cast(int, argument)])
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            count = int(name[-1])
            self._stack[-count:] = [tuple(self._stack[-count:])]
        elif name == "TUPLE":
            self._stack.append(tuple(self._marked()))
        elif name in ("APPEND", "APPENDS"):
            values = [self.pop()] if name == "APPEND" else self._marked()
            _expect(self._stack[-1], list).extend(values)
        elif name in ("SETITEM", "SETITEMS"):
            pairs = [self.pop(), self.pop()][::-1] if name == "SETITEM" else self._marked()
            _set(_expect(self._stack[-1], dict), pairs)
        elif name in ("GLOBAL", "STACK_GLOBAL"):
            path = argument if name == "GLOBAL" else " ".join(_expect(part, str) for part in self._two())
            self._stack.append(_named(_expect(path, str)))
        elif name == "BINPERSID":
            self._stack.append(_storage(_expect(self.pop(), tuple)))
        elif name == "REDUCE":
            called, given = self._two()
            self._stack.append(REBUILT[_expect(called, Named).name](_expect(given, tuple)))
        elif name == "BUILD":
            self.pop()  # Attributes of a dictionary, such as the version of a module: no tensors.
            _expect(self._stack[-1], dict)
        elif name not in ("PROTO", "FRAME"):
            raise InputError(f"expected a file of tensors alone, its pickle has the instruction {name}")

    def _two(self) -> tuple[object, object]:
        second, first = self.pop(), self.pop()
        return first, second

    def _marked(self) -> list[object]:
        """Take everything above the last mark, and the mark."""
        place = len(self._stack) - 1
        while self._stack[place] is not MARK:
            place -= 1
            if place < 0:
                raise ValueError("no mark")
        values = self._stack[place + 1 :]
        del self._stack[place:]
        return values


LITERALS = {"BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE", "BINBYTES"} | {
    "SHORT_BINBYTES"
}
CONSTANTS: dict[str, Callable[[], object]] = {
    "MARK": lambda: MARK,
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
}


def _named(path: str) -> Named:
    """Something of a module, if it is known; its name is ``module name``."""
    module, _, name = path.partition(" ")
    known = path in REBUILT or (module == "torch" and (name in TYPES or _storage_type(name) is not None))
    if not known and path not in UNTYPED:
        called = shown(f"{module}.{name}")
        raise InputError(f"expected a file of tensors alone, its pickle asks for {called}; nothing of it was run")
    return Named(path)


def _storage_type(name: str) -> str | None:
    """The type of a storage by its name, ``F16`` of ``HalfStorage``; None if there is none of that name."""
    if not name.endswith("Storage"):
        return None
    kind = name.removesuffix("Storage").lower()
    return TYPES.get({"complexfloat": "complex64"}.get(kind, kind))


def _storage(identity: tuple[object, ...]) -> Storage:
    """A storage by what ``torch.save`` calls it: ('storage', type, key, device, length)."""
    kind, made, key, _, length = identity
    if kind != "storage":
        raise ValueError(kind)
    path = _expect(made, Named).name
    dtype = None if path in UNTYPED else _storage_type(path.partition(" ")[2])
    if dtype is None and path not in UNTYPED:
        raise ValueError(path)
    return Storage(_expect(key, str), dtype, _count(length))


def _tensor(given: tuple[object, ...]) -> Described:
    """``_rebuild_tensor_v2``: storage, first element, shape, strides, and what training needs."""
    storage, start, shape, strides = given[:4]
    held = _expect(storage, Storage)
    return Described(held, _expect(held.dtype, str), _count(start), _counts(shape), _counts(strides))


def _typed_tensor(given: tuple[object, ...]) -> Described:
    """``_rebuild_tensor_v3``: the same of bytes, with the type."""
    storage, start, shape, strides, _, _, dtype = given[:7]
    name = _expect(dtype, Named).name.removeprefix("torch ")
    return Described(_expect(storage, Storage), TYPES[name], _count(start), _counts(shape), _counts(strides))


def _dictionary(given: tuple[object, ...]) -> object:
    """``OrderedDict``, empty or from a list of pairs."""
    made: dict[object, object] = {}
    for pair in _expect(given[0], list) if given else ():
        _set(made, _expect(pair, (list, tuple)))
    return made


UNTYPED = ("torch.storage UntypedStorage", "torch UntypedStorage")
REBUILT: dict[str, Callable[[tuple[object, ...]], object]] = {
    "torch._utils _rebuild_tensor_v2": _tensor,
    "torch._utils _rebuild_tensor_v3": _typed_tensor,
    "torch._utils _rebuild_parameter": lambda given: given[0],
    "torch._utils _rebuild_parameter_with_state": lambda given: given[0],
    "collections OrderedDict": _dictionary,
    "torch Size": lambda given: given[0],
    "torch device": lambda given: OPAQUE,
    "_codecs encode": lambda given: OPAQUE,
}
"""What a pickle may call, and what is done in its place."""


ExpectedT = TypeVar("ExpectedT")


def _expect(value: object, kind: type[ExpectedT] | tuple[type[ExpectedT], ...]) -> ExpectedT:
    """The value, which must be of a type; raises TypeError."""
    if not isinstance(value, kind):
        raise TypeError(kind)
    return value


def _count(value: object) -> int:
    """A whole number of at least 0 that fits into 63 bits; raises ValueError."""
    if type(value) is not int or not 0 <= value < LARGEST:
        raise ValueError(value)
    return value


def _counts(values: object) -> tuple[int, ...]:
    given = _expect(values, tuple)
    if len(given) > MAX_DIMENSIONS:
        raise ValueError(len(given))
    return tuple(_count(value) for value in given)


def _set(made: dict[object, object], pairs: Sequence[object]) -> None:
    """Set keys to values that follow them; keys are texts or numbers."""
    for key, value in zip(pairs[::2], pairs[1::2], strict=True):
        made[_expect(key, (str, int, float))] = value
