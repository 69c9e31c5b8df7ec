"""Reading and writing the JSON files. Whatever is not exactly right is refused, in one line that says where."""

from __future__ import annotations

import difflib
import gc
import gzip
import json
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from partload.instances import arguments
from partload.instances.channels import CHANNELS
from partload.instances.errors import InputError, expected_one_of, item_path
from partload.instances.problems import PROBLEMS, Record
from partload.instances.serialisation import VERSION, Document, adapter, render

FORMATS: dict[str, type[Record]] = {
    kind.FORMAT: kind for problem in PROBLEMS for kind in (problem.instance, problem.solution)
}
"""Type of the records of each value of the key ``format``."""
STANDARD_INPUT = Path("-")
"""Stands for the standard input."""
GZIP = ".gz"
"""Ending of compressed files."""
SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
UNKNOWN_KEY = ("unexpected_keyword_argument", "extra_forbidden")
"""Types of validation error."""


def read(path: str | Path) -> Record:
    """Read an instance or a solution file, whichever it is; also one that ends in .gz, and ``-``, standard input.

    Raises
    ------
    InputError
        When the file cannot be read or breaks a rule of its format; it names file, place and what was expected.
    """
    try:
        return parse(read_text(Path(path)))
    except InputError as error:
        raise error.within(source_name(path)) from None


def parse(text: str) -> Record:
    """Read an instance or a solution from JSON text; raises InputError as ``read`` does."""
    collecting = gc.isenabled()
    gc.disable()  # A large file makes a million small objects, none of them garbage: a third of the time.
    try:
        if text.lstrip()[:1] == "[":
            raise InputError("expected an object, got a list")  # Before reading a hundred megabytes of it.
        document = _json(text)
        if not isinstance(document, dict):
            raise InputError(f"expected an object, got {_display(document)}")
        kind = _header(document)
        return _validated(kind, {key: value for key, value in document.items() if key not in ("format", "version")})
    finally:
        if collecting:
            gc.enable()


def write(record: Record, path: str | Path) -> None:
    """Write an instance or a solution as a file that ``read`` gives back unchanged; compressed if it ends in .gz.

    Raises
    ------
    InputError
        When the file cannot be written, or it is neither an instance nor a solution.
    """
    write_text(render(record), arguments.path(path, "path"))


def write_text(text: str, path: Path) -> None:
    """Write a text into a file, compressed if its name ends in .gz.

    Raises
    ------
    InputError
        When the file cannot be written, or the text has half a character.
    """
    try:
        content = text.encode("utf-8")
        path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == GZIP else content)
    except UnicodeEncodeError as error:
        half = error.object[max(0, error.start - 20) : error.end]
        raise InputError(f"expected text, {half!r} ends in half a character", source=str(path)) from None
    except OSError as error:
        raise InputError(f"cannot write here: {error.strerror}", source=str(path)) from None


def schema(name: str) -> Document:
    """JSON Schema of a file format, generated from the records.

    Raises
    ------
    InputError
        When there is no format of that name.
    """
    if name not in FORMATS:
        raise InputError(expected_one_of(FORMATS, name), source="format")
    body = adapter(FORMATS[name]).json_schema()
    header = {"format": {"const": name}, "version": {"const": VERSION}}
    body["properties"] = header | body["properties"]
    body["required"] = [*header, *body["required"]]
    return {"$schema": SCHEMA_DIALECT, **body, "title": name}


def read_text(path: Path) -> str:
    """The text of a file, also of one that ends in .gz, or of the standard input; its InputErrors name no source."""
    try:
        content = sys.stdin.buffer.read() if path == STANDARD_INPUT else path.read_bytes()
        return (gzip.decompress(content) if path.suffix == GZIP else content).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"expected UTF-8 text, byte {error.start} is none") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"expected a file made by gzip: {error}") from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}") from None


def source_name(path: str | Path) -> str:
    """What errors call a file that was read."""
    return "standard input" if Path(path) == STANDARD_INPUT else str(path)


class _Repeating(Document):
    """An object of the file in which a key is repeated; found again, with its path, once the file is parsed."""

    key: str


def _json(text: str) -> object:
    repeating = []

    def take(pairs: list[tuple[str, object]]) -> Document:
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


def _walk(document: object) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Every value of a document with its path, outer ones first; without recursion, however deep it is."""
    stack: list[tuple[tuple[str | int, ...], object]] = [((), document)]
    while stack:
        path, value = stack.pop()
        yield path, value
        steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        stack += reversed([((*path, step), inner) for step, inner in steps])


def _refuse_half_characters(document: object) -> None:
    r"""JSON can say half a character, such as "\ud800"; UTF-8, and so the next file, cannot."""
    for path, value in _walk(document):
        for text in value if isinstance(value, dict) else (value,):
            if isinstance(text, str) and not text.isascii():
                try:
                    text.encode()
                except UnicodeEncodeError:
                    raise InputError(f"expected text, {text!r:.40} holds half a character", item_path(*path)) from None


def _header(document: Document) -> type[Record]:
    for key in ("format", "version"):
        if key not in document:
            raise InputError("expected this key, it is missing", key)
    name, version = document["format"], document["version"]
    if not isinstance(name, str) or name not in FORMATS:
        raise InputError(f"expected one of {', '.join(FORMATS)}, got {_display(name)}", "format")
    if type(version) is not int or version != VERSION:
        raise InputError(f"expected {VERSION}, got {_display(version)}", "version")
    return FORMATS[name]


def _validated(kind: type[Record], body: Document) -> Record:
    try:
        record = adapter(kind).validate_python(body)
    except ValidationError as error:
        found = error.errors(include_url=False)
        first = next((one for one in found if _unknown_beside(one, found[0])), found[0])
        more = len(found) - 1
        path = item_path(*(step for step in first["loc"] if step not in CHANNELS))
        problem = _problem(kind, first) + (f" (and {more} more)" if more else "")
        raise InputError(problem, path) from None
    assert isinstance(record, kind)
    return record


def _unknown_beside(error: ErrorDetails, first: ErrorDetails) -> bool:
    """Whether it is of an unknown key of the same object: a key that seems to be missing may be misspelt."""
    return error["type"] in UNKNOWN_KEY and error["loc"][:-1] == first["loc"][:-1]


def _problem(kind: type[Record], error: ErrorDetails) -> str:
    """What a validation error says, in the terms of the format."""
    name, got = error["type"], _display(error["input"])
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


def _known_keys(kind: type[Record]) -> list[str]:
    body = adapter(kind).json_schema()
    parts = [body, *body.get("$defs", {}).values()]
    return sorted({key for part in parts for key in part.get("properties", {})})


def _display(value: object) -> str:
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
