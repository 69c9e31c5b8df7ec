"""The solvers that methods hand their models to: what may be asked of one, what it gives back, and how it is watched.

An engine is a module with

- ``version() -> str``: name and version of the solver;
- ``solve(model, budget) -> Answer``: solve a Pyomo model with one objective, to be maximised, and leave the values of
  the best point in its variables; raises ``TimeUpError`` when the time is up before the solver has the model.

It works in a thread of its own, so that the calling thread can report, hear Ctrl-C, and stop it.
"""

from __future__ import annotations

import dataclasses
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from types import ModuleType

from instances import extras
from solvers.progress import Listener, Progress

ENGINES = {"highs": "solvers.highs", "scip": "solvers.scip"}
"""The module of each, by the name under which they are asked for."""
POLL_S = 0.05
REPORT_S = 1.0


@dataclasses.dataclass(frozen=True)
class Budget:
    """What one run may take, and who watches it."""

    time_limit: float | None = None
    """Seconds for this run; None for no limit."""
    gap: float = 0.0
    """Relative difference between bound and incumbent at which to stop."""
    absolute_gap: float = 0.0
    """The same, absolute."""
    seed: int | None = None
    """Random seed; None for the solver's default."""
    listener: Listener | None = None
    """Called about once a second."""
    since: float = dataclasses.field(default_factory=time.perf_counter)
    """``time.perf_counter()`` at the start of the whole solve, for the listener."""
    stop: threading.Event = dataclasses.field(default_factory=threading.Event)
    """Set it to end the run early."""

    def less(self, seconds: float) -> Budget:
        """What is left of it after so many seconds."""
        left = None if self.time_limit is None else max(self.time_limit - seconds, 0.0)
        return dataclasses.replace(self, time_limit=left)


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a run ended with."""

    found: bool
    """Whether there is a point; its values are in the variables of the model."""
    bound: float
    """Upper bound on the objective; infinite when nothing is proved."""
    finished: bool
    """Whether the gap asked for was proved."""


@dataclasses.dataclass
class Sighting:
    """How far a running engine is; it writes, the watching thread reads."""

    incumbent: float | None = None
    bound: float = math.inf


def load(name: str) -> ModuleType:
    """Import an engine by its name, a key of ``ENGINES``.

    Raises
    ------
    InputError
        When its solver is not installed.
    """
    return extras.load(ENGINES[name], f"solver {name}")


def begun(work: Callable[[], object]) -> Future[None]:
    """Begin an engine's work in a thread of its own, which nobody has to wait for, not even the end of the process."""
    running: Future[None] = Future()

    def run() -> None:
        try:
            work()
            running.set_result(None)
        except BaseException as error:
            running.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return running


def watched(
    running: Future[None], budget: Budget, seen: Sighting, halt: Callable[[], object], patience_s: float = math.inf
) -> bool:
    """Report what is seen of an engine's running work, and ``halt`` it when it is to stop.

    What goes wrong in the work is raised here; what goes wrong in the listener stops the work.

    Returns
    -------
    Whether the work has ended. Some engines do not look for a long time whether they are to stop; after ``patience_s``
    they are left to themselves, and what was seen of them is all there is.
    """
    reported = time.perf_counter()
    asked_at = math.inf
    try:
        while not wait([running], POLL_S).done:
            now = time.perf_counter()
            if budget.stop.is_set():
                halt()
                asked_at = min(asked_at, now)
                if now - asked_at > patience_s:
                    return False
            if budget.listener is not None and now - reported >= REPORT_S:
                reported = now
                bound = seen.bound if math.isfinite(seen.bound) else None
                budget.listener(Progress(now - budget.since, seen.incumbent, bound))
    except BaseException:
        budget.stop.set()
        halt()
        raise
    running.result()
    return True
