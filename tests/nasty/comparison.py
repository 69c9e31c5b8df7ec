"""Whether methods that are told nothing agree with the oracle, and what each ends with."""

from __future__ import annotations

import io
import math
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, NamedTuple

import solvers
from instances.partial_loading.instance import Instance as PartialLoading
from instances.problems import problem_of
from solvers.partial_loading.relaxation import relaxation_bound
from solvers.slide.bounds import upper_bound as slide_upper_bound
from tests import brute_force, brute_force_slide
from tests.brackets import Bracket
from tests.nasty.blind import Answered, Way

WITHIN = 1e-9
"""Relative difference of two weights that are the same."""


class Ending(NamedTuple):
    """How one way of solving ended on one instance."""

    way: str
    what: str
    """``optimal``; ``feasible`` or ``unknown``, with a true bound and why it stopped; ``wrong``."""


class Compared(NamedTuple):
    """How one instance came out."""

    problems: tuple[str, ...]
    """What is wrong; nothing when all agree."""
    endings: tuple[Ending, ...]


def bracket_of(instance: Any) -> Bracket:
    """Where the optimum of an instance of either problem lies."""
    oracle = brute_force if isinstance(instance, PartialLoading) else brute_force_slide
    return oracle.bracket(instance)


def compared(instance: Any, ways: Iterable[Way]) -> Compared:
    """Solve an instance of the oracle's size in the ways that cover it, and hold what each says against the oracle."""
    try:
        truth = bracket_of(instance)
    except AssertionError as error:
        return Compared((str(error),), ())
    problems, endings, proved = [], [], {}
    for name, bound_of in bounds(instance).items():
        found, said = quietly(bound_of, instance)
        wrong = said + (bound_problems("bound", found, truth) if isinstance(found, float) else [repr(found)])
        problems += [f"{instance.name}: {name}: {problem}" for problem in wrong]
        endings.append(Ending(name, "wrong" if wrong else "true"))
    for way in ways:
        if not way.covers(instance):
            continue
        answered, said = quietly(way.run, instance)
        if isinstance(answered, Answered):
            wrong, what = judged(instance, answered, truth)
            if what == "optimal" and not wrong:
                proved[way.name] = problem_of(instance).objective(instance, answered.outcome.plan)
        else:
            wrong, what = [repr(answered)], "wrong"
        wrong += said
        problems += [f"{instance.name}: {way.name}: {problem}" for problem in wrong]
        endings.append(Ending(way.name, "wrong" if wrong else what))
    if proved and not max(proved.values()) <= min(proved.values()) * (1 + WITHIN):
        problems.append(f"{instance.name}: proved optima differ: {proved}")
    return Compared(tuple(problems), tuple(endings))


def bounds(instance: Any) -> dict[str, Callable[[Any], float]]:
    """Upper bounds that no plan is needed for."""
    if isinstance(instance, PartialLoading):
        return {"upper-bound": solvers.upper_bound, "relaxation": relaxation_bound}
    return {"upper-bound": slide_upper_bound}


def judged(instance: Any, answered: Answered, truth: Bracket) -> tuple[list[str], str]:
    """What is wrong with an answer, and how it ended."""
    outcome, raw = answered.outcome, answered.raw_bound
    report = problem_of(instance).check_plan(instance, outcome.plan)
    value = report.objective or 0.0
    wrong = bound_problems("bound", outcome.bound, truth)
    if raw < math.inf:
        wrong += bound_problems("raw bound", raw, truth)
    if not report.feasible:
        wrong.append(f"infeasible: {report.violations[0]}")
    elif value > truth.upper * (1 + WITHIN):
        wrong.append(f"objective {value:.17g} above {truth.upper:.17g}: the oracle is wrong")
    if outcome.termination == "error":
        wrong.append("termination error")
    if outcome.bound is not None and outcome.bound - value <= WITHIN * outcome.bound:
        return wrong, "optimal"
    return wrong, f"{'feasible' if outcome.plan else 'unknown'}, {outcome.termination}"


def bound_problems(what: str, bound: float | None, truth: Bracket) -> list[str]:
    """Whether a bound is one."""
    if bound is None or not bound >= truth.lower * (1 - WITHIN):
        return [f"{what} {bound if bound is None else f'{bound:.17g}'} below {truth.lower:.17g}"]
    return []


def quietly(work: Callable[[Any], Any], instance: Any) -> tuple[Any, list[str]]:
    """The result, or the exception where there was one; and everything that was written meanwhile."""
    with listening() as heard:
        try:
            result = work(instance)
        except Exception as error:  # Whatever it is, it is the answer to this instance.
            result = error
    return result, [f"wrote {text!r}" for text in heard if text]


@contextmanager
def listening() -> Iterator[list[str]]:
    """What is written to standard output and standard error, by Python or beneath it, and every warning."""
    heard: list[str] = []
    stream = io.StringIO()
    with tempfile.TemporaryFile() as file, warnings.catch_warnings():
        warnings.simplefilter("always")
        sys.stdout.flush()
        sys.stderr.flush()
        kept = [os.dup(number) for number in (1, 2)]
        try:
            for number in (1, 2):
                os.dup2(file.fileno(), number)
            with redirect_stdout(stream), redirect_stderr(stream):
                yield heard
        finally:
            for number, copy in zip((1, 2), kept):
                os.dup2(copy, number)
                os.close(copy)
            file.seek(0)
            heard += [stream.getvalue().strip(), file.read().decode(errors="replace").strip()]
