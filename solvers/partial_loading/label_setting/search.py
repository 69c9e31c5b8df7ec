"""The search: better and better completion tables, a beam for incumbents, and label setting within growing budgets.

A round computes prices and tables, runs a beam, and sets labels until none is left, which proves the best plan optimal,
or until the budget is used up. Then the next round has finer steps, memories of the bits that the relaxation took
twice, more rounds of prices, and a larger budget. The last round has none.

Labels are set front by front: all labels of a front are extended at once. A front that is too large is divided, and the
part with the best bounds goes first, so memory stays limited.
"""

from __future__ import annotations

import math
import time

import numpy as np

from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.tolerance import accepted
from partload.instances.verdict import WITHIN
from partload.solvers.partial_loading.bounds.knapsack import upper_bound
from partload.solvers.partial_loading.dynamic.knapsack_programme import LATEST_END
from partload.solvers.partial_loading.label_setting.completion import Clock, Completion, Memory, Steps
from partload.solvers.partial_loading.label_setting.labels import Extension, Labels, root, undominated
from partload.solvers.partial_loading.label_setting.legs import Legs, legs
from partload.solvers.partial_loading.label_setting.prices import priced
from partload.solvers.partial_loading.label_setting.visits import Floats
from partload.solvers.partial_loading.tree_search import Enough, SearchState, Tell

STEPS = 300
"""Steps of time of the first round."""
PRICES = 15
"""Rounds of prices of the first round."""
BEAM = 500
"""Labels of a front of the first beam."""
BUDGET = 100_000
"""Labels of the first round."""
ROUNDS = 4
LONGEST_MEMORY = 6
"""Most bits that a model remembers."""
FRONT = 200_000
"""Most labels that are extended at a time."""
ROUNDING = 1e-12
"""Relative error allowed for in bounds, which are sums of a hundred terms."""
SAME = 0.9e-9
"""Relative difference of weights without a grid that does not count."""
TRIED = 20
"""Most plans of one front that are given to the checker."""


