"""One row of a gap study: what was run, and how it came out. A study is a file of rows, one JSON line each.

A row is written when its run ends and never changed. What compares rows, such as the gap, is not in them: it is
computed whenever the study is looked at (``partload.benchmarks.gap.table``), from all the rows there are.
"""

from __future__ import annotations

import functools
import json
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from partload.instances.fields import STRICT, Flag, NonNegative, Number, Text, WholeNumber
from partload.instances.solution import Status, Termination

FORMAT = "partload/gap-row"
VERSION = 1

Outcome = Literal["refused", "failed", "infeasible"]
"""The method does not cover the instance; it raised, crashed, took too much memory or did not stop; its plan
breaks a rule."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Swept:
    """How an instance differs from the one it was made of."""

    of: Text
    """Name of the instance it was made of."""
    parameter: Text
    """A key of ``partload.instances.variations.ANY``."""
    value: Number


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Asked:
    """One run of a study. Two runs that ask for the same are the same run, and it is done once."""

    instance: Text
    """Name of the instance."""
    instance_sha256: Text
    """Hash of the instance, also where the run is on its copy without sharing."""
    swept: Swept | None = None
    sharing: Flag = True
    """False: the run is on the instance with each model's blocks made private copies."""
    method: Text
    """As it was asked for: ``exact`` for the fastest exact one, a name, or ``package.module:function``."""
    time_limit: NonNegative | None = None
    """Seconds."""
    gap: NonNegative = 0.0
    """Relative gap at which the run may stop."""
    seed: WholeNumber | None = None
    memory_bytes: WholeNumber | None = None
    """Resident memory that the run may take."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Bar:
    """One slot of the plan, for a picture."""

    model: Text
    requests: WholeNumber
    """How many it serves."""
    loaded_bytes: NonNegative
    start_s: NonNegative
    load_end_s: NonNegative
    upload_start_s: NonNegative
    upload_end_s: NonNegative
    ready_s: NonNegative
    end_s: NonNegative


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Lane:
    """One user whom a plan of SLIDE serves, for a picture."""

    user: Text
    model: Text
    download_end_s: tuple[NonNegative, ...]
    """When each layer is here."""
    compute_end_s: tuple[NonNegative, ...]
    """When each layer is computed."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Row:
    """A run that has ended."""

    asked: Asked
    problem: Text = "partial-loading"
    """Name of the problem that the instance belongs to."""
    method: Text | None = None
    """The method that ran; None when none did."""
    formulation: Text | None = None
    solver: Text | None = None
    status: Status | Outcome
    termination: Termination | None = None
    reason: Text | None = None
    """What went wrong, in one line."""
    traceback: Text | None = None
    """Of the exception that was raised, and before it what a heuristic printed."""
    requests: WholeNumber
    """Those who ask in the instance: its requests or, in SLIDE, its users."""
    weight: NonNegative
    """Weight of all of them."""
    served: WholeNumber | None = None
    """Requests or users served."""
    objective: NonNegative | None = None
    """Weight served, recomputed from the plan."""
    bound: NonNegative | None = None
    """Proven upper bound, of the instance that the run was on; also of one that ``exact`` refuses as too large."""
    slots: WholeNumber | None = None
    """Slots of the plan; none in SLIDE."""
    total_s: NonNegative
    """Seconds that the run took, checking included."""
    build_s: NonNegative | None = None
    solve_s: NonNegative | None = None
    peak_bytes: WholeNumber | None = None
    """The most resident memory that the processes of the run held together; None where that is not known."""
    bars: tuple[Bar, ...] = ()
    """The first slots of the plan, up to a thousand; empty where there is none."""
    lanes: tuple[Lane, ...] = ()
    """In SLIDE, the first users of the plan, as many as have some hundred layers together; times to six digits."""
    versions: dict[Text, Text]
    """Packages, Python and machine."""
    ended: Text
    """When, in UTC, ISO 8601."""


def render(row: Row) -> str:
    """A row as one line of JSON, without the line's end."""
    document = {"format": FORMAT, "version": VERSION, **_adapter().dump_python(row, mode="json")}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def parse(document: dict[str, Any]) -> Row:
    """A row from the parsed JSON of its line; raises ``pydantic.ValidationError`` where it is not one."""
    body = {key: value for key, value in document.items() if key not in ("format", "version")}
    return _adapter().validate_python(body)


@functools.cache
def _adapter() -> TypeAdapter[Row]:
    return TypeAdapter(Row)
