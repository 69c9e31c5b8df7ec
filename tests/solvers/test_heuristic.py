"""A user's own heuristic: checked like ours, and its mistakes told in one line."""

from __future__ import annotations

import sys
import threading
import types

import pytest

from partload import solvers
from partload.instances.errors import InputError
from partload.instances.library import load
from partload.instances.partial_loading.plan import Slot
from partload.solvers.user_heuristic.run import CrashError
from partload.solvers.user_heuristic.work import HeuristicError
from tests.support import own_heuristics

INSTANCE = load("three-models")
FIRST = INSTANCE.requests[0]


def serve_the_first(instance):
    return [Slot(FIRST.model, (FIRST.id,))]


def serve_twice(instance):
    return serve_the_first(instance) * 2


def fail(instance):
    raise RuntimeError("out of ideas\nreally")


def give_text(instance):
    return ["A"]


def give_nothing(instance):
    pass


def yield_slots(instance):
    yield from serve_the_first(instance)


def test_a_callable_is_a_method():
    solution = solvers.solve(INSTANCE, serve_the_first)
    assert solution.method.endswith("test_heuristic:serve_the_first")
    assert (solution.status, solution.termination, solution.objective) == ("feasible", "heuristic-end", 1.0)
    assert solution.bound is None
    assert solution.gap is None