class Search(SearchState):
    """One search, in this process."""

    def __init__(
        self, instance: Instance, tell: Tell, enough: Enough, gap: float = 0.0, until: float | None = None
    ) -> None:
        super().__init__(instance, tell, enough, gap, until)
        self.error = ROUNDING * (1.0 + self.bound)
        self.proof = True
        """Whether bounds are those of all plans that the checker accepts."""
        self.labels = 0
        """How many labels were set."""

    def run(self) -> None:
        """Search until plan and bound meet, or are as near as the checker's tolerance allows.

        Raises
        ------
        TimeoutError
            When the time is up.
        """
        self._lower(upper_bound(self.instance) / self.unit)
        self._set(legs(self.instance, self.units, LATEST_END, self.until), proof=True)
        if self.unsettled > self.served:  # Plans that certainly are in time may serve as much.
            self._set(legs(self.instance, self.units, 1 + WITHIN, self.until), proof=False)

    def _set(self, made: Legs, proof: bool) -> None:
        """Rounds of label setting; without ``proof``, the bound is not that of all plans and stays as it is."""
        self.proof = proof
        if not len(made):
            self._lower(self.unsettled)
            return
        clocks: tuple[Clock, ...] = ("end",) if self.instance.server.uplink == "slotted" else ("end", "sent")
        memories: list[list[list[int]]] = [[[] for _ in range(made.nodes)] for _ in clocks]
        prices = [np.zeros(made.bits) for _ in clocks]
        for number in range(ROUNDS):
            factor = 2**number
            tables = []
            for place, clock in enumerate(clocks):
                steps = Steps.of(made, clock, STEPS * factor)
                table = self._table(steps, memories[place], prices[place], PRICES * factor)
                prices[place] = table.prices
                tables.append(table)
            if self._met():
                return
            budget = BUDGET * 4**number if number < ROUNDS - 1 else None
            self._front_by_front(Extension(made, tables), beam=BEAM * factor)
            exhausted = not self._met() and self._front_by_front(Extension(made, tables), budget=budget)
            if self._met():  # Something may be left that serves more than the goal: the bound stays as it is.
                return
            if exhausted:
                break
            for table, memory in zip(tables, memories):
                _remember(table, memory, min(2 * (number + 1), LONGEST_MEMORY))
        self._lower(max(self._below_goal, self.unsettled))

    def _table(self, steps: Steps, memory: list[list[int]], prices: Floats, rounds: int) -> Completion:
        return priced(
            steps,
            Memory(steps.legs, memory),
            prices,
            rounds,
            self.served,
            lambda bound: self._lower(bound + self.error),
            self.until,
        )

    @property
    def goal(self) -> float:
        """Units that a plan has to serve to count."""
        known = max(self.served, self.unsettled) if self.proof else self.served
        least = known + 1.0 if self.whole else known * (1 + SAME)
        return max(least, self.served / (1 - self.gap))

    @property
    def _below_goal(self) -> float:
        """Units that a plan serves at most where it does not reach the goal, which a gap makes a fraction."""
        return float(math.ceil(self.goal) - 1) if self.whole else self.goal

    def _met(self) -> bool:
        return self.contradiction is not None or self.enough(self.served, self.bound)

    def _lower(self, bound: float) -> bool:
        """Keep a bound if it is better; whether plan and bound have met."""
        if self.whole:
            bound = float(math.floor(bound + self.error))
        if self.proof and bound < self.served - self.error:
            self._contradict(bound)
        elif self.proof and bound < self.bound:
            self.bound = max(bound, self.served, self.unsettled)  # Above the plan by rounding alone.
            self.tell()
        return self._met()

    def _contradict(self, bound: float) -> None:
        served = self.served * self.unit
        self.contradiction = f"proved is at most {bound * self.unit!r}, but a plan serves {served!r}"

    def _front_by_front(self, extension: Extension, beam: int | None = None, budget: int | None = None) -> bool:
        """Set labels until none is left, or until a budget of labels is used up; whether none is left.

        With a beam, a front keeps so many labels, those with the best bounds, and the end proves nothing.
        """
        waiting = [root(extension.legs, extension.tables)]
        before = self.labels
        while waiting:
            if self.until is not None and time.perf_counter() > self.until:
                raise TimeoutError
            front = waiting.pop()
            extended = extension.extended(front.only(front.bound >= self.goal - self.error), self.goal - self.error)
            if extended is not None:
                front = undominated(extended)
                self.labels += len(front)
                self._try(extension.legs, front)
                if self._met():
                    return True
                if budget is not None and self.labels - before > budget:
                    return False
                front = front.only(front.bound >= self.goal - self.error)
                if beam is not None:
                    front = front.only(np.argsort(-front.bound, kind="stable")[:beam])
                waiting += _divided(front)
            if beam is None:
                open_bound = max((float(part.bound.max()) for part in waiting), default=0.0)
                self._lower(max(open_bound + self.error, self._below_goal))
                if self._met():
                    return True
        return True

    def _try(self, made: Legs, front: Labels) -> None:
        """Give the best labels of a front to the checker, and keep the first plan that it accepts."""
        for place in np.argsort(-front.weight, kind="stable")[:TRIED].tolist():
            units = float(front.weight[place])
            if units <= self.served or (self.proof and units <= self.unsettled):
                return
            plan = accepted(self.instance, made.plan(front.path(place)))
            if plan is not None:
                self.plan, self.served = plan, units
                if units > self.bound + self.error:
                    self._contradict(self.bound)
                self.tell()
                return
            if self.proof:
                self.unsettled = units


def _divided(front: Labels) -> list[Labels]:
    """A front in parts that are not too large, the part with the best bounds last."""
    if not len(front):
        return []
    if len(front) <= FRONT:
        return [front]
    order = np.argsort(front.bound, kind="stable")
    return [front.only(part) for part in np.array_split(order, -(-len(front) // FRONT))]


def _remember(table: Completion, memory: list[list[int]], most: int) -> None:
    """Let the models between two takings of a bit remember it, as far as each may remember so many."""
    for bit, between in table.repeated()[1]:
        for node in between:
            if bit not in memory[node] and len(memory[node]) < most:
                memory[node].append(bit)
