"""A wrong type in a call of a public function is answered in one line, which says what was expected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import partload
from partload.benchmarks.gap.study import gap, merge
from partload.solvers import relaxation_bound, upper_bound

INSTANCE = partload.read("three-models")
SOLUTION = partload.solve(INSTANCE)
PLAN = SOLUTION.plan()
NUMBER, PATH, WORD, SEVERAL = (
    {"time": 2.5, "none": None, "true": True},
    {"text": "there.json", "path": Path("there.json")},
    {"text": "one\ntwo"},
    {"tuple": (), "list": [], "one": [1]},
)
WRONG = {
    "whole": 3,
    "nan": float("nan"),
    "bytes": b"x",
    "object": object(),
    "type": int,
    "mapping": {"a": 1},
    "set": {1},
    "instance": INSTANCE,
    "solution": SOLUTION,
    **NUMBER,
    **PATH,
    **WORD,
    **SEVERAL,
}
"""Values of every kind; each argument below names those that it takes, the others are wrong for it."""
OPTIONAL_NUMBER = ("whole", "time", "none")
CALLS: dict[str, tuple[Callable[..., object], dict[str, object], dict[str, tuple[str, ...]]]] = {
    "read": (partload.read, {"path": "three-models"}, {"path": (), "kind": ("none",)}),
    "write": (
        partload.write,
        {"record": INSTANCE, "path": "there.json"},
        {"record": ("instance", "solution"), "path": ("text", "path")},
    ),
    "solve": (
        partload.solve,
        {"instance": INSTANCE, "method": "greedy-rate"},
        {
            "instance": ("instance",),
            "method": ("none",),
            "formulation": ("none",),
            "solver": ("none",),
            "time_limit": OPTIONAL_NUMBER,
            "gap": (),
            "seed": ("whole", "none"),
            "bandwidth": ("none",),
            "memory": ("none",),
            "progress": ("none", "true", "type"),
        },
    ),
    "check": (
        partload.check,
        {"instance": INSTANCE, "solution": SOLUTION},
        {"instance": ("instance",), "solution": ("solution",)},
    ),
    "check_plan": (
        partload.check_plan,
        {"instance": INSTANCE, "plan": PLAN},
        {"instance": ("instance",), "plan": ("tuple", "list")},
    ),
    "generate": (
        partload.generate,
        {"family": "general", "models": 2, "requests": 2},
        {"family": (), "seed": ("whole",)},
    ),
    "plot": (
        partload.plot,
        {"solution": SOLUTION, "path": "there.svg"},
        {"solution": ("solution",), "path": (), "instance": ("instance", "none"), "what": ()},
    ),
    "gap": (
        gap,
        {"sources": INSTANCE},
        {
            "sources": (),
            "methods": (),
            "no_sharing": (),
            "sweeps": (),
            "time_limit": (),
            "gap": (),
            "seed": (),
            "memory": (),
            "workers": (),
            "dask": (),
            "shard": (),
            "output": (),
            "progress": (),
        },
    ),
    "merge": (merge, {"logs": ["there.jsonl"]}, {"logs": (), "output": ()}),
    "upper_bound": (upper_bound, {"instance": INSTANCE}, {"instance": ("instance",)}),
    "relaxation_bound": (relaxation_bound, {"instance": INSTANCE}, {"time_limit": ()}),
    "relax": (
        partload.relax,
        {"instance": INSTANCE},
        {"instance": ("instance",), "formulation": (), "on": (), "search": (), "time_limit": ()},
    ),
    "import_requests": (
        partload.import_requests,
        {"base": INSTANCE, "table": "there.csv"},
        {"base": (), "table": (), "name": (), "deadline_s": ()},
    ),
    "import_solution": (
        partload.import_solution,
        {"instance": INSTANCE, "path": "there.sol", "formulation": "slot"},
        {"instance": (), "path": (), "formulation": ()},
    ),
}
RUNS = {
    "gap": {
        "sources": ("instance", "one"),
        "methods": ("none",),
        "no_sharing": ("tuple", "list"),
        "sweeps": ("tuple", "list"),
        "time_limit": OPTIONAL_NUMBER,
        "seed": ("whole", "none"),
        "memory": ("none", "whole", "time"),
        "workers": ("whole",),
        "dask": ("none", "text"),
        "shard": ("none",),
        "output": ("none", "path", "text"),
        "progress": ("none", "true", "type"),
    },
    "relaxation_bound": {"time_limit": OPTIONAL_NUMBER},
    "relax": {
        "formulation": ("none",),
        "on": ("none", "tuple", "list"),
        "search": ("true",),
        "time_limit": OPTIONAL_NUMBER,
    },
}
"""What is right, but would run something that takes time: not tried here."""


def wrong_calls() -> Iterator[object]:
    for name, (_, _, arguments) in CALLS.items():
        for argument, right in arguments.items():
            yield pytest.param(name, argument, right, id=f"{name}-{argument}")


@pytest.mark.parametrize(("name", "argument", "right"), [*wrong_calls()])
def test_every_value_is_taken_or_refused_in_one_line(name, argument, right, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    function, given, _ = CALLS[name]
    refused = 0
    for kind, value in WRONG.items():
        if kind in RUNS.get(name, {}).get(argument, ()):
            continue
        call = {**given, argument: value}
        if kind in right:
            function(**call)
            continue
        with pytest.raises(partload.InputError) as caught:
            function(**call)
        problem = str(caught.value)
        assert len(problem.splitlines()) == 1, problem
        refused += 1
    assert refused > 4


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda: partload.read(3), "path: expected a path, got a value of type int"),
        (lambda: partload.read("a\0b"), "path: expected a path, got 'a\\x00b'"),
        (lambda: partload.read("three-models", "x"), "kind: expected the type of a record, such as partload.Instance"),
        (lambda: partload.solve(INSTANCE, time_limit="60"), "time limit: expected a number of seconds above 0, got"),
        (lambda: partload.solve(INSTANCE, gap=None), "gap: expected a number from 0 to below 1, got"),
        (lambda: partload.solve(INSTANCE, seed=2.0), "seed: expected a whole number from 0 to 2147483647, got"),
        (lambda: partload.solve(INSTANCE, seed=True), "seed: expected a whole number from 0 to 2147483647, got"),
        (lambda: partload.solve(INSTANCE, "milp", solver=""), "solver: expected one of highs, scip, got ''"),
        (
            lambda: partload.check_plan(INSTANCE, None),
            "plan: expected a sequence of Slot, got a value of type NoneType",
        ),
        (
            lambda: partload.check_plan(INSTANCE, {"A": PLAN}),
            "plan: expected a sequence of Slot, got a value of type dict",
        ),
        (
            lambda: partload.check_plan(INSTANCE, [1]),
            "plan: expected a sequence of Slot, got a value of type int in it",
        ),
        (lambda: gap(INSTANCE, "exact"), "methods: expected a sequence of methods, got a value of type str"),
        (
            lambda: gap(INSTANCE, sweeps="bandwidth=1e6"),
            "sweeps: expected a sequence of sweeps, got a value of type str",
        ),
        (lambda: merge("rows.jsonl"), "merge: expected a sequence of results logs, got a value of type str"),
        (lambda: relaxation_bound(INSTANCE, -1), "time limit: expected a number of seconds above 0, got -1"),
        (lambda: partload.check(INSTANCE, INSTANCE), "expected a solution, got the instance 'three-models'"),
    ],
)
def test_the_line_says_what_was_expected(call, problem):
    with pytest.raises(partload.InputError) as caught:
        call()
    assert problem in str(caught.value)


def test_numbers_of_numpy_are_numbers():
    solution = partload.solve(INSTANCE, "greedy-rate", seed=np.int64(3), time_limit=np.float32(2), gap=np.float64(0))
    assert type(solution.seed) is int
    assert solution.options == {"time_limit": 2.0, "gap": 0.0}


def test_a_plan_may_be_any_sequence_of_decisions():
    for plan in (PLAN, list(PLAN), iter(PLAN)):
        assert partload.check_plan(INSTANCE, plan).feasible


def test_a_text_in_place_of_a_tuple_of_ids_is_refused():
    with pytest.raises(
        partload.InputError, match=r"expected a tuple of ids in requests, got the text 'A.1'; \('A.1',\) is one"
    ):
        partload.check_plan(INSTANCE, [partload.Slot("A", ("A.1"))])
