"""Tasks of a study: every method on every case. What is wrong with the call is an error here, before the first run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from partload.benchmarks.gap.cases import Case
from partload.benchmarks.gap.problems import study_of
from partload.benchmarks.gap.rows import RunKey
from partload.benchmarks.gap.run import Task
from partload.benchmarks.gap.serialisation import serialise
from partload.instances.errors import InputError, expected_one_of
from partload.instances.partial_loading.instance import Instance
from partload.instances.problems import PROBLEMS, problem_of
from partload.instances.serialisation import sha256
from partload.solvers.methods import METHODS
from partload.solvers.registry import Limits, Method
from partload.solvers.selection import EXACT
from partload.solvers.user_heuristic.run import Packed, label, ready
from partload.solvers.user_heuristic.work import Heuristic, named

MethodSpec = str | Heuristic
"""``exact``, the name of a method or ``package.module:function``, each also as ``exact@SECONDS``; or a callable."""


class SelectedMethod(NamedTuple):
    """A method of a study, which exists."""

    name: str
    registered: tuple[Method, ...] = ()
    """The registered methods of this name, one for each problem that has one. Empty for ``exact``, which stands for
    another method on each instance."""
    heuristic: Heuristic | None = None
    """A callable; None for a method that a process finds by its name."""
    time_limit: float | None = None
    """Time limit of this method [s]; None for that of the study."""
    problem: str | None = None
    """The only problem on whose instances the method runs; None for all problems."""


def select_methods(specs: Iterable[MethodSpec]) -> list[SelectedMethod]:
    """Find the methods, each once for each time limit of its own.

    Raises
    ------
    InputError
        When a name is unknown, a module cannot be imported, a time limit is not positive, or two
        callables have one name.
    """
    found: dict[tuple[str, float | None], SelectedMethod] = {}
    for spec in specs:
        method = _select(spec)
        if found.setdefault((method.name, method.time_limit), method) != method:
            problem = f"expected methods of different names, {method.name!r} are two; give one a __qualname__"
            raise InputError(problem, source="methods")
    return list(found.values())


def default_methods() -> list[SelectedMethod]:
    """Select the default methods of each problem for its own instances."""
    return [
        method._replace(problem=problem.name)
        for problem in PROBLEMS
        for method in select_methods(study_of(problem).DEFAULT_METHODS)
    ]


def build_tasks(
    cases: Sequence[Case],
    methods: Sequence[SelectedMethod],
    no_sharing: Sequence[SelectedMethod],
    limits: Limits,
    *,
    by_value: bool = False,
) -> list[Task]:
    """Build the tasks of a study, case by case: the methods, then ``exact`` if none of them is exact, then no sharing.

    Parameters
    ----------
    cases
        Instances and variations.
    methods
        Methods to run on each instance, or on the instances of their only problem.
    no_sharing
        Methods to run on the copy of each instance without sharing.
    limits
        Time limit, gap, seed and memory of each run. The time limit of a method comes before that of ``limits``.
    by_value
        Whether a heuristic is sent with its code, to machines that do not have its module.

    Raises
    ------
    InputError
        When a heuristic cannot be sent to another process, or ``no_sharing`` meets a problem without shared blocks.
    """
    content = {method.name: _serialised(method, by_value) for method in (*methods, *no_sharing)}
    found: dict[RunKey, Task] = {}
    for case in cases:
        if no_sharing and not isinstance(case.instance, Instance):
            wrong = f"expected instances in which models share blocks, {case.instance.name!r} has none: leave it out"
            raise InputError(wrong, source="no sharing")
        for task in _tasks_of_case(case, methods, no_sharing, limits, content):
            found.setdefault(task.asked, task)
    return list(found.values())


def _tasks_of_case(
    case: Case,
    methods: Sequence[SelectedMethod],
    no_sharing: Sequence[SelectedMethod],
    limits: Limits,
    content: Mapping[str, bytes | None],
) -> list[Task]:
    digest = sha256(case.instance)
    problem = problem_of(case.instance).name
    shared = [method for method in methods if method.problem in (None, problem)]
    if not _has_exact(shared, case, limits):
        shared.append(SelectedMethod(EXACT))  # Without a proof there is no reference, and so no gap.
    return [
        Task(
            RunKey(
                instance=case.instance.name,
                instance_sha256=digest,
                swept=case.swept,
                sharing=sharing,
                method=method.name,
                time_limit=limits.time_limit if method.time_limit is None else method.time_limit,
                gap=limits.gap,
                seed=limits.seed,
                memory_bytes=limits.memory_bytes,
            ),
            case.instance,
            content.get(method.name),
        )
        for selected, sharing in ((shared, True), (no_sharing, False))
        for method in selected
    ]


def _select(spec: MethodSpec) -> SelectedMethod:
    if not isinstance(spec, str):
        if not callable(spec):
            raise InputError(f"expected a name or a callable, got {spec!r}", source="methods")
        return SelectedMethod(label(spec), heuristic=spec)
    name, at, limit = spec.partition("@")
    own_limit = _seconds(limit, spec) if at else None
    if name == EXACT:
        return SelectedMethod(EXACT, time_limit=own_limit)
    if ":" in name:
        ready(Packed(name), Limits(time_limit=own_limit))  # A child process imports it, so that an error comes now.
        return SelectedMethod(name, time_limit=own_limit)
    registered = tuple(method for method in METHODS if method.name == name)
    if not registered:
        names = (EXACT, *dict.fromkeys(method.name for method in METHODS))
        raise InputError(expected_one_of(names, name, also=" or package.module:function"), source="methods")
    return SelectedMethod(name, registered, time_limit=own_limit)


def _seconds(text: str, spec: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise InputError(f"expected METHOD@SECONDS, such as exact@60, got {spec!r}", source="methods")
    return seconds


def _has_exact(methods: Sequence[SelectedMethod], case: Case, limits: Limits) -> bool:
    """Whether one of the methods is exact and supports the instance."""
    problem = problem_of(case.instance).name
    return any(method.name == EXACT for method in methods) or any(
        known.exact and known.problem == problem and not known.unsupported(case.instance, limits)
        for method in methods
        for known in method.registered
    )


def _serialised(method: SelectedMethod, by_value: bool) -> bytes | None:
    """The pickle of a heuristic; None for a method that the process of its run finds by its name."""
    heuristic = named(method.name) if by_value and ":" in method.name and not method.heuristic else method.heuristic
    return None if heuristic is None else serialise(heuristic, method.name, by_value=by_value)
