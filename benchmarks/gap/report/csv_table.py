"""The tables of a report as CSV: a line for each run, or for each method; numbers at full precision."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from partload.benchmarks.gap.table import Line, MethodSummary

COLUMNS = (
    "row",
    "instance",
    "instance_sha256",
    "problem",
    "swept_of",
    "swept_parameter",
    "swept_value",
    "sharing",
    "method_asked",
    "method",
    "formulation",
    "solver",
    "time_limit_s",
    "gap_asked",
    "seed",
    "memory_limit_bytes",
    "status",
    "termination",
    "reason",
    "requests",
    "weight",
    "served",
    "objective",
    "bound",
    "reference",
    "reference_kind",
    "reference_source",
    "gap",
    "total_s",
    "build_s",
    "solve_s",
    "peak_bytes",
    "slots",
    "versions",
    "ended",
)


METHOD_COLUMNS = (
    "method",
    "sharing",
    "time_limit_s",
    "runs",
    "plans",
    "refused",
    "failed",
    "infeasible",
    "proved",
    "at_optimum",
    "gaps_to_optimum",
    "mean_gap",
    "median_gap",
    "worst_gap",
    "gaps_to_bound",
    "mean_gap_to_bound",
    "median_gap_to_bound",
    "worst_gap_to_bound",
    "mean_time_s",
)


def render_csv(lines: Sequence[Line]) -> str:
    """The lines as CSV with a header. An unknown value is an empty cell."""
    return _rendered(COLUMNS, (cells(number, line) for number, line in enumerate(lines, 1)))


def render_methods_csv(summaries: Sequence[MethodSummary]) -> str:
    """The summaries of the methods as CSV with a header. An unknown value is an empty cell."""
    return _rendered(METHOD_COLUMNS, map(_method_cells, summaries))


def _rendered(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _method_cells(summary: MethodSummary) -> tuple[object, ...]:
    gaps = [(of.count, of.mean, of.median, of.worst) for of in (summary.to_optimum, summary.to_bound)]
    return (
        summary.method,
        "yes" if summary.sharing else "no",
        summary.time_limit_s,
        summary.runs,
        summary.plans,
        summary.refused,
        summary.failed,
        summary.infeasible,
        summary.proved,
        summary.at_optimum,
        *gaps[0],
        *gaps[1],
        summary.mean_time_s,
    )


def cells(number: int, line: Line) -> tuple[object, ...]:
    """The cells of a run, as ``COLUMNS``; None for what is unknown."""
    row, asked, swept, reference = line.row, line.row.asked, line.row.asked.swept, line.reference
    return (
        number,
        asked.instance,
        asked.instance_sha256,
        row.problem,
        *((swept.of, swept.parameter, swept.value) if swept else (None, None, None)),
        "yes" if asked.sharing else "no",
        asked.method,
        row.method,
        row.formulation,
        row.solver,
        asked.time_limit,
        asked.gap,
        asked.seed,
        asked.memory_bytes,
        row.status,
        row.termination,
        row.reason,
        row.requests,
        row.weight,
        row.served,
        row.objective,
        row.bound,
        *((reference.value, reference.kind, reference.source) if reference else (None, None, None)),
        line.gap,
        row.total_s,
        row.build_s,
        row.solve_s,
        row.peak_bytes,
        row.slots,
        "; ".join(f"{name} {version}" for name, version in row.versions.items()),
        row.ended,
    )
