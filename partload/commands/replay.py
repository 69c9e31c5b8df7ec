"""``partload replay``: run a plan on this machine, and compare the times with the model."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partload import console
from partload.commands import completion

if TYPE_CHECKING:
    from partload.instances.measured import MeasuredReport
    from partload.replays import Ran, Run


def replay(
    instance: Annotated[
        str,
        typer.Argument(help="Instance of the solution.", autocompletion=completion.instances),
    ],
    solution: Annotated[Path, typer.Argument(help="Solution file.")],
    checkpoints: Annotated[
        list[Path] | None,
        typer.Option(
            help="Model file or folder that the instance was made of, once for each [as the instance states].",
            metavar="PATH",
        ),
    ] = None,
    sharing: Annotated[
        bool, typer.Option("--sharing/--no-sharing", help="Without, every slot loads all blocks of its model.")
    ] = True,
    cache: Annotated[
        str, typer.Option(help="warm: files in the page cache; cold: out of it before each load.")
    ] = "warm",
    batch: Annotated[
        str | None,
        typer.Option(
            help="Function of model id, number of requests and blocks that runs one batch [a wait as long as the "
            "model says].",
            metavar="MODULE:FUNCTION",
        ),
    ] = None,
    device: Annotated[
        str, typer.Option(help="cpu: into main memory; cuda: on to a GPU, with PyTorch.", metavar="NAME")
    ] = "cpu",
    repeats: Annotated[
        int, typer.Option(min=1, help="Number of runs; the one whose last end is the median is shown and written.")
    ] = 1,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File for the log, a solution with the times measured.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON and nothing else.")] = False,
) -> int:
    """Run a plan on this machine, with its model files.

    Loads the blocks of each slot from the files, waits for its uploads, and runs its batch. A plan of SLIDE is streamed
    over HTTP on this machine, at the rates of the plan. Prints what was measured beside what the model predicts. The
    log is for check --measured.
    """
    console.ensure_writable(output, inputs=[instance, solution])
    from partload.instances import files
    from partload.instances.errors import InputError
    from partload.instances.problems import problem_of
    from partload.instances.reading import read_instance, read_solution

    record, claimed = read_instance(instance), read_solution(solution)
    problem, solved = problem_of(record), problem_of(claimed)
    if solved is not problem:
        expected = f"expected a solution of {problem.name}, the problem of {record.name!r}"
        raise InputError(f"{expected}; this is a solution of {solved.name}", source=str(solution))
    from partload.replays import Options

    options = Options(tuple(checkpoints or ()), sharing, cache, batch, device, output)
    try:
        run = importlib.import_module(f"partload.replays.{problem.package}").prepare(record, claimed, options)
        runs, interrupted = _repeated(run, repeats)
    except InputError as error:
        raise error if error.source else error.within(str(solution)) from None
    judged = sorted(((problem.check_measured(record, ran.log), ran) for ran in runs), key=lambda one: _last_s(one[0]))
    report, ran = judged[(len(judged) - 1) // 2]
    if output is not None:
        files.write(ran.log, output)
    ended = (f"interrupted after {len(runs)} of {repeats} runs",) if interrupted else ()
    _show(report, (*ran.notes, *_spread([one for one, _ in judged]), *ended), output, json)
    return 130 if interrupted else 0


def _repeated(run: Run, repeats: int) -> tuple[list[Ran], bool]:
    """Some runs, and whether Ctrl-C ended them; without any run it goes on as an interrupt."""
    runs: list[Ran] = []
    try:
        for _ in range(repeats):
            runs.append(run())
    except KeyboardInterrupt:
        if not runs:
            raise
        return runs, True
    return runs, False


def _last_s(report: MeasuredReport) -> float:
    return report.last.end.measured_s if report.last else 0.0


def _spread(reports: Sequence[MeasuredReport]) -> Sequence[str]:
    """The range of the last ends of several runs, in order."""
    if len(reports) == 1:
        return ()
    first, last = _last_s(reports[0]), _last_s(reports[-1])
    return (
        f"last end of {len(reports)} runs: {console.seconds(first)} to {console.seconds(last)}; this is the median",
    )


def _show(report: MeasuredReport, notes: Sequence[str], output: Path | None, json: bool) -> None:
    from partload import measurements

    if json:
        measurements.show_json(report)
        return
    measurements.show(report)
    for line in (*notes, *([] if output is None else [f"wrote {output}"])):
        print(line)
