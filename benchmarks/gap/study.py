"""A gap study: methods over instances, on this machine or on a cluster. No run is done twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from partload.benchmarks.gap.cases import Source, cases
from partload.benchmarks.gap.cluster import Cluster
from partload.benchmarks.gap.progress import ProgressListener, RemainingTime, StudyProgress
from partload.benchmarks.gap.results_log import ResultsLog
from partload.benchmarks.gap.rows import Row
from partload.benchmarks.gap.run import Task
from partload.benchmarks.gap.shards import Shard, merge_logs, read_shard, tasks_of
from partload.benchmarks.gap.tasks import MethodSpec, build_tasks, default_methods, select_methods
from partload.benchmarks.gap.worker_pool import WorkerPool
from partload.instances import arguments
from partload.instances.errors import InputError
from partload.instances.showing import Shown, shown_progress
from partload.instances.variations import Sweep, read_sweep
from partload.solvers import interrupts, processes
from partload.solvers.registry import Limits

if TYPE_CHECKING:
    import pandas

    from partload.benchmarks.gap.paired import Paired
    from partload.benchmarks.gap.table import Line

SHARD = "NUMBER/COUNT, such as 3/20"
WAIT_S = 0.5
"""Longest time between two calls of the progress listener."""


@dataclasses.dataclass(frozen=True)
class Study(Shown):
    """The rows of a gap study."""

    rows: tuple[Row, ...]
    """Runs that have ended, case by case, in the order of the call."""
    planned: int
    """Number of runs of the whole study."""
    notes: tuple[str, ...] = ()
    """Warnings about a comparison of the rows."""

    def __repr__(self) -> str:
        instances = {row.asked.instance for row in self.rows}
        methods = ", ".join(dict.fromkeys(row.asked.method for row in self.rows)) or "no method yet"
        return f"<study: {len(self.rows)} of {self.planned} runs, {len(instances)} instances, {methods}>"

    @property
    def complete(self) -> bool:
        """Whether every run has ended; False after Ctrl-C."""
        return len(self.rows) == self.planned

    def lines(self) -> list[Line]:
        """The rows with their references and gaps."""
        from partload.benchmarks.gap import table

        return table.lines(self.rows)

    def pair(self, a: str, b: str) -> Paired:
        """Compare two methods over the instances that both solved: wins, mean difference, interval, two tests.

        Raises
        ------
        InputError
            When a method is not in the study, no instance has plans of both, or SciPy is not installed.
        """
        from partload.benchmarks.gap.paired import paired

        return paired(self.lines(), a, b)

    def to_pandas(self) -> pandas.DataFrame:
        """The runs as a pandas frame, one row each, with references and gaps; raises InputError without pandas."""
        from partload.benchmarks.gap.frame import to_frame

        return to_frame(self.lines())

    def report(self, directory: str | Path) -> Path:
        """Write a report: a page with tables and figures, the figures as SVG and PDF, the tables as CSV and LaTeX.

        Returns
        -------
        Path of the page.

        Raises
        ------
        InputError
            When matplotlib or Jinja2 is missing, or the directory cannot be written.
        """
        from partload.benchmarks.gap import report

        return report.write(self.rows, directory)


def gap(
    sources: Source | Iterable[Source],
    methods: Sequence[MethodSpec] | None = None,
    *,
    no_sharing: Sequence[MethodSpec] = (),
    sweeps: Sequence[Sweep | str] = (),
    time_limit: float | None = None,
    gap: float = 0.0,
    seed: int | None = None,
    memory: str | float | None = None,
    workers: int = 1,
    dask: str | None = None,
    shard: Shard | str | None = None,
    output: str | Path | None = None,
    progress: ProgressListener | bool | None = None,
) -> Study:
    """Run methods over instances, and compare each run with the optimum or with a proven bound.

    Every run is in a process of its own. A method that fails, crashes or does not stop becomes a row. If no method is
    exact for an instance, ``exact`` runs on it as well, since a gap needs a reference.

    Parameters
    ----------
    sources
        One or several of: instances, files, folders, names of the library, families of ``generate`` with options.
    methods
        ``exact`` for the fastest method that is exact for the instance, names of methods, ``package.module:function``,
        or callables from an instance to a plan; at least one. A name may have a time limit of its own, ``exact@60``.
        None for the default methods: ``exact`` and some heuristics or baselines of the instance's problem.
    no_sharing
        Methods that also run on a copy of each instance in which no model shares a block.
    sweeps
        Parameters and values, ``bandwidth=5e6:40e6:8``. Each instance is varied, once for each value.
    time_limit
        Limit on each run [s]. A run that does not stop is ended by force after as long again, at least 10 s. None for
        no limit.
    gap
        Relative gap at which a run may stop.
    seed
        Seed of each run.
    memory
        Limit on the memory of all processes of a run together, ``4GB`` or a number of bytes. A run that takes more is
        ended and becomes a failed row. None for no limit.
    workers
        Number of runs at a time on this machine.
    dask
        Address of a Dask scheduler. Its workers do the runs instead of this machine.
    shard
        ``3/20`` for the third of twenty parts of the study; :func:`merge` joins their files. None for the whole study.
    output
        File of the rows, one line of JSON each. A row is written when its run ends. A run whose row is in the file is
        not done again.
    progress
        True shows how far the study is, in a notebook or a terminal; a function is called with a ``StudyProgress`` at
        least twice a second.

    Returns
    -------
    The study; after Ctrl-C with the runs that have ended.

    Raises
    ------
    InputError
        When a source, method or option cannot be used, there is no method, the file cannot be written or is not one of
        rows, the cluster does not answer, or the call comes from a run of a study. The error comes before the first
        run, except for one of the file or the cluster that occurs later.
    """
    if processes.inside_worker():
        problem = 'a worker does not start another study: put the call under `if __name__ == "__main__":`'
        raise InputError(f"{problem} or into a module of its own", source="gap")
    time_limit, gap, seed = arguments.time_limit(time_limit), arguments.gap(gap), arguments.seed(seed)
    arguments.optional_text(dask, "the address of a scheduler, such as tcp://localhost:8786", "dask")
    file = arguments.optional_path(output, "output")
    memory_bytes = None if memory is None else processes.parse_size(memory)
    limits = Limits(time_limit=time_limit, gap=gap, seed=seed, memory_bytes=memory_bytes)
    if arguments.whole(workers, "a whole number from 1", "workers") < 1:
        raise InputError(f"expected a whole number from 1, got {workers}", source="workers")
    if dask is not None and workers != 1:
        raise InputError("expected none with a cluster, which has its own", source="workers")
    listed = None if methods is None else arguments.items(methods, "a sequence of methods", "methods")
    if listed is not None and not listed:
        problem = "expected at least one method, got none; leave the argument out for the default methods"
        raise InputError(problem, source="methods")
    selected = default_methods() if listed is None else select_methods(listed)
    unshared = select_methods(arguments.items(no_sharing, "a sequence of methods", "no sharing"))
    read = [_sweep(sweep) for sweep in arguments.items(sweeps, "a sequence of sweeps", "sweeps")]
    part = shard if shard is None or isinstance(shard, Shard) else read_shard(arguments.text(shard, SHARD, "shard"))
    with shown_progress(progress, "study") as listener:
        tasks = build_tasks(cases(sources, read), selected, unshared, limits, by_value=dask is not None)
        if part is not None:
            tasks = tasks_of(tasks, part)
        with ResultsLog(file) as log:
            to_do = [task for task in tasks if task.asked not in log.rows]
            if to_do:
                pool = Cluster(to_do, dask) if dask is not None else WorkerPool(to_do, min(workers, len(to_do)))
                _run_all(pool, to_do, len(tasks), log, listener)
            rows = tuple(log.rows[task.asked] for task in tasks if task.asked in log.rows)
    return Study(rows, len(tasks), _notes(rows))


def merge(logs: Sequence[str | Path], *, output: str | Path | None = None) -> Study:
    """Make one study of the results logs of several, such as the shards of one.

    Parameters
    ----------
    logs
        Files of rows, at least one. They stay as they are. If two rows are of one run, the first counts.
    output
        File of all rows; rows that it has already are kept. None for no file.

    Returns
    -------
    The study. Its notes name methods that did not run on all instances, since the log of a shard may be missing.

    Raises
    ------
    InputError
        When a log cannot be read, has a line that is not a row, or is the output, or when the output cannot be written.
    """
    merged = merge_logs(logs, output)
    return Study(merged.rows, len(merged.rows), (*merged.notes, *_notes(merged.rows)))


def _sweep(given: Sweep | str) -> Sweep:
    if isinstance(given, Sweep):
        return given
    return read_sweep(arguments.text(given, "a sweep such as bandwidth=5e6:40e6:8", "sweeps"))


def _run_all(
    pool: WorkerPool | Cluster, to_do: Sequence[Task], total: int, log: ResultsLog, listener: ProgressListener | None
) -> None:
    """Run the tasks until all have ended or Ctrl-C. The log gets each row when its run ends."""
    remaining = RemainingTime(log.rows.values(), (task.asked for task in to_do), pool.capacity)
    left = len(to_do)
    with interrupts.held() as stop, pool:
        while left and not stop.is_set():
            row = pool.next(WAIT_S)
            if row is not None:
                log.add(row)
                remaining.add(row)
                left -= 1
            if listener is not None:
                running = pool.running()
                keys = tuple(key for key, _ in running)
                listener(StudyProgress(total - left, total, keys, remaining.estimate_s(running)))


def _notes(rows: Sequence[Row]) -> tuple[str, ...]:
    """A warning when several versions of this package made the rows: they are not quite comparable."""
    versions = sorted({row.versions.get("partload", "?") for row in rows})
    if len(versions) < 2:
        return ()
    return (f"rows were made by partload {', '.join(versions)}; delete those lines of the file to run them again",)
