"""What the studies over sweeps have in common: deadlines as multiples, runs with a bar, tables in Markdown."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.progress import Progress

from partload.benchmarks.gap.cases import Case, Source, cases
from partload.benchmarks.gap.progress import StudyProgress
from partload.benchmarks.gap.study import Study, gap
from partload.instances.problems import problem_of
from partload.instances.variations import Sweep

Factors = dict[tuple[str, float], float]
"""The multiple that a deadline in seconds is of the own one of an instance, by the instance's name and the deadline."""


def swept(sources: Iterable[Source], sweep: Sweep, factors: Factors) -> list[Case]:
    """The sources varied; deadlines are multiples of the instance's own latest one, and are noted in ``factors``."""
    found: list[Case] = []
    for base in cases(sources):
        own, values = base.instance, sweep.values
        if sweep.parameter == "deadline":
            latest = max(one.deadline_s for one in problem_of(own).those_asking(own))
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
    """A gap study that goes on where its file of rows ends, with a bar if somebody watches."""
    rows.parent.mkdir(parents=True, exist_ok=True)
    with Progress(disable=not sys.stderr.isatty(), transient=True) as progress:
        bar = progress.add_task("runs")

        def show(state: StudyProgress) -> None:
            progress.update(bar, completed=state.done, total=state.total)

        return gap(every, methods, no_sharing=no_sharing, seed=seed, workers=workers, output=rows, progress=show)


def line(cells: Iterable[str]) -> str:
    """A line of a table in Markdown."""
    return "| " + " | ".join(cells) + " |"
