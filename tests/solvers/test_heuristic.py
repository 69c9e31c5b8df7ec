"""A user's own heuristic: checked like ours, and its mistakes told in one line."""

from __future__ import annotations

import pytest

import solvers
from instances.errors import InputError
from instances.library import load
from instances.partial_loading.plan import Slot

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
        (fail, "method: failed with RuntimeError: out of ideas \\(.*test_heuristic.py:25\\)$"),
        (leave, "method: failed with SystemExit: enough \\(.*test_heuristic.py:48\\)$"),
        (give_text, "method: expected a sequence of Slot, got a str in it"),
        ("no_such_module:run", "method: cannot import 'no_such_module'"),
        ("json:no_such_function", "method: expected a function 'no_such_function' in 'json'"),
    ],
)
def test_what_a_heuristic_does_wrong_is_said(method, problem):
    with pytest.raises(InputError, match=problem):
        solvers.solve(INSTANCE, method)
