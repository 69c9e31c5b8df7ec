"""Files that must be refused, as data: what is wrong with each, and the place inside that the message has to name.

One instance file and one solution file are right; every case changes one thing in one of them, or replaces the file
by something that is no such file at all.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

Steps = tuple[str | int, ...]
Document = dict[str, Any]

INSTANCE: Document = {
    "format": "partload/partial-loading",
    "version": 1,
    "name": "right",
    "description": "nothing is wrong here",
    "provenance": {"source": "made by hand"},
    "server": {
        "bandwidth_hz": 10.0,
        "load_rate_bytes_per_s": 10.0,
        "load_latency_s": 0.0,
        "memory_bytes": 20.0,
        "residency": "previous",
        "visits": "once",
        "uplink": "slotted",
        "resident_blocks": ["a"],
    },
    "blocks": [{"id": "a", "size_bytes": 4.0}, {"id": "b", "size_bytes": 3.0}],
    "models": [
        {
            "id": "x",
            "blocks": ["a", "b"],
            "batch_setup_s": 1.0,
            "batch_per_request_s": 0.5,
            "activation_bytes_per_request": 1.0,
            "max_batch": 2,
        },
        {"id": "y", "blocks": ["a"], "batch_setup_s": 1.0, "batch_per_request_s": 0.5},
    ],
    "requests": [
        {
            "id": "r0",
            "model": "x",
            "input_bits": 10.0,
            "channel": {"kind": "flat", "spectral_efficiency_bps_per_hz": 2.0},
            "deadline_s": 9.0,
            "weight": 2.0,
        },
        {
            "id": "r1",
            "model": "y",
            "input_bits": 10.0,
            "channel": {"kind": "power-limited", "snr_hz": 5.0},
            "deadline_s": 9.0,
        },
    ],
}
SOLUTION: Document = {
    "format": "partload/partial-loading-solution",
    "version": 1,
    "instance": "right",
    "instance_sha256": None,
    "method": "by-hand",
    "options": {"anything": [1, "goes"]},
    "seed": 3,
    "status": "feasible",
    "termination": "heuristic-end",
    "objective": 2.0,
    "bound": 4.0,
    "gap": 0.5,
    "metrics": {"served": 1},
    "timing": {"build_s": 0.0, "solve_s": 0.0, "total_s": 0.0},
    "provenance": {"python": "3"},
    "slots": [
        {
            "model": "x",
            "requests": ["r0"],
            "loaded_blocks": ["b"],
            "resident_blocks": ["a", "b"],
            "start_s": 0.0,
            "load_end_s": 0.3,
            "upload_end_s": 0.5,
            "ready_s": 0.5,
            "end_s": 2.0,
            "bandwidth_hz": {"r0": 10.0},
        }
    ],
}


class Malformed(NamedTuple):
    """A file that must be refused."""

    name: str
    content: bytes | Callable[[Path], None]
    """What is in it, or a function that makes it."""
    path: str
    """Place inside the document that the message names; empty for the file as a whole."""

    def make(self, file: Path) -> Path:
        """The file, made where it is wanted."""
        if callable(self.content):
            self.content(file)
        else:
            file.write_bytes(self.content)
        return file


def encoded(document: Any) -> bytes:
    return json.dumps(document).encode()


def at(steps: Steps) -> str:
    """Steps as messages name them."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".")


def _inner(document: Document, steps: Steps) -> Any:
    for step in steps:
        document = document[step]  # type: ignore[index]
    return document


def raw(base: Document, text: str, *steps: str | int, name: str | None = None, path: str | None = None) -> Malformed:
    """The base with the JSON text of one value replaced, whatever the text is."""
    document = copy.deepcopy(base)
    _inner(document, steps[:-1])[steps[-1]] = "\0here"
    content = json.dumps(document).replace(json.dumps("\0here"), text).encode()
    shown = text if len(text) < 30 else text[:27] + "..."
    return Malformed(name or f"{at(steps)} = {shown}", content, at(steps) if path is None else path)


def put(base: Document, value: Any, *steps: str | int, name: str | None = None, path: str | None = None) -> Malformed:
    """The base with one value replaced or added."""
    return raw(base, json.dumps(value), *steps, name=name, path=path)


def without(base: Document, *steps: str | int) -> Malformed:
    """The base with one key left out."""
    document = copy.deepcopy(base)
    del _inner(document, steps[:-1])[steps[-1]]
    return Malformed(f"no {at(steps)}", encoded(document), at(steps))


