"""What a SLIDE solution must state before it can be drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partload.instances.errors import InputError

if TYPE_CHECKING:
    from partload.instances.slide.instance import Instance
    from partload.instances.slide.solution import Solution


def validate(solution: Solution, instance: Instance | None) -> None:
    """Raise InputError on a solution without times, or with ids or layers that the instance does not have."""
    for n, user in enumerate(solution.users):
        place = f"users[{n}]"
        here, computed = user.download_end_s, user.compute_end_s
        if here is None or computed is None or not here or len(here) != len(computed):
            raise InputError("expected the times of each layer, the solution does not state them", place)
        if instance is None:
            continue
        for key, name, known in (("id", user.id, instance.user_index), ("model", user.model, instance.model_index)):
            if name not in known:
                raise InputError(f"expected ids of instance {instance.name!r}, got {name!r}", f"{place}.{key}")
        layers = len(instance.models[instance.model_index[user.model]].layers)
        if len(here) != layers:
            raise InputError(f"expected the times of {layers} layers, got {len(here)}", place)
