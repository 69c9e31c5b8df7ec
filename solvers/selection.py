"""The choice of a method: one that is named, or, for ``exact``, the fastest exact one that covers the instance."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from partload.formulations import FORMULATIONS, by_name, ensure_problem
from partload.instances.errors import InputError, expected_one_of
from partload.instances.problem import AnyProblem
from partload.instances.records import AnyInstance
from partload.solvers.methods import METHODS
from partload.solvers.registry import Limits, Method

EXACT = "exact"
"""Stands for the fastest exact method that covers an instance; what is used when no method is named."""


class Selection(NamedTuple):
    """A method that covers an instance."""

    method: Method
    reason: str | None
    """Why ``exact`` selected it; None for a method that was named."""


def select(problem: AnyProblem, instance: AnyInstance, name: str | None, limits: Limits) -> Selection:
    """Select a method for an instance.

    Parameters
    ----------
    problem, instance
        What is to be solved.
    name
        Name of a method; ``exact`` or None for the first exact one of ``METHODS``, where the fastest come first.
    limits
        Also formulation and solver, which a method may not support.

    Raises
    ------
    InputError
        For an unknown name, and when nothing covers the instance; the message names what is in the way.
    """
    if limits.formulation is not None:
        ensure_problem(FORMULATIONS, by_name(FORMULATIONS, limits.formulation), problem.name, instance.name)
    if name is None or name == EXACT:
        return _exact(problem, instance, limits)
    method = _named(problem, name)
    if missing := method.unsupported(instance, limits):
        raise InputError(_refusal(method, missing), source=instance.name)
    return Selection(method, None)


def _exact(problem: AnyProblem, instance: AnyInstance, limits: Limits) -> Selection:
    """The first exact method that covers the instance."""
    refusals: list[tuple[Method, list[str]]] = []
    for method in METHODS:
        if method.problem != problem.name or not method.exact:
            continue
        missing = method.unsupported(instance, limits)
        if not missing:
            return Selection(method, _reason(method, refusals))
        refusals.append((method, missing))
    raise InputError(
        "; ".join(_refusal(method, missing) for method, missing in refusals) or "no exact method", source=instance.name
    )


def _reason(method: Method, refusals: list[tuple[Method, list[str]]]) -> str:
    """What a method does, and the first thing that rules out each of those before it."""
    reason = f"{method.name}: {method.summary.partition(';')[0]}"
    ruled_out: dict[str, list[str]] = defaultdict(list)
    for other, missing in refusals:
        ruled_out[missing[0]].append(other.name)
    others = "; ".join(f"not {', '.join(names)}: {feature}" for feature, names in ruled_out.items())
    return f"{reason} ({others})" if others else reason


def _named(problem: AnyProblem, name: str) -> Method:
    mine = [method for method in METHODS if method.problem == problem.name]
    found = next((method for method in mine if method.name == name), None)
    if found is not None:
        return found
    hint = next((f", a method of {one.problem}" for one in METHODS if one.name == name), None)
    names = (EXACT, *(method.name for method in mine))
    raise InputError(expected_one_of(names, name, also=" or package.module:function", hint=hint), source="method")


def _refusal(method: Method, missing: list[str]) -> str:
    return f"method {method.name!r} does not cover {', '.join(missing)}"
