"""Rows of a gap study: which method ran on which instance, and what it found. One JSON line holds one row.

A study writes a row when its run ends, and never changes it. Values that compare rows, such as the gap, are not in
them: ``partload.benchmarks.gap.table`` computes those from all rows.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Literal

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from partload.instances.fields import STRICT, Flag, NonNegative, Number, Text, WholeNumber
from partload.instances.solution import Status, Termination

FORMAT = "partload/gap-row"
VERSION = 1

Outcome = Literal["refused", "failed", "infeasible"]
"""Of a run without a plan. ``refused``: the method does not cover the instance. ``failed``: the method raised an
exception, crashed, took too much memory or did not stop. ``infeasible``: the plan breaks a rule."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Swept:
    """The parameter of a sweep that was set on an instance."""

    of: Text
    """Name of the instance before it was varied."""
    parameter: Text
    """A key of ``partload.instances.variations.ANY``."""
    value: Number


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class RunKey:
    """What identifies a run: two runs with equal keys are the same run, which is done once."""

    instance: Text
    """Name of the instance."""
    instance_sha256: Text
    """Hash of the instance with sharing, also when the run is on the copy without sharing."""
    swept: Swept | None = None
    sharing: Flag = True
    """False: the run is on a copy of the instance in which every model has private copies of its blocks."""
    method: Text
    """As the call names it: ``exact`` for the fastest exact method, a name, or ``package.module:function``."""
    time_limit: NonNegative | None = None
    """Seconds."""
    gap: NonNegative = 0.0
    """Relative gap at which the run may stop."""
    seed: WholeNumber | None = None
    memory_bytes: WholeNumber | None = None
    """Limit on the resident memory of the run [bytes]."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Bar:
    """One slot of a PartialLoading plan, for a picture. Times are in seconds."""

    model: Text
    requests: WholeNumber
    """Number of requests that the slot serves."""
    loaded_bytes: NonNegative
    start_s: NonNegative
    load_end_s: NonNegative
    upload_start_s: NonNegative
    upload_end_s: NonNegative
    ready_s: NonNegative
    end_s: NonNegative


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Lane:
    """One user that a SLIDE plan serves, for a picture."""

    user: Text
    model: Text
    download_end_s: tuple[NonNegative, ...]
    """End of the download of each layer [s]."""
    compute_end_s: tuple[NonNegative, ...]
    """End of the inference of each layer [s]."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Row:
    """A run that has ended."""

    asked: RunKey
    problem: Text = "partial-loading"
    """Name of the problem that the instance belongs to."""
    method: Text | None = None
    """Method that ran; None when none did."""
    formulation: Text | None = None
    solver: Text | None = None
    status: Status | Outcome
    termination: Termination | None = None
    reason: Text | None = None
    """Why the run has no plan, in one line."""
    traceback: Text | None = None
    """Output of a heuristic, then the traceback of its exception."""
    requests: WholeNumber
    """Number of requests of the instance or, in SLIDE, of users."""
    weight: NonNegative
    """Total weight of the requests or users."""
    served: WholeNumber | None = None
    """Number of requests or users that the plan serves."""
    objective: NonNegative | None = None
    """Weight served, recomputed from the plan."""
    bound: NonNegative | None = None
    """Proven upper bound of the instance that the run was on. A run of ``exact`` that refuses an instance as too large
    has one as well."""
    slots: WholeNumber | None = None
    """Number of slots of the plan; None in SLIDE."""
    total_s: NonNegative
    """Time of the run with the check of its plan [s]."""
    build_s: NonNegative | None = None
    solve_s: NonNegative | None = None
    peak_bytes: WholeNumber | None = None
    """Peak of the resident memory of all processes of the run together; None where the system does not tell."""
    bars: tuple[Bar, ...] = ()
    """The first slots of the plan, at most a thousand."""
    lanes: tuple[Lane, ...] = ()
    """In SLIDE, the first users of the plan, at most a few hundred layers in all. Times have six digits."""
    versions: dict[Text, Text]
    """Versions of packages and Python, and the machine."""
    ended: Text
    """Time at which the run ended, in UTC, ISO 8601."""


def render(row: Row) -> str:
    """A row as one line of JSON without the line feed."""
    document = {"format": FORMAT, "version": VERSION, **_adapter().dump_python(row, mode="json")}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def parse(document: Mapping[str, object]) -> Row:
    """Make a row of the JSON document of its line; raises ``pydantic.ValidationError`` when the document is no row."""
    body = {key: value for key, value in document.items() if key not in ("format", "version")}
    return _adapter().validate_python(body)


@functools.cache
def _adapter() -> TypeAdapter[Row]:
    return TypeAdapter(Row)
