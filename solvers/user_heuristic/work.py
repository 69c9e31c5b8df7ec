"""The work of a child process: import a user's heuristic, run it and check that it returns a plan."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any

import cloudpickle

from partload.instances.problems import problem_of
from partload.instances.records import AnyInstance, Plan
from partload.solvers import user_code
from partload.solvers.user_code import OwnCodeError

Heuristic = Callable[..., Any]
"""From an instance to the decisions of a plan, ``Slot`` or ``Served``; a generator function gives one plan after the
other, each better than those before. It may take ``time_limit`` and ``seed`` as keywords."""
WISHES = ("time_limit", "seed")


class HeuristicError(OwnCodeError):
    """A heuristic of the user's cannot be had, fails, or gives something that is no plan."""


def named(text: str) -> Heuristic:
    """The callable that ``package.module:function`` names; modules of the current folder are found too.

    Raises
    ------
    HeuristicError
        When there is none.
    """
    return user_code.named(text, HeuristicError, "method")


def loaded(name: str, content: bytes | None) -> Heuristic:
    """A heuristic from its pickle or, without one, by its name; raises HeuristicError."""
    with user_code.while_importing():
        heuristic: Heuristic = named(name) if content is None else cloudpickle.loads(content)
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
        return user_code.plan_of(given, decision, HeuristicError, "method")
    plan: Plan = ()
    for part in _with_return(given):
        plan = user_code.plan_of(part, decision, HeuristicError, "method")
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
