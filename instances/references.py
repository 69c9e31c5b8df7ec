"""Ids inside an instance: each is there once, and what refers to one refers to one that is there."""

from __future__ import annotations

from collections.abc import Iterable

from partload.instances.errors import InputError, item_path


def unique_ids(section: str, ids: Iterable[str]) -> set[str]:
    """The ids of a section as a set; raises InputError on one that is there twice."""
    seen: set[str] = set()
    for number, name in enumerate(ids):
        if name in seen:
            raise InputError(f"expected an id of its own, {name!r} is taken", item_path(section, number, "id"))
        seen.add(name)
    return seen


def known_references(known: set[str], kind: str, names: tuple[str, ...], *steps: str | int) -> None:
    """Raise InputError unless the names are ids of this kind, each at most once; ``steps`` lead to them."""
    seen: set[str] = set()
    for number, name in enumerate(names):
        if name not in known:
            raise InputError(f"expected the id of a {kind}, got {name!r}", item_path(*steps, number))
        if name in seen:
            raise InputError(f"expected no repeats, {name!r} is there twice", item_path(*steps, number))
        seen.add(name)
