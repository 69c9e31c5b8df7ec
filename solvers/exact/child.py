"""A search in a process of its own: the call of the parent, and the signs of life of the child."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

from partload.instances.errors import InputError
from partload.instances.solution import Termination
from partload.solvers import interrupts, processes
from partload.solvers.exact.task import News

GRACE_S = 0.3
"""Seconds that a search has to stop by itself, past its time limit or when plan and bound have met."""
BEAT_S = 1.0
"""Seconds between signs of life."""


class Ending(NamedTuple):
    """How a search ended."""

    termination: Termination
    value: object = None
    """What the search returned; None when it did not."""
    note: str | None = None
    """What went wrong."""


def search_in_child(
    work: str, task: object, seconds: float | None, on_message: Callable[[News], bool | None]
) -> Ending:
    """Run a search, and pass on what it sends. A time limit, Ctrl-C and a crash all end alike: the process is killed.

    Parameters
    ----------
    work
        ``module:function``, which takes a function that sends news, and the task.
    task
        The argument.
    seconds
        Time limit, to which ``GRACE_S`` is added; None for none.
    on_message
        Called with each message; a true result ends the search, which counts as proved.

    Raises
    ------
    InputError
        When the search raises one.
    """
    with interrupts.held() as stop, _stop_after(stop, None if seconds is None else seconds + GRACE_S) as expired:
        result = processes.call(work, task, stop=stop, on_message=on_message)
    if result.ended == "returned":
        return Ending("proved", result.value)
    if result.ended == "stopped":
        return Ending("time-limit" if expired.is_set() else "interrupted" if stop.is_set() else "proved")
    if result.failure is not None and isinstance(result.failure.error, InputError):
        raise result.failure.error
    return Ending("error", note=f"the search {result.reason}")


@contextlib.contextmanager
def _stop_after(stop: threading.Event, seconds: float | None) -> Iterator[threading.Event]:
    """Set an event after so many seconds, the start of a process included; yields the event that says it was so."""
    expired = threading.Event()
    if seconds is None:
        yield expired
        return

    def ring() -> None:
        expired.set()
        stop.set()

    timer = threading.Timer(seconds, ring)
    timer.daemon = True
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()


@contextlib.contextmanager
def heartbeat(send: Callable[[News], object]) -> Iterator[None]:
    """Send empty news about once a second, so that the parent can look at its limits while nothing else is sent."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_S):
            send(News())

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()  # A process with a thread left over takes no further task.
