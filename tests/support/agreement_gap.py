"""Whether the exact methods keep their word when a gap is asked for: a true bound, and a plan that close to it."""

from __future__ import annotations

from random import Random
from typing import Any

from partload.instances.problems import problem_of
from tests.support import brute_force, brute_force_slide
from tests.support.agreement import WITHIN, Comparison
from tests.support.model_orders import tiny_general
from tests.support.nasty import blind
from tests.support.random_cached import random_cached
from tests.support.random_instances import random_arrivals, random_instance
from tests.support.random_slide import random_slide

GAPS = (1e-9, 0.01, 0.1, 0.2, 0.35, 0.5, 0.8, 0.999)
"""That are asked for: next to nothing, usual ones, and nearly all."""
SOLVE = blind.Way("solve")
"""What users get without a choice of method."""


def kept(seed: int) -> tuple[str, Comparison]:
    """Solve a random instance to a random gap by every exact method that covers it; the kind of instance, and how."""
    rng = Random(seed)
    kind, instance = _instance(seed)
    return kind, within(instance, rng.choice(GAPS))


def within(instance: Any, gap: float) -> Comparison:
    """Whether bounds are no less than the optimum, and every proof within the gap."""
    problem = problem_of(instance)
    oracle = brute_force_slide if problem.name == "slide" else brute_force
    best = oracle.optimum(instance)[0]
    difference, problems = 0.0, []
    for way in (*blind.FAST[problem.name], SOLVE):
        if not way.covers(instance):
            continue
        outcome = way.run(instance, gap).outcome
        report, bound = problem.check_plan(instance, outcome.plan), outcome.bound
        value = report.objective or 0.0
        faults = []
        if not report.feasible:
            faults.append(f"infeasible: {report.violations[0]}")
        if bound is not None:
            difference = max(difference, (best - bound) / max(best, 1.0))
            if bound < best * (1 - WITHIN):
                faults.append(f"bound {bound:.17g} below the optimum {best:.17g}")
        if bound is None or outcome.termination != "proved" or bound - value > max(gap, WITHIN) * bound:
            faults.append(f"objective {value:.17g}, bound {bound}, {outcome.termination}, notes {outcome.notes}")
        problems += [f"{instance.name}: {way.name} at a gap of {gap}: {fault}" for fault in faults]
    return Comparison(max(difference, 0.0), tuple(problems))


def _instance(seed: int) -> tuple[str, Any]:
    draw, kind = divmod(seed, 5)
    if kind == 0:
        return "general sharing", tiny_general(draw)
    if kind == 1:
        return "any features", random_instance(draw, most_requests=6)
    if kind == 2:
        return "arrivals", random_arrivals(draw, most_requests=6)
    if kind == 3:
        return "cached", random_cached(draw, limited=draw % 2 == 0)
    return "SLIDE", random_slide(draw)
