"""What a picture of a SLIDE solution needs, and what a page says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partload import console
from partload.instances.errors import InputError
from partload.plots.captions import Caption

if TYPE_CHECKING:
    from partload.instances.slide.instance import Instance
    from partload.instances.slide.solution import Solution

CAPTION: tuple[Caption, ...] = (
    ("makespan", "makespan_s", console.seconds),
    ("median latency", "latency_p50_s", console.seconds),
    ("99th percentile", "latency_p99_s", console.seconds),
    ("overlap saves", "overlap_saves_s", console.seconds),
    ("Jain's index", "jain_index", console.three_digits),
    ("band used", "bandwidth_used", console.percent),
    ("downloaded", "downloaded_bytes", console.megabytes),
    ("energy in joules", "energy_j", console.rounded),
)


def refuse(solution: Solution, instance: Instance | None) -> None:
    """Raise InputError on a solution without times, or with ids or layers that the instance does not have."""
    for n, user in enumerate(solution.users):
        place = f"users[{n}]"
        here, computed = user.download_end_s, user.compute_end_s
        if here is None or computed is None or not here or len(here) != len(computed):
            raise InputError("expected the times of each layer, they are not stated", place)
        if instance is None:
            continue
        for key, name, known in (("id", user.id, instance.user_index), ("model", user.model, instance.model_index)):
            if name not in known:
                raise InputError(f"expected ids of instance {instance.name!r}, got {name!r}", f"{place}.{key}")
        layers = len(instance.models[instance.model_index[user.model]].layers)
        if len(here) != layers:
            raise InputError(f"expected the times of {layers} layers, got {len(here)}", place)
