"""Timing of a piece of work: the least time of several runs, which other work on the machine disturbs least."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def best_of(repeats: int, work: Callable[[], T], clock: Callable[[], float] = time.perf_counter) -> tuple[float, T]:
    """Run some work several times.

    Parameters
    ----------
    repeats
        Number of runs, at least 1.
    work
        What is timed.
    clock
        Clock to read [s].

    Returns
    -------
    Least time of a run [s], and the result of the last run.
    """
    times = []
    for _ in range(repeats):
        started = clock()
        result = work()
        times.append(clock() - started)
    return min(times), result
