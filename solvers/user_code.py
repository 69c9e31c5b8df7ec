"""Code of the user's own, heuristics and formulations: found by its name, and its mistakes told in one line."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from partload.instances import arguments
from partload.instances.errors import InputError
from partload.instances.records import Decision, Plan
from partload.solvers.processes.result import Failure, Result, failure_of

_importing = False


class OwnCodeError(InputError):
    """A callable of the user's cannot be had, fails, or gives something that it should not."""

    details = ""
    """What it printed and the traceback of its exception, where there are such."""


ErrorT = TypeVar("ErrorT", bound=OwnCodeError)


def is_own(text: str) -> bool:
    """Whether a name of a method or of a formulation is that of the user's own, ``package.module:function``."""
    return ":" in text


def importing() -> bool:
    """Whether code of the user's is being imported in this process now."""
    return _importing


@contextmanager
def while_importing() -> Iterator[None]:
    """Code of the user's is imported inside."""
    global _importing
    _importing = True
    try:
        yield
    finally:
        _importing = False


def named(text: str, error_type: type[OwnCodeError], source: str) -> Callable[..., object]:
    """The callable that ``package.module:function`` names; modules of the current folder are found too.

    Raises
    ------
    OwnCodeError
        Of the type that is asked for, when there is none.
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
        raise error_type(f"cannot import {module_name!r}: {what}", source=source) from error
    function: Callable[..., object] | None = getattr(module, function_name, None)
    if not callable(function):
        problem = f"expected a function {function_name!r} in {module_name!r}, there is none"
        raise error_type(problem, source=source)
    return function


def plan_of(given: object, decision: type[Decision], error_type: type[OwnCodeError], source: str) -> Plan:
    """What code of the user's gives, as a plan; raises an error of this type on anything else."""
    return arguments.plan(given, decision, source, error_type)


def detailed(error: ErrorT, failure: Failure | None, printed: str = "") -> ErrorT:
    """The error with what the code has printed, and its traceback."""
    error.details = printed + (failure.traceback if failure is not None else "")
    return error


def error_of(
    result: Result, error_type: type[ErrorT], source: str, *, doing: str = "", crash: type[ErrorT] | None = None
) -> ErrorT:
    """What a call that did not return is told as: an error of this type; ``crash`` is that of a process that died."""
    failure = result.failure
    if failure is None:
        kind = crash if crash is not None and result.ended == "died" else error_type
        return detailed(kind(doing + result.reason, source=source), failure, result.printed)
    error = failure.error
    if not isinstance(error, error_type):
        error = error_type(result.reason, source=source)
    return detailed(error, failure, result.printed)
