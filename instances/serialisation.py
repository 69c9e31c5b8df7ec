"""The JSON document of an instance or a solution, its text, and its hash."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter

from partload.instances.errors import InputError
from partload.instances.records import AnyInstance
from partload.instances.solution import SolutionHeader

VERSION = 1
NOT_HASHED = ("description", "provenance")
"""Keys that change no answer; the hash of an instance leaves them out."""
Document = dict[str, object]


def render(record: AnyInstance | SolutionHeader) -> str:
    """The text of an instance or solution file: one line for each block, model, request or slot."""
    lines = []
    for key, value in to_document(record).items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            items = ",\n  ".join(json.dumps(item, ensure_ascii=False) for item in value)
            lines.append(f'"{key}": [\n  {items}\n ]')
        else:
            lines.append(f'"{key}": {json.dumps(value, ensure_ascii=False)}')
    return "{\n " + ",\n ".join(lines) + "\n}\n"


def path_text(path: Path) -> str:
    """A path as text that a file in UTF-8 can hold, whatever bytes it consists of."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def to_document(record: AnyInstance | SolutionHeader) -> Document:
    """The JSON document of an instance or a solution; keys without a value are left out of instances only.

    Raises
    ------
    InputError
        When it is neither.
    """
    kind = type(record)
    if not isinstance(getattr(kind, "FORMAT", None), str):
        raise InputError(f"expected an instance or a solution, got a value of type {kind.__name__}")
    body: Document = adapter(kind).dump_python(record, mode="json")
    if not isinstance(record, SolutionHeader):
        body = {key: value for key, value in body.items() if value is not None}
        _leave_out_defaults(body, record.ADDED_KEYS)
    return {"format": kind.FORMAT, "version": VERSION, **body}


def _leave_out_defaults(body: Document, added_keys: Mapping[str, Mapping[str, object]]) -> None:
    for key, defaults in added_keys.items():
        items = body[key]
        assert isinstance(items, list | tuple)
        for item in items:
            for name, default in defaults.items():
                if item[name] == default:
                    del item[name]


def sha256(instance: AnyInstance) -> str:
    """Hash of the instance's canonical form: the document with keys sorted, without white space, description and
    provenance. Every default is written out but those of ``ADDED_KEYS``.
    """
    document = {key: value for key, value in to_document(instance).items() if key not in NOT_HASHED}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


_ADAPTERS: dict[type[object], TypeAdapter[object]] = {}


def adapter(kind: type[object]) -> TypeAdapter[object]:
    """Return what validates and serialises records of one type; made once."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
