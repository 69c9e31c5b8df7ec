"""Ctrl-C and the clock: what they cut short, and that they leave everything as it was."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from partload import solvers
from partload.instances.library import load
from partload.instances.partial_loading.checker import check
from partload.solvers import interrupts


def busy(seconds: float = 30.0) -> None:
    """Work that looks at no clock but for the one that ends a test gone wrong."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


def in_another_thread(work):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def here(work):
    work()


@pytest.fixture(autouse=True)
def _no_timer_is_left():
    yield
    until = time.monotonic() + 10
    while any(thread.name == "expiring" for thread in threading.enumerate()):
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("place", [here, in_another_thread])
@pytest.mark.parametrize("seconds", [0, -1.0, 0.1])
def test_work_is_cut_short_when_the_time_is_up(place, seconds):
    cut_short = []

    def work():
        try:
            with interrupts.expiring(seconds):
                busy()
        except interrupts.TimeUpError:
            cut_short.append(True)

    place(work)
    assert cut_short == [True]


@pytest.mark.parametrize("seconds", [None, 30.0, math.inf])
def test_work_that_is_done_in_time_is_left_alone(seconds):
    with interrupts.expiring(seconds):
        busy(0.05)


@pytest.fixture
def _threads_take_turns():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_threads_take_turns")
def test_nothing_comes_when_the_block_is_left():
    came = 0
    for count in range(1000):
        try:
            with interrupts.expiring(0.001):
                busy(count % 50 * 1e-4)
        except interrupts.TimeUpError:
            came += 1
        busy(2e-4)
    assert 0 < came < 1000, "the time is up inside of some blocks, and after others"


@pytest.mark.parametrize(("outer", "inner"), [(30.0, 0.05), (0.05, 30.0)])
def test_of_nested_blocks_the_shorter_one_ends(outer, inner):
    ended = []
    try:
        with interrupts.expiring(outer):
            try:
                with interrupts.expiring(inner):
                    busy()
            finally:
                ended.append("inner")
            ended.append("not here")
    except interrupts.TimeUpError:
        ended.append("outer")
    assert ended == ["inner", "outer"]


def test_work_that_goes_on_is_told_again(monkeypatch):
    monkeypatch.setattr(interrupts, "AGAIN_S", 0.05)

    def goes_on():
        with contextlib.suppress(interrupts.TimeUpError), interrupts.expiring(30.0):
            busy()
        busy()

    with pytest.raises(interrupts.TimeUpError), interrupts.expiring(0.05):
        goes_on()


def test_each_thread_has_its_own_time():
    ended = []

    def work(seconds):
        with contextlib.suppress(interrupts.TimeUpError), interrupts.expiring(seconds):
            busy(0.5)
            ended.append(seconds)

    threads = [threading.Thread(target=work, args=(seconds,)) for seconds in (0.05, 60.0, 0.1, 50.0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == [50.0, 60.0]


def test_ctrl_c_is_held_and_then_heard_again():
    with interrupts.held() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        busy(0.05)
        assert stop.is_set()
    threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        busy()


def test_a_model_that_takes_too_long_to_build_costs_nobody_the_plan():
    instance = load("fleet-40x400")
    solution = solvers.solve(instance, "tangents", time_limit=2.0)
    assert (solution.status, solution.termination) == ("feasible", "time-limit")
    assert 0 < solution.objective <= solution.bound
    assert check(instance, solution).feasible


def test_nothing_hangs_under_a_profiler():
    code = """
import cProfile
from partload.solvers.interrupts import expiring, TimeUpError
profile = cProfile.Profile()
profile.enable()
for _ in range(3):
    try:
        with expiring(0.01):
            while True:
                abs(1)
    except TimeUpError:
        print("up")
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ran.stdout == "up\n" * 3
