"""``solve``: choose a method, run it, recompute everything, and make the solution record."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from partload.formulations.goals import GOALS
from partload.instances import arguments, extras
from partload.instances.errors import InputError, expected_one_of
from partload.instances.problem import AnyProblem
from partload.instances.problems import problem_of_instance
from partload.instances.reading import instance_of
from partload.instances.records import AnyInstance, Decision, Instance, Plan
from partload.instances.showing import shown_progress
from partload.instances.solution import SolutionHeader, Status, Timing, relative_gap
from partload.solvers import interrupts, processes, user_code
from partload.solvers.bounds import SAME, without_contradiction
from partload.solvers.progress import Listener
from partload.solvers.recording import record_solution, versions
from partload.solvers.registry import Limits, Outcome
from partload.solvers.selection import EXACT, select
from partload.solvers.user_formulation import run as own_formulation
from partload.solvers.user_heuristic import run as heuristic

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    SolutionT = TypeVar("SolutionT", bound=SolutionHeader, default=SolutionHeader)
    """Type of the solutions of an instance; of one that is read from a file, no more is known than the header."""

UNUSED = "bandwidth_left_as_it_was"
"""Key under which a solution's provenance says why bandwidth was not divided for the goal asked for."""
WARNING = "warning"
"""Key under which a solution's provenance says what went wrong on the way, such as a bound that a plan contradicts."""
CLAIM = "claim"
"""Key under which a solution's provenance says that the bound is one that somebody else vouches for."""
SELECTED = "selected"
"""Key under which a solution's provenance says which method ``exact`` selected, and why."""
Method = str | heuristic.Heuristic | heuristic.Packed | None
"""A name, a heuristic of the user's own, or None for ``exact``."""


class InfeasiblePlanError(InputError):
    """A method gave a plan that breaks a rule."""


class _Made(NamedTuple):
    """What a method gave back."""

    by: str
    """Name of the method."""
    outcome: Outcome[Decision]
    selected: str | None = None
    """Why ``exact`` selected it."""


def solve(
    instance: Instance[SolutionT] | str | Path,
    method: Method = None,
    *,
    formulation: str | own_formulation.Build | None = None,
    solver: str | None = None,
    time_limit: float | None = None,
    gap: float = 0.0,
    seed: int | None = None,
    bandwidth: str | None = None,
    memory: str | float | None = None,
    progress: Listener | bool | None = None,
) -> SolutionT:
    """Solve an instance of any problem.

    Parameters
    ----------
    instance
        What to solve: an instance, a file, or the name of an instance of the library.
    method
        Name of a method, a callable from an instance to a plan, or the text ``package.module:function``
        that names one. ``exact`` and None take the fastest method that is exact for the instance; ``provenance`` says
        which, and why. A callable runs in a process of
        its own, from which nothing but the plan comes back. It is given ``time_limit`` and ``seed`` if it takes such
        keywords; of a generator function, the last plan that it yields counts, also at the time limit.
    formulation
        For methods that use one; None for the method's default. A function ``build(instance, *, slack)``, or the text
        ``package.module:function`` that names one, is a formulation of your own: it is solved by itself, in a process
        of its own. Its bound is a claim of its module, and ``provenance`` says so.
    solver
        ``highs`` or ``scip``, for methods that leave the choice; None for the method's default.
    time_limit
        Seconds; None for no limit. The best plan and bound by then are returned.
    gap
        Relative gap at which to stop.
    seed
        For methods that draw random numbers.
    bandwidth
        A goal for the bandwidth that the plan leaves over: ``weighted`` upload time, ``proportional`` fairness or
        ``max-min`` rates. None keeps the method's division, with the least upload times. Who is served never changes.
        Should the result not pass its proof, the method's division is kept, and ``provenance`` says why.
    memory
        What a callable may take, ``4GB`` or a number of bytes; None for no limit. For callables alone.
    progress
        True shows how far the search is, in a notebook or a terminal; a function is called about once a second with a
        ``Progress``.

    Returns
    -------
    The solution of the instance's problem, checked; on Ctrl-C, too, with ``termination`` "interrupted".

    Raises
    ------
    InputError
        For anything that is not an instance, an unknown method, formulation or solver, an option out of range, a
        feature that the method does not cover, or a callable that fails, crashes, takes too much memory or returns an
        infeasible plan; for an unknown goal, or one without CVXPY installed.
    """
    since = time.perf_counter()
    record = instance_of(instance)
    time_limit, gap, seed = arguments.time_limit(time_limit), arguments.gap(gap), arguments.seed(seed)
    arguments.optional_text(solver, "the name of a solver, such as highs", "solver")
    arguments.optional_text(bandwidth, "the name of a goal, such as weighted", "bandwidth")
    memory_bytes = None if memory is None else processes.parse_size(memory)
    named = formulation if isinstance(formulation, str) else None
    problem = problem_of_instance(record)
    improve = _improver(problem, bandwidth)
    with shown_progress(progress, "search") as listener:
        limits = Limits(named, solver, time_limit, gap, seed, listener, memory_bytes)
        if formulation is not None and (named is None or user_code.is_own(named)):
            made = _run_own(record, formulation, method, limits)
        else:
            made = _run(problem, record, method, limits)
    name, outcome, plan = made.by, made.outcome, made.outcome.plan
    times, objective = _judged(problem, record, plan, f"method {name}")
    bound, warnings = _believed(objective, outcome)
    notes = _provenance(outcome)
    if made.selected is not None:
        notes[SELECTED] = made.selected
    if made.outcome.claim is not None:
        notes[CLAIM] = made.outcome.claim
    if warnings:
        notes[WARNING] = "; ".join(warnings)
    if improve is not None:
        try:
            with interrupts.held():  # Seconds at most, after what may have been hours.
                improved = improve(record, plan)
            times, objective = _judged(problem, record, improved, f"bandwidth {bandwidth!r}")
            plan = improved
        except InputError as error:
            notes[UNUSED] = str(error)
    solution = record_solution(
        record,
        plan,
        times,
        method=name,
        formulation=outcome.formulation,
        solver=outcome.solver,
        options={"time_limit": time_limit, "gap": gap} | ({"bandwidth": bandwidth} if bandwidth else {}),
        seed=seed,
        status=_status(objective, bound, plan),
        termination=outcome.termination,
        objective=objective,
        bound=bound,
        gap=relative_gap(objective, bound),
        timing=Timing(outcome.build_s, outcome.solve_s, time.perf_counter() - since),
        provenance=notes,
    )
    return cast("SolutionT", solution)  # It is of the type that the instance names.


