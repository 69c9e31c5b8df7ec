"""JSON out of a file that nobody vouches for: each key once, and no more memory than a limit allows."""

from __future__ import annotations

import json

from partload.instances.checkpoints.tensors import shown
from partload.instances.errors import InputError

Object = dict[str, object]
MAX_VALUES = 2_000_000
"""Most values in one document. Python needs about a hundred bytes for each, whatever the document spends on it."""
SEPARATORS = b",:[{"
"""Bytes of which a document has one for each value, or more."""


def parse(data: bytes, source: str) -> Object:
    """The object that some JSON text describes.

    Raises
    ------
    InputError
        On anything but one object in UTF-8, a repeated key, half a character, or more than ``MAX_VALUES`` values.
    """
    values = sum(data.count(separator) for separator in SEPARATORS)
    if values > MAX_VALUES:
        raise InputError(f"expected JSON with at most {MAX_VALUES:,} values, it has up to {values:,}", source=source)
    try:
        text = data.decode("utf-8")
        document = json.loads(text, object_pairs_hook=_once)
        if "\\ud" in text or "\\uD" in text:
            json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise InputError("expected text, it holds half a character", source=source) from None
    except UnicodeDecodeError as error:
        raise InputError(f"expected UTF-8 text, byte {error.start} is none", source=source) from None
    except json.JSONDecodeError as error:
        problem = f"expected JSON: {error.msg[:1].lower()}{error.msg[1:]} at character {error.pos}"
        raise InputError(problem, source=source) from None
    except RecursionError:
        raise InputError("expected JSON: lists or objects are nested too deeply", source=source) from None
    except InputError as error:
        raise error.within(source) from None
    except ValueError:
        raise InputError("expected numbers of fewer than 4300 digits", source=source) from None
    if not isinstance(document, dict):
        raise InputError(f"expected a JSON object, got a value of type {type(document).__name__}", source=source)
    return document


def texts(document: Object, key: str, source: str) -> dict[str, str]:
    """The value of a key that must be an object of texts; raises InputError on anything else."""
    value = document.get(key)
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise InputError(f"expected an object of texts under {shown(key)}", source=source)
    return value


def _once(pairs: list[tuple[str, object]]) -> Object:
    taken = dict(pairs)
    if len(taken) < len(pairs):
        seen: set[str] = set()
        repeated = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise InputError(f"expected each key once, {shown(repeated)} is repeated")
    return taken
