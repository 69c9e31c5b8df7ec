"""StudyProgress of a study: how many runs have ended, which run now, and an estimate of the time that is left."""

from __future__ import annotations

import dataclasses
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from partload.benchmarks.gap.rows import Row, RunKey


@dataclasses.dataclass(frozen=True)
class StudyProgress:
    """State of a study. A listener gets one at least twice a second."""

    done: int
    total: int
    running: tuple[RunKey, ...]
    left_s: float | None
    """Estimated seconds that are left; None until the first run has ended."""


ProgressListener = Callable[[StudyProgress], None]


class RemainingTime:
    """Estimates the time that is left from the mean time of the ended runs of each method.

    Parameters
    ----------
    rows
        Runs that have ended.
    to_do
        Runs that have not ended.
    capacity
        How many runs go on at a time.
    """

    def __init__(self, rows: Iterable[Row], to_do: Iterable[RunKey], capacity: int) -> None:
        self._times: dict[str, list[float]] = defaultdict(list)
        self._waiting = Counter(key.method for key in to_do)
        self._capacity = capacity
        for row in rows:
            self._times[row.asked.method].append(row.total_s)

    def add(self, row: Row) -> None:
        """Count a run that has ended."""
        self._times[row.asked.method].append(row.total_s)
        self._waiting[row.asked.method] -= 1

    def estimate_s(self, running: Sequence[tuple[RunKey, float]]) -> float | None:
        """Estimate the seconds that are left.

        Parameters
        ----------
        running
            Runs that go on now, each with the seconds since its start.

        Returns
        -------
        Seconds; None when no run has ended.
        """
        if not any(self._times.values()):
            return None
        overall_mean = statistics.fmean(time for times in self._times.values() for time in times)
        means = {method: statistics.fmean(times) for method, times in self._times.items() if times}
        waiting = sum(count * means.get(method, overall_mean) for method, count in self._waiting.items())
        spent = sum(min(seconds, means.get(key.method, overall_mean)) for key, seconds in running)
        return max(waiting - spent, 0.0) / self._capacity
