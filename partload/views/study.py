"""What the commands and notebooks show of a gap study: the summary of each method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partload import console

if TYPE_CHECKING:
    from partload.benchmarks.gap.table import MethodSummary

METHOD_COLUMNS = (
    "method",
    "runs>",
    "at optimum>",
    "mean gap>",
    "worst gap>",
    "mean to bound>",
    "mean time>",
    "no plan",
)
""""mean to bound" is the mean gap on instances without a proved optimum: an upper bound on the true gap."""


def method_cells(method: MethodSummary) -> tuple[str, ...]:
    """The cells of a method, one for each of ``METHOD_COLUMNS``."""
    known = method.to_optimum
    counts = {"refused": method.refused, "failed": method.failed, "infeasible": method.infeasible}
    return (
        method.method if method.sharing else f"{method.method}, no sharing",
        str(method.runs),
        f"{method.at_optimum} of {known.count}",
        console.percent(known.mean),
        console.percent(known.worst),
        console.percent(method.to_bound.mean),
        console.seconds(method.mean_time_s),
        ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "-",
    )
