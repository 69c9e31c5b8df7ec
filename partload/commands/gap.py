"""``partload gap``: run methods over instances and report the gap of each to the optimum or to a proven bound."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partload import console
from partload.instances.errors import InputError, expected_one_of

if TYPE_CHECKING:
    from partload.benchmarks.gap.study import Study
    from partload.benchmarks.gap.table import Line

MOST_LINES = 60
"""A study with more runs than this prints only the summary of each method."""
MOST_REASONS = 10
"""Reasons of failed runs that are printed."""
RUN_COLUMNS = ("instance", "method", "served>", "optimum or bound>", "gap>", "time>", "status")


def gap(
    instances: Annotated[
        list[str],
        typer.Argument(
            help="Instance files, folders, names of instances of the library, or a family such as "
            "general:models=6,seed=0:9:10 or slide-synthetic:users=8. With --merge, results logs.",
            metavar="INSTANCE",
        ),
    ],
    methods: Annotated[
        str | None,
        typer.Option(
            help="Methods, separated by commas: exact, names of methods, package.module:function; each with an "
            "optional time limit, exact@SECONDS [exact and the heuristics or baselines of the problem].",
            metavar="M,M",
        ),
    ] = None,
    no_sharing: Annotated[
        str | None,
        typer.Option(
            help="Methods to run also on a copy of each instance without shared blocks, for PartialLoading.",
            metavar="M,M",
        ),
    ] = None,
    sweep: Annotated[
        list[str] | None,
        typer.Option(help="Vary a parameter of the instances: bandwidth=5e6:40e6:8. Repeatable.", metavar="P=V"),
    ] = None,
    time_limit: Annotated[float, typer.Option(help="Time limit of each run in seconds.", metavar="S")] = 60.0,
    gap: Annotated[float, typer.Option(help="Stop each run at this relative gap.", metavar="G")] = 0.0,
    seed: Annotated[int | None, typer.Option(help="Seed of each run.", metavar="N")] = None,
    memory: Annotated[str | None, typer.Option(help="Memory limit of each run, such as 4GB.", metavar="SIZE")] = None,
    traceback: Annotated[
        bool,
        typer.Option("--traceback", help="Print the tracebacks of failed runs and the output of their heuristics."),
    ] = False,
    workers: Annotated[int, typer.Option(help="Number of runs at a time on this machine.", metavar="N")] = 1,
    dask: Annotated[
        str | None, typer.Option(help="Address of the scheduler of a Dask cluster.", metavar="ADDRESS")
    ] = None,
    shard: Annotated[
        str | None, typer.Option(help="Run one part of the study: 3/20 is the third of twenty.", metavar="I/N")
    ] = None,
    merge: Annotated[
        bool, typer.Option("--merge", help="Run nothing: show the study of the results logs that are named.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Results log: a row for each run; runs that it holds are not run again."),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Directory for a page, figures and tables.")] = None,
    pair: Annotated[
        list[str] | None, typer.Option(help="Compare two methods over the same instances. Repeatable.", metavar="A,B")
    ] = None,
) -> int:
    """Compare methods with the optimum.

    Runs each method on each instance. Reports the gap to the optimum or, where no optimum is proved, to a bound.
    """
    console.ensure_writable(output)
    if merge:
        choices = {"--methods": methods, "--no-sharing": no_sharing, "--sweep": sweep, "--shard": shard}
        _refuse_with_merge({**choices, "--seed": seed, "--memory": memory, "--dask": dask})
    pairs = [_pair(text, None if merge else _asked(methods)) for text in pair or ()]
    from partload.benchmarks.gap import study
    from partload.benchmarks.gap.report import prepare

    if report is not None:
        prepare(report)
    if merge:
        found = study.merge(instances, output=output)
    else:
        found = study.gap(
            instances,
            None if methods is None else _names(methods),
            no_sharing=_names(no_sharing or ""),
            sweeps=sweep or (),
            time_limit=time_limit,
            gap=gap,
            seed=seed,
            memory=memory,
            workers=workers,
            dask=dask,
            shard=shard,
            output=output,
            progress=True,
        )
    if traceback:
        _show_tracebacks(found)
    show(found, output, report)
    if report is not None:
        print(f"report     {found.report(report)}")
    for a, b in pairs:
        print(f"pair       {found.pair(a, b)}")
    return 0 if found.complete else 130


def show(study: Study, output: Path | None, report: Path | None) -> None:
    """Print a study: each run, unless there are too many, the reasons of failed runs, and a summary of each method."""
    from partload.benchmarks.gap import table
    from partload.views.study import METHOD_COLUMNS, method_cells

    lines = study.lines()
    if len(lines) <= MOST_LINES:
        console.table(RUN_COLUMNS, map(_run, lines))
    _show_reasons(lines)
    console.table(METHOD_COLUMNS, map(method_cells, table.summary(lines)))
    for contradiction in table.contradictions(study.rows):
        print(f"CONTRADICTION  {contradiction}")
    for note in study.notes:
        print(f"note       {note}")
    where = f", in {output}" if output else ""
    print(f"runs       {len(study.rows)} of {study.planned}{where}")
    if len(lines) > MOST_LINES and not (output or report):
        print("           -o ROWS.jsonl or --report DIR list each run")


def _refuse_with_merge(options: Mapping[str, object]) -> None:
    """Raise InputError for an option of runs: a merge runs nothing."""
    for name, value in options.items():
        if value is not None:
            raise InputError("expected none with --merge, which shows the runs of results logs and runs nothing", name)


def _asked(methods: str | None) -> list[str]:
    """The names of the methods of a study, with ``exact``, which a study adds."""
    from partload.benchmarks.gap.tasks import default_methods
    from partload.solvers.selection import EXACT

    names = [method.name for method in default_methods()] if methods is None else _names(methods)
    return list(dict.fromkeys((*(name.partition("@")[0] for name in names), EXACT)))


def _pair(text: str, names: Sequence[str] | None) -> tuple[str, str]:
    """Two methods with a comma between, of the methods of a study: an error comes before the study takes hours."""
    from partload.instances import extras

    a, comma, b = text.partition(",")
    if not (a and comma and b):
        raise InputError(
            f"expected two methods with a comma between, such as exact,greedy-rate, got {text!r}", "--pair"
        )
    for label in (a, b):
        if names is not None and label.partition("@")[0] not in names:
            raise InputError(expected_one_of(names, label), "--pair")
    extras.ensure("scipy", "--pair")
    return a, b


def _show_tracebacks(study: Study) -> None:
    for row in study.rows:
        if row.traceback:
            print(f"{row.asked.method} on {row.asked.instance}:\n{row.traceback}", file=sys.stderr)


def _show_reasons(lines: Sequence[Line]) -> None:
    failed = [line for line in lines if line.row.reason]
    for line in failed[:MOST_REASONS]:
        print(f"{line.row.status:<10} {_label(line)} on {line.row.asked.instance}: {line.row.reason}")
    if len(failed) > MOST_REASONS:
        print(f"           and {len(failed) - MOST_REASONS} more")
    if failed:
        print()


def _label(line: Line) -> str:
    return line.label if line.sharing else f"{line.label}, no sharing"


def _run(line: Line) -> tuple[str, ...]:
    row = line.row
    reference = "-" if line.reference is None else f"{console.number(line.reference.value)} {line.reference.kind}"
    return (
        row.asked.instance,
        _label(line),
        console.number(row.objective),
        reference,
        console.percent(line.gap),
        console.seconds(row.total_s),
        row.status,
    )


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
