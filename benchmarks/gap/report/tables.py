"""The two tables of a page: the methods, and the runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from partload.benchmarks.gap.report.cells import Cell, Column, number_cell, percent_cell, seconds_cell
from partload.benchmarks.gap.report.text import demand
from partload.benchmarks.gap.table import Gaps, Line, MethodSummary, Reference, value

METHOD_COLUMNS = (
    Column("method", "as the call names it"),
    Column("limit [s]", "time limit of each run"),
    Column("runs", "all runs of the method"),
    Column("plans", "runs with a plan, which may be empty"),
    Column("proved", "runs that proved their own plan optimal"),
    Column("at optimum", "plans that serve the proved optimum of the instance"),
    Column("mean gap", "over the plans on instances with a proved optimum"),
    Column("median", "over the same plans"),
    Column("worst", "over the same plans"),
    Column("of plans", "number of these plans"),
    Column("mean to bound", "over the plans on instances with only a bound: the true gap is at most this"),
    Column("worst to bound", "over the same plans"),
    Column("of plans", "number of these plans"),
    Column("mean time [s]", "over the runs with a plan"),
    Column("refused", "the method does not cover the instance"),
    Column("failed", "the method raised an exception, crashed, took too much memory or did not stop"),
    Column("infeasible", "the plan breaks a rule"),
)


@dataclasses.dataclass(frozen=True, slots=True)
class MethodRow:
    """A row of the table of methods."""

    label: str
    sharing: bool
    cells: tuple[Cell, ...]
    """Cells from the second column on."""


def method_row(summary: MethodSummary) -> MethodRow:
    """The row of a method."""
    counts = (summary.runs, summary.plans, summary.proved, summary.at_optimum)
    without_plan = (summary.refused, summary.failed, summary.infeasible)
    cells = (
        number_cell(summary.time_limit_s),
        *map(number_cell, counts),
        *_gap_cells(summary.to_optimum, with_median=True),
        *_gap_cells(summary.to_bound, with_median=False),
        seconds_cell(summary.mean_time_s),
        *(number_cell(count, kind="n bad" if count else "n") for count in without_plan),
    )
    return MethodRow(summary.method, summary.sharing, cells)


def _gap_cells(gaps: Gaps, *, with_median: bool) -> list[Cell]:
    statistics = (gaps.mean, gaps.median, gaps.worst) if with_median else (gaps.mean, gaps.worst)
    return [*map(percent_cell, statistics), number_cell(gaps.count)]


def run_columns(lines: Sequence[Line], *, with_sharing: bool) -> list[Column]:
    """Columns of the table of runs.

    Parameters
    ----------
    lines
        All lines of the table.
    with_sharing
        Whether a column says which runs are on copies without sharing.
    """
    nouns = demand(line.row for line in lines)
    return [
        Column("row", "a link that opens the plan"),
        Column("instance"),
        *([Column("sharing", "no: on the copy without sharing")] if with_sharing else []),
        Column("method", "as the call names it"),
        Column("status"),
        Column("served", f"{nouns} served, of all"),
        Column("weight", "weight served"),
        Column("reference", "optimum, or a bound after ≤"),
        Column("gap", "(reference - weight) / reference"),
        Column("time [s]", "of the whole run"),
        Column("memory [MB]", "peak of all processes of the run together"),
        Column("method that ran, or reason"),
    ]


def run_cells(line: Line, *, with_sharing: bool) -> list[Cell]:
    """Cells of a run, from the second column on."""
    row = line.row
    served = None if row.served is None else f"{row.served} of {row.requests}"
    seed = "" if row.asked.seed is None else f"seed {row.asked.seed}"
    ran = ", ".join(part for part in (row.method, row.formulation, row.solver, row.termination, seed) if part)
    return [
        Cell(row.asked.instance, kind="name"),
        *([Cell("yes" if line.sharing else "no")] if with_sharing else []),
        Cell(line.label, kind="name"),
        Cell(row.status, kind="bad" if value(row) is None else row.status),
        number_cell(row.served, served),
        number_cell(value(row)),
        _reference_cell(line.reference),
        percent_cell(line.gap),
        seconds_cell(row.total_s),
        number_cell(row.peak_bytes, None if row.peak_bytes is None else f"{row.peak_bytes / 1e6:.0f}"),
        Cell(row.reason or ran, kind="why"),
    ]


def _reference_cell(reference: Reference | None) -> Cell:
    if reference is None:
        return number_cell(None)
    sign = "≤ " if reference.kind == "bound" else ""
    return Cell(f"{sign}{reference.value:.10g}", reference.value, f"n {reference.kind}", reference.source)
