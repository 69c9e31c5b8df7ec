"""How far a study is, and how long it will still take."""

from __future__ import annotations

import dataclasses
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from partload.benchmarks.gap.rows import Asked, Row


@dataclasses.dataclass(frozen=True)
class Pace:
    """State of a study, reported at least twice a second."""

    done: int
    total: int
    running: tuple[Asked, ...]
    left_s: float | None
    """Seconds that are left, by what the same methods took so far; None while nothing is known."""


Listener = Callable[[Pace], None]


class Clock:
    """Times of the runs that have ended, method by method."""

    def __init__(self, rows: Iterable[Row], to_do: Iterable[Asked], at_a_time: int) -> None:
        self._times: dict[str, list[float]] = defaultdict(list)
        self._waiting = Counter(asked.method for asked in to_do)
        self._at_a_time = at_a_time
        for row in rows:
            self._times[row.asked.method].append(row.total_s)

    def ended(self, row: Row) -> None:
        """Count a run that has ended."""
        self._times[row.asked.method].append(row.total_s)
        self._waiting[row.asked.method] -= 1

    def left_s(self, running: Sequence[tuple[Asked, float]]) -> float | None:
        """Seconds for what has not ended, given what runs and for how long."""
        if not any(self._times.values()):
            return None
        usual = statistics.fmean(time for times in self._times.values() for time in times)
        mean = {method: statistics.fmean(times) for method, times in self._times.items() if times}
        waiting = sum(count * mean.get(method, usual) for method, count in self._waiting.items())
        spent = sum(min(seconds, mean.get(asked.method, usual)) for asked, seconds in running)
        return max(waiting - spent, 0.0) / self._at_a_time
