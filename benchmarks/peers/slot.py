"""The slot formulation without its tightenings, handed to an engine without a first plan or another bound."""

from __future__ import annotations

import time

from partload.benchmarks.peers.task import Answer, Task
from partload.formulations.partial_loading.slot import formulation
from partload.instances import files
from partload.instances.partial_loading.instance import Instance
from partload.solvers.bound_rounding import safe_bound
from partload.solvers.engines import engine as engines
from partload.solvers.engines.engine import Budget


def solve_with(engine: str, task: Task) -> Answer:
    """Build the model and search, with the exact times of the instance."""
    instance = files.read(task["instance_file"])
    assert isinstance(instance, Instance)
    solver = engines.load(engine)
    since, cpu = time.perf_counter(), time.process_time()
    built = formulation.build(instance, tightenings=())
    left = max(task["time_limit"] - (time.perf_counter() - since), 0.01)
    answer = solver.solve(built.model, Budget(time_limit=left, absolute_gap=0.99))
    seconds, cpu_seconds = time.perf_counter() - since, time.process_time() - cpu
    bound = safe_bound(answer.bound, 1.0)
    return Answer(
        slots=[(slot.model, list(slot.requests)) for slot in built.extract()] if answer.found else [],
        bound=min(bound, float(len(instance.requests))),
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        status="proved" if answer.end == "finished" else "time-limit",
    )