def repeated(base: Document, *steps: str | int) -> Malformed:
    """The base with a key said twice, the second time at the end of its object."""
    document = copy.deepcopy(base)
    owner = _inner(document, steps[:-1])
    owner["\0here"] = owner[steps[-1]]
    content = json.dumps(document).replace(json.dumps("\0here"), json.dumps(steps[-1])).encode()
    return Malformed(f"{at(steps)} twice", content, at(steps))


def _directory(file: Path) -> None:
    file.mkdir()


def _nothing(file: Path) -> None:
    file.unlink(missing_ok=True)


def _binary_noise(file: Path) -> None:
    """100 MB: one megabyte of noise, over and over."""
    megabyte = Random(1).randbytes(1 << 20)
    with file.open("wb") as stream:
        for _ in range(100):
            stream.write(megabyte)


def _text_noise(file: Path) -> None:
    """100 MB of letters, digits and brackets."""
    megabyte = "".join(Random(1).choices('abc 0123456789[]{}",:\n', k=1 << 20)).encode()
    with file.open("wb") as stream:
        for _ in range(100):
            stream.write(megabyte)


def _unreadable(file: Path) -> None:
    """A link to itself: open fails, for root as well."""
    file.symlink_to(file)


SERVER, MODEL, REQUEST, SLOT = ("server",), ("models", 0), ("requests", 0), ("slots", 0)
CHANNEL, TIMING = (*REQUEST, "channel"), ("timing",)
POSITIVE: tuple[Steps, ...] = (
    (*SERVER, "bandwidth_hz"),
    (*SERVER, "load_rate_bytes_per_s"),
    (*SERVER, "memory_bytes"),
    (*CHANNEL, "spectral_efficiency_bps_per_hz"),
    ("requests", 1, "channel", "snr_hz"),
    (*REQUEST, "deadline_s"),
    (*REQUEST, "weight"),
)
NON_NEGATIVE: tuple[Steps, ...] = (
    (*SERVER, "load_latency_s"),
    ("blocks", 1, "size_bytes"),
    (*MODEL, "batch_setup_s"),
    (*MODEL, "batch_per_request_s"),
    (*MODEL, "activation_bytes_per_request"),
    (*REQUEST, "input_bits"),
    (*REQUEST, "arrival_s"),
)
TEXTS: tuple[Steps, ...] = (
    ("name",),
    ("description",),
    ("provenance", "source"),
    ("blocks", 0, "id"),
    (*MODEL, "id"),
    (*MODEL, "blocks", 1),
    (*REQUEST, "id"),
    (*REQUEST, "model"),
    (*SERVER, "resident_blocks", 0),
)
LISTS: tuple[Steps, ...] = (
    ("blocks",),
    ("models",),
    ("requests",),
    (*MODEL, "blocks"),
    (*SERVER, "resident_blocks"),
)
OBJECTS: tuple[Steps, ...] = (
    ("server",),
    ("provenance",),
    ("blocks", 0),
    MODEL,
    REQUEST,
    CHANNEL,
)
CHOICES: tuple[Steps, ...] = ((*SERVER, "residency"), (*SERVER, "visits"), (*SERVER, "uplink"))
REQUIRED: tuple[Steps, ...] = (
    ("format",),
    ("version",),
    ("name",),
    ("server",),
    ("blocks",),
    ("models",),
    ("requests",),
    (*SERVER, "bandwidth_hz"),
    (*SERVER, "load_rate_bytes_per_s"),
    ("blocks", 1, "id"),
    ("blocks", 1, "size_bytes"),
    (*MODEL, "id"),
    (*MODEL, "blocks"),
    (*MODEL, "batch_setup_s"),
    (*MODEL, "batch_per_request_s"),
    (*REQUEST, "id"),
    (*REQUEST, "model"),
    (*REQUEST, "input_bits"),
    (*REQUEST, "channel"),
    (*REQUEST, "deadline_s"),
    (*CHANNEL, "spectral_efficiency_bps_per_hz"),
    ("requests", 1, "channel", "snr_hz"),
)
NOT_FINITE = ("NaN", "Infinity", "-Infinity", "1e999", "-1e999")
LONG_INTEGER = "1" * 5000

