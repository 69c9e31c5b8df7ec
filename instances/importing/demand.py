"""What the tables of both problems share: the columns of all who want to be served, and the name and provenance."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from partload.instances import arguments, files
from partload.instances.channels import Channel
from partload.instances.errors import InputError
from partload.instances.importing.channels import CHANNEL_COLUMNS, Conversion
from partload.instances.importing.csv_table import Column, Row, read_table
from partload.instances.records import AnyInstance
from partload.instances.serialisation import sha256

InstanceT = TypeVar("InstanceT", bound=AnyInstance)
DEADLINE = {"deadline_s": Column("the deadline in seconds", least=0, above=True)}
WEIGHT = {"weight": Column("the weight", least=0, above=True)}
SHARED_COLUMNS: Mapping[str, Column] = {**CHANNEL_COLUMNS, **DEADLINE, **WEIGHT}
BASE = "base"
"""Key of the provenance that names the base instance; what the base says of itself follows behind ``base_``."""


def deadline_of(row: Row, otherwise_s: float | None) -> float:
    """The deadline of a row; raises InputError on one that has none, if there is no other."""
    found = row.numbers.get("deadline_s", otherwise_s)
    if found is None:
        raise row.error("deadline_s", "expected a deadline in seconds, or the option deadline for all that have none")
    return found


def ensure_positive(value: float | None, name: str) -> None:
    """Raise InputError on an option that is not a number above 0."""
    expected = "a number of seconds above 0"
    if value is not None and not 0 < arguments.number(value, expected, name) < float("inf"):
        raise InputError(f"expected {expected}, got {value!r}", name)


def imported(
    base: InstanceT,
    table: str | Path,
    columns: Mapping[str, Column],
    rule: Conversion,
    item: Callable[[Row, Channel], object],
    *,
    what: str,
    name: str | None,
) -> InstanceT:
    """A base instance with the rows of a table in place of its requests or users.

    Parameters
    ----------
    base
        The base instance.
    table, columns
        The CSV file, and the columns that it may have.
    rule
        The rule for channels.
    item
        Makes the request or user of a row and its channel.
    what
        The field of the instance, ``requests`` or ``users``.
    name
        Name of the new instance; None for the names of the base and of the table.

    Raises
    ------
    InputError
        When the table is not exactly right.
    """
    arguments.optional_text(name, "the name of the new instance", "name")
    rows = read_table(arguments.path(table, "table"), columns)
    try:
        items = tuple(item(row, channel) for row, channel in zip(rows, rule.channels(rows)))
    except InputError as error:
        raise error.within(files.source_name(table)) if error.path.startswith("line") else error from None
    stem = what if Path(table) == files.STANDARD_INPUT else Path(table).name.partition(".")[0]
    return base.replace(
        **{what: items},
        name=f"{base.name}-{stem}" if name is None else name,
        description=None,
        provenance=_provenance(base, table, rows, rule, what),
    )


def _provenance(
    base: AnyInstance, table: str | Path, rows: Sequence[Row], rule: Conversion, what: str
) -> dict[str, str]:
    """Where the parts of the new instance come from."""
    source = Path(table)
    facts = {what: f"{len(rows)} rows of {files.source_name(source.name)}"}
    if source != files.STANDARD_INPUT:
        facts[f"{what}_sha256"] = hashlib.sha256(source.read_bytes()).hexdigest()
    facts["channels"] = rule.note(rows)
    facts[BASE] = base.name
    facts[f"{BASE}_sha256"] = sha256(base)
    if base.description:
        facts[f"{BASE}_description"] = base.description
    return facts | {f"{BASE}_{key}": value for key, value in (base.provenance or {}).items()}
