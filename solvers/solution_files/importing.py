"""From the solution of an exported model, by any solver, to a plan and a solution document.

The file gives values to the variables of the model; the formulation reads the plan from them, as it does after a solve
of our own. What the solver says of feasibility and optimality is noted, and nothing of it is believed: the checker
judges the plan, and there is no bound.
"""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pyomo.environ as pyo
from pyomo.common.collections import ComponentSet
from pyomo.core.expr.visitor import identify_variables

from partload.formulations import model_files
from partload.instances import arguments, files
from partload.instances.errors import InputError
from partload.instances.problems import problem_of
from partload.instances.reading import instance_of
from partload.instances.records import AnyInstance, Instance, Plan
from partload.instances.solution import SolutionHeader
from partload.instances.verdict import Report
from partload.solvers.formulation_choice import Chosen, Readable
from partload.solvers.recording import record_solution, versions
from partload.solvers.solution_files.point import Point, Value
from partload.solvers.solution_files.reading import read_point
from partload.solvers.solving import InfeasiblePlanError

if TYPE_CHECKING:
    from partload.solvers.solving import SolutionT

TOLERANCE = 1e-5
"""Relative tolerance of values of variables and of the objective, ten times those of solvers."""
CONSTANT = "ONE_VAR_CONSTANT"
"""A variable that is 1, which Pyomo's writers add to files."""


@dataclasses.dataclass(frozen=True)
class Rebuilt:
    """The plan that a solution file describes, and the checker's verdict."""

    instance: AnyInstance
    formulation: str
    path: str | Path
    point: Point
    plan: Plan
    report: Report[object]


def import_solution(instance: Instance[SolutionT] | str | Path, path: str | Path, *, formulation: str) -> SolutionT:
    """Read the solution that another solver found for an exported model, and check its plan.

    Parameters
    ----------
    instance
        The instance whose model was exported: an instance, a file, or the name of an instance of the library.
    path
        The solution file: of HiGHS (raw or pretty), SCIP, Gurobi or CBC, or lines of a name and a value.
    formulation
        The formulation that was exported.

    Returns
    -------
    The solution of the instance, with all times recomputed. It has no bound: nothing that the file states is believed.

    Raises
    ------
    InputError
        When the file cannot be read, or holds the solution of another model; ``InfeasiblePlanError`` when the checker
        rejects its plan.
    """
    arguments.path(path, "path")
    arguments.text(formulation, "the name of a formulation, such as slot", "formulation")
    rebuilt = rebuild(instance_of(instance), path, formulation)
    if not rebuilt.report.feasible:
        problem = f"its plan is not feasible: {rebuilt.report.violations[0]}"
        raise InfeasiblePlanError(problem, source=files.source_name(path))
    return cast("SolutionT", recorded(rebuilt))


def rebuild(instance: AnyInstance, path: str | Path, formulation: str) -> Rebuilt:
    """The plan of a solution file with the checker's verdict; raises InputError as ``import_solution`` does."""
    chosen = Chosen.by_name(formulation)
    if chosen.linear is False:
        raise InputError(
            f"expected a linear formulation, {formulation!r} has no .lp or .mps file", source="formulation"
        )
    point = read_point(path)
    built = chosen.build(instance)
    try:
        _assign(built, point, f"{formulation!r} of {instance.name!r}")
    except InputError as error:
        raise error.within(files.source_name(path)) from None
    plan = built.extract()
    return Rebuilt(instance, formulation, path, point, plan, problem_of(instance).check_plan(instance, plan))


def recorded(rebuilt: Rebuilt) -> SolutionHeader:
    """The solution document of a plan that the checker accepts."""
    point, report = rebuilt.point, rebuilt.report
    return record_solution(
        rebuilt.instance,
        rebuilt.plan,
        report.times,
        formulation=rebuilt.formulation,
        solver=point.program,
        status="feasible" if rebuilt.plan else "unknown",
        objective=report.objective,
        provenance=_provenance(rebuilt.path, point),
    )


def _assign(built: Readable, point: Point, what: str) -> None:
    """Give the variables of a model the values of a point; raises InputError when it is not one of the model."""
    variables = model_files.variables_by_name(built.model)
    for name, value in point.values.items():
        if name not in variables and name != CONSTANT:
            raise _other(f"the model has no variable {name!r}", what, value)
    if point.complete:
        _check_complete(built.model, variables, point, what)
    for name, variable in variables.items():
        if not variable.fixed:
            given = point.values.get(name, Value(0.0, 0))
            variable.set_value(_valid(name, variable, given, what), skip_validation=True)
    if point.objective is not None:
        (objective,) = built.model.component_data_objects(pyo.Objective, active=True)
        worth = float(pyo.value(objective))
        if abs(abs(point.objective) - abs(worth)) > TOLERANCE * max(abs(worth), 1.0):  # CBC minimises the negative.
            raise _other(f"it states the objective {point.objective:.10g}, its values are worth {worth:.10g}", what)


def _valid(name: str, variable: pyo.Var, given: Value, what: str) -> float:
    """The value of a variable, a whole number where it has to be one; raises InputError on one that it cannot have."""
    value, room = given.value, TOLERANCE * max(abs(given.value), 1.0)
    if variable.is_integer():
        if abs(value - round(value)) > TOLERANCE:
            problem = f"expected a whole number for variable {name!r}, got {value!r}; was it solved as an LP?"
            raise InputError(problem, f"line {given.line}")
        value = float(round(value))
    if (variable.lb is not None and value < variable.lb - room) or (
        variable.ub is not None and value > variable.ub + room
    ):
        raise _other(f"variable {name!r} is {value!r}, out of its bounds", what, given)
    return value


def _check_complete(model: pyo.ConcreteModel, variables: dict[str, pyo.Var], point: Point, what: str) -> None:
    """Raise InputError when a file that lists all variables lacks one of the objective.

    Others may be left out of a model file, because they have no coefficient but 0.
    """
    (objective,) = model.component_data_objects(pyo.Objective, active=True)
    used = ComponentSet(identify_variables(objective.expr, include_fixed=False))
    for name, variable in variables.items():
        if variable in used and name not in point.values:
            raise _other(f"variable {name!r} of the model is missing", what)


def _other(problem: str, what: str, given: Value | None = None) -> InputError:
    line = f"line {given.line}" if given is not None and given.line else ""
    return InputError(
        f"expected a solution of the exported model {what}, this is one of another model: {problem}", line
    )


def _provenance(path: str | Path, point: Point) -> dict[str, str]:
    """Where the solution comes from, and what the file claims."""
    claims = [f"status {point.status}"] if point.status else []
    claims += [f"objective {point.objective:.15g}"] if point.objective is not None else []
    facts = versions("pyomo") | {"source": f"solution file {files.source_name(Path(path).name)}"}
    if Path(path) != files.STANDARD_INPUT:
        facts["source_sha256"] = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    if claims:
        facts["source_states"] = ", ".join(claims)
    return facts
