"""Ctrl-C and the clock: what they cut short, and that they leave everything as it was."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

import solvers
from formulations.partial_loading import cone
from instances.library import load
from instances.partial_loading.checker import check
from solvers import interrupts


def busy(seconds: float = 30.0) -> None:
    """Work that looks at no clock but for the one that ends a test gone wrong."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


def test_work_is_cut_short_when_the_time_is_up():
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(interrupts.TimeUpError), interrupts.expiring(0.1):
        busy()
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


@pytest.mark.parametrize("seconds", [None, 30.0])
def test_work_that_is_done_in_time_is_left_alone(seconds):
    with interrupts.expiring(seconds):
        busy(0.05)
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_a_timer_that_is_running_is_left_alone():
    signal.setitimer(signal.ITIMER_REAL, 100.0)
    try:
        with interrupts.expiring(0.01):
            busy(0.1)
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 90
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def test_in_another_thread_work_goes_on():
    done = []

    def work():
        with interrupts.expiring(0.01):
            busy(0.1)
        done.append(True)

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()
    assert done == [True]


def test_ctrl_c_is_held_and_then_heard_again():
    with interrupts.held() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        busy(0.05)
        assert stop.is_set()
    threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        busy()


def test_a_model_that_takes_too_long_to_build_costs_nobody_the_plan(monkeypatch):
    monkeypatch.setattr(cone, "build", lambda instance, room: busy())
    instance = load("general-9x30").replace(uplink="static")
    solution = solvers.solve(instance, "tangents", time_limit=1.0)
    assert (solution.status, solution.termination) == ("feasible", "time-limit")
    assert 0 < solution.objective <= solution.bound
    assert check(instance, solution).feasible
