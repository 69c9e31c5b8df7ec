"""Whether exact methods agree with the oracle on an instance, and their own statements with the checker."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from partload import solvers
from partload.instances.partial_loading.checker import check, check_plan
from partload.instances.partial_loading.instance import Instance
from partload.solvers.methods import METHODS
from partload.solvers.partial_loading.local_search import search as local_search
from partload.solvers.registry import Limits
from tests.support.brute_force import optimum

HEURISTICS = [method for method in METHODS if method.problem == "partial-loading" and not method.exact]
GREEDIES = ("greedy-sharing", "greedy-rate")
STEPS = 60
"""Steps of local search without a better plan, fewer than a caller gets: there are thousands of instances."""
WITHIN = 1e-9
"""Relative difference of two objectives that are the same but for the order of a sum."""


class Way(NamedTuple):
    """A method, and the solver that it uses; None for what ``solve`` takes by itself."""

    method: str | None = None
    solver: str | None = None


class Ending(NamedTuple):
    """What one way of solving ended with on one instance."""

    way: str
    what: str


class Comparison(NamedTuple):
    """How one instance came out."""

    difference: float
    """Largest relative difference of an objective or bound from the optimum."""
    problems: tuple[str, ...]
    """What is wrong; nothing when all agree."""
    endings: tuple[Ending, ...] = ()
    """Where ways may end without a proof: how each did."""


def comparison(instance: Instance, ways: Iterable[Way] = (Way(),)) -> Comparison:
    """Solve an instance of the oracle's size in some ways, and hold each against the oracle and the checker."""
    best, _ = optimum(instance)
    results = [judged(instance, way, best) for way in ways]
    problems = tuple(problem for result in results for problem in result.problems)
    return Comparison(max(result.difference for result in results), problems)


def judged(instance: Instance, way: Way, best: float) -> Comparison:
    """Solve an instance whose optimum is known in some way."""

    def wrong(problem: str, difference: float = 0.0) -> Comparison:
        return Comparison(difference, (f"{instance.name}: {way.method or 'solve'} {way.solver or ''}: {problem}",))

    try:
        solution = solvers.solve(instance, way.method, solver=way.solver)
    except Exception as error:  # Whatever it is, it is the answer to this instance.
        return wrong(f"{type(error).__name__}: {error}")
    if solution.status != "optimal" or solution.objective is None or solution.bound is None:
        return wrong(f"status {solution.status}, termination {solution.termination}")
    difference = max(abs(value - best) for value in (solution.objective, solution.bound)) / max(best, 1.0)
    if difference > WITHIN:
        return wrong(
            f"objective {solution.objective:.17g}, bound {solution.bound:.17g}, optimum {best:.17g}", difference
        )
    report = check(instance, solution)
    return Comparison(difference, ()) if report.feasible else wrong(f"infeasible: {report.violations[0]}")


def order(instance: Instance) -> Comparison:
    """Whether the optima under the three uplinks stand in the order that they must have (problems, fact 8).

    Slotted is never above pipelined, and on flat channels static is not either. The static optimum comes from a method,
    since the oracle's search over static plans is for fewer requests than that over the others.
    """
    pipelined, _ = optimum(instance.replace(uplink="pipelined"))
    below = {"slotted": optimum(instance.replace(uplink="slotted"))[0]}
    if instance.arrays.channel.flat.all():
        below["static"] = solvers.solve(instance.replace(uplink="static"), "tangents").objective or 0.0
    excess = {uplink: (value - pipelined) / max(pipelined, 1.0) for uplink, value in below.items()}
    problems = tuple(
        f"{instance.name}: {uplink} {below[uplink]:.17g} above pipelined {pipelined:.17g}"
        for uplink in below
        if excess[uplink] > WITHIN
    )
    return Comparison(max(0.0, *excess.values()), problems)


def bounded(instance: Instance) -> Comparison:
    """Whether the combinatorial upper bound is no less than the optimum."""
    best, bound = optimum(instance)[0], solvers.upper_bound(instance)
    short = max(0.0, best - bound) / max(best, 1.0)
    problem = f"{instance.name}: upper bound {bound:.17g} below the optimum {best:.17g}"
    return Comparison(short, (problem,) if short > WITHIN else ())


def below(instance: Instance, seed: int) -> Comparison:
    """Whether every heuristic gives a feasible plan that serves no more than the optimum.

    Local search serves no less than either greedy. The difference is how far it is from the optimum.
    """
    best, _ = optimum(instance)
    values, problems = {}, []
    for method in HEURISTICS:
        if method.unsupported(instance, Limits()):
            continue
        if method.name == "local-search":
            outcome = local_search.search(instance, Limits(seed=seed), solvers.upper_bound(instance), STEPS)
        else:
            outcome = method.run(instance, Limits(seed=seed))
        report = check_plan(instance, outcome.plan)
        values[method.name] = report.objective or 0.0
        if not report.feasible:
            problems.append(f"{instance.name}: {method.name}: infeasible: {report.violations[0]}")
        if values[method.name] > best * (1 + WITHIN):
            problems.append(f"{instance.name}: {method.name}: {values[method.name]:.17g} above the optimum {best:.17g}")
    found = values["local-search"]
    if found < max(values[name] for name in GREEDIES):
        problems.append(f"{instance.name}: local-search: {found:.17g} below a greedy, {values}")
    return Comparison(max(0.0, best - found) / max(best, 1.0), tuple(problems))
