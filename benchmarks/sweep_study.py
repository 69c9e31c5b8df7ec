"""Parts of the studies over sweeps: deadlines as multiples, a progress bar, rows of Markdown tables."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.progress import Progress

from partload.benchmarks.gap.cases import Case, Source, cases
from partload.benchmarks.gap.progress import StudyProgress
from partload.benchmarks.gap.study import Study, gap
from partload.instances.variations import Sweep

Factors = dict[tuple[str, float], float]
"""A deadline as a multiple of the instance's latest deadline, by the name of the instance and the deadline [s]."""


def sweep_cases(sources: Iterable[Source], sweep: Sweep, factors: Factors) -> list[Case]:
    """Vary every instance of the sources.

    Parameters
    ----------
    sources
        Sources of instances, as for ``cases``.
    sweep
        A parameter and its values. Values of ``deadline`` are multiples of the instance's latest deadline.
    factors
        Gets the multiple for each deadline in seconds.
    """
    found: list[Case] = []
    for base in cases(sources):
        own, values = base.instance, sweep.values
        if sweep.parameter == "deadline":
            latest = max(one.deadline_s for one in own.demand)
            values = tuple(latest * factor for factor in sweep.values)
            factors |= {(own.name, value): factor for value, factor in zip(values, sweep.values)}
        found += cases([own], [Sweep(sweep.parameter, values)])
    return found


def study(
    every: Sequence[Case],
    methods: Sequence[str],
    *,
    rows: Path,
    workers: int,
    no_sharing: Sequence[str] = (),
    seed: int | None = None,
) -> Study:
    """Run a gap study with a progress bar on a terminal. Runs whose rows are in the file are not done again."""
    rows.parent.mkdir(parents=True, exist_ok=True)
    with Progress(disable=not sys.stderr.isatty(), transient=True) as progress:
        bar = progress.add_task("runs")

        def show(state: StudyProgress) -> None:
            progress.update(bar, completed=state.done, total=state.total)

        return gap(every, methods, no_sharing=no_sharing, seed=seed, workers=workers, output=rows, progress=show)


def table_line(cells: Iterable[str]) -> str:
    """A line of a Markdown table."""
    return "| " + " | ".join(cells) + " |"
