"""PyVRP: a heuristic for prize collecting, one vehicle whose route ends by the deadline.

Each pair of a model and a number of requests is a client with this number as its prize. The clients of a model are
one optional group, of which at most one is visited. Driving to a client takes the load after the model before, or the
upload, whichever is longer; serving it takes the inference. Distances are zero, so the route with the greatest prizes
is best. PyVRP is a heuristic: it proves no bound, and it runs until the time limit.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pyvrp import Model
from pyvrp.stop import MaxRuntime

if TYPE_CHECKING:
    from partload.benchmarks.peers.task import Answer, Task


def solve(task: Task) -> Answer:
    """Build the model, search, and read the plan."""
    since, cpu = time.perf_counter(), time.process_time()
    model = Model()
    clients = _build(model, task)
    left = max(task["time_limit"] - (time.perf_counter() - since), 0.01)
    best = model.solve(MaxRuntime(left), display=False).best
    seconds, cpu_seconds = time.perf_counter() - since, time.process_time() - cpu
    routes = best.routes() if best.is_feasible() else []
    visits = [clients[activity.idx] for route in routes for activity in route if activity.is_client()]
    return {
        "slots": [(task["models"][i], task["requests"][i][:count]) for i, count in visits],
        "bound": None,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "status": "time-limit",
    }


def _build(model: Model, task: Task) -> list[tuple[int, int]]:
    """Add everything; the model and the count of each client."""
    depot = model.add_location(0, 0)
    model.add_depot(depot)
    model.add_vehicle_type(shift_duration=task["deadline"], unit_distance_cost=0)
    clients, places = [], []
    for i, requests in enumerate(task["requests"]):
        group = model.add_client_group(required=False)
        for count in range(1, len(requests) + 1):
            place = model.add_location(0, 0)
            model.add_client(
                place, service_duration=task["compute"][i][count], prize=count, required=False, group=group
            )
            clients.append((i, count))
            places.append(place)
    resident = len(task["models"])
    for (i, count), place in zip(clients, places):
        model.add_edge(place, depot, distance=0, duration=0)
        for p, before in ((resident, depot), *((p, before) for (p, _), before in zip(clients, places) if p != i)):
            duration = max(task["load"][p][i], task["upload"][i][count])
            model.add_edge(before, place, distance=0, duration=duration)
    return clients
