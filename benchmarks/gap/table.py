"""The rows of a study compared: how far each run is from the optimum, or from a bound where that is not known.

Nothing here is stored; it is computed from all the rows there are, and from what the library knows.
"""

from __future__ import annotations

import dataclasses
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from partload.benchmarks.gap.rows import Asked, Row
from partload.instances import library

EQUAL = 1e-9
"""Relative difference below which two values are the same."""
SOLVED = ("optimal", "feasible", "unknown")
"""Statuses of runs that ended with a plan that passed the checker; with ``unknown`` it serves nobody."""


@dataclasses.dataclass(frozen=True, slots=True)
class Reference:
    """What the runs on an instance are measured against."""

    value: float
    """Weight served."""
    kind: Literal["optimum", "bound"]
    """Proved and reached by a plan; or only proved that no plan serves more."""
    source: str
    """What proved it."""
    contradiction: str | None = None
    """In words, when a plan serves more than what was proved to be the most: then no gap is worth anything."""


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A run, and how it compares."""

    row: Row
    label: str
    """The method as asked for: ``exact@60`` where it was run with several limits, and so with gaps."""
    reference: Reference | None
    """Of the instance with sharing, whether or not the run was on it; None when nothing is proved."""
    gap: float | None
    """(reference - weight served) / reference, 0 when the reference is 0; None without plan or reference."""

    @property
    def sharing(self) -> bool:
        """Whether the run was on the instance itself, not on its copy without sharing."""
        return self.row.asked.sharing

    @property
    def at_optimum(self) -> bool:
        """Whether the plan serves the proved optimum of the instance."""
        return self.against("optimum") and self.gap is not None and self.gap <= EQUAL

    def against(self, kind: Literal["optimum", "bound"]) -> bool:
        """Whether the gap is one to a reference of this kind."""
        return self.gap is not None and self.reference is not None and self.reference.kind == kind


@dataclasses.dataclass(frozen=True, slots=True)
class Gaps:
    """Some gaps in short; all None when there are none."""

    count: int
    mean: float | None
    median: float | None
    worst: float | None


@dataclasses.dataclass(frozen=True, slots=True)
class MethodSummary:
    """All runs of a method, with sharing or without. ``runs = plans + refused + failed + infeasible``."""

    method: str
    """As ``Line.label``."""
    sharing: bool
    time_limit_s: float | None
    """Of each run; None where there is none."""
    runs: int
    plans: int
    """Runs that ended with a plan, which may be the empty one."""
    refused: int
    failed: int
    infeasible: int
    proved: int
    """Runs that proved their own plan to be optimal, for the instance that they were on."""
    at_optimum: int
    """Plans that serve the proved optimum of the instance with sharing."""
    to_optimum: Gaps
    """Over the plans on instances whose optimum is proved."""
    to_bound: Gaps
    """Over the plans on instances where there is only a bound: no more than how large a gap may be."""
    mean_time_s: float | None
    """Over the runs with a plan."""


def value(row: Row) -> float | None:
    """Weight that the run serves; None when it ended without a plan that may be believed."""
    return row.objective if row.status in SOLVED else None


def references(rows: Sequence[Row], *, sharing: bool = True) -> dict[str, Reference]:
    """What is proved of each instance, by its hash.

    The least of all bounds is the optimum when some plan reaches it: then a run proved its own plan, or the bound of
    one run is met by the plan of another. Bounds are those of runs on the instance itself and of the library, plans
    also those without sharing, which may be run with it as they are.

    Parameters
    ----------
    rows
        All rows of a study.
    sharing
        False: what is proved of the copies without sharing, by the runs on them alone.

    Returns
    -------
    Reference of each instance that has a bound; the others are left out.
    """
    by_instance: dict[str, list[Row]] = {}
    for row in rows:
        by_instance.setdefault(row.asked.instance_sha256, []).append(row)
    known = {of.instance_sha256: of for of in library.known().values() if sharing}
    found = {}
    for sha256, group in by_instance.items():
        mine = [row for row in group if value(row) is not None]
        proofs = [_proof(row) for row in group if row.asked.sharing == sharing and _proves(row)]
        plans = [_plan(row) for row in mine if sharing or not row.asked.sharing]
        if sha256 in known:
            best = known[sha256]
            source = f"the library ({best.method}, {best.date})"
            proofs.append((best.bound, source))
            plans.append((best.best, source))
        bounds = [(bound, source) for bound, source in proofs if bound is not None]
        if bounds:
            found[sha256] = _reference(group[0].asked.instance, bounds, plans)
    return found


def _proves(row: Row) -> bool:
    """Whether the bound of a run may be believed: it is one with a plan, or of an instance too large for ``exact``."""
    return value(row) is not None or row.status == "refused"


def _proof(row: Row) -> tuple[float | None, str]:
    """What a run proved that no plan exceeds, and who says so."""
    return (row.objective if row.status == "optimal" else row.bound), _source(row)


def _plan(row: Row) -> tuple[float, str]:
    return value(row) or 0.0, _source(row)


def _source(row: Row) -> str:
    return (row.method or row.asked.method) + ("" if row.asked.sharing else " without sharing")


def _reference(name: str, bounds: Sequence[tuple[float, str]], plans: Sequence[tuple[float, str]]) -> Reference:
    """From what is proved of an instance and what plans on it serve; of equals the first is named."""
    bound, proved_by = min(bounds, key=lambda pair: pair[0])
    best, found_by = max(plans, key=lambda pair: pair[0], default=(0.0, "the empty plan"))
    if abs(best - bound) <= EQUAL * bound:
        proof = any(source == proved_by for served, source in plans if served == best)
        return Reference(best, "optimum", proved_by if proof else f"bound of {proved_by}, met by {found_by}")
    contradiction = None
    if best > bound:
        contradiction = (
            f"{name}: a plan of {found_by} serves {best:.12g}, but {proved_by} proved that no plan serves more than "
            f"{bound:.12g}; one of the two is wrong"
        )
    return Reference(bound, "bound", proved_by, contradiction)


def contradictions(rows: Sequence[Row]) -> list[str]:
    """Plans that serve more than what was proved to be the most, in words: there should be none."""
    both = (references(rows, sharing=sharing).values() for sharing in (True, False))
    return [found.contradiction for part in both for found in part if found.contradiction is not None]


def lines(rows: Sequence[Row]) -> list[Line]:
    """The rows with their gaps, in order of instance, sharing first, and methods as they first appear.

    What was swept follows the instance that it was made of, by parameter and value.
    """
    proved = references(rows)
    methods = list(dict.fromkeys(row.asked.method for row in rows))
    named = _labels({row.asked for row in rows})

    def place(row: Row) -> tuple[object, ...]:
        asked, swept = row.asked, row.asked.swept
        origin = (swept.of, swept.parameter, swept.value) if swept else (asked.instance, "", 0.0)
        run = (not asked.sharing, methods.index(asked.method), asked.time_limit or 0.0, asked.gap, asked.seed or 0)
        return _natural(origin[0]), origin[1:], _natural(asked.instance), asked.instance_sha256, *run

    ordered = sorted(rows, key=place)
    return [_line(row, named[row.asked], proved.get(row.asked.instance_sha256)) for row in ordered]


def _line(row: Row, label: str, reference: Reference | None) -> Line:
    served = value(row)
    if served is None or reference is None or reference.contradiction is not None:
        return Line(row, label, reference, None)
    gap = (reference.value - served) / reference.value if reference.value > 0 else 0.0
    return Line(row, label, reference, gap)


def _natural(name: str) -> list[tuple[str, int]]:
    """A key by which ``cell-9`` comes before ``cell-10``."""
    return [(text, int(digits or 0)) for text, digits in re.findall(r"(\D*)(\d*)", name)]


def _labels(runs: Iterable[Asked]) -> dict[Asked, str]:
    """Method of each run as it was asked for, with its time limit or gap where it was run with several."""
    runs = set(runs)
    limits = Counter(method for method, _ in {(asked.method, asked.time_limit) for asked in runs})
    gaps = Counter(method for method, _ in {(asked.method, asked.gap) for asked in runs})

    def label(asked: Asked) -> str:
        limit = f"@{asked.time_limit:g}" if limits[asked.method] > 1 and asked.time_limit is not None else ""
        return asked.method + limit + (f", gap {asked.gap:g}" if gaps[asked.method] > 1 else "")

    return {asked: label(asked) for asked in runs}


def summary(lines: Sequence[Line]) -> list[MethodSummary]:
    """One entry for each method with sharing, then one for each without, in the order in which they first appear."""
    groups: dict[tuple[bool, str], list[Line]] = {}
    for line in lines:
        groups.setdefault((not line.sharing, line.label), []).append(line)
    order = sorted(groups, key=lambda group: group[0])
    return [_summary(group) for group in (groups[key] for key in order)]


def _summary(group: Sequence[Line]) -> MethodSummary:
    statuses = [line.row.status for line in group]
    plans = [line for line in group if value(line.row) is not None]
    return MethodSummary(
        method=group[0].label,
        sharing=group[0].sharing,
        time_limit_s=group[0].row.asked.time_limit,
        runs=len(group),
        plans=len(plans),
        refused=statuses.count("refused"),
        failed=statuses.count("failed"),
        infeasible=statuses.count("infeasible"),
        proved=statuses.count("optimal"),
        at_optimum=sum(line.at_optimum for line in group),
        to_optimum=_gaps([line.gap for line in group if line.gap is not None and line.against("optimum")]),
        to_bound=_gaps([line.gap for line in group if line.gap is not None and line.against("bound")]),
        mean_time_s=statistics.fmean(line.row.total_s for line in plans) if plans else None,
    )


def _gaps(gaps: Sequence[float]) -> Gaps:
    if not gaps:
        return Gaps(0, None, None, None)
    return Gaps(len(gaps), statistics.fmean(gaps), statistics.median(gaps), max(gaps))
