"""Reading and writing the JSON files, strictly: what is not exactly right is refused, in one line that says where.

A problem adds its files with one entry in ``FORMATS``.
"""

from __future__ import annotations

import difflib
import functools
import gc
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from partload.instances.channels import CHANNELS
from partload.instances.errors import InputError, item_path
from partload.instances.partial_loading.instance import Instance as PartialLoadingInstance
from partload.instances.partial_loading.solution import Solution as PartialLoadingSolution
from partload.instances.slide.instance import Instance as SlideInstance
from partload.instances.slide.solution import Solution as SlideSolution

FORMATS: dict[str, type] = {
    "partload/partial-loading": PartialLoadingInstance,
    "partload/partial-loading-solution": PartialLoadingSolution,
    "partload/slide": SlideInstance,
    "partload/slide-solution": SlideSolution,
}
VERSION = 1
SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
UNKNOWN_KEY = ("unexpected_keyword_argument", "extra_forbidden")
"""Types of validation error."""
ADDED = {"requests": {"arrival_s": 0.0}}
"""Keys that were added to the items of a list, with their defaults. They are left out of documents where they have
these, so that the files and hashes of earlier versions hold."""
NOT_HASHED = ("description", "provenance")
"""Keys that change no answer; the hash of an instance leaves them out."""


def read(path: str | Path) -> Any:
    """Read an instance or a solution file, whichever it is.

    Raises
    ------
    InputError
        When the file cannot be read or breaks a rule of its format; it names file, place and what was expected.
    """
    try:
        return parse(_text(Path(path)))
    except InputError as error:
        raise error.within(str(path)) from None


def parse(text: str) -> Any:
    """Read an instance or a solution from JSON text; raises InputError as ``read`` does."""
    collecting = gc.isenabled()
    gc.disable()  # A large file makes a million small objects, none of them garbage: a third of the time.
    try:
        if text.lstrip()[:1] == "[":
            raise InputError("expected an object, got a list")  # Before reading a hundred megabytes of it.
        document = _json(text)
        if not isinstance(document, dict):
            raise InputError(f"expected an object, got {_shown(document)}")
        kind = _header(document)
        return _validated(kind, {key: value for key, value in document.items() if key not in ("format", "version")})
    finally:
        if collecting:
            gc.enable()


def write(record: Any, path: str | Path) -> None:
    """Write an instance or a solution as a file that ``read`` gives back unchanged.

    Raises
    ------
    InputError
        When the file cannot be written, or it is neither an instance nor a solution.
    """
    try:
        Path(path).write_text(render(record), encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write here: {error.strerror}", source=str(path)) from None


def render(record: Any) -> str:
    """The text of an instance or solution file: one line for each block, model, request or slot."""
    lines = []
    for key, value in to_document(record).items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            items = ",\n  ".join(json.dumps(item, ensure_ascii=False) for item in value)
            lines.append(f'"{key}": [\n  {items}\n ]')
        else:
            lines.append(f'"{key}": {json.dumps(value, ensure_ascii=False)}')
    return "{\n " + ",\n ".join(lines) + "\n}\n"


def to_document(record: Any) -> dict[str, Any]:
    """The JSON document of an instance or a solution; keys without a value are left out of instances only.

    Raises
    ------
    InputError
        When it is neither.
    """
    kind: type = type(record)
    name = next((name for name, known in FORMATS.items() if known is kind), None)
    if name is None:
        raise InputError(f"expected an instance or a solution, got a {kind.__name__}")
    body = _adapter(kind).dump_python(record, mode="json")
    if not name.endswith("-solution"):
        body = {key: value for key, value in body.items() if value is not None}
    for key, added in ADDED.items():
        for item in body.get(key, ()):
            for inner, default in added.items():
                if item[inner] == default:
                    del item[inner]
    return {"format": name, "version": VERSION, **body}


def sha256(instance: Any) -> str:
    """Hash of the instance's canonical form.

    That is the document with keys sorted, without white space, description and provenance. Every default is written
    out but those of the keys in ``ADDED``.
    """
    document = {key: value for key, value in to_document(instance).items() if key not in NOT_HASHED}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def schema(name: str) -> dict[str, Any]:
    """JSON Schema of a file format, generated from the records.

    Raises
    ------
    InputError
        When there is no format of that name.
    """
    if name not in FORMATS:
        raise InputError(f"expected one of {', '.join(FORMATS)}, got {name!r}", source="format")
    body = _adapter(FORMATS[name]).json_schema()
    header = {"format": {"const": name}, "version": {"const": VERSION}}
    body["properties"] = header | body["properties"]
    body["required"] = [*header, *body["required"]]
    return {"$schema": SCHEMA_DIALECT, **body, "title": name}


@functools.cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"expected UTF-8 text, byte {error.start} is none") from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}") from None


