"""Prices of bits by subgradient steps: a bit that the relaxation takes twice costs more, one that it leaves less."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from partload.solvers.partial_loading.label_setting.completion import Completion, Memory, Steps, completion
from partload.solvers.partial_loading.label_setting.visits import Floats

LENGTH = 0.5
"""First length of a step, as a part of that which would close the gap if the bound were linear."""
PATIENCE = 4
"""Steps without a better bound after which they become half as long."""


def priced(
    steps: Steps,
    memory: Memory,
    prices: Floats,
    rounds: int,
    target: float,
    on_bound: Callable[[float], bool],
    until: float | None,
) -> Completion:
    """The completion table with the best bound of some rounds, from some prices on.

    ``target`` is the weight that the bound cannot fall below, as far as is known. ``on_bound`` is called with each
    better bound; a true result ends the search.

    Raises
    ------
    TimeoutError
        When the time is up.
    """
    best = completion(steps, memory, prices)
    if on_bound(best.bound):
        return best
    length, idle = LENGTH, 0
    found = best
    for _ in range(rounds):
        if until is not None and time.perf_counter() > until:
            raise TimeoutError
        slope = 1.0 - found.repeated()[0]
        slope[(found.prices <= 0) & (slope > 0)] = 0.0
        size = float(slope @ slope)
        if not size:
            break  # The best path of the relaxation is a plan, or no price can help.
        step = length * max(found.bound - target, 0.01 * found.bound) / size
        found = completion(steps, memory, np.maximum(0.0, found.prices - step * slope))
        if found.bound < best.bound:
            best, idle = found, 0
            if on_bound(best.bound):
                break
        else:
            idle += 1
        if idle >= PATIENCE:
            length, idle, found = length / 2, 0, best
    return best
