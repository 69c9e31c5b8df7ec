"""What the rest of the project knows of a formulation without importing it."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Literal, Protocol, cast, runtime_checkable

from partload.instances.errors import InputError, expected_one_of
from partload.instances.features import Support, described, unsupported
from partload.instances.problems import by_name as by_problem
from partload.instances.problems import problem_of
from partload.instances.records import AnyInstance, Plan
from partload.instances.weights import WeightUnit

if TYPE_CHECKING:  # Listings need no Pyomo.
    import pyomo.environ as pyo

    from partload.formulations.cuts import Served

Kind = Literal["exact", "relaxation", "restriction"]


class BuiltModel(Protocol):
    """A Pyomo model that has been built for an instance, and how to read plans from it."""

    @property
    def model(self) -> pyo.ConcreteModel:
        """What an engine solves; the values of its variables are the engine's best point."""

    @property
    def weight_unit(self) -> WeightUnit:
        """The unit of the objective."""

    @property
    def weight(self) -> Mapping[str, float]:
        """Weight, in units, of each request or user who can be served."""

    def served(self) -> Served:
        """Whether each of them is served, as expressions, for the cuts of ``partload.formulations.cuts``."""

    def extract(self) -> Plan:
        """The plan that the values of the variables describe, not yet checked."""

    def forbid(self, plan: Plan) -> None:
        """Exclude every plan that begins like this one, which turned out infeasible in its last slot."""


@runtime_checkable
class Placing(Protocol):
    """A built model, of a formulation that can say which of its points belong to a plan."""

    def place(self, plan: Plan) -> None:
        """Fix the variables that a plan decides, the others follow; raises InputError when there are none for it."""


class FormulationModule(Protocol):
    """What the module of a formulation has."""

    SYMBOLS: dict[str, str]
    """From the name of a component to its LaTeX symbol."""
    derivation: Callable[[AnyInstance], list[str]] | None
    """How another formulation follows from this one, with the numbers of an instance, as lines of LaTeX."""

    def build(self, instance: AnyInstance, *, slack: float = ...) -> BuiltModel:
        """Build the model of an instance.

        ``slack`` is a relative change of the limits, larger than a solver's tolerance. With slack above 0 the model has
        every feasible plan, with slack below 0 it has no infeasible one.
        """


class TightenedModule(FormulationModule, Protocol):
    """What the module of a formulation has that can be built with some of its tightenings."""

    TIGHTENINGS: dict[str, str]
    """From the name of each tightening to what it does."""

    def build(self, instance: AnyInstance, *, slack: float = ..., tightenings: Collection[str] = ...) -> BuiltModel:
        """Build the model of an instance, by default with all tightenings."""


class ConditionsModule(Protocol):
    """The module of what a formulation asks of an instance beyond single features; it needs no Pyomo."""

    def refusals(self, instance: AnyInstance) -> list[str]:
        """What an instance has that is in the way."""


@dataclasses.dataclass(frozen=True)
class Formulation:
    """One formulation; its module is a ``FormulationModule``."""

    name: str
    problem: str
    """``partial-loading`` or ``slide``."""
    kind: Kind
    supports: Support
    """The features for which it has constraints."""
    module: str
    linear: bool = True
    """Whether a MILP solver can take it."""
    needs: str | None = None
    """What an instance has to have beyond single features, as listings say it; None for nothing."""
    conditions: str | None = None
    """A ``ConditionsModule``, which judges that."""

    def unsupported(self, instance: AnyInstance) -> list[str]:
        """What an instance of its problem has that it does not support, nothing if it supports all."""
        missing = unsupported(problem_of(instance).features(instance), self.supports)
        if missing or self.conditions is None:
            return missing
        return cast(ConditionsModule, importlib.import_module(self.conditions)).refusals(instance)

    @property
    def covers(self) -> str:
        """What is supported, in one line."""
        features = described(self.supports, by_problem(self.problem).known_features)
        return features if self.needs is None else f"{self.needs}; {features}"

    @property
    def tightenings(self) -> dict[str, str]:
        """What each of its tightenings does, by name; empty if it has none. Imports the formulation's module."""
        return dict(getattr(self.load(), "TIGHTENINGS", {}))

    @property
    def reformulations(self) -> tuple[str, ...]:
        """Those tightenings that change variables, so that the LP value may be larger or smaller."""
        return tuple(getattr(self.load(), "REFORMULATIONS", ()))

    @property
    def cuts(self) -> dict[str, str]:
        """What each family of its cuts says, by name; empty if it has none. Imports the formulation's module."""
        return dict(getattr(self.load(), "CUTS", {}))

    def build(self, instance: AnyInstance, slack: float, tightenings: Collection[str]) -> BuiltModel:
        """Build the model of an instance with some of its tightenings."""
        if not self.tightenings:
            return self.load().build(instance, slack=slack)
        return cast(TightenedModule, self.load()).build(instance, slack=slack, tightenings=tightenings)

    def load(self) -> FormulationModule:
        """Import the formulation's module, and Pyomo with it."""
        return cast(FormulationModule, importlib.import_module(self.module))


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
        raise InputError(expected_one_of(formulations, name), source="formulation")
    return formulations[name]
