"""Comparison of the rows of a study: the gap of each run to the optimum or, where that is unknown, to a bound.

The gaps are not stored. They are computed from all rows and from the best known values of the library.
"""

from __future__ import annotations

import dataclasses
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from partload.benchmarks.gap.rows import Row, RunKey
from partload.instances import library
from partload.instances.numbers import exact

EQUAL = 1e-9
"""Relative difference up to which two values count as equal."""
SOLVED = ("optimal", "feasible", "unknown")
"""Statuses of runs with a plan that passed the checker. With ``unknown`` it is the empty plan."""


@dataclasses.dataclass(frozen=True, slots=True)
class Reference:
    """The value of an instance that its gaps refer to."""

    value: float
    """Weight served."""
    kind: Literal["optimum", "bound"]
    """``optimum``: a plan reaches the least bound. ``bound``: no known plan does."""
    source: str
    """The run, or the entry of the library, that proved the value."""
    contradiction: str | None = None
    """A sentence when a plan serves more than the least bound. The instance then has no gaps."""


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A run with its reference and gap."""

    row: Row
    label: str
    """The method as the call names it, with its limit or gap where the study has several: ``exact@60``."""
    reference: Reference | None
    """Reference of the instance with sharing, also for a run without; None when nothing is proved."""
    gap: float | None
    """(reference - weight served) / reference; 0 when the reference is 0; None without a plan or a reference."""

    @property
    def sharing(self) -> bool:
        """Whether the run was on the instance with sharing, not on the copy without."""
        return self.row.asked.sharing

    @property
    def at_optimum(self) -> bool:
        """Whether the plan serves the proved optimum of the instance."""
        return self.has_gap_to("optimum") and self.gap is not None and self.gap <= EQUAL

    def has_gap_to(self, kind: Literal["optimum", "bound"]) -> bool:
        """Whether the run has a gap, to a reference of this kind."""
        return self.gap is not None and self.reference is not None and self.reference.kind == kind


@dataclasses.dataclass(frozen=True, slots=True)
class Gaps:
    """Statistics of some gaps; None when there are no gaps."""

    count: int
    mean: float | None
    median: float | None
    worst: float | None


@dataclasses.dataclass(frozen=True, slots=True)
class MethodSummary:
    """The runs of a method, with sharing or without. ``runs = plans + refused + failed + infeasible``."""

    method: str
    """As ``Line.label``."""
    sharing: bool
    time_limit_s: float | None
    """Time limit of each run; None for no limit."""
    runs: int
    plans: int
    """Runs with a plan, which may be the empty one."""
    refused: int
    failed: int
    infeasible: int
    proved: int
    """Runs that proved their own plan optimal, with or without sharing as they ran."""
    at_optimum: int
    """Plans that serve the proved optimum of the instance with sharing."""
    to_optimum: Gaps
    """Gaps of the plans on instances with a proved optimum."""
    to_bound: Gaps
    """Gaps of the plans on instances with a bound only. A true gap is at most as large."""
    mean_time_s: float | None
    """Mean over the runs with a plan."""


def value(row: Row) -> float | None:
    """Weight that the plan of a run serves; None when there is no feasible plan."""
    return row.objective if row.status in SOLVED else None


def references(rows: Sequence[Row], *, sharing: bool = True) -> dict[str, Reference]:
    """Compute the reference of each instance, by the hash of the instance.

    The least bound is the optimum when a plan reaches it. The bound may come from one run and the plan from another.
    Bounds come from the runs on the instance itself and from the library. Plans also come from the runs without
    sharing, since such a plan is feasible with sharing too.

    Parameters
    ----------
    rows
        All rows of a study.
    sharing
        False: the references of the copies without sharing, from the runs on the copies alone.

    Returns
    -------
    References; an instance without a bound has none.
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
            proofs.append((best.bound, f"the library ({best.bound_method}, {best.date})"))
            plans.append((best.best, f"the library ({best.method}, {best.date})"))
        bounds = [(bound, source) for bound, source in proofs if bound is not None]
        if bounds:
            found[sha256] = _reference(group[0].asked.instance, bounds, plans)
    return found


def _proves(row: Row) -> bool:
    """Whether the bound of a run counts: the run has a plan, or the instance is too large for ``exact``."""
    return value(row) is not None or row.status == "refused"


def _proof(row: Row) -> tuple[float | None, str]:
    """The bound of a run, and its source."""
    return (row.objective if row.status == "optimal" else row.bound), _source(row)


def _plan(row: Row) -> tuple[float, str]:
    return value(row) or 0.0, _source(row)


def _source(row: Row) -> str:
    return (row.method or row.asked.method) + ("" if row.asked.sharing else " without sharing")


def _reference(name: str, bounds: Sequence[tuple[float, str]], plans: Sequence[tuple[float, str]]) -> Reference:
    """The reference from (bound, source) and (weight served, source); of equal values the first gives the source."""
    bound, proved_by = min(bounds, key=lambda pair: pair[0])
    best, found_by = max(plans, key=lambda pair: pair[0], default=(0.0, "the empty plan"))
    if abs(best - bound) <= EQUAL * bound:
        proof = any(source == proved_by for served, source in plans if served == best)
        return Reference(best, "optimum", proved_by if proof else f"bound of {proved_by}, met by {found_by}")
    contradiction = None
    if best > bound:
        contradiction = (
            f"{name}: a plan of {found_by} serves {exact(best)}, but {proved_by} proved that no plan serves more than "
            f"{exact(bound)}; one of the two is wrong"
        )
    return Reference(bound, "bound", proved_by, contradiction)


def contradictions(rows: Sequence[Row]) -> list[str]:
    """A sentence for each instance with a plan that serves more than the least bound. A correct study has none."""
    both = (references(rows, sharing=sharing).values() for sharing in (True, False))
    return [found.contradiction for part in both for found in part if found.contradiction is not None]


def lines(rows: Sequence[Row]) -> list[Line]:
    """The rows with their gaps, sorted by instance, runs with sharing first, methods as they first appear.

    Variations follow the instance that was varied, by parameter and value.
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
    """A sort key that puts ``cell-9`` before ``cell-10``."""
    return [(text, int(digits or 0)) for text, digits in re.findall(r"(\D*)(\d*)", name)]


def _labels(runs: Iterable[RunKey]) -> dict[RunKey, str]:
    """Label of each run: its method, with the time limit or gap where the method ran with several."""
    runs = set(runs)
    limits = Counter(method for method, _ in {(asked.method, asked.time_limit) for asked in runs})
    gaps = Counter(method for method, _ in {(asked.method, asked.gap) for asked in runs})

    def label(asked: RunKey) -> str:
        limit = f"@{asked.time_limit:g}" if limits[asked.method] > 1 and asked.time_limit is not None else ""
        return asked.method + limit + (f", gap {asked.gap:g}" if gaps[asked.method] > 1 else "")

    return {asked: label(asked) for asked in runs}


def summary(lines: Sequence[Line]) -> list[MethodSummary]:
    """Summaries of the methods with sharing, then of those without, in the order of their first lines."""
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
        to_optimum=_gaps([line.gap for line in group if line.gap is not None and line.has_gap_to("optimum")]),
        to_bound=_gaps([line.gap for line in group if line.gap is not None and line.has_gap_to("bound")]),
        mean_time_s=statistics.fmean(line.row.total_s for line in plans) if plans else None,
    )


def _gaps(gaps: Sequence[float]) -> Gaps:
    if not gaps:
        return Gaps(0, None, None, None)
    return Gaps(len(gaps), statistics.fmean(gaps), statistics.median(gaps), max(gaps))