class _Repeating(dict[str, Any]):
    """An object of the file in which a key is repeated; found again, with its path, once the file is parsed."""

    key: str


def _json(text: str) -> Any:
    repeating = []

    def take(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        taken = dict(pairs)
        if len(taken) == len(pairs):
            return taken
        times = Counter(key for key, _ in pairs)
        marked = _Repeating(taken)
        marked.key = next(key for key in times if times[key] > 1)
        repeating.append(marked)
        return marked

    try:
        document = json.loads(text, object_pairs_hook=take)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise InputError(f"expected JSON: {error.msg[:1].lower()}{error.msg[1:]}", place) from None
    except RecursionError:
        raise InputError("expected JSON: lists or objects are nested too deeply") from None
    except ValueError:
        raise InputError("expected numbers of fewer than 4300 digits") from None
    if repeating:
        path, found = next((path, value) for path, value in _walk(document) if isinstance(value, _Repeating))
        raise InputError(f"expected each key once, {found.key!r} is repeated", item_path(*path, found.key))
    if "\\ud" in text or "\\uD" in text:
        _refuse_half_characters(document)
    return document


def _walk(document: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value of a document with its path, outer ones first; without recursion, however deep it is."""
    stack: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while stack:
        path, value = stack.pop()
        yield path, value
        steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        stack += reversed([((*path, step), inner) for step, inner in steps])


def _refuse_half_characters(document: Any) -> None:
    r"""JSON can say half a character, such as "\ud800"; UTF-8, and so the next file, cannot."""
    for path, value in _walk(document):
        for text in value if isinstance(value, dict) else (value,):
            if isinstance(text, str) and not text.isascii():
                try:
                    text.encode()
                except UnicodeEncodeError:
                    raise InputError(f"expected text, {text!r:.40} holds half a character", item_path(*path)) from None


def _header(document: dict[str, Any]) -> type:
    for key in ("format", "version"):
        if key not in document:
            raise InputError("expected this key, it is missing", key)
    name, version = document["format"], document["version"]
    if not isinstance(name, str) or name not in FORMATS:
        raise InputError(f"expected one of {', '.join(FORMATS)}, got {_shown(name)}", "format")
    if type(version) is not int or version != VERSION:
        raise InputError(f"expected {VERSION}, got {_shown(version)}", "version")
    return FORMATS[name]


def _validated(kind: type, body: dict[str, Any]) -> Any:
    try:
        return _adapter(kind).validate_python(body)
    except ValidationError as error:
        found: list[dict[str, Any]] = [dict(one) for one in error.errors(include_url=False)]
        first = next((one for one in found if _unknown_beside(one, found[0])), found[0])
        more = len(found) - 1
        path = item_path(*(step for step in first["loc"] if step not in CHANNELS))
        problem = _problem(kind, first) + (f" (and {more} more)" if more else "")
        raise InputError(problem, path) from None


def _unknown_beside(error: dict[str, Any], first: dict[str, Any]) -> bool:
    """Whether it is of an unknown key of the same object: a key that seems to be missing may be misspelt."""
    return error["type"] in UNKNOWN_KEY and error["loc"][:-1] == first["loc"][:-1]


def _problem(kind: type, error: dict[str, Any]) -> str:
    """What a validation error says, in the words of the format."""
    name, got = error["type"], _shown(error["input"])
    if name == "missing":
        return "expected this key, it is missing"
    if name in UNKNOWN_KEY:
        key = str(error["loc"][-1])
        near = difflib.get_close_matches(key, _known_keys(kind), n=1)
        return "unknown key" + (f", did you mean {near[0]!r}?" if near else "")
    if name == "union_tag_not_found":
        return f"expected the key 'kind', one of {', '.join(map(repr, CHANNELS))}"
    if name == "union_tag_invalid":
        return f"expected 'kind' to be one of {', '.join(map(repr, CHANNELS))}, got {got}"
    if name.startswith(("dataclass", "model_attributes", "dict_type")):
        return f"expected an object, got {got}"
    if name == "tuple_type":
        return f"expected a list, got {got}"
    wanted = error["msg"].replace("Input should be ", "").replace("a valid integer", "a whole number")
    wanted = wanted.replace("a valid ", "a ")
    if name.startswith(("greater_than", "less_than")):
        wanted = f"a number {wanted}"
    return f"expected {wanted}, got {got}"


@functools.cache
def _known_keys(kind: type) -> list[str]:
    body = _adapter(kind).json_schema()
    parts = [body, *body.get("$defs", {}).values()]
    return sorted({key for part in parts for key in part.get("properties", {})})


def _shown(value: Any) -> str:
    """A value as it stands in the file, cut short."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, (list, tuple)):
        return "a list"
    try:
        text = json.dumps(value)
    except (TypeError, ValueError):
        return "a number with too many digits" if isinstance(value, int) else type(value).__name__
    return text if len(text) <= 40 else text[:37] + "..."