BY_SCHEMA: tuple[Malformed, ...] = (
    *(put(INSTANCE, 0, *steps) for steps in POSITIVE),
    *(put(INSTANCE, -1.5, *steps) for steps in (*POSITIVE, *NON_NEGATIVE)),
    *(put(INSTANCE, "3", *steps) for steps in (*POSITIVE, *NON_NEGATIVE)),
    *(put(INSTANCE, True, *steps) for steps in (*POSITIVE, *NON_NEGATIVE)),
    *(put(INSTANCE, [1], *steps) for steps in (*POSITIVE[:2], *NON_NEGATIVE[:2])),
    *(put(INSTANCE, {}, *steps) for steps in (*POSITIVE[:2], *NON_NEGATIVE[:2])),
    *(put(INSTANCE, None, *steps) for steps in (*POSITIVE[:2], *POSITIVE[3:], *NON_NEGATIVE)),
    *(put(INSTANCE, 3, *steps) for steps in TEXTS),
    *(put(INSTANCE, None, *steps) for steps in TEXTS if steps != ("description",)),
    *(put(INSTANCE, {}, *steps) for steps in LISTS),
    *(put(INSTANCE, "a", *steps) for steps in LISTS),
    *(put(INSTANCE, [], *steps) for steps in OBJECTS),
    *(put(INSTANCE, 3, *steps) for steps in OBJECTS),
    *(put(INSTANCE, "sometimes", *steps) for steps in CHOICES),
    *(put(INSTANCE, 1, *steps) for steps in CHOICES),
    *(put(INSTANCE, value, *MODEL, "max_batch") for value in (0, -1, 1.5, "2", True)),
    *(without(INSTANCE, *steps) for steps in REQUIRED),
    without(INSTANCE, *CHANNEL, "kind")._replace(path=at(CHANNEL)),
    put(INSTANCE, "round", *CHANNEL, "kind", path=at(CHANNEL)),
    put(INSTANCE, 1.0, *CHANNEL, "snr_hz"),
    *(put(INSTANCE, 1, *owner, "bandwith_hz") for owner in ((), SERVER, ("blocks", 0), MODEL, REQUEST, CHANNEL)),
    put(INSTANCE, 1, "x\ny", name="unknown key of two lines", path=r"'x\ny'"),
    put(INSTANCE, 1, "k" * 100_000, name="unknown key of 100,000 letters", path="k" * 37 + "..."),
    *(put(INSTANCE, value, "version") for value in (0, 2, 1.5, "1", True, None)),
    *(put(INSTANCE, value, "format") for value in ("partload/other", 1, None, [], "")),
)
"""Wrong in a way that the JSON Schema of instances can tell too."""

BEYOND_SCHEMA: tuple[Malformed, ...] = (
    *(raw(INSTANCE, text, *steps) for text in NOT_FINITE for steps in (POSITIVE[0], NON_NEGATIVE[1])),
    *(raw(INSTANCE, "1e999", *steps) for steps in (*POSITIVE[1:], *NON_NEGATIVE[2:])),
    raw(INSTANCE, "1" + "0" * 400, "server", "bandwidth_hz", name="an integer beyond doubles"),
    raw(INSTANCE, LONG_INTEGER, "server", "bandwidth_hz", name="an integer of 5000 digits", path=""),
    raw(INSTANCE, LONG_INTEGER, "version", name="a version of 5000 digits", path=""),
    raw(INSTANCE, "1" * 4000, "version", name="a version of 4000 digits"),
    *(put(INSTANCE, arrival, *REQUEST, "arrival_s") for arrival in (9.0, 10.0)),
    put(INSTANCE, "a", "blocks", 1, "id", name="block id twice"),
    put(INSTANCE, "x", "models", 1, "id", name="model id twice"),
    put(INSTANCE, "r0", "requests", 1, "id", name="request id twice"),
    put(INSTANCE, "nowhere", *MODEL, "blocks", 1, name="a model's block is not there"),
    put(INSTANCE, "nowhere", *REQUEST, "model", name="a request's model is not there"),
    put(INSTANCE, "nowhere", *SERVER, "resident_blocks", 0, name="a resident block is not there"),
    put(INSTANCE, ["a", "b", "a"], *MODEL, "blocks", name="a block twice in a model", path="models[0].blocks[2]"),
    put(
        INSTANCE,
        ["a", "a"],
        *SERVER,
        "resident_blocks",
        name="a resident block twice",
        path="server.resident_blocks[1]",
    ),
    raw(INSTANCE, r'"\ud800"', "name", name="half a character"),
    raw(INSTANCE, r'{"\uDC00": "x"}', "provenance", name="half a character in a key"),
    repeated(INSTANCE, "name"),
    repeated(INSTANCE, "server", "bandwidth_hz"),
    repeated(INSTANCE, "models", 0, "id"),
    repeated(INSTANCE, "requests", 1, "channel", "kind"),
    repeated(INSTANCE, "format"),
)
"""Wrong in a way that only reading tells."""

