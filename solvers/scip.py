"""The engine SCIP: solves MILPs and, globally, MINLPs; Pyomo's interface ``scip_direct`` translates the model.

SCIP is watched through its events, which are also what brings incumbents and bounds out while it runs.
"""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyomo.environ as pyo
import pyscipopt
from pyomo.common.timing import HierarchicalTimer
from pyomo.contrib.solver.solvers.scip.scip_direct import ScipDirect

from solvers import interrupts
from solvers.engines import Answer, Budget, Sighting, watched

TOLERANCE = 1e-9
"""Of constraints and integrality; the default, 1e-6, is coarser than the checker."""
PROVED = ("optimal", "gaplimit")
"""Statuses with which the gap asked for is reached."""
WORKER = ThreadPoolExecutor(1)
"""One thread for all runs: the derivatives in SCIP (CppAD) have room for 48 threads in the life of a process, and crash
after that; and its linear algebra (MUMPS) is not made for two at a time."""
WATCHED = pyscipopt.SCIP_EVENTTYPE.BESTSOLFOUND | pyscipopt.SCIP_EVENTTYPE.NODESOLVED


def version() -> str:
    """Name and version of the solver."""
    model = pyscipopt.Model()
    return f"SCIP {model.getMajorVersion()}.{model.getMinorVersion()}.{model.getTechVersion()}"


def solve(model: pyo.ConcreteModel, budget: Budget) -> Answer:
    """Solve a Pyomo model, linear or not, and leave the best point in its variables.

    Raises TimeUpError before there is a bound.
    """
    started = time.perf_counter()
    with interrupts.expiring(budget.time_limit):
        program, loader = _Translation().of(model)
    for name, value in _options(budget.less(time.perf_counter() - started)).items():
        program.setParam(name, value)
    seen = Sighting()
    program.includeEventhdlr(_Watch(seen), "watch", "writes down incumbent and bound")
    watched(WORKER.submit(program.optimizeNogil), budget, seen, halt=program.interruptSolve)
    found = program.getNSols() > 0
    if found:
        for variable, value in loader.get_vars().items():
            variable.set_value(round(value) if variable.is_integer() else value, skip_validation=True)
    bound = float(program.getDualbound())
    answer = Answer(found, bound if bound < program.infinity() else math.inf, program.getStatus() in PROVED)
    program.freeProb()  # Now, and not whenever Python collects its garbage, in whatever thread.
    return answer


def _options(budget: Budget) -> dict[str, Any]:
    options: dict[str, Any] = {
        "display/verblevel": 0,
        "misc/catchctrlc": False,  # The calling thread hears Ctrl-C.
        "limits/gap": budget.gap,
        "limits/absgap": budget.absolute_gap,
        "numerics/feastol": TOLERANCE,
        "constraints/nonlinear/tightenlpfeastol": False,  # SoPlex cannot go below, and says so on standard error.
    }
    if budget.time_limit is not None:
        options["limits/time"] = budget.time_limit
    if budget.seed is not None:
        options["randomization/randomseedshift"] = budget.seed
    return options


class _Translation(ScipDirect):
    """Pyomo's translation without its way of running SCIP, which cannot be watched or stopped."""

    def of(self, model: pyo.ConcreteModel) -> tuple[pyscipopt.Model, Any]:
        """SCIP's model, and the loader of its solutions."""
        program, loader, _ = self._create_solver_model(model, self.config({"timer": HierarchicalTimer()}))
        return program, loader


class _Watch(pyscipopt.Eventhdlr):
    """Writes down what SCIP has found and proved."""

    def __init__(self, seen: Sighting) -> None:
        self.seen = seen

    def eventinit(self) -> None:
        """Ask for the events."""
        self.model.catchEvent(WATCHED, self)

    def eventexit(self) -> None:
        """Ask for no more."""
        self.model.dropEvent(WATCHED, self)

    def eventexec(self, event: Any) -> None:
        """Look at both values."""
        if self.model.getNSols() > 0:
            self.seen.incumbent = float(self.model.getPrimalbound())
        bound = float(self.model.getDualbound())
        if bound < self.model.infinity():
            self.seen.bound = min(self.seen.bound, bound)
