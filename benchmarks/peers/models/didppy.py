"""DIDPPy: a dynamic programme over the set of models not yet visited, the last model and the time, by beam search.

A transition visits a model and serves its first v requests, one for each model and v; another stops. Time is a
resource: less is better. Two dual bounds say how many requests can still be served: all those of the models not yet
visited, and the fractional knapsack that gives each of these models its requests at the least time per request that
any predecessor and any count allow. CABS is the solver that its authors recommend; one thread, as the default.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import didppy as dp

if TYPE_CHECKING:
    from partload.benchmarks.peers.task import Answer, Task

SAFETY = 1e-6
"""Added to the knapsack before it is rounded down, against its rounding errors."""


def solve(task: Task) -> Answer:
    """Build the model, search, and read the plan."""
    since, cpu = time.perf_counter(), time.process_time()
    model = _build(task)
    left = max(task["time_limit"] - (time.perf_counter() - since), 0.01)
    found = dp.CABS(model, time_limit=left, quiet=True).search()
    seconds, cpu_seconds = time.perf_counter() - since, time.process_time() - cpu
    visits = [tuple(map(int, step.name.split())) for step in found.transitions if step.name != "stop"]
    return {
        "slots": [(task["models"][i], task["requests"][i][:count]) for i, count in visits],
        "bound": None if found.best_bound is None else float(found.best_bound),
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "status": "proved" if found.is_optimal else "time-limit",
    }


def _build(task: Task) -> dp.Model:
    """The state, a transition for each model and count, and the dual bounds."""
    size, deadline = len(task["models"]), task["deadline"]
    model = dp.Model(maximize=True)
    place = model.add_object_type(number=size + 1)
    unvisited = model.add_set_var(object_type=place, target=range(size))
    last = model.add_element_var(object_type=place, target=size)
    now = model.add_int_resource_var(target=0, less_is_better=True)
    stopped = model.add_int_var(target=0)
    load = model.add_int_table([[*row, 0] for row in task["load"]])
    model.add_base_case([stopped == 1])
    stop = dp.Transition("stop", cost=dp.IntExpr.state_cost(), preconditions=[stopped == 0], effects=[(stopped, 1)])
    model.add_transition(stop)
    for i in range(size):
        for count in range(1, len(task["requests"][i]) + 1):
            ready = dp.max(load[last, i], task["upload"][i][count])
            visit = dp.Transition(
                f"{i} {count}",
                cost=count + dp.IntExpr.state_cost(),
                preconditions=[
                    stopped == 0,
                    unvisited.contains(i),
                    now + ready + task["compute"][i][count] <= deadline,
                ],
                effects=[(unvisited, unvisited.remove(i)), (last, i), (now, now + ready + task["compute"][i][count])],
            )
            model.add_transition(visit)
    counts = [len(requests) for requests in task["requests"]]
    most = model.add_int_table([*counts, 0])
    model.add_dual_bound((1 - stopped) * most[unvisited])
    least = [math.floor(counts[i] * _least_per_request(task, i)) for i in range(size)]
    served = dp.fractional_knapsack(unvisited, deadline - now, [*counts, 0], [*least, 1])
    model.add_dual_bound((1 - stopped) * math.floor(served + SAFETY))
    return model


def _least_per_request(task: Task, model: int) -> float:
    """Least time per request that a visit of a model takes, whatever was loaded before it."""
    load = min(row[model] for before, row in enumerate(task["load"]) if before != model)
    upload, compute = task["upload"][model], task["compute"][model]
    return min((max(load, upload[v]) + compute[v]) / v for v in range(1, len(upload)))
