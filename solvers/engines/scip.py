"""The engine SCIP: solves MILPs and, globally, MINLPs; Pyomo's interface ``scip_direct`` translates the model."""

from __future__ import annotations

import math

import pyomo.environ as pyo
import pyscipopt
from pyomo.common.timing import HierarchicalTimer
from pyomo.contrib.solver.common.solution_loader import SolutionLoader
from pyomo.contrib.solver.solvers.scip.scip_direct import ScipDirect
from pyomo.core.expr.visitor import identify_variables

from partload.solvers.engines.engine import Answer, Budget, End, EngineError, Unwatched, Watcher

TOLERANCE = 1e-9
"""Of constraints and integrality; the default, 1e-6, is coarser than the checker."""
FINISHED = ("optimal", "gaplimit")
"""Statuses with which the gap asked for is reached."""
STOPPED = ("timelimit", "userinterrupt", "memlimit", "nodelimit", "totalnodelimit", "stallnodelimit", "terminate")
WATCHED = pyscipopt.SCIP_EVENTTYPE.BESTSOLFOUND | pyscipopt.SCIP_EVENTTYPE.NODESOLVED


def version() -> str:
    """Name and version of the solver."""
    model = pyscipopt.Model()
    return f"SCIP {model.getMajorVersion()}.{model.getMinorVersion()}.{model.getTechVersion()}"


def solve(model: pyo.ConcreteModel, budget: Budget, watcher: Watcher | None = None) -> Answer:
    """Solve a Pyomo model, linear or not, and leave the best point in its variables.

    Raises
    ------
    EngineError
        When SCIP ends in a way that proves nothing.
    """
    program, loader = _Translation().of(model)
    for name, value in _options(budget, _is_discrete(model)).items():
        program.setParam(name, value)
    program.includeEventhdlr(_Watch(watcher or Unwatched(), loader), "watch", "tells of incumbents and bounds")
    program.optimizeNogil()
    status, found, bound = program.getStatus(), program.getNSols() > 0, float(program.getDualbound())
    if found:
        _assign(loader)
    infinity, nodes = program.infinity(), int(program.getNTotalNodes())
    program.freeProb()  # Now, and not whenever Python collects its garbage, in whatever thread.
    if status in ("infeasible", "inforunbd") and not found:
        return Answer("infeasible", False, -math.inf)
    if status not in (*FINISHED, *STOPPED):
        raise EngineError(f"SCIP proves nothing, its status is {status!r}")
    end: End = "finished" if status in FINISHED else "stopped"
    return Answer(end, found, bound if bound < infinity else math.inf, nodes)


def _assign(loader: SolutionLoader) -> None:
    """Give the Pyomo variables the values of SCIP's best solution; integer ones are rounded."""
    for variable, value in loader.get_vars().items():
        variable.set_value(round(value) if variable.is_integer() else value, skip_validation=True)


def _is_discrete(model: pyo.ConcreteModel) -> bool:
    """Whether the objective is made of integer variables alone, so that an error of next to nothing is worth a unit."""
    (objective,) = model.component_data_objects(pyo.Objective, active=True)
    return all(variable.is_integer() for variable in identify_variables(objective.expr))


def _options(budget: Budget, discrete: bool) -> dict[str, bool | float | int]:
    options: dict[str, bool | float | int] = {
        "display/verblevel": 0,
        "misc/catchctrlc": False,
        "limits/gap": budget.gap,
        "limits/absgap": budget.absolute_gap,
        "numerics/feastol": TOLERANCE,
        # Dual reductions put variables on the edge of what is feasible. A rounding error then made SCIP 10.0 prove 0
        # where the optimum is 1 (strong ones), and find nothing feasible where serving nobody is (weak ones). A
        # continuous objective only changes by as little, and without weak ones SCIP may not end.
        "misc/allowstrongdualreds": False,
        "misc/allowweakdualreds": not discrete,
        "constraints/nonlinear/tightenlpfeastol": False,  # SoPlex cannot go below, and says so on standard error.
    }
    if budget.time_limit is not None:
        options["limits/time"] = budget.time_limit
    if budget.seed is not None:
        options["randomization/randomseedshift"] = budget.seed
    return options


class _Translation(ScipDirect):
    """Pyomo's translation without its way of running SCIP, which cannot be watched."""

    def of(self, model: pyo.ConcreteModel) -> tuple[pyscipopt.Model, SolutionLoader]:
        """SCIP's model, and the loader of its solutions."""
        program, loader, _ = self._create_solver_model(model, self.config({"timer": HierarchicalTimer()}))
        return program, loader


class _Watch(pyscipopt.Eventhdlr):
    """Tells the watcher what SCIP has found and proved."""

    def __init__(self, watcher: Watcher, loader: SolutionLoader) -> None:
        self.watcher = watcher
        self.loader = loader
        self.least = math.inf

    def eventinit(self) -> None:
        """Ask for the events."""
        self.model.catchEvent(WATCHED, self)

    def eventexit(self) -> None:
        """Ask for no more."""
        self.model.dropEvent(WATCHED, self)

    def eventexec(self, event: pyscipopt.scip.Event) -> None:
        """Report a better bound and a better solution."""
        bound = float(self.model.getDualbound())
        if bound < min(self.least, self.model.infinity()):
            self.least = bound
            self.watcher.bounded(bound)
        if event.getType() & pyscipopt.SCIP_EVENTTYPE.BESTSOLFOUND:
            _assign(self.loader)
            self.watcher.improved()