def _judged(problem: AnyProblem, instance: AnyInstance, plan: Plan, made_by: str) -> tuple[object, float]:
    """Times and objective of a plan, recomputed; raises InfeasiblePlanError on one that breaks a rule."""
    report = problem.check_plan(instance, plan)
    if report.times is None or report.objective is None or not report.feasible:
        raise InfeasiblePlanError(f"gives a plan that is not feasible: {report.violations[0]}", source=made_by)
    return report.times, report.objective


def _improver(problem: AnyProblem, goal: str | None) -> Callable[[AnyInstance, Plan], Plan] | None:
    """What divides the band for a goal; everything that can be wrong with it is said before the long solve."""
    if goal is None:
        return None
    if goal not in GOALS:
        raise InputError(expected_one_of(GOALS, goal), source="bandwidth")
    leftover = extras.load(f"partload.solvers.{problem.package}.bandwidth.leftover", f"bandwidth {goal!r}")
    return lambda instance, plan: leftover.use_left_over(instance, plan, goal).plan


def _run(
    problem: AnyProblem,
    instance: AnyInstance,
    method: Method,
    limits: Limits,
) -> _Made:
    if isinstance(method, str) and ":" in method:
        method = heuristic.Packed(method)
    if isinstance(method, heuristic.Packed):
        return _Made(method.name, heuristic.run(method, instance, limits))
    if method is not None and not isinstance(method, str):
        return _Made(heuristic.label(method), heuristic.run(method, instance, limits))
    if limits.memory_bytes is not None:
        raise InputError("is for heuristics of your own, and formulations: package.module:function", source="memory")
    since = time.perf_counter()
    selection = select(problem, instance, method, limits)  # May import Pyomo, which counts.
    outcome = selection.method.run(instance, limits.after(time.perf_counter() - since))
    return _Made(selection.method.name, outcome, selection.reason)


def _run_own(instance: AnyInstance, formulation: str | own_formulation.Build, method: Method, limits: Limits) -> _Made:
    """Solve with a formulation of the user's own; a method beside it would be ignored, so it is refused."""
    if method not in (None, EXACT):
        problem = "expected no method beside a formulation of your own, which is solved by itself"
        raise InputError(problem, source="method")
    packed = own_formulation.packed(formulation)
    return _Made(own_formulation.METHOD, own_formulation.run(packed, instance, limits))


def _believed(objective: float, outcome: Outcome[Decision]) -> tuple[float | None, tuple[str, ...]]:
    """The bound of an outcome, and what went wrong; a bound that the plan itself contradicts is no bound."""
    bound = outcome.bound
    if bound is None:
        return None, outcome.notes
    believed = without_contradiction(bound, objective)
    if believed is not None:
        return believed, outcome.notes
    return None, (*outcome.notes, f"the method proves at most {bound!r}, but its plan serves {objective!r}")


def _status(objective: float, bound: float | None, plan: Plan) -> Status:
    if bound is not None and bound - objective <= SAME * bound:
        return "optimal"
    return "feasible" if plan else "unknown"


def _provenance(outcome: Outcome[Decision]) -> dict[str, str]:
    facts = versions(*(() if outcome.formulation is None else ("pyomo",)))
    if outcome.solver is not None:
        facts["solver"] = outcome.solver
    return facts
