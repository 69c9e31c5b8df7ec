"""What the rest of the project knows of a formulation without importing it."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterable
from types import ModuleType
from typing import Any, Literal

from partload.instances.errors import InputError
from partload.instances.features import Support, described, unsupported
from partload.instances.problems import by_name as by_problem
from partload.instances.problems import problem_of

Kind = Literal["exact", "relaxation", "restriction"]


@dataclasses.dataclass(frozen=True)
class Formulation:
    """One formulation. Its module has

    - ``build(instance, *, room) -> pyomo.environ.ConcreteModel``, ``room`` being a relative change of the limits that
      keeps feasible plans (above 0) or infeasible ones (below 0) out of reach of a solver's tolerance;
    - ``extract(model) -> Plan``: the plan that the values of the variables describe, not yet checked;
    - ``forbid(model, plan)``: exclude the plans that begin like this one, which turned out infeasible in its last slot;
    - ``served(model) -> Served``: who is served, as expressions, for the cuts of ``partload.formulations.cuts``;
    - ``SYMBOLS``: for the printed mathematics, component name -> LaTeX symbol;
    - where there is one, ``derivation(instance) -> list[str]``: how another formulation follows from it, step by step
      with the numbers of an instance, as lines of LaTeX.
    """

    name: str
    problem: str
    """``partial-loading`` or ``slide``."""
    kind: Kind
    supports: Support
    """The features for which it has constraints."""
    module: str
    linear: bool = True
    """Whether a MILP solver can take it."""

    def unsupported(self, instance: Any) -> list[str]:
        """Features of an instance of its problem that it does not support, none if it supports all."""
        return unsupported(problem_of(instance).features(instance), self.supports)

    @property
    def covers(self) -> str:
        """What is supported, in one line."""
        return described(self.supports, by_problem(self.problem).known_features)

    def load(self) -> ModuleType:
        """Import the formulation's module, and Pyomo with it."""
        return importlib.import_module(self.module)


def ensure_problem(known: Iterable[Formulation], formulation: Formulation, problem: str, source: str) -> None:
    """Raise InputError, with the instance as its source, on a formulation that is one of another problem."""
    if formulation.problem != problem:
        names = ", ".join(one.name for one in known if one.problem == problem)
        wrong = f"formulation {formulation.name!r} is one of {formulation.problem}, not of {problem}, which has {names}"
        raise InputError(wrong, source=source)


def by_name(known: Iterable[Formulation], name: str) -> Formulation:
    """The formulation of that name.

    Raises
    ------
    InputError
        When there is none.
    """
    formulations = {formulation.name: formulation for formulation in known}
    if name not in formulations:
        raise InputError(f"expected one of {', '.join(formulations)}, got {name!r}", source="formulation")
    return formulations[name]
