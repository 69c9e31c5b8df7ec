"""Ctrl-C and the clock as requests to stop, not as accidents: whatever they cut short, what was found is kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held() -> Iterator[threading.Event]:
    """While this lasts, Ctrl-C sets the event and raises nothing.

    Only the main thread hears Ctrl-C; elsewhere the event stays unset.
    """
    asked_to_stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked_to_stop
        return
    before = signal.signal(signal.SIGINT, lambda number, frame: asked_to_stop.set())
    try:
        yield asked_to_stop
    finally:
        signal.signal(signal.SIGINT, before)


class TimeUpError(BaseException):
    """The time for a piece of work has passed. Like Ctrl-C, it is no error that the work itself should handle."""


@contextmanager
def expiring(seconds: float | None) -> Iterator[None]:
    """For work that looks at no clock, such as building a large model: ``TimeUpError`` is raised in it after so long.

    In the main thread alone, and where the system has timers of which none is running; elsewhere the work goes on.
    """
    alone = threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")
    if seconds is None or not alone or signal.getitimer(signal.ITIMER_REAL)[0] > 0:
        yield
        return

    def ring(number: int, frame: object) -> None:
        raise TimeUpError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
