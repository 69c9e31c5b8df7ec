"""Ctrl-C and the clock as requests to stop, not as accidents: whatever they cut short, what was found is kept."""

from __future__ import annotations

import ctypes
import queue
import signal
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

from partload.instances.solution import Termination

AGAIN_S = 0.5
"""Seconds after which work that goes on, because somebody caught the first ``TimeUpError``, meets another one."""
LATER_S = 0.001


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


class expiring:  # noqa: N801 - used like a function
    """For work that looks at no clock, such as a loop in Python: ``TimeUpError`` is raised in it after so long.

    In any thread, between two steps of Python; one step in C, such as a long sort, is not cut short. Blocks can be
    nested. When the block is left, nothing of it is pending any more and its timer ends.

    Parameters
    ----------
    seconds
        From the beginning of the block; None for no limit.
    """

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._inside = self._rang = False
        self._left: queue.SimpleQueue[object] = queue.SimpleQueue()

    def __enter__(self) -> None:
        if self._seconds is None:
            return
        left = self._left
        # The block alone holds this object. However it is left, the timer hears of it, from C: nothing cuts that short.
        block = weakref.ref(self, left.put)
        self._thread = threading.get_ident()
        self._inside = True
        threading.Thread(target=_watch, args=(block, left, self._seconds), daemon=True, name="expiring").start()

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        while self._inside:
            with suppress(TimeUpError), self._lock:  # The work is done: one that comes on the way out says nothing.
                self._inside = False
        if self._rang:
            _drain(self._thread)
        self._left.put(None)

    def ring(self) -> bool:
        """Raise ``TimeUpError`` in the thread of the block, unless the block is left; False when it must be later."""
        with self._lock:
            if self._inside and _starts_another(self._thread):
                return False
            if self._inside:
                self._rang = True
                _raise_in(self._thread, TimeUpError)
        return True


def _watch(block: weakref.ref[expiring], left: queue.SimpleQueue[object], seconds: float) -> None:
    """Ring when the time is up, and again as long as the block is not left."""
    wait = max(seconds, 0.0)
    while True:
        try:
            left.get(timeout=min(wait, threading.TIMEOUT_MAX))
            return
        except queue.Empty:
            here = block()
            wait = AGAIN_S if here is None or here.ring() else LATER_S
            del here


def _starts_another(thread: int) -> bool:
    """Whether a thread is starting another one, which in Python 3.11 has its identity for a moment."""
    frame = sys._current_frames().get(thread)
    while frame is not None:
        if frame.f_code is threading.Thread.start.__code__:
            return True
        frame = frame.f_back
    return False


def _raise_in(thread: int, error: type[BaseException]) -> None:
    """Have an exception raised in a thread, in place of one that is still to be raised."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))


def _drain(thread: int) -> None:
    """See to it that nothing is still to be raised in this thread.

    Python could be told to forget it, but then looks for it at every step until the next one: it gets slow, and with a
    profiler Python 3.11 looks for ever.
    """
    with suppress(TimeUpError):
        _raise_in(thread, TimeUpError)
        while True:
            pass


def cut_short(work: Callable[[], None], seconds: float | None) -> Termination | None:
    """Run some work for so long at most; return what cut it short, None if nothing did."""
    try:
        with expiring(seconds):
            work()
    except (TimeoutError, TimeUpError):
        return "time-limit"
    except KeyboardInterrupt:
        return "interrupted"
    return None
