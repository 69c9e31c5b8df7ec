"""Whether methods that are told nothing agree with the oracle, and what each ends with."""

from __future__ import annotations

import io
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, NamedTuple

from partload import solvers
from partload.instances.partial_loading.instance import Instance as PartialLoading
from partload.instances.problems import problem_of
from tests.support import brute_force, brute_force_slide
from tests.support.agreement import WITHIN, Comparison, Ending
from tests.support.brackets import Bracket
from tests.support.nasty.blind import Answered, Way

BOUNDS: dict[str, Callable[[Any], float]] = {
    "upper bound": solvers.upper_bound,
    "relaxation bound": solvers.relaxation_bound,
}
"""Upper bounds that no plan is needed for."""
RAW_WITHIN = 1e-6
"""Relative error that the bound of a solver itself may have: a quarter of what is allowed for before it is used."""


class Judged(NamedTuple):
    """The verdict on what one way of solving said of an instance."""

    way: str
    problems: list[str]
    ending: str
    """``optimal``; or ``feasible`` or ``unknown``, with why it stopped; of a bound alone ``bound``; or ``wrong``."""
    value: float = 0.0
    """Weight of the plan."""


def compared(instance: Any, ways: Iterable[Way]) -> Comparison:
    """Solve an instance of the oracle's size in the ways that cover it, and hold what each says against the oracle."""
    try:
        truth = bracket_of(instance)
    except AssertionError as error:
        return Comparison(0.0, (str(error),))
    return against(truth, instance, ways)


def against(truth: Bracket, instance: Any, ways: Iterable[Way]) -> Comparison:
    """The same where it is known between which values the optimum lies."""
    judged = [_bounded(name, bound, instance, truth) for name, bound in BOUNDS.items()]
    judged += [_solved(way, instance, truth) for way in ways if way.covers(instance)]
    problems = [f"{instance.name}: {one.way}: {problem}" for one in judged for problem in one.problems]
    proved = {one.way: one.value for one in judged if one.ending == "optimal"}
    if proved and max(proved.values()) > min(proved.values()) * (1 + WITHIN):
        problems.append(f"{instance.name}: proved optima differ: {proved}")
    return Comparison(0.0, tuple(problems), tuple(Ending(one.way, one.ending) for one in judged))


def bracket_of(instance: Any) -> Bracket:
    """Where the optimum of an instance of either problem lies."""
    oracle = brute_force if isinstance(instance, PartialLoading) else brute_force_slide
    return oracle.bracket(instance)


def _bounded(name: str, work: Callable[[Any], float], instance: Any, truth: Bracket) -> Judged:
    bound, problems = quietly(work, instance)
    if bound is not None:
        problems += _false("bound", bound, truth)
    return Judged(name, problems, "wrong" if problems else "bound")


def _solved(way: Way, instance: Any, truth: Bracket) -> Judged:
    answered, problems = quietly(way.run, instance, engine=way.engine is not None)
    if answered is None:
        return Judged(way.name, problems, "wrong")
    judged = judge(way.name, instance, answered, truth)
    problems += judged.problems
    return judged._replace(problems=problems, ending="wrong" if problems else judged.ending)


def judge(name: str, instance: Any, answered: Answered, truth: Bracket) -> Judged:
    """What is wrong with an answer, and how it ended."""
    outcome = answered.outcome
    report = problem_of(instance).check_plan(instance, outcome.plan)
    value = report.objective or 0.0
    problems = _false("bound", outcome.bound, truth)
    # An engine's tolerance is absolute, in units that are at most the largest weight.
    unit = max((asking.weight for asking in instance.demand), default=0.0)
    problems += _false("raw bound", answered.raw_bound + RAW_WITHIN * unit, truth, RAW_WITHIN)
    if not report.feasible:
        problems.append(f"infeasible: {report.violations[0]}")
    elif value > truth.upper * (1 + WITHIN):
        problems.append(f"objective {value:.17g} above {truth.upper:.17g}, so the oracle is wrong")
    if outcome.termination == "error":
        problems.append("termination error")
    problems += [f"note: {note}" for note in outcome.notes]
    ending = f"{'feasible' if outcome.plan else 'unknown'}, {outcome.termination}"
    if outcome.bound is not None and outcome.bound - value <= WITHIN * outcome.bound:
        ending = "optimal"
    return Judged(name, problems, ending, value)


def _false(what: str, bound: float | None, truth: Bracket, within: float = WITHIN) -> list[str]:
    """Nothing if a bound is one."""
    if bound is not None and bound >= truth.lower * (1 - within):
        return []
    return [f"{what} {bound if bound is None else f'{bound:.17g}'} below {truth.lower:.17g}"]


def quietly(work: Callable[[Any], Any], instance: Any, engine: bool = False) -> tuple[Any, list[str]]:
    """The result, and what is wrong with how it came: an exception, a warning, anything written to the streams.

    An engine at work in this process may write what it likes beneath Python: users have it in a process of its own.
    """
    result, problems = None, []
    with listening(beneath=not engine) as heard:
        try:
            result = work(instance)
        except Exception as error:  # Whatever it is, it is the answer to this instance.
            problems.append(f"{type(error).__name__}: {error}")
    return result, problems + [f"wrote {text!r}" for text in heard if text]


@contextmanager
def listening(beneath: bool) -> Iterator[list[str]]:
    """Every warning, and what is written to standard output and standard error; also ``beneath`` Python, if asked."""
    heard: list[str] = []
    stream = io.StringIO()
    with tempfile.TemporaryFile() as file, warnings.catch_warnings(record=True) as warned:
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
            heard += [stream.getvalue().strip(), *(str(warning.message) for warning in warned)]
            if beneath:
                file.seek(0)
                heard.append(file.read().decode(errors="replace").strip())
