"""PyJobShop on CP-SAT: each model is an optional task on the server, with a mode for each number of requests.

The server is a machine. The task ``infer`` of a model lasts as long as its inference, and the load of model i after
model p is the setup time between their tasks. A first task of length zero stands for what is resident at time 0. A
setup time cannot depend on a mode, so uploads are tasks of their own: the ``upload`` of a model ends before its
``infer`` starts. A task ``visit`` spans both, on a second machine, so that nothing is uploaded before the visit
before has ended. Mode dependencies tie the counts together. No objective of PyJobShop rewards optional tasks, so each
model has a task as long as the number of its requests that are not served, and the total tardiness of these tasks is
to be least. Two workers, as for CP-SAT.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pyjobshop import Model
from pyjobshop.Result import SolveStatus

if TYPE_CHECKING:
    from pyjobshop.ProblemData import Task as ShopTask

    from partload.benchmarks.peers.task import Answer, Task

WORKERS = 2


def solve(task: Task) -> Answer:
    """Build the model, search, and read the plan."""
    since, cpu = time.perf_counter(), time.process_time()
    model = Model()
    counts = _build(model, task)
    left = max(task["time_limit"] - (time.perf_counter() - since), 0.01)
    result = model.solve(time_limit=left, display=False, num_workers=WORKERS)
    seconds, cpu_seconds = time.perf_counter() - since, time.process_time() - cpu
    requests = sum(map(len, task["requests"]))
    proved, found = result.status == SolveStatus.OPTIMAL, result.status in (SolveStatus.OPTIMAL, SolveStatus.FEASIBLE)
    scheduled = enumerate(result.best.tasks) if found else ()
    visits = sorted(
        (one.start, one.end, *counts[one.mode]) for n, one in scheduled if one.present and one.mode in counts
    )
    return {
        "slots": [(task["models"][i], task["requests"][i][:count]) for _, _, i, count in visits],
        "bound": min(requests - result.lower_bound, requests) if found else None,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "status": "proved" if proved else "time-limit",
    }


def _build(model: Model, task: Task) -> dict[int, tuple[int, int]]:
    """Add everything; the model and the count of each mode of a task ``infer``, by the number of the mode."""
    server, visits = model.add_machine(), model.add_machine()
    resident = model.add_task(latest_end=0)
    model.add_mode(resident, server, duration=0)
    infer: list[ShopTask] = []
    counts: dict[int, tuple[int, int]] = {}
    for i, requests in enumerate(task["requests"]):
        visit = model.add_task(latest_end=task["deadline"], optional=True, allow_idle=True)
        upload = model.add_task(latest_end=task["deadline"], optional=True)
        infer.append(model.add_task(latest_end=task["deadline"], optional=True))
        unserved = model.add_task(model.add_job(due_date=0))
        model.add_select_all_or_none([visit, upload, infer[i]])
        model.add_start_before_start(visit, upload)
        model.add_end_before_start(upload, infer[i])
        model.add_end_before_end(infer[i], visit)
        model.add_mode(visit, visits, duration=0)
        model.add_mode(unserved, [], duration=len(requests))
        for count in range(1, len(requests) + 1):
            served = model.add_mode(infer[i], server, task["compute"][i][count])
            counts[len(model.modes) - 1] = (i, count)
            model.add_mode_dependency(served, [model.add_mode(upload, [], task["upload"][i][count])])
            model.add_mode_dependency(model.add_mode(unserved, [], len(requests) - count), [served])
    for i, after in enumerate(infer):
        for p, before in enumerate([*infer, resident]):
            if p != i:
                model.add_setup_time(server, before, after, task["load"][p][i])
    model.set_objective(weight_total_tardiness=1)
    return counts
