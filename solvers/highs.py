"""The engine HiGHS: solves MILPs, and can be stopped at any moment without losing what it has found."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import math
import time
from typing import Any

import highspy
import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from solvers import interrupts
from solvers.engines import Answer, Budget, Sighting, begun, watched
from solvers.matrix import MatrixForm, matrix_form

TOLERANCE = 1e-9
"""Of constraints and integrality. The default, 1e-6, would accept plans that end late by more than a checker allows."""

PATIENCE_S = 1.0
"""How long to wait when it is to stop; HiGHS was seen not to look for half a minute, at the root of a search."""


@dataclasses.dataclass
class MilpOutcome:
    """What a run ended with."""

    values: NDArray[np.float64] | None
    """Best point found, shape (C,); None when there is none."""
    bound: float
    """Upper bound on the objective; infinite when nothing is proved."""
    finished: bool
    """Whether the gap asked for was proved."""


def version() -> str:
    """Name and version of the solver."""
    return f"HiGHS {importlib.metadata.version('highspy')}"


def solve(model: pyo.ConcreteModel, budget: Budget) -> Answer:
    """Solve a linear Pyomo model and leave the best point in its variables.

    Raises TimeUpError before there is a bound.
    """
    started = time.perf_counter()
    with interrupts.expiring(budget.time_limit):
        form = matrix_form(model)
    if len(form.cost) == 0:  # Nothing is to be decided.
        return Answer(True, form.offset, True)
    result = maximise(form, budget.less(time.perf_counter() - started))
    if result.values is not None:
        form.assign(result.values)
    return Answer(result.values is not None, result.bound, result.finished)


def maximise(form: MatrixForm, budget: Budget | None = None) -> MilpOutcome:
    """Run HiGHS on a model; without a budget, to the end."""
    budget = budget or Budget()
    solver = highspy.Highs()
    options: dict[str, Any] = {
        "output_flag": False,
        "mip_rel_gap": budget.gap,
        "mip_abs_gap": budget.absolute_gap,
        "mip_feasibility_tolerance": TOLERANCE,
        "primal_feasibility_tolerance": TOLERANCE,
        "dual_feasibility_tolerance": TOLERANCE,
    }
    if budget.time_limit is not None:
        options["time_limit"] = budget.time_limit
    if budget.seed is not None:
        options["random_seed"] = budget.seed
    for name, value in options.items():
        if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise ValueError(f"HiGHS refuses {name} = {value!r}")
    solver.passModel(_lp(form))
    watch = _Watch(form, solver, budget)
    watch.run()
    return watch.outcome()


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


class _Watch:
    """One run, watched: callbacks write down incumbent and bound as they come."""

    def __init__(self, form: MatrixForm, solver: highspy.Highs, budget: Budget) -> None:
        self.form = form
        self.solver = solver
        self.budget = budget
        self.values: NDArray[np.float64] | None = None
        self.seen = Sighting()
        self.ended = False

    def run(self) -> None:
        """Solve to the end, or until asked to stop."""
        self.solver.cbMipImprovingSolution.subscribe(self._improved)
        self.solver.cbMipInterrupt.subscribe(self._asked)
        self.solver.cbSimplexInterrupt.subscribe(self._asked_in_simplex)
        self.ended = watched(begun(self.solver.run), self.budget, self.seen, self.budget.stop.set, PATIENCE_S)

    def outcome(self) -> MilpOutcome:
        """Incumbent and bound after the run, from the solver itself where it has stopped."""
        if not self.ended:
            return MilpOutcome(self.values, self.seen.bound, False)
        status, info = self.solver.getModelStatus(), self.solver.getInfo()
        finished = status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty)
        values = self.values
        if finished or info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
            values = np.array(self.solver.getSolution().col_value, dtype=float)
        bound = self.seen.bound
        if finished and not self.form.integer.any():
            bound = info.objective_function_value
        elif info.mip_node_count >= 0 and math.isfinite(info.mip_dual_bound):  # -1: stopped before the search began
            bound = min(bound, info.mip_dual_bound)
        return MilpOutcome(values, bound, finished)

    def _improved(self, event: Any) -> None:
        self.values = np.array(event.data_out.mip_solution, dtype=float)
        self.seen.incumbent = float(event.data_out.objective_function_value)

    def _asked(self, event: Any) -> None:
        bound = float(event.data_out.mip_dual_bound)
        if math.isfinite(bound):
            self.seen.bound = min(self.seen.bound, bound)
        if self.budget.stop.is_set():
            event.data_in.user_interrupt = True

    def _asked_in_simplex(self, event: Any) -> None:
        if self.budget.stop.is_set():
            event.data_in.user_interrupt = True
