"""HiGHS as a solver of MILPs that can be watched and stopped at any moment without losing what it has found.

HiGHS runs in a thread of its own; the calling thread waits, reports, and hears Ctrl-C.
"""

from __future__ import annotations

import dataclasses
import math
import threading
import time
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from solvers.matrix import MatrixForm
from solvers.progress import Listener, Progress

TOLERANCE = 1e-9
"""Of constraints and integrality. The default, 1e-6, would accept plans that end late by more than a checker allows."""
POLL_S = 0.05
REPORT_S = 1.0


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
    return f"HiGHS {highspy.Highs().version()}"


def maximise(
    form: MatrixForm,
    *,
    time_limit: float | None = None,
    gap: float = 0.0,
    absolute_gap: float = 0.0,
    seed: int | None = None,
    listener: Listener | None = None,
    since: float | None = None,
    stop: threading.Event | None = None,
) -> MilpOutcome:
    """Run HiGHS on a model.

    Parameters
    ----------
    form
        The model.
    time_limit
        Seconds for this run; None for no limit.
    gap, absolute_gap
        Relative and absolute difference between bound and incumbent at which to stop.
    seed
        Random seed; None for the solver's default.
    listener
        Called about once a second.
    since
        ``time.perf_counter()`` at the start of the whole solve, for the listener; None for now.
    stop
        Set it to end the run early.
    """
    solver = highspy.Highs()
    options: dict[str, Any] = {
        "output_flag": False,
        "mip_rel_gap": gap,
        "mip_abs_gap": absolute_gap,
        "mip_feasibility_tolerance": TOLERANCE,
        "primal_feasibility_tolerance": TOLERANCE,
        "dual_feasibility_tolerance": TOLERANCE,
    }
    if time_limit is not None:
        options["time_limit"] = time_limit
    if seed is not None:
        options["random_seed"] = seed
    for name, value in options.items():
        if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise ValueError(f"HiGHS refuses {name} = {value!r}")
    solver.passModel(_lp(form))
    watch = _Watch(form, solver, stop or threading.Event())
    watch.run(listener, time.perf_counter() if since is None else since)
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

    def __init__(self, form: MatrixForm, solver: highspy.Highs, stop: threading.Event) -> None:
        self.form = form
        self.solver = solver
        self.stop = stop
        self.values: NDArray[np.float64] | None = None
        self.incumbent: float | None = None
        self.bound = math.inf

    def run(self, listener: Listener | None, since: float) -> None:
        """Solve to the end, or until asked to stop."""
        self.solver.cbMipImprovingSolution.subscribe(self._improved)
        self.solver.cbMipInterrupt.subscribe(self._asked)
        self.solver.cbSimplexInterrupt.subscribe(self._asked_in_simplex)
        worker = threading.Thread(target=self.solver.run, daemon=True)
        reported = time.perf_counter()
        worker.start()
        while worker.is_alive():
            worker.join(POLL_S)
            now = time.perf_counter()
            if listener is not None and now - reported >= REPORT_S:
                reported = now
                bound = self.bound if math.isfinite(self.bound) else None
                listener(Progress(now - since, self.incumbent, bound))

    def outcome(self) -> MilpOutcome:
        """Incumbent and bound after the run, from the solver itself where it still has them."""
        status, info = self.solver.getModelStatus(), self.solver.getInfo()
        finished = status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty)
        values = self.values
        if finished or info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
            values = np.array(self.solver.getSolution().col_value, dtype=float)
        bound = self.bound
        if finished and not self.form.integer.any():
            bound = info.objective_function_value
        elif info.mip_node_count >= 0 and math.isfinite(info.mip_dual_bound):  # -1: stopped before the search began
            bound = min(bound, info.mip_dual_bound)
        return MilpOutcome(values, bound, finished)

    def _improved(self, event: Any) -> None:
        self.values = np.array(event.data_out.mip_solution, dtype=float)
        self.incumbent = float(event.data_out.objective_function_value)

    def _asked(self, event: Any) -> None:
        bound = float(event.data_out.mip_dual_bound)
        if math.isfinite(bound):
            self.bound = min(self.bound, bound)
        if self.stop.is_set():
            event.data_in.user_interrupt = True

    def _asked_in_simplex(self, event: Any) -> None:
        if self.stop.is_set():
            event.data_in.user_interrupt = True
