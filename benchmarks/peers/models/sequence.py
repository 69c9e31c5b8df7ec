"""The method ``sequence`` of this package: the search alone, as ``partload.benchmarks.sequence`` measures it."""

from __future__ import annotations

from partload.benchmarks.peers.task import Answer, Task
from partload.benchmarks.sequence import solved
from partload.instances import files
from partload.instances.partial_loading.instance import Instance


def solve(task: Task) -> Answer:
    """Search from the instance in memory to the proof."""
    instance = files.read(task["instance_file"])
    assert isinstance(instance, Instance)
    run = solved(instance, task["time_limit"])
    return Answer(
        slots=[(slot.model, list(slot.requests)) for slot in run.plan],
        bound=float(run.bound),
        seconds=run.wall_s,
        cpu_seconds=run.cpu_s,
        status="proved" if run.gap == 0 else "time-limit",
    )
