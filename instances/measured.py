"""What a measured run says beside its verdict: for each slot or user the time that the model predicts, by cause.

A measured run is a solution whose times were measured. Its decisions have to keep the rules of the checker. Its times
have to be possible, not those of the clock.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence

from partload.instances.errors import InputError
from partload.instances.numbers import exact
from partload.instances.verdict import TOLERANCE, Violation

RULES = {
    "order": "the times measured are in order: nothing ends before it begins or before what it waits for",
    "overlap": "slots run one after another, and uploads as the uplink discipline says",
}
"""Rules of measured times, beside those of the checker."""


@dataclasses.dataclass(frozen=True)
class Cause:
    """One thing that takes time."""

    predicted_s: float
    measured_s: float

    @property
    def error_s(self) -> float:
        """Measured less predicted."""
        return self.measured_s - self.predicted_s


@dataclasses.dataclass(frozen=True)
class Row:
    """One slot or user."""

    place: str
    """As a path into the solution."""
    name: str
    """The slot's model, or the user."""
    causes: Mapping[str, Cause]
    """What its time goes to, each by itself."""
    end: Cause
    """When it ends, from time 0: what the model predicts of the whole plan, and what was measured."""
    shares_s: Mapping[str, float]
    """The error of ``end`` by cause: what it grows by when predicted times are replaced by the measured ones, one
    cause after another. They sum to the error."""


@dataclasses.dataclass(frozen=True)
class MeasuredReport:
    """The verdict on one measured run."""

    violations: tuple[Violation, ...]
    objective: float | None
    """Weight of the demand served; None when unknown ids make the plan unreadable."""
    rows: tuple[Row, ...]
    """Empty when the plan has no times."""

    @property
    def feasible(self) -> bool:
        """Whether no rule is broken."""
        return not self.violations

    @property
    def last(self) -> Row | None:
        """The row that was measured to end last; None without any."""
        return max(self.rows, key=lambda row: row.end.measured_s, default=None)


def comparable(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The rows; none of them where the model predicts no finite end, which nothing can be compared with."""
    return rows if all(math.isfinite(row.end.predicted_s) for row in rows) else ()


def required(place: str, value: float | None) -> float:
    """A time that a measured run must state; raises InputError when it is missing."""
    if value is None:
        raise InputError(
            "expected the time that was measured; a plan without times is checked without --measured", place
        )
    return value


def before(place: str, ids: tuple[str, ...], rule: str, first: tuple[str, float], then: float) -> Iterator[Violation]:
    """Check that a time [s] is not earlier than another one, which has a name."""
    name, least = first
    if least - then > TOLERANCE * least:
        problem = f"{exact(then)} s, before {name} at {exact(least)} s"
        yield Violation(rule, place, ids, least - then, problem)


def shares(ends: Sequence[float], names: Sequence[str]) -> dict[str, float]:
    """The error by cause, from the end that is predicted and the ends with one more cause measured each."""
    return {name: after - earlier for name, earlier, after in zip(names, ends, ends[1:])}
