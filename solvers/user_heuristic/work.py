"""The work of a child process: import a user's heuristic, run it and check that it returns a plan."""

from __future__ import annotations

import importlib
import inspect
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import cloudpickle

from partload.instances.errors import InputError
from partload.instances.problems import problem_of
from partload.instances.records import AnyInstance, Decision, Plan
from partload.solvers.processes.result import failure_of

Heuristic = Callable[..., Any]
"""From an instance to the decisions of a plan, ``Slot`` or ``Served``; a generator function gives one plan after the
other, each better than those before. It may take ``time_limit`` and ``seed`` as keywords."""
WISHES = ("time_limit", "seed")
_importing = False


class HeuristicError(InputError):
    """A callable of the user's cannot be had, fails, or gives something that is no plan."""

    details = ""
    """What it printed and the traceback of its exception, where there are such."""


def importing() -> bool:
    """Whether a heuristic is being imported in this process now."""
    return _importing


def named(text: str) -> Heuristic:
    """The callable that ``package.module:function`` names; modules of the current folder are found too.

    Raises
    ------
    HeuristicError
        When there is none.
    """
    module_name, _, function_name = text.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        failure = failure_of(error)
        missing = isinstance(error, ModuleNotFoundError) and module_name.startswith(str(error.name))
        what = failure.message if missing else str(failure).removeprefix("failed with ")
        raise HeuristicError(f"cannot import {module_name!r}: {what}", source="method") from error
    function = getattr(module, function_name, None)
    if not callable(function):
        problem = f"expected a function {function_name!r} in {module_name!r}, there is none"
        raise HeuristicError(problem, source="method")
    heuristic: Heuristic = function
    return heuristic


def loaded(name: str, content: bytes | None) -> Heuristic:
    """A heuristic from its pickle or, without one, by its name; raises HeuristicError."""
    global _importing
    _importing = True
    try:
        heuristic: Heuristic = named(name) if content is None else cloudpickle.loads(content)
    finally:
        _importing = False
    return heuristic


def ready(send: Callable[[object], None], name: str, content: bytes | None) -> frozenset[str]:
    """Import a heuristic; which of ``WISHES`` it takes."""
    return frozenset(_keywords(loaded(name, content)))


def work(
    send: Callable[[object], None], name: str, content: bytes | None, instance: bytes, wishes: dict[str, object]
) -> tuple[Plan, float]:
    """Run a heuristic: its plan, and how many seconds it took. Plans that it yields are sent."""
    heuristic = loaded(name, content)
    record = cloudpickle.loads(instance)
    before = time.perf_counter()
    plan = decided(heuristic, record, wishes, send)
    return plan, time.perf_counter() - before


def decided(
    heuristic: Heuristic, instance: AnyInstance, wishes: dict[str, object], send: Callable[[Plan], None]
) -> Plan:
    """The plan of a heuristic; each that a generator function yields is sent on.

    Raises
    ------
    HeuristicError
        When it gives something that is not a plan of the instance's problem.
    """
    decision = problem_of(instance).decision
    keywords = {
        name: wishes[name]
        for name, required in _keywords(heuristic).items()
        if required or wishes[name] is not None  # Defaults are the user's.
    }
    given = heuristic(instance, **keywords)
    if not _yields(heuristic):
        return _plan(given, decision)
    plan: Plan = ()
    for part in _with_return(given):
        plan = _plan(part, decision)
        send(plan)
    return plan


def _keywords(heuristic: Heuristic) -> dict[str, bool]:
    """Which of ``WISHES`` it takes as keywords beside the instance, and whether it has no default for it."""
    try:
        _, *others = inspect.signature(heuristic).parameters.values()
    except (TypeError, ValueError):
        return {}
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {
        each.name: each.default is inspect.Parameter.empty
        for each in others
        if each.name in WISHES and each.kind in named
    }


def _yields(heuristic: Heuristic) -> bool:
    return inspect.isgeneratorfunction(heuristic) or inspect.isgeneratorfunction(type(heuristic).__call__)


def _with_return(plans: Generator[object, None, object]) -> Iterator[object]:
    """What is yielded and, where something is, what is returned."""
    last = yield from plans
    if last is not None:
        yield last


def _plan(given: object, decision: type[Decision]) -> Plan:
    if not isinstance(given, Iterable):
        raise HeuristicError(f"expected a sequence of {decision.__name__}, got {given!r}", source="method")
    plan = tuple(given)
    for part in plan:
        if not isinstance(part, decision):
            problem = f"expected a sequence of {decision.__name__}, got a value of type {type(part).__name__} in it"
            raise HeuristicError(problem, source="method")
    return plan
