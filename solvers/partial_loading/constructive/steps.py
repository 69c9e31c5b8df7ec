"""The steps of a heuristic, taken until it ends, its time is up, or Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Iterable
from threading import Event

from partload.instances.solution import Termination
from partload.solvers.registry import Limits


def follow(steps: Iterable[object], stop: Event, since: float, limits: Limits) -> Termination:
    """Take steps, one at least if there is one, and say why they ended.

    ``stop`` is set by Ctrl-C; ``since`` is the time of ``time.perf_counter`` from which the time limit counts.
    """
    for _ in steps:
        if stop.is_set():
            return "interrupted"
        if limits.time_limit is not None and time.perf_counter() - since > limits.time_limit:
            return "time-limit"
    return "heuristic-end"
