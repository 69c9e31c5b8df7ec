"""Which runs a study is made of. Everything that can be wrong with the call is said here, before the first run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from partload.benchmarks.gap.carrying import carried
from partload.benchmarks.gap.cases import Case
from partload.benchmarks.gap.rows import Asked
from partload.benchmarks.gap.running import EXACT, Task
from partload.instances.errors import InputError
from partload.instances.partial_loading.instance import Instance
from partload.instances.problems import problem_of
from partload.instances.serialisation import sha256
from partload.solvers.heuristic import Packed, label, ready
from partload.solvers.heuristic_work import Heuristic, named
from partload.solvers.methods import METHODS
from partload.solvers.registry import Limits, Method

Wanted = str | Heuristic
"""``exact``, the name of a method, ``package.module:function``, each also with seconds: ``exact@60``; or a callable."""


USUAL: dict[str, tuple[str, ...]] = {
    "partial-loading": (EXACT, "local-search@1", "greedy-sharing", "greedy-rate"),
    "slide": (EXACT, "download-first", "equal-bandwidth", "smallest-model"),
}
"""What is compared when nothing is asked for, by problem."""


class Resolved(NamedTuple):
    """A method that is there."""

    name: str
    registered: tuple[Method, ...] = ()
    """Those of this name, one for each problem that has one; none for ``exact``, which differs from case to case."""
    heuristic: Heuristic | None = None
    """A callable; None for one that a process finds by its name."""
    time_limit: float | None = None
    """Seconds of its own; None for those of all."""
    problem: str | None = None
    """On whose instances alone it is run; None for all."""


def resolved(methods: Iterable[Wanted]) -> list[Resolved]:
    """The methods that are meant, each once for each time limit of its own.

    Raises
    ------
    InputError
        On a name that is none, a module that cannot be imported, a time limit that is none, two callables of one name.
    """
    found: dict[tuple[str, float | None], Resolved] = {}
    for wanted in methods:
        method = _resolved(wanted)
        if found.setdefault((method.name, method.time_limit), method) != method:
            problem = f"expected methods of different names, {method.name!r} are two; give one a __qualname__"
            raise InputError(problem, source="methods")
    return list(found.values())


def usual() -> list[Resolved]:
    """What is compared when nothing is asked for: on the instances of each problem, its own methods."""
    return [method._replace(problem=problem) for problem, names in USUAL.items() for method in resolved(names)]


def tasks(
    cases: Sequence[Case],
    methods: Sequence[Resolved],
    no_sharing: Sequence[Resolved],
    limits: Limits,
    *,
    by_value: bool = False,
) -> list[Task]:
    """The runs, case after case: each method, those without sharing, and something exact where none of them is.

    Parameters
    ----------
    cases
        Instances, and how they were varied.
    methods
        To run on each instance, of one problem alone where they say so.
    no_sharing
        To run on its copy in which nothing is shared.
    limits
        Time limit, gap, seed and memory of each run, unless the method has a time limit of its own.
    by_value
        Whether heuristics go with their code, to machines that do not have it.

    Raises
    ------
    InputError
        When a heuristic cannot be sent to another process, or there is nothing to share in an instance's problem.
    """
    pickled = {method.name: _carried(method, by_value) for method in (*methods, *no_sharing)}
    found: dict[Asked, Task] = {}
    for case in cases:
        if no_sharing and not isinstance(case.instance, Instance):
            wrong = f"expected instances in which models share blocks, {case.instance.name!r} has none: leave it out"
            raise InputError(wrong, source="no sharing")
        digest = sha256(case.instance)
        problem = problem_of(case.instance).name
        mine = [method for method in methods if method.problem in (None, problem)]
        extra = [] if _has_exact(mine, case, limits) else [Resolved(EXACT)]
        for method, sharing in [*((m, True) for m in (*mine, *extra)), *((m, False) for m in no_sharing)]:
            asked = Asked(
                instance=case.instance.name,
                instance_sha256=digest,
                swept=case.swept,
                sharing=sharing,
                method=method.name,
                time_limit=limits.time_limit if method.time_limit is None else method.time_limit,
                gap=limits.gap,
                seed=limits.seed,
                memory_bytes=limits.memory_bytes,
            )
            found.setdefault(asked, Task(asked, case.instance, pickled.get(method.name)))
    return list(found.values())


def _resolved(wanted: Wanted) -> Resolved:
    if not isinstance(wanted, str):
        if not callable(wanted):
            raise InputError(f"expected a name or a callable, got {wanted!r}", source="methods")
        return Resolved(label(wanted), heuristic=wanted)
    name, at, limit = wanted.partition("@")
    own = _seconds(limit, wanted) if at else None
    if name == EXACT:
        return Resolved(EXACT, time_limit=own)
    if ":" in name:
        ready(Packed(name), Limits(time_limit=own))  # What is wrong with it is said now, and harms nobody here.
        return Resolved(name, time_limit=own)
    registered = tuple(method for method in METHODS if method.name == name)
    if not registered:
        names = ", ".join((EXACT, *dict.fromkeys(method.name for method in METHODS)))
        raise InputError(f"expected one of {names} or package.module:function, got {name!r}", source="methods")
    return Resolved(name, registered, time_limit=own)


def _seconds(text: str, wanted: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise InputError(f"expected METHOD@SECONDS, such as exact@60, got {wanted!r}", source="methods")
    return seconds


def _has_exact(methods: Sequence[Resolved], case: Case, limits: Limits) -> bool:
    """Whether one of the methods proves the optimum of the instance, given time."""
    problem = problem_of(case.instance).name
    return any(method.name == EXACT for method in methods) or any(
        known.exact and known.problem == problem and not known.unsupported(case.instance, limits)
        for method in methods
        for known in method.registered
    )


def _carried(method: Resolved, by_value: bool) -> bytes | None:
    """Its pickle; None for what the process that runs it finds by its name."""
    heuristic = named(method.name) if by_value and ":" in method.name and not method.heuristic else method.heuristic
    return None if heuristic is None else carried(heuristic, method.name, by_value=by_value)