NO_DOCUMENT: tuple[Malformed, ...] = (
    Malformed("empty", b"", "line 1 column 1"),
    Malformed("white space", b" \n\n ", "line 3 column 2"),
    Malformed("truncated", encoded(INSTANCE)[:-5], f"line 1 column {len(encoded(INSTANCE)) - 4}"),
    Malformed("truncated in a text", b'{"format": "partload/par', "line 1 column 12"),
    Malformed("single quotes", b"{'format': 1}", "line 1 column 2"),
    Malformed("trailing comma", b'{"format": 1,}', "line 1 column 14"),
    Malformed("two documents", b"{} {}", "line 1 column 4"),
    Malformed("a comment", b"// no\n{}", "line 1 column 1"),
    Malformed("a list", b"[]", ""),
    Malformed("a list of documents", encoded([INSTANCE]), ""),
    Malformed("null", b"null", ""),
    Malformed("a number", b"3", ""),
    Malformed("a text", b'"partload/partial-loading"', ""),
    Malformed("NaN", b"NaN", ""),
    Malformed("an object of nothing", b"{}", "format"),
    Malformed("latin-1", json.dumps(INSTANCE | {"name": "\xe9"}, ensure_ascii=False).encode("latin-1"), ""),
    Malformed("utf-16", json.dumps(INSTANCE).encode("utf-16"), ""),
    Malformed("utf-8 with a byte order mark", b"\xef\xbb\xbf" + encoded(INSTANCE), "line 1 column 1"),
    Malformed("nested lists, 100,000 deep", b"[" * 100_000, ""),
    Malformed("nested objects, 100,000 deep", b'{"a":' * 100_000, ""),
    Malformed("a key twice, 900 deep", b'{"a":' * 900 + b'{"k":1,"k":2}' + b"}" * 900, ".".join([*"a" * 900, "k"])),
    Malformed("a number of 5000 digits", LONG_INTEGER.encode(), ""),
    Malformed("zero bytes", b"\0" * 100, "line 1 column 1"),
    Malformed("an image", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), ""),
    Malformed("a directory", _directory, ""),
    Malformed("a file that is not there", _nothing, ""),
    Malformed("a link to itself", _unreadable, ""),
    Malformed("100 MB of binary noise", _binary_noise, ""),
    Malformed("100 MB of text noise", _text_noise, "line 1 column 1"),
)
"""No JSON object in a file, or no file."""

INSTANCES: tuple[Malformed, ...] = (*BY_SCHEMA, *BEYOND_SCHEMA, *NO_DOCUMENT)

SOLUTIONS: tuple[Malformed, ...] = (
    *(without(SOLUTION, *steps) for steps in (("instance",), ("slots",), (*SLOT, "model"), (*SLOT, "requests"))),
    *(
        put(SOLUTION, 3, *steps)
        for steps in (("instance",), ("instance_sha256",), ("method",), ("slots",), SLOT, (*SLOT, "requests"))
    ),
    *(put(SOLUTION, "1", *steps) for steps in (("objective",), ("bound",), ("gap",), ("seed",), (*SLOT, "end_s"))),
    *(put(SOLUTION, -1, *steps) for steps in (("objective",), ("bound",), ("gap",), (*SLOT, "start_s"))),
    *(put(SOLUTION, "nearly", name) for name in ("status", "termination")),
    *(raw(SOLUTION, "NaN", *steps) for steps in (("bound",), (*SLOT, "end_s"), (*SLOT, "bandwidth_hz", "r0"))),
    *(raw(SOLUTION, "1e999", *steps) for steps in (("objective",), ("metrics", "served"), (*TIMING, "solve_s"))),
    put(SOLUTION, -1, *SLOT, "bandwidth_hz", "r0"),
    put(SOLUTION, [10.0], *SLOT, "bandwidth_hz"),
    put(SOLUTION, "b", *SLOT, "loaded_blocks"),
    put(SOLUTION, 1.5, "seed"),
    put(SOLUTION, [], "options"),
    *(put(SOLUTION, 1, *owner, "status_s") for owner in ((), SLOT, TIMING)),
    repeated(SOLUTION, "slots", 0, "bandwidth_hz", "r0"),
    put(SOLUTION, 2, "version"),
    *NO_DOCUMENT,
)
