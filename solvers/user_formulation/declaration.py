"""What the module of a user's formulation says of it, read without Pyomo, and the error for all that is wrong."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import get_args

from partload.formulations.registry import Kind
from partload.solvers.user_code import OwnCodeError

SOURCE = "formulation"


class FormulationError(OwnCodeError):
    """A formulation of the user's cannot be had, fails, or lacks something that is needed to solve it."""


def kind_of(function: Callable[..., object], module_name: str) -> Kind | None:
    """What the module that a function is taken from says of its kind; None where it says nothing.

    Raises
    ------
    FormulationError
        When it says something else, or the function does not take the slack.
    """
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        parameters = ()  # type: ignore[assignment]
    keywords = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    takes = any(p.kind is p.VAR_KEYWORD or (p.name == "slack" and p.kind in keywords) for p in parameters)
    name = getattr(function, "__qualname__", type(function).__name__)
    if not takes:
        problem = "the relative amount by which it loosens all limits, so that tolerances of solvers do no harm"
        raise FormulationError(f"expected {name}(instance, *, slack) with the keyword slack, {problem}", source=SOURCE)
    kind: Kind | None = getattr(sys.modules.get(module_name), "KIND", None)
    if kind is not None and kind not in get_args(Kind):
        kinds = ", ".join(map(repr, get_args(Kind)))
        raise FormulationError(f"expected KIND to be one of {kinds}, got {kind!r}", source=SOURCE)
    return kind
