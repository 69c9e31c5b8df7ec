"""One instance, each formulation that covers it: size, LP value, best plan, bound and time to the proof.

This compares the formulations themselves. Each is built once, without a first plan and without any other bound, and
handed to an engine: HiGHS for a MILP, SCIP for a MINLP. The methods of ``partload.solvers`` are faster, because they
know more than the formulation says. Each formulation is solved in a process of its own.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from partload.formulations import FORMULATIONS, by_name
from partload.formulations.explain.explanation import sizes
from partload.formulations.partial_loading.slot.valid_inequalities import TIGHTENINGS
from partload.instances.errors import InputError
from partload.instances.problems import problem_of
from partload.instances.records import AnyInstance
from partload.solvers import processes
from partload.solvers.engines import engine as engines
from partload.solvers.engines import highs
from partload.solvers.engines.engine import Answer, Budget
from partload.solvers.engines.matrix import matrix_form
from partload.solvers.exact.task import SLACK
from partload.solvers.formulation_choice import Chosen, Readable
from partload.solvers.registry import LEAST_S, Limits

GRACE_S = 1.0
"""Seconds that an engine has to stop by itself, past the time limit."""
NONE = "none"
"""Stands for no tightening at all in a list of tightenings."""


@dataclasses.dataclass(frozen=True)
class Measured:
    """What is known of one formulation of an instance; each number is None while it is not known."""

    formulation: str
    rows: int | None = None
    """Constraints."""
    columns: int | None = None
    """Variables that are not fixed."""
    nonzeros: int | None = None
    lp_value: float | None = None
    """Optimum without integrality, as a weight, as HiGHS says it; None for a MINLP."""
    objective: float | None = None
    """Weight of the best plan found that the checker accepts."""
    bound: float | None = None
    """Proven upper bound on the weight that any plan serves; None for a restriction."""
    nodes: int | None = None
    """Nodes of the search tree."""
    seconds: float | None = None
    """From the instance to the end of the search, the LP apart."""
    end: str = ""
    """How the search ended, or what the formulation does not cover."""


def compare(
    instance: AnyInstance,
    tightenings: Collection[str] | None = None,
    time_limit: float | None = None,
    own: Collection[str] = (),
) -> Iterator[Measured]:
    """Measure each formulation of the instance's problem, one after another.

    Parameters
    ----------
    instance
        An instance of either problem.
    tightenings
        Keys of ``TIGHTENINGS`` with which the slot formulation is built; None for all of them.
    time_limit
        Seconds for each formulation, building and LP included; None for no limit.
    own
        Formulations of the user's own, ``package.module:function``, which come last. Their bounds are claims.

    Raises
    ------
    InputError
        When the time limit is not above 0, a tightening is not known, or tightenings are asked for and the slot
        formulation does not cover the instance.
    """
    limit = Limits(time_limit=time_limit).time_limit
    if tightenings is not None:
        _ensure_tightenings(instance, tightenings)
    for formulation in FORMULATIONS:
        if formulation.problem == problem_of(instance).name:
            missing = formulation.unsupported(instance)
            if missing:
                yield Measured(formulation.name, end=f"does not cover {', '.join(missing)}")
            else:
                yield _measured(instance, formulation.name, _engine(formulation.linear), tightenings, limit)
    for name in own:
        yield _measured(instance, name, None, None, limit)


def chosen_tightenings(text: str) -> tuple[str, ...]:
    """The tightenings that a comma list names; ``none`` for none."""
    return () if text.strip() == NONE else tuple(name.strip() for name in text.split(","))


def _ensure_tightenings(instance: AnyInstance, tightenings: Collection[str]) -> None:
    unknown = [name for name in tightenings if name not in TIGHTENINGS]
    if unknown:
        known = ", ".join((*TIGHTENINGS, NONE))
        raise InputError(f"expected some of {known}, got {unknown[0]!r}", source="tightenings")
    slot, problem = by_name(FORMULATIONS, "slot"), problem_of(instance).name
    missing = [problem] if problem != slot.problem else slot.unsupported(instance)
    if missing:
        wrong = f"formulation 'slot' does not cover {', '.join(missing)}, and no other has these tightenings"
        raise InputError(wrong, source=instance.name)


def _measured(
    instance: AnyInstance,
    formulation: str,
    engine: str | None,
    tightenings: Collection[str] | None,
    limit: float | None,
) -> Measured:
    """Measure a formulation in a process of its own, and keep what it sends."""
    known, began = Measured(formulation), time.perf_counter()

    def told(measured: Measured) -> None:
        nonlocal known
        known = measured

    try:
        if engine is not None:
            engines.ensure(engine)
    except InputError as error:
        return replace(known, end=str(error))
    result = processes.call(
        f"{__name__}:measure",
        instance,
        formulation,
        tightenings,
        limit,
        time_limit=None if limit is None else limit + GRACE_S,
        on_message=told,
        fresh=True,  # Threads that an engine left behind in a process slow down the next engine there.
    )
    if result.ended == "returned":
        return known
    if result.ended == "time-limit":
        end: str = result.ended
    elif result.failure is not None and isinstance(result.failure.error, InputError):
        end = str(result.failure.error)  # Such as a model that is too large.
    else:
        end = f"error: the process {result.reason}"
    return replace(known, seconds=time.perf_counter() - began, end=end)


def _engine(linear: bool) -> str:
    return "highs" if linear else "scip"


def measure(
    send: Callable[[Measured], object],
    instance: AnyInstance,
    formulation: str,
    tightenings: Collection[str] | None,
    time_limit: float | None,
) -> None:
    """Measure one formulation in this process, and send what is known whenever it is more; for ``processes.call``."""
    _Measurement(send, instance, Chosen.by_name(formulation), time_limit).run(tightenings)


class _Measurement:
    """One formulation of one instance. It is the watcher of its engine."""

    def __init__(
        self, send: Callable[[Measured], object], instance: AnyInstance, formulation: Chosen, limit: float | None
    ) -> None:
        self.send, self.instance, self.formulation = send, instance, formulation
        self.problem = problem_of(instance)
        self.until = math.inf if limit is None else time.perf_counter() + limit
        self.known = Measured(formulation.name)
        self.built: Readable | None = None

    def run(self, tightenings: Collection[str] | None) -> None:
        """Build the model, measure it, solve its LP and then the model itself."""
        since = time.perf_counter()
        self.built = built = self._build(tightenings)
        spent = time.perf_counter() - since
        linear = self.formulation.is_linear(built.model)
        if linear:
            self._measure_matrix(built)
        else:
            size = sizes(built.model)
            self._tell(replace(self.known, rows=size.constraints, columns=size.variables, nonzeros=size.nonzeros))
        since = time.perf_counter()
        budget = Budget(time_limit=self._left(), absolute_gap=0.99 if built.weight_unit.whole else 0.0)
        answer: Answer = engines.load(_engine(linear)).solve(built.model, budget, self)
        spent += time.perf_counter() - since
        self.bounded(answer.bound)
        if answer.found:
            self.improved()
        end = {"finished": "proved", "stopped": "time-limit"}.get(answer.end, answer.end)
        self._tell(replace(self.known, nodes=answer.nodes, seconds=spent, end=end))

    def _build(self, tightenings: Collection[str] | None) -> Readable:
        """With slack above 0, so that the model has every feasible plan and its bound holds for the instance."""
        shipped = self.formulation.shipped
        if tightenings is not None and shipped is not None and shipped.name == "slot":
            return shipped.build(self.instance, SLACK, tightenings)
        return self.formulation.build(self.instance, SLACK)

    def _measure_matrix(self, built: Readable) -> None:
        form = matrix_form(built.model)
        self._tell(replace(self.known, rows=len(form.row_lower), columns=len(form.cost), nonzeros=len(form.value)))
        if not len(form.cost):
            self._tell(replace(self.known, lp_value=form.offset * built.weight_unit.size))
            return
        outcome = highs.maximise(form.without_integrality(), Budget(time_limit=self._left()))
        if outcome.finished:
            self._tell(replace(self.known, lp_value=outcome.bound * built.weight_unit.size))

    def improved(self) -> None:
        """The engine has a better point; it counts if the checker accepts its plan."""
        if self.built is not None:
            plan = self.built.extract()
            if self.problem.check_plan(self.instance, plan).feasible:
                value = self.problem.objective(self.instance, plan)
                self._tell(replace(self.known, objective=max(value, self.known.objective or 0.0)))

    def bounded(self, value: float) -> None:
        """The engine has a better bound, in units of the weights."""
        if self.built is not None and self.formulation.bounds and math.isfinite(value):
            bound = self.formulation.bound(self.built, value)
            self._tell(replace(self.known, bound=bound if self.known.bound is None else min(bound, self.known.bound)))

    def _left(self) -> float | None:
        """Seconds until the time limit."""
        return None if math.isinf(self.until) else max(self.until - time.perf_counter(), LEAST_S)

    def _tell(self, known: Measured) -> None:
        self.known = known
        self.send(known)
