"""The solvers that methods hand their models to: what may be asked of one, what it gives back, and how it is watched.

An engine is a module with

- ``version() -> str``: name and version of the solver;
- ``solve(model, budget, watcher) -> Answer``: solve a Pyomo model with one objective, to be maximised, and leave the
  values of the best point in its variables.

Engines print, crash, ignore requests to stop, and leave threads behind. So they only run in processes of their own
(``partload.solvers.exact.driver``), which are ended from outside when the time is up; nothing here has to be stoppable.
"""

from __future__ import annotations

import dataclasses
from types import ModuleType
from typing import Literal, Protocol

from partload.instances import extras

ENGINES = {"highs": "partload.solvers.engines.highs", "scip": "partload.solvers.engines.scip"}
"""The module of each, by the name under which they are asked for."""
LIBRARIES = {"highs": "highspy", "scip": "pyscipopt"}
"""What each needs."""


End = Literal["finished", "infeasible", "stopped"]
"""Of a run: proved to the gap asked for; proved that there is no point; stopped by the limit."""


class EngineError(Exception):
    """An engine refused a model, or ended in a way that proves nothing."""


@dataclasses.dataclass(frozen=True)
class Budget:
    """What one run may take."""

    time_limit: float | None = None
    """Seconds for this run; None for no limit."""
    gap: float = 0.0
    """Relative difference between bound and incumbent at which to stop."""
    absolute_gap: float = 0.0
    """The same, absolute, in units of the objective."""
    seed: int | None = None
    """Random seed; None for the solver's default."""


class Watcher(Protocol):
    """Is told how far a running engine is."""

    def improved(self) -> None:
        """A better point was found; its values are in the variables of the model."""

    def bounded(self, value: float) -> None:
        """No point is worth more than this, in units of the objective."""


class Unwatched:
    """A watcher that does nothing."""

    def improved(self) -> None:
        """Nothing."""

    def bounded(self, value: float) -> None:
        """Nothing."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a run ended with."""

    end: End
    found: bool
    """Whether there is a point; its values are in the variables of the model."""
    bound: float
    """Upper bound on the objective; infinite when nothing is proved, minus infinity when there is no point."""
    nodes: int | None = None
    """Nodes of the search tree; None when the solver counted none."""


def ensure(name: str) -> None:
    """Raise InputError, naming the extra, when the solver of an engine is not installed; does not import it."""
    extras.ensure(LIBRARIES[name], f"solver {name}")


def load(name: str) -> ModuleType:
    """Import an engine by its name, a key of ``ENGINES``.

    Raises
    ------
    InputError
        When its solver is not installed.
    """
    return extras.load(ENGINES[name], f"solver {name}")
