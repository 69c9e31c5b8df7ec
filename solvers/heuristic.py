"""A heuristic of the user's own: any callable from an instance to a plan."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from instances.errors import InputError
from instances.problems import problem_of
from solvers.registry import Outcome

Heuristic = Callable[[Any], Iterable[Any]]
"""From an instance to the decisions of a plan, ``Slot`` or ``Served``."""


class HeuristicError(InputError):
    """A callable of the user's cannot be had, fails, or gives something that is no plan."""


def label(heuristic: Heuristic) -> str:
    """``package.module:function``, by which solutions and tables call it."""
    module = getattr(heuristic, "__module__", None) or type(heuristic).__module__
    return f"{module}:{getattr(heuristic, '__qualname__', type(heuristic).__name__)}"


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
        raise HeuristicError(f"cannot import {module_name!r}: {_first_line(error)}", source="method") from None
    function = getattr(module, function_name, None)
    if not callable(function):
        problem = f"expected a function {function_name!r} in {module_name!r}, there is none"
        raise HeuristicError(problem, source="method")
    heuristic: Heuristic = function
    return heuristic


def run(heuristic: Heuristic, instance: Any) -> Outcome:
    """Run a heuristic once; it proves nothing.

    Raises
    ------
    HeuristicError
        When it fails, or gives something that is not a plan of the instance's problem.
    """
    decision = problem_of(instance).decision
    before = time.perf_counter()
    try:
        plan = tuple(heuristic(instance))
    except (Exception, SystemExit) as error:
        raise HeuristicError(f"failed with {type(error).__name__}: {_first_line(error)}", source="method") from error
    for part in plan:
        if not isinstance(part, decision):
            problem = f"expected a sequence of {decision.__name__}, got a {type(part).__name__} in it"
            raise HeuristicError(problem, source="method")
    return Outcome(plan, None, "heuristic-end", solve_s=time.perf_counter() - before)


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]