def test_a_named_function_is_a_method(tmp_path, monkeypatch):
    (tmp_path / "mine_own.py").write_text("def nothing(instance):\n    return []\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    solution = solvers.solve(INSTANCE, "mine_own:nothing")
    assert (solution.method, solution.status, solution.objective) == ("mine_own:nothing", "unknown", 0.0)


def leave(instance):
    raise SystemExit("enough")


@pytest.mark.parametrize(
    ("method", "problem"),
    [
        (serve_twice, "gives a plan that is not feasible: served-twice: slots\\[1\\]"),
        (fail, "method: failed with RuntimeError: out of ideas \\(.*test_heuristic.py:\\d+\\)$"),
        (leave, "method: failed with SystemExit: enough \\(.*test_heuristic.py:\\d+\\)$"),
        (give_text, "method: expected a sequence of Slot, got a value of type str in it$"),
        (give_nothing, "method: expected a sequence of Slot, got a value of type NoneType$"),
        (yield_slots, "method: expected a sequence of Slot, got a value of type Slot$"),
        ("no_such_module:run", "method: cannot import 'no_such_module'"),
        ("json:no_such_function", "method: expected a function 'no_such_function' in 'json'"),
    ],
)
def test_what_a_heuristic_does_wrong_is_said(method, problem):
    with pytest.raises(InputError, match=problem):
        solvers.solve(INSTANCE, method)


def told(instance, time_limit=None, *, seed):
    return serve_the_first(instance) if (time_limit, seed) == (20.0, 7) else []


def told_as_it_likes(instance, seed=3, **others):
    return serve_the_first(instance) if (seed, others) == (3, {}) else []


class Told:
    """An object that can be called."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __call__(self, instance, seed):
        return serve_the_first(instance) if (self.number, seed) == (1, None) else []


@pytest.mark.parametrize(
    ("heuristic", "asked"),
    [(told, {"time_limit": 20.0, "seed": 7}), (told_as_it_likes, {"time_limit": 20.0}), (Told(1), {})],
)
def test_a_heuristic_is_given_what_it_takes(heuristic, asked):
    assert solvers.solve(INSTANCE, heuristic, **asked).objective == 1.0


def improving(instance):
    yield []
    yield serve_the_first(instance)


def improving_and_returning(instance):
    yield []
    return serve_the_first(instance)


class Improving:
    """The same as an object that can be called."""

    def __call__(self, instance):
        yield from improving(instance)


@pytest.mark.parametrize("heuristic", [improving, improving_and_returning, Improving()])
def test_the_last_plan_that_is_yielded_counts(heuristic):
    solution = solvers.solve(INSTANCE, heuristic)
    assert (solution.termination, solution.objective) == ("heuristic-end", 1.0)


def stubborn(instance, time_limit):
    yield serve_the_first(instance)
    own_heuristics.never(instance)


@pytest.mark.parametrize("heuristic", [own_heuristics.better_and_better, stubborn])
@pytest.mark.parametrize("place", ["here", "in a thread"])
def test_at_the_time_limit_the_last_plan_counts(heuristic, place):
    found = []
    work = threading.Thread(target=lambda: found.append(solvers.solve(INSTANCE, heuristic, time_limit=0.5)))
    if place == "here":
        work.run()
    else:
        work.start()
        work.join()
    assert (found[0].status, found[0].termination, found[0].objective) == ("feasible", "time-limit", 1.0)


def test_a_heuristic_that_did_not_return_in_time_has_no_plan():
    solution = solvers.solve(INSTANCE, own_heuristics.never, time_limit=0.2)
    assert (solution.status, solution.termination, solution.slots) == ("unknown", "time-limit", ())


def test_a_crash_is_told_and_the_caller_goes_on():
    with pytest.raises(CrashError, match=r"method: died with signal SIGSEGV \(.*own_heuristics\.py:\d+\)$"):
        solvers.solve(INSTANCE, own_heuristics.segfaults)
    with pytest.raises(CrashError, match=r"method: died with exit status 3: last words$"):
        solvers.solve(INSTANCE, "tests.support.own_heuristics:crashes")


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read as Linux tells it")
def test_memory_is_limited():
    with pytest.raises(HeuristicError, match=r"method: used more than 300 MB of memory$"):
        solvers.solve(INSTANCE, own_heuristics.grows, memory="300MB")


def test_memory_is_limited_for_heuristics_alone():
    with pytest.raises(InputError, match=r"^memory: is for heuristics of your own"):
        solvers.solve(INSTANCE, "milp", memory="1GB")


def test_a_function_of_a_function_is_a_method():
    half = 0.5
    assert solvers.solve(INSTANCE, lambda instance: serve_the_first(instance) if half else []).objective == 1.0


def test_a_function_of_a_module_that_no_other_process_finds_is_a_method(tmp_path, monkeypatch):
    module = types.ModuleType("made_by_hand")
    monkeypatch.setitem(sys.modules, "made_by_hand", module)
    code = "def nothing(instance): return []\ndef own(instance): return nothing(instance)\n"
    exec(code, module.__dict__)
    assert solvers.solve(INSTANCE, module.own, time_limit=20).termination == "heuristic-end"


def test_what_cannot_be_pickled_runs_here_if_there_are_no_limits():
    lock = threading.Lock()

    def locked(instance):
        with lock:
            return serve_the_first(instance)

    def locked_out(instance):
        with lock:
            raise ValueError("no way out")

    assert solvers.solve(INSTANCE, locked).objective == 1.0
    with pytest.raises(
        HeuristicError, match=r"method: failed with ValueError: no way out \(.*test_heuristic\.py:\d+\)$"
    ) as error:
        solvers.solve(INSTANCE, locked_out)
    assert error.value.details.startswith("Traceback")
    for limit in ({"time_limit": 10}, {"memory": "1GB"}):
        with pytest.raises(HeuristicError, match="cannot be sent to another process, where limits hold: TypeError"):
            solvers.solve(INSTANCE, locked, **limit)


def test_an_error_has_what_was_printed_and_the_traceback():
    with pytest.raises(HeuristicError) as error:
        solvers.solve(INSTANCE, own_heuristics.fails)
    assert error.value.details.startswith("thinking\nTraceback")
    assert error.value.details.endswith("ValueError: out of ideas\nreally\n")


def test_a_module_that_fails_is_told(tmp_path, monkeypatch):
    (tmp_path / "failing_module.py").write_text("import json\njson.loads('{')\n", encoding="utf-8")
    (tmp_path / "half_a_module.py").write_text("def run(instance:\n", encoding="utf-8")
    (tmp_path / "lacking_module.py").write_text("import no_such_library\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name, problem in {
        "failing_module": r"cannot import 'failing_module': JSONDecodeError: .* \(.*failing_module\.py:2\)$",
        "half_a_module": r"cannot import 'half_a_module': SyntaxError: .* \(.*half_a_module\.py:1\)$",
        "lacking_module": r"cannot import 'lacking_module': ModuleNotFoundError: .* \(.*lacking_module\.py:1\)$",
        "no_module": r"cannot import 'no_module': No module named 'no_module'$",
    }.items():
        with pytest.raises(HeuristicError, match=problem):
            solvers.solve(INSTANCE, f"{name}:run")
