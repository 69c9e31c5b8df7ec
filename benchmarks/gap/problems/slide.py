"""SLIDE in gap studies."""

from __future__ import annotations

import dataclasses

from partload.benchmarks.gap.rows import Lane, Row
from partload.instances.channels import FlatChannel
from partload.instances.slide.instance import Downlink, Instance, Layer, Model, User
from partload.instances.slide.solution import Solution

MOST_LAYERS = 300
"""Most layers in all lanes of a row."""
DIGITS = 6
"""Significant digits of the times in a lane."""
DEFAULT_METHODS = ("exact", "download-first", "equal-bandwidth", "smallest-model")
WARM_UP = (None, "milp")
TINY = (
    Instance(
        "tiny", Downlink(10.0), (Model("m", (Layer(1.0, 1.0),)),), (User("u", ("m",), FlatChannel(1.0), 10.0, 1.0),)
    ),
)


def without_sharing(instance: Instance) -> Instance:
    """The instance itself: users share nothing."""
    return instance


def with_drawing(row: Row, instance: Instance, solution: Solution) -> Row:
    """A row with the first users as lanes, with at most ``MOST_LAYERS`` layers in all."""
    lanes, layers = [], 0
    for user in solution.users:
        layers += len(user.download_end_s or ())
        if layers > MOST_LAYERS:
            break
        lane = Lane(
            user=user.id,
            model=user.model,
            download_end_s=_rounded(user.download_end_s),
            compute_end_s=_rounded(user.compute_end_s),
        )
        lanes.append(lane)
    return dataclasses.replace(row, lanes=tuple(lanes))


def _rounded(times: tuple[float, ...] | None) -> tuple[float, ...]:
    return tuple(float(f"{time_s:.{DIGITS}g}") for time_s in times or ())
