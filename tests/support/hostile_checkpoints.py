"""Model files that nobody should believe, and random changes of good ones."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np

from partload.instances.checkpoints.examples import encode

GOOD = {
    "a": np.arange(6, dtype=np.float32).reshape(2, 3),
    "b": np.arange(4, dtype=np.int64),
    "c": np.zeros(0, np.uint8),
}
Entry = dict[str, object]


def entry(**changes: object) -> Entry:
    return {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]} | changes


def stored(header: object, data: bytes = b"") -> bytes:
    """A safetensors file with any header, in JSON or as bytes."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


FOUR = b"\0" * 4
WRONG: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "at least 8 bytes, it has 0"),
    "cut": (b"\1\0\0", "at least 8 bytes, it has 3"),
    "1 GB header": ((10**9).to_bytes(8, "little") + b"{}", "a safetensors header of at most 2 bytes"),
    "2**64 header": (
        b"\xff" * 8 + b"{}",
        "a safetensors header of at most 2 bytes, its length says 18446744073709551615",
    ),
    "no header": (stored(b""), "expected JSON"),
    "list": (stored([]), "expected a JSON object, got a value of type list"),
    "number": (stored(b"1" * 5000), "fewer than 4300 digits"),
    "deep": (stored(b"[" * 100_000), "nested too deeply"),
    "latin": (stored(b'{"\xff": 1}'), "expected UTF-8 text, byte 2 is none"),
    "half": (stored({"\ud800": entry()}, FOUR), "half a character"),
    "twice": (stored(b'{"a": 1, "a": 2}'), "'a' is repeated"),
    "key twice": (stored(b'{"a": {"dtype": "U8", "dtype": "I8"}}'), "'dtype' is repeated"),
    "metadata": (stored({"__metadata__": {"a": 1}}), "expected an object of texts under '__metadata__'"),
    "no object": (stored({"a": 3}), "exactly the keys dtype, shape and data_offsets"),
    "more keys": (stored({"a": entry(x=1)}, FOUR), "exactly the keys dtype, shape and data_offsets"),
    "dtype": (stored({"a": entry(dtype="U9")}, FOUR), "such as F32 or BF16, got 'U9'"),
    "dtype type": (stored({"a": entry(dtype=["U8"])}, FOUR), "got a value of type list"),
    "negative": (stored({"a": entry(shape=[-2, -2])}, FOUR), "a shape of whole numbers of at least 0"),
    "boolean": (stored({"a": entry(shape=[True, 4])}, FOUR), "a shape of whole numbers of at least 0"),
    "fraction": (stored({"a": entry(shape=[4.0])}, FOUR), "a shape of whole numbers of at least 0"),
    "nan": (stored(b'{"a": {"dtype": "U8", "shape": [NaN], "data_offsets": [0, 4]}}', FOUR), "whole numbers"),
    "shape": (stored({"a": entry(shape=4)}, FOUR), "a shape of whole numbers of at least 0"),
    "huge": (stored({"a": entry(shape=[2**64] * 60)}, FOUR), "as far apart as dtype and shape say"),
    "dimensions": (stored({"a": entry(shape=[1] * 65)}, FOUR), "a shape of whole numbers of at least 0"),
    "short": (stored({"a": entry(shape=[3])}, FOUR), "as far apart as dtype and shape say"),
    "half bytes": (stored({"a": entry(dtype="F4", shape=[7])}, FOUR), "as far apart as dtype and shape say"),
    "backwards": (stored({"a": entry(data_offsets=[4, 0])}, FOUR), "the second at least the first"),
    "three": (stored({"a": entry(data_offsets=[0, 4, 4])}, FOUR), "of two whole numbers"),
    "minus": (stored({"a": entry(data_offsets=[-4, 0])}, FOUR), "of two whole numbers"),
    "beyond": (stored({"a": entry(shape=[5], data_offsets=[0, 5])}, FOUR), "5 bytes of data, the file has 4"),
    "overlap": (
        stored({"a": entry(), "b": entry(data_offsets=[2, 6])}, b"\0" * 6),
        "this one overlaps the tensor before",
    ),
    "same": (stored({"a": entry(), "b": entry()}, FOUR), "this one overlaps the tensor before"),
    "gap": (stored({"a": entry(), "b": entry(data_offsets=[5, 9])}, b"\0" * 9), "this one leaves a gap before it"),
    "gap first": (stored({"a": entry(data_offsets=[1, 5])}, b"\0" * 5), "this one leaves a gap before it"),
    "rest": (stored({"a": entry()}, b"\0" * 7), "after the last tensor, 3 bytes follow"),
    "nothing": (stored({}), "expected at least one tensor"),
    "escape": (stored({"\x1b[31m\n": entry(dtype="?")}, FOUR), r"tensor '\x1b[31m\n'"),
}
"""Files and what is said of each."""


def many_tensors(path: Path, count: int) -> None:
    """A well-formed file of this many empty tensors."""
    lines = (f'"t{number}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}' for number in range(count))
    path.write_bytes(stored(b"{" + ",".join(lines).encode() + b"}"))


def changed(content: bytes, draw: random.Random) -> bytes:
    """A file with a few bytes or pieces changed, mostly in its header."""
    data = bytearray(content)
    for _ in range(draw.randint(1, 4)):
        place = draw.randrange(len(data) + 1)
        kind = draw.randrange(6)
        if kind == 0 and place < len(data):
            data[place] = draw.randrange(256)
        elif kind == 1 and place < len(data):
            data[place] ^= 1 << draw.randrange(8)
        elif kind == 2:
            del data[place : place + draw.randint(1, 20)]
        elif kind == 3:
            data[place:place] = draw.choice(PIECES)
        elif kind == 4:
            start = draw.randrange(len(data) + 1)
            data[place:place] = data[start : start + draw.randint(1, 60)]
        elif place < len(data):
            data[place : place + 1] = str(draw.choice((-1, 0, 2**31, 2**63, 2**64, 10**30))).encode()
    return bytes(data)


PIECES = (
    *(b'"', b"{", b"}", b"[", b"]", b",", b":", b"-", b"\\", b"\\ud83d", b"null", b"true", b"NaN", b"1e999"),
    *(b"[" * 2000, b"9" * 5000, b"\xff\xfe", b"\0" * 8, b'"a":{},', b'{"dtype":"F32"}'),
)
SAMPLE = encode(GOOD)
"""A good file."""
