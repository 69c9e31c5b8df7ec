"""The instances of the library, by name, and the best known values of each.

The instances of a problem are the files ``<name>.json`` in its folder; ``known.json`` has their best known values.
"""

from __future__ import annotations

import datetime
import difflib
import os
from importlib import resources
from pathlib import Path
from typing import Literal, TypeVar, overload

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from partload.instances import files
from partload.instances.errors import InputError
from partload.instances.fields import STRICT, NonNegative, Text
from partload.instances.problems import PACKAGES, is_instance
from partload.instances.records import AnyInstance

KNOWN = "known.json"
InstanceT = TypeVar("InstanceT", bound=AnyInstance)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class BestKnown:
    """Best known values of an instance: best objective and least upper bound, possibly of different runs."""

    instance_sha256: Text
    """Hash of the instance file for which the values hold."""
    best: NonNegative
    bound: NonNegative | None
    status: Literal["optimal", "feasible"]
    """``optimal`` when best and bound are equal."""
    method: Text
    """Method that found the best value."""
    bound_method: Text | None
    """Source of the bound: a method, or ``relaxation_bound``."""
    date: datetime.date
    """Of the latest run."""
    versions: dict[Text, Text]
    """Versions of Python and of the packages used."""


def names(folder: str | None = None) -> list[str]:
    """Sorted names of the instances of one problem, given by its folder, or of all problems."""
    return sorted(_files() if folder is None else _files((folder,)))


def path(name: str) -> Path:
    """File of an instance of the library.

    Raises
    ------
    InputError
        When the library has no such instance; the message names similar ones.
    """
    found = _files()
    if name in found:
        return found[name]
    near = difflib.get_close_matches(name, found, n=3)
    hint = f"did you mean {' or '.join(repr(other) for other in near)}?" if near else "'partload library' lists them"
    raise InputError(f"no instance of that name in the library, {hint}", source=name)


@overload
def load(name: str) -> AnyInstance: ...
@overload
def load(name: str, kind: type[InstanceT]) -> InstanceT: ...
def load(name: str, kind: type[InstanceT] | None = None) -> AnyInstance:
    """An instance of the library, of a type if one is named; raises InputError as ``path`` does."""
    instance = files.read(path(name))
    assert is_instance(instance)
    if kind is not None and not isinstance(instance, kind):
        raise InputError(f"expected an instance of format {kind.FORMAT}, got {instance.FORMAT}", source=name)
    return instance


def locate(path_or_name: str | Path) -> Path:
    """The file of a path, or of a bare name without a slash and without ``.json``; an existing file takes precedence.

    ``-`` stands for the standard input, and ``.json.gz`` is a file as ``.json`` is.

    Raises
    ------
    InputError
        When a bare name is neither an existing file nor in the library.
    """
    text, given = str(path_or_name), Path(path_or_name)
    if not text:
        raise InputError("expected a file or the name of an instance, got an empty text", source="instance")
    bare = (
        len(given.parts) == 1
        and given != files.STANDARD_INPUT
        and given.suffix not in (".json", files.GZIP)
        and not text.startswith(f".{os.sep}")
    )
    if not bare or given.is_file():
        return given
    beside = given.with_name(f"{given.name}.json")
    if beside.is_file() and text not in _files():
        raise InputError(f"no instance of that name in the library, did you mean the file '{beside}'?", source=text)
    return path(text)


def known() -> dict[str, BestKnown]:
    """The best known values by instance name; instances that were not solved yet are left out."""
    return TypeAdapter(dict[str, BestKnown]).validate_json((_root() / KNOWN).read_bytes(), strict=False)


def write_known(values: dict[str, BestKnown]) -> None:
    """Write the best known values, one line for each instance."""
    lines = (f' "{name}": {TypeAdapter(BestKnown).dump_json(value).decode()}' for name, value in sorted(values.items()))
    (_root() / KNOWN).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _files(folders: tuple[str, ...] = PACKAGES) -> dict[str, Path]:
    return {file.stem: file for folder in folders for file in (_root() / folder).glob("*.json")}


def _root() -> Path:
    return Path(str(resources.files(__name__)))
