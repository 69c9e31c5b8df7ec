"""The engine HiGHS: solves LPs and MILPs."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import math
import time
from collections.abc import Callable

import highspy
import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from partload.solvers.engines.engine import Answer, Budget, End, EngineError, Unwatched, Watcher
from partload.solvers.engines.matrix import MatrixForm, matrix_form
from partload.solvers.engines.negligible import without_negligible
from partload.solvers.engines.reordering import reordered

LEAST_COEFFICIENT, GREATEST_COEFFICIENT = 1e-5, 1e3
"""Beyond these a model is solved twice, without presolve and then with it, in another order of rows and columns. HiGHS
1.16 was seen to prove less than a plan serves there: for up to a tenth of the orders of one model, with presolve on
some models and without it on others. That both runs go wrong was not seen."""
ANOTHER_ORDER = 1
"""Seed of the other order."""
TOLERANCE = 1e-9
"""Of constraints and integrality. The default, 1e-6, would accept plans that end late by more than a checker allows."""

FINISHED = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty)
STOPPED = (
    highspy.HighsModelStatus.kTimeLimit,
    highspy.HighsModelStatus.kIterationLimit,
    highspy.HighsModelStatus.kSolutionLimit,
    highspy.HighsModelStatus.kInterrupt,
)


@dataclasses.dataclass(frozen=True)
class MilpOutcome:
    """What a run ended with."""

    values: NDArray[np.float64] | None
    """Best point found, shape (C,); None when there is none."""
    end: End
    bound: float
    """Upper bound on the objective; infinite when nothing is proved, minus infinity when there is no point."""
    nodes: int | None = None
    """Nodes of the search tree; None for an LP, and when the search did not begin."""

    @property
    def finished(self) -> bool:
        """Whether the gap asked for was proved."""
        return self.end == "finished"


def version() -> str:
    """Name and version of the solver; constructing one would print its banner."""
    return f"HiGHS {importlib.metadata.version('highspy')}"


def solve(model: pyo.ConcreteModel, budget: Budget, watcher: Watcher | None = None) -> Answer:
    """Solve a linear Pyomo model and leave the best point in its variables.

    Raises
    ------
    EngineError
        When HiGHS refuses the model, or ends in a way that proves nothing.
    """
    form = matrix_form(model)
    if len(form.cost) == 0:  # Nothing is to be decided.
        possible = not np.any(form.row_lower > 0) and not np.any(form.row_upper < 0)
        return Answer("finished", True, form.offset) if possible else Answer("infeasible", False, -math.inf)
    watcher = watcher or Unwatched()

    def improved(values: NDArray[np.float64]) -> None:
        form.assign(values)
        watcher.improved()

    outcome = maximise(form, budget, improved, watcher.bounded)
    if outcome.values is not None:
        form.assign(outcome.values)
    return Answer(outcome.end, outcome.values is not None, outcome.bound, outcome.nodes)


def maximise(
    form: MatrixForm,
    budget: Budget | None = None,
    improved: Callable[[NDArray[np.float64]], object] = lambda values: None,
    bounded: Callable[[float], object] = lambda bound: None,
) -> MilpOutcome:
    """Run HiGHS on a model; without a budget, to the end.

    Parameters
    ----------
    form
        The model.
    budget
        Limits.
    improved
        Called with each better point, shape (C,).
    bounded
        Called with each better upper bound.

    Raises
    ------
    EngineError
        When HiGHS refuses the model, or ends in a way that proves nothing.
    """
    budget, form = budget or Budget(), without_negligible(form)
    if _is_well_scaled(form):
        return _run(form, budget, improved, bounded)
    return _twice(form, budget, improved, bounded)


def _twice(
    form: MatrixForm,
    budget: Budget,
    improved: Callable[[NDArray[np.float64]], object],
    bounded: Callable[[float], object],
) -> MilpOutcome:
    """Run HiGHS in two ways, and believe the weaker of the two bounds; the first run has half of the time."""
    since = time.perf_counter()
    half = None if budget.time_limit is None else budget.time_limit / 2
    first = _run(form, dataclasses.replace(budget, time_limit=half), improved, lambda bound: None, presolve=False)
    left = None if budget.time_limit is None else max(budget.time_limit - (time.perf_counter() - since), 0.0)
    other = reordered(form, ANOTHER_ORDER)
    second = _run(
        other.form,
        dataclasses.replace(budget, time_limit=left),
        lambda values: improved(other.restored(values)),
        lambda bound: bounded(max(bound, first.bound)),
    )
    points = [] if first.values is None else [first.values]
    points += [] if second.values is None else [other.restored(second.values)]
    ends = (first.end, second.end)
    end: End = "stopped" if "stopped" in ends else "finished" if points else "infeasible"
    return MilpOutcome(
        max(points, key=lambda point: float(form.cost @ point), default=None),
        end,
        max(first.bound, second.bound),
        None if second.nodes is None else second.nodes + (first.nodes or 0),
    )


def _run(
    form: MatrixForm,
    budget: Budget,
    improved: Callable[[NDArray[np.float64]], object],
    bounded: Callable[[float], object],
    *,
    presolve: bool = True,
) -> MilpOutcome:
    """One run of HiGHS."""
    highspy.Highs.resetGlobalScheduler(True)  # With as many threads as a run by itself, whatever ran here before.
    solver = highspy.Highs()
    options: dict[str, bool | float | int | str] = {
        "output_flag": False,
        "mip_rel_gap": budget.gap,
        "mip_abs_gap": budget.absolute_gap,
        "mip_feasibility_tolerance": TOLERANCE,
        "primal_feasibility_tolerance": TOLERANCE,
        "dual_feasibility_tolerance": TOLERANCE,
    }
    if not presolve:
        options["presolve"] = "off"
    if budget.time_limit is not None:
        options["time_limit"] = budget.time_limit
    if budget.seed is not None:
        options["random_seed"] = budget.seed
    for name, value in options.items():
        if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise EngineError(f"HiGHS refuses {name} = {value!r}")
    if solver.passModel(_lp(form)) == highspy.HighsStatus.kError:
        raise EngineError("HiGHS refuses the model: it has numbers that are too large or too small together")
    seen = math.inf

    def found(event: highspy.HighsCallbackEvent) -> None:
        improved(np.array(event.data_out.mip_solution, dtype=float))

    def looked(event: highspy.HighsCallbackEvent) -> None:
        nonlocal seen
        bound = float(event.data_out.mip_dual_bound)
        if math.isfinite(bound) and bound < seen:
            seen = bound
            bounded(bound)

    solver.cbMipImprovingSolution.subscribe(found)
    solver.cbMipInterrupt.subscribe(looked)
    if solver.run() == highspy.HighsStatus.kError:
        raise EngineError(f"HiGHS ended with an error, its status is {_text(solver)}")
    return _outcome(form, solver, seen)


def _is_well_scaled(form: MatrixForm) -> bool:
    """Whether one run of HiGHS is enough."""
    size = np.abs(form.value[form.value != 0])
    return not len(size) or bool(size.min() >= LEAST_COEFFICIENT and size.max() <= GREATEST_COEFFICIENT)


def _lp(form: MatrixForm) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(form.cost), len(form.row_lower)
    lp.col_cost_, lp.offset_, lp.sense_ = form.cost, form.offset, highspy.ObjSense.kMaximize
    lp.col_lower_, lp.col_upper_ = form.lower, form.upper
    lp.row_lower_, lp.row_upper_ = form.row_lower, form.row_upper
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[integer] for integer in form.integer.tolist()]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = lp.num_col_, lp.num_row_
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = form.start, form.index, form.value
    return lp


def _outcome(form: MatrixForm, solver: highspy.Highs, seen: float) -> MilpOutcome:
    """Point and bound after a run, given the least bound seen during it."""
    status, info = solver.getModelStatus(), solver.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        return MilpOutcome(None, "infeasible", -math.inf)
    if status not in (*FINISHED, *STOPPED):
        raise EngineError(f"HiGHS proves nothing, its status is {_text(solver)}")
    finished = status in FINISHED
    values = None
    if finished or info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        values = np.array(solver.getSolution().col_value, dtype=float)
    bound = seen
    if not form.integer.any():
        bound = info.objective_function_value if finished else math.inf
    elif info.mip_node_count >= 0 and math.isfinite(info.mip_dual_bound):  # -1: stopped before the search began
        bound = min(bound, info.mip_dual_bound)
    nodes = info.mip_node_count if form.integer.any() and info.mip_node_count >= 0 else None
    return MilpOutcome(values, "finished" if finished else "stopped", bound, nodes)


def _text(solver: highspy.Highs) -> str:
    return repr(str(solver.modelStatusToString(solver.getModelStatus())))
