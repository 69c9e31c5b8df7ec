"""The clock of a run: seconds since its start. It can stand still while something is prepared that is no part of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

SPIN_S = 1e-3
"""The last part of a wait is not slept, because the system ends a sleep too late by about as much."""

LONGEST_SLEEP_S = 1e6
"""Python cannot sleep for centuries at once, and a plan may ask for them."""


class RunClock:
    """Starts when it is made."""

    def __init__(self) -> None:
        self._start_s = time.perf_counter()

    def now(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._start_s

    def wait_until(self, time_s: float, spin_s: float = SPIN_S) -> float:
        """Return at a time of this clock, or at once when it has passed; the time then.

        With many threads ``spin_s`` is 0, because only one of them can spin.
        """
        while (left := time_s - self.now()) > spin_s:
            time.sleep(min(left - spin_s, LONGEST_SLEEP_S))
        while (now := self.now()) < time_s:
            pass
        return now

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """The clock stands still inside."""
        before = time.perf_counter()
        yield
        self._start_s += time.perf_counter() - before
