"""Ctrl-C as a request to stop, not as an accident: pressed once or ten times, nothing that was found is lost."""

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
