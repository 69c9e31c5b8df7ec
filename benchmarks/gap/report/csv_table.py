"""The table of a report as CSV: one line for each run, numbers at full precision."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from partload.benchmarks.gap.table import Line

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


def render_csv(lines: Sequence[Line]) -> str:
    """The lines as CSV with a header. An unknown value is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for number, line in enumerate(lines, 1):
        writer.writerow(_cells(number, line))
    return text.getvalue()


def _cells(number: int, line: Line) -> tuple[object, ...]:
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
