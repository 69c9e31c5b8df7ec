"""A gap study: methods over instances, run where there are hands for it, and never run twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partload.benchmarks.gap import planning
from partload.benchmarks.gap.cases import INSTANCES, Case, Source, cases
from partload.benchmarks.gap.cluster import Cluster
from partload.benchmarks.gap.journal import Journal
from partload.benchmarks.gap.pace import Clock, Listener, Pace
from partload.benchmarks.gap.planning import Wanted
from partload.benchmarks.gap.rows import Row
from partload.benchmarks.gap.running import Task
from partload.benchmarks.gap.workers import Team
from partload.instances.errors import InputError
from partload.instances.variations import Sweep, read_sweep
from partload.solvers import interrupts, processes
from partload.solvers.registry import Limits

if TYPE_CHECKING:
    from partload.benchmarks.gap.table import Line

TICK_S = 0.5


@dataclasses.dataclass(frozen=True)
class Study:
    """What a gap study found."""

    rows: tuple[Row, ...]
    """Runs that have ended, case after case, whatever the order in which they did."""
    planned: int
    """Runs that were asked for."""
    notes: tuple[str, ...] = ()
    """What one should know before comparing rows."""

    @property
    def complete(self) -> bool:
        """Whether every run has ended; not so after Ctrl-C."""
        return len(self.rows) == self.planned

    def lines(self) -> list[Line]:
        """The rows with their references and gaps."""
        from partload.benchmarks.gap import table

        return table.lines(self.rows)

    def report(self, directory: str | Path) -> Path:
        """Write a page with the table and the figures, the figures as SVG, the table as CSV; returns the page.

        Raises
        ------
        InputError
            When matplotlib is missing or the directory cannot be written.
        """
        from partload.benchmarks.gap import report

        return report.write(self.rows, directory)


def gap(
    sources: Source | Iterable[Source],
    methods: Sequence[Wanted] | None = None,
    *,
    no_sharing: Sequence[Wanted] = (),
    sweeps: Sequence[Sweep | str] = (),
    time_limit: float | None = None,
    gap: float = 0.0,
    seed: int | None = None,
    memory: str | float | None = None,
    workers: int = 1,
    dask: str | None = None,
    output: str | Path | None = None,
    progress: Listener | None = None,
) -> Study:
    """Run methods over instances, and say how far each is from the optimum or from a proven bound.

    Runs are in other processes than this one: whatever a method does there, failing, crashing or not stopping, becomes
    a row. On each instance something exact is run too, so that there is a reference.

    Parameters
    ----------
    sources
        What ``cases`` takes: instances, files, folders, names of the library, families of ``generate`` with options.
    methods
        ``exact`` for the fastest that is exact for the instance, names of methods, ``package.module:function``, or
        callables from an instance to a plan. A name can have a time limit of its own, ``exact@60``. None for those of
        ``planning.USUAL``: exact, and the usual heuristics or baselines of the problem that an instance belongs to.
    no_sharing
        Methods that are also run on a copy of each instance in which no model shares anything.
    sweeps
        Parameters and values, ``bandwidth=5e6:40e6:8``: each instance is varied, once for each value.
    time_limit
        Seconds for each run; a run that goes far beyond, by as much again and at least 10 s, is ended by force. None
        for no limit.
    gap
        Relative gap at which a run may stop.
    seed
        Of each run.
    memory
        What the processes of a run may take together, ``4GB`` or a number of bytes; a run that takes more is ended and
        says so. None for no limit.
    workers
        Processes on this machine, one run each at a time.
    dask
        Address of a scheduler of Dask, whose workers do the runs instead.
    output
        File of the rows, one line of JSON each, written when its run ends. What is in it already is not run again.
    progress
        Called with a ``Pace`` at least twice a second.

    Returns
    -------
    The study; on Ctrl-C what there is of it.

    Raises
    ------
    InputError
        For a source, method or option that cannot be used, a file that cannot be written or is none of rows, a cluster
        that cannot be reached, a call from inside of a run. All that is known before the first run is said before it.
    """
    if processes.inside_worker():
        problem = 'a worker does not start another study: put the call under `if __name__ == "__main__":`'
        raise InputError(f"{problem} or into a module of its own", source="gap")
    memory_bytes = None if memory is None else processes.parse_size(memory)
    limits = Limits(time_limit=time_limit, gap=gap, seed=seed, memory_bytes=memory_bytes)
    if not (isinstance(workers, int) and workers >= 1):
        raise InputError(f"expected a whole number from 1, got {workers}", source="workers")
    if dask is not None and workers != 1:
        raise InputError("expected none with a cluster, which has its own", source="workers")
    given: Any = [sources] if isinstance(sources, (str, Path, Case, *INSTANCES)) else sources
    wanted = planning.usual() if methods is None else planning.resolved(methods)
    apart = planning.resolved(no_sharing)
    read = [sweep if isinstance(sweep, Sweep) else read_sweep(sweep) for sweep in sweeps]
    tasks = planning.tasks(cases(given, read), wanted, apart, limits, by_value=dask is not None)
    with Journal(None if output is None else Path(output)) as journal:
        to_do = [task for task in tasks if task.asked not in journal.rows]
        if to_do:
            team = Cluster(to_do, dask) if dask is not None else Team(to_do, min(workers, len(to_do)))
            _do(team, to_do, tasks, journal, progress)
        rows = tuple(journal.rows[task.asked] for task in tasks if task.asked in journal.rows)
        return Study(rows, len(tasks), _notes(rows))


def _do(
    team: Team | Cluster, to_do: Sequence[Task], tasks: Sequence[Task], journal: Journal, progress: Listener | None
) -> None:
    """Have the runs done, and keep each row as soon as it is there, until all are there or Ctrl-C."""
    clock = Clock(journal.rows.values(), (task.asked for task in to_do), team.hands)
    left = len(to_do)
    with interrupts.held() as stop, team:
        while left and not stop.is_set():
            row = team.next(TICK_S)
            if row is not None:
                journal.add(row)
                clock.ended(row)
                left -= 1
            if progress is not None:
                running = team.running()
                asked = tuple(asked for asked, _ in running)
                progress(Pace(len(tasks) - left, len(tasks), asked, clock.left_s(running)))


def _notes(rows: Sequence[Row]) -> tuple[str, ...]:
    """Rows of several versions of this package are not quite comparable."""
    versions = sorted({row.versions.get("partload", "?") for row in rows})
    if len(versions) < 2:
        return ()
    return (f"rows were made by partload {', '.join(versions)}; delete those lines of the file to run them again",)
