"""OR-Tools CP-SAT: a circuit over the models with an optional node for each, and a count for each model.

A Boolean says of each arc (p, i) whether i is visited right after p, a node 0 is where the plan begins and ends, and
a loop at i says that i is not visited. The order encoding of the count has a Boolean "at least v requests" for each
v, so upload and inference times, tables by the count, are linear in them. A visit takes the load of its arc or its
upload, whichever is longer, and its inference; all visits together end by the deadline. Two workers, since the
machine of the measurements has two cores.
"""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

if TYPE_CHECKING:
    from partload.benchmarks.peers.task import Answer, Task

WORKERS = 2


def solve(task: Task) -> Answer:
    """Build the model, search, and read the plan."""
    since, cpu = time.perf_counter(), time.process_time()
    model = cp_model.CpModel()
    arcs, at_least = _build(model, task)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = WORKERS
    solver.parameters.max_time_in_seconds = max(task["time_limit"] - (time.perf_counter() - since), 0.01)
    status = solver.solve(model)
    seconds, cpu_seconds = time.perf_counter() - since, time.process_time() - cpu
    if status == cp_model.MODEL_INVALID:
        raise ValueError(model.validate())
    slots: list[tuple[str, list[str]]] = []
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        follows = {p: i for (p, i), arc in arcs.items() if p != i and solver.boolean_value(arc)}
        node = follows.get(0, 0)
        while node:
            count = sum(map(solver.boolean_value, at_least[node - 1]))
            slots.append((task["models"][node - 1], task["requests"][node - 1][:count]))
            node = follows[node]
    return {
        "slots": slots,
        "bound": solver.best_objective_bound if status != cp_model.UNKNOWN else None,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "status": "proved" if status == cp_model.OPTIMAL else "time-limit",
    }


def _build(
    model: cp_model.CpModel, task: Task
) -> tuple[dict[tuple[int, int], cp_model.IntVar], list[list[cp_model.IntVar]]]:
    """Add everything; the arcs by their ends, and "at least v requests" by model."""
    size = len(task["models"])
    arcs = {(p, i): model.new_bool_var(f"arc {p} {i}") for p in range(size + 1) for i in range(size + 1)}
    model.add_circuit([(p, i, arc) for (p, i), arc in arcs.items()])
    at_least = [
        [model.new_bool_var(f"served {i} {v}") for v, _ in enumerate(of, 1)] for i, of in enumerate(task["requests"], 1)
    ]
    visits = []
    for i in range(size):
        upload, compute, counted = task["upload"][i], task["compute"][i], at_least[i]
        model.add(counted[0] + arcs[i + 1, i + 1] == 1)
        model.add_implication(arcs[0, 0], arcs[i + 1, i + 1])  # The circuit begins at node 0, unless nobody is served.
        for more, less in zip(counted[1:], counted):
            model.add_implication(more, less)
        visit = model.new_int_var(0, task["deadline"], f"visit {i}")
        inference = _by_count(compute, counted)
        load = sum(task["load"][p - 1][i] * arcs[p, i + 1] for p in range(size + 1) if p != i + 1)
        model.add(visit >= load + inference)
        model.add(visit >= _by_count(upload, counted) + inference)
        visits.append(visit)
    model.add(sum(visits) <= task["deadline"])
    model.maximize(sum(sum(counted) for counted in at_least))
    return arcs, at_least


def _by_count(table: list[int], counted: list[cp_model.IntVar]) -> cp_model.LinearExpr:
    """The entry of a table at the count, for a table that is 0 at 0."""
    steps = [after - before for before, after in itertools.pairwise(table)]
    return cp_model.LinearExpr.weighted_sum(counted, steps)
