"""The master LP on HiGHS: legs as columns, rows as they come. Its answers are guesses; ``bounds`` makes proofs of them.

    maximise   sum v x
    time       sum t x <= LATEST_END
    visits     fewest <= sum x <= most
    start      sum of x over arcs from the start <= 1
    into i     least_i <= sum of x over arcs into i <= 1
    follow i   sum of x over arcs out of i <= sum of x over arcs into i
    rows       cuts and branching rows

A row with a lower limit has a column of its own that fills it at a price beyond all profits, so the LP always has a
solution, and prices that tell how hopeless a part of the search tree is.

HiGHS minimises, so profits are negative here. One LP serves the whole search tree: a part of it is a choice of limits
of rows and of columns that are switched off.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import highspy
import numpy as np

from partload.solvers.engines.engine import EngineError
from partload.solvers.partial_loading.dynamic.knapsack_programme import LATEST_END
from partload.solvers.partial_loading.sequence.bounds import Demand, Prices
from partload.solvers.partial_loading.sequence.legs import Flags, Legs
from partload.solvers.partial_loading.sequence.network import Floats, Network
from partload.solvers.partial_loading.sequence.rows import Row

TIME, VISITS, START, FIRST_INTO = 0, 1, 2, 3
"""Positions of rows."""
TIME_UNIT = 1e-2
"""Unit of time in the LP, in deadlines: the solver's absolute tolerance is then far below the checker's."""
TOLERANCE = 1e-9
"""Of the solver, absolute."""


@dataclasses.dataclass(frozen=True)
class Relaxed:
    """What the LP says."""

    value: float
    """Requests served."""
    use: Floats
    """x of each column, shape (C,)."""
    arc: Floats
    """How often each arc is used, shape (A,)."""
    prices: Prices
    into: Floats
    """Prices of the rows into each model, shape (N,)."""


class Master:
    """The LP with the columns and rows added so far."""

    def __init__(self, network: Network) -> None:
        self.network = network
        nodes = network.nodes
        self.first_row = FIRST_INTO + 2 * nodes
        self.penalty = 10.0 * network.units
        self.place = np.zeros(0, np.int32)
        """Position in the LP of each column that is a leg."""
        self.columns = Legs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
        self.rows: list[Row] = []
        # HiGHS refuses to run with another number of threads than an earlier run in this process had.
        highspy.Highs.resetGlobalScheduler(True)
        self.solver = highspy.Highs()
        for name, setting in (
            ("output_flag", False),
            ("presolve", "off"),
            ("threads", 1),
            ("primal_feasibility_tolerance", TOLERANCE),
            ("dual_feasibility_tolerance", TOLERANCE),
        ):
            if self.solver.setOptionValue(name, setting) != highspy.HighsStatus.kOk:
                raise EngineError(f"HiGHS refuses {name} = {setting!r}")
        free = highspy.kHighsInf
        lower = np.full(self.first_row, -free)
        upper = np.concatenate(([LATEST_END / TIME_UNIT, nodes, 1.0], np.ones(nodes), np.zeros(nodes)))
        none = np.zeros(self.first_row, np.int32)
        self.solver.addRows(self.first_row, lower, upper, 0, none, none[:0], np.zeros(0))
        for row in (VISITS, *range(FIRST_INTO, FIRST_INTO + nodes)):
            self._fill_up(row)

    def _fill_up(self, row: int) -> None:
        """Add the column that fills a row with a lower limit."""
        self.solver.addCol(self.penalty, 0.0, highspy.kHighsInf, 1, np.array([row], np.int32), np.ones(1))

    def add_columns(self, legs: Legs) -> None:
        """Add legs as columns."""
        if not len(legs):
            return
        network, nodes, count = self.network, self.network.nodes, len(legs)
        tail, head = network.tail[legs.arc], network.head[legs.arc]
        ones = np.ones(count)
        at = np.arange(count)
        follows, starts = tail < nodes, tail == network.start
        entries = [
            (at, np.full(count, TIME), legs.time / TIME_UNIT),
            (at, np.full(count, VISITS), ones),
            (at, FIRST_INTO + head, ones),
            (at, FIRST_INTO + nodes + head, -ones),
            (at[follows], FIRST_INTO + nodes + tail[follows], ones[follows]),
            (at[starts], np.full(int(starts.sum()), START), ones[starts]),
        ]
        if self.rows:
            block = np.array([row.coefficient for row in self.rows])[:, legs.arc]
            row, column = np.nonzero(block)
            entries.append((column, self.first_row + row, block[row, column]))
        column, row, value = (np.concatenate(parts) for parts in zip(*entries))
        order = np.argsort(column, kind="stable")
        begin = np.searchsorted(column[order], np.arange(count))
        place = self.solver.getNumCol() + at
        self.place = np.concatenate((self.place, place.astype(np.int32)))
        self.solver.addCols(
            count,
            -legs.count.astype(float),
            np.zeros(count),
            ones,
            len(order),
            begin.astype(np.int32),
            row[order].astype(np.int32),
            value[order],
        )
        self.columns = Legs(
            np.concatenate((self.columns.arc, legs.arc)),
            np.concatenate((self.columns.count, legs.count)),
            np.concatenate((self.columns.time, legs.time)),
        )

    def add_rows(self, rows: Sequence[Row]) -> None:
        """Add rows."""
        for row in rows:
            value = row.coefficient[self.columns.arc]
            column = np.flatnonzero(value)
            self.solver.addRow(row.lower, row.upper, len(column), self.place[column], value[column])
            self.rows.append(row)
            if row.lower > -math.inf:
                self._fill_up(self.solver.getNumRow() - 1)

    def limit(self, demand: Demand, rows: Sequence[Row], allowed: Flags) -> None:
        """Restrict the LP to a part of the search tree: limits of rows, and which columns are allowed, shape (C,)."""
        self.solver.changeRowBounds(VISITS, float(demand.fewest), float(demand.most))
        for node, least in enumerate(demand.least.tolist()):
            self.solver.changeRowBounds(FIRST_INTO + node, float(least), 1.0)
        for number, row in enumerate(rows):
            if row.lower > -math.inf:
                self.solver.changeRowBounds(self.first_row + number, row.lower, row.upper)
        count = len(self.columns)
        self.solver.changeColsBounds(count, self.place, np.zeros(count), allowed.astype(float))

    def _run(self) -> None:
        if self.solver.run() == highspy.HighsStatus.kError:
            raise EngineError("HiGHS ended with an error on an LP")

    def solve(self) -> Relaxed | None:
        """Solve; None where HiGHS does not solve the LP, also from the beginning.

        Raises
        ------
        EngineError
            When HiGHS does not run at all.
        """
        self._run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            self.solver.clearSolver()
            self._run()
            if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                return None
        solution = self.solver.getSolution()
        dual = -np.array(solution.row_dual, dtype=float)
        use = np.array(solution.col_value, dtype=float)[self.place]
        nodes = self.network.nodes
        first, last = FIRST_INTO + nodes, FIRST_INTO + 2 * nodes
        rows = dual[last:]
        signed = [max(p, 0.0) if row.lower == -math.inf else p for p, row in zip(rows.tolist(), self.rows)]
        prices = Prices(
            time=max(float(dual[TIME]), 0.0) / TIME_UNIT,
            follow=np.maximum(dual[first:last], 0.0),
            start=max(float(dual[START]), 0.0),
            rows=np.array(signed, dtype=float),
        )
        arc = np.bincount(self.columns.arc, weights=use, minlength=len(self.network.tail)).astype(float)
        return Relaxed(-float(self.solver.getInfo().objective_function_value), use, arc, prices, dual[FIRST_INTO:first])
