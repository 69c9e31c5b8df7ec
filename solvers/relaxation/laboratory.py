"""``relax``: the LP relaxation of a formulation with the tightenings and cuts that are asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from pathlib import Path

from partload.formulations import FORMULATIONS, Formulation, by_name, ensure_problem
from partload.instances import arguments
from partload.instances.errors import InputError, expected_one_of
from partload.instances.problems import problem_of_instance
from partload.instances.reading import instance_of
from partload.instances.records import AnyInstance
from partload.solvers import processes
from partload.solvers.registry import Limits
from partload.solvers.relaxation.record import Relaxation, Switch
from partload.solvers.solving import solve

GRACE_S = 1.0
"""Seconds that the solver has to stop by itself, past the time limit."""


def relax(
    instance: AnyInstance | str | Path,
    formulation: str | None = None,
    on: Collection[str] | None = None,
    *,
    search: bool = False,
    time_limit: float | None = 30.0,
) -> Relaxation:
    """Solve the LP relaxation of a formulation with some of its tightenings and cuts.

    Parameters
    ----------
    instance
        An instance, a file, or the name of an instance of the library.
    formulation
        Name of a linear formulation that covers the instance; None for the first one.
    on
        Names of the tightenings and cuts to use, see ``switches``; None for all tightenings and no cut: the model that
        the methods build.
    search
        Whether to solve the model with its integer variables as well, by HiGHS alone.
    time_limit
        Seconds for the LP and the search together, and again for the method that proves the optimum; None for no limit.

    Raises
    ------
    InputError
        For anything that is not an instance, a formulation that is unknown, not linear or does not cover it, an unknown
        name in ``on``, a model that is too large, and an LP that is not solved in time.
    """
    record = instance_of(instance)
    limit = Limits(time_limit=arguments.time_limit(time_limit)).time_limit
    chosen = _chosen(record, arguments.optional_text(formulation, "the name of a formulation", "formulation"))
    names = _ensure_known(chosen, on)
    if not isinstance(search, bool):
        raise arguments.refused("True or False", search, "search")
    known: list[Relaxation] = []
    result = processes.call(
        "partload.solvers.relaxation.solving:measure",
        record,
        chosen.name,
        names,
        search,
        limit,
        time_limit=None if limit is None else limit + GRACE_S,
        on_message=known.append,
    )
    if result.failure is not None and result.failure.error is not None:
        raise result.failure.error
    if not known:
        raise InputError(
            f"the LP of formulation {chosen.name!r} was not solved: the process {result.reason}; "
            "a longer time_limit or a smaller instance may help",
            source=record.name,
        )
    return _with_optimum(known[-1], record, limit)


def switches(formulation: str) -> tuple[Switch, ...]:
    """The tightenings and cuts of a formulation; on are those with which the methods build its model.

    Raises
    ------
    InputError
        When there is no such formulation.
    """
    from partload.solvers.relaxation.solving import switches as all_of

    chosen = by_name(FORMULATIONS, arguments.text(formulation, "the name of a formulation", "formulation"))
    return all_of(chosen, tuple(chosen.tightenings))


def formulations(instance: AnyInstance) -> tuple[str, ...]:
    """Names of the linear formulations that cover an instance."""
    return tuple(one.name for one in _linear(instance) if not one.unsupported(instance))


def _linear(instance: AnyInstance) -> list[Formulation]:
    problem = problem_of_instance(instance).name
    return [one for one in FORMULATIONS if one.problem == problem and one.linear]


def _chosen(instance: AnyInstance, name: str | None) -> Formulation:
    if name is None:
        name = formulations(instance)[0]
    chosen = by_name(FORMULATIONS, name)
    ensure_problem(FORMULATIONS, chosen, problem_of_instance(instance).name, instance.name)
    if not chosen.linear:
        expected = expected_one_of([one.name for one in _linear(instance)], name)
        raise InputError(f"{expected}, which is not linear and has no LP", source="formulation")
    if missing := chosen.unsupported(instance):
        raise InputError(f"formulation {name!r} does not cover {', '.join(missing)}", source=instance.name)
    return chosen


def _ensure_known(formulation: Formulation, on: Collection[str] | None) -> tuple[str, ...]:
    if on is None:
        return tuple(formulation.tightenings)
    known = (*formulation.tightenings, *formulation.cuts)
    names = [arguments.text(name, "names", "on") for name in arguments.items(on, "a list of names", "on")]
    for name in names:
        if name not in known:
            raise InputError(expected_one_of(known, name) if known else _no_switch(formulation, name), source="on")
    return tuple(name for name in known if name in names)


def _no_switch(formulation: Formulation, name: str) -> str:
    return f"formulation {formulation.name!r} has no tightening and no cut, expected no name, got {name!r}"


def _with_optimum(relaxation: Relaxation, instance: AnyInstance, limit: float | None) -> Relaxation:
    best = solve(instance, time_limit=limit)
    return dataclasses.replace(relaxation, optimum=best.objective if best.status == "optimal" else None)
