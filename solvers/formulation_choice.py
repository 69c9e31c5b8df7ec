"""A formulation by its name: one of this package, or ``package.module:function``, one of the user's own.

The code of the user's own runs in this process here: for commands that build a model and write or compare it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Protocol

from partload.formulations import FORMULATIONS, Formulation, by_name
from partload.instances.records import AnyInstance, Plan
from partload.instances.weights import WeightUnit
from partload.solvers import user_code

if TYPE_CHECKING:
    import pyomo.environ as pyo

    from partload.solvers.user_formulation.source import OwnFormulation


class Readable(Protocol):
    """A model that has been built, and how to read plans from it."""

    @property
    def model(self) -> pyo.ConcreteModel:
        """The Pyomo model."""

    @property
    def weight_unit(self) -> WeightUnit:
        """The unit of the objective."""

    def extract(self) -> Plan:
        """The plan that the values of the variables describe, not yet checked."""


@dataclasses.dataclass(frozen=True)
class Chosen:
    """A formulation of this package, or one of the user's own."""

    name: str
    shipped: Formulation | None
    own: OwnFormulation | None

    @classmethod
    def by_name(cls, name: str) -> Chosen:
        """The formulation of a name; raises InputError when there is none."""
        if not user_code.is_own(name):
            return cls(name, by_name(FORMULATIONS, name), None)
        from partload.solvers.user_formulation.source import load

        return cls(name, None, load(name))

    @property
    def linear(self) -> bool | None:
        """Whether a MILP solver can take it; None where only the model can tell."""
        return None if self.shipped is None else self.shipped.linear

    @property
    def bounds(self) -> bool:
        """Whether its optimum is an upper bound, by proof or by the claim of the user."""
        if self.shipped is not None:
            return self.shipped.kind != "restriction"
        return self.own is not None and self.own.bounds

    def is_linear(self, model: pyo.ConcreteModel) -> bool:
        """Whether a MILP solver can take a model of it."""
        if self.linear is not None:
            return self.linear
        from partload.solvers.user_formulation.model_check import is_linear

        return is_linear(model)

    def bound(self, built: Readable, value: float) -> float:
        """An engine's bound of a model, in units of its objective, as a weight and on the safe side."""
        from partload.solvers.bound_rounding import engine_bound

        if self.own is not None:
            from partload.solvers.user_formulation.source import OwnModel

            assert isinstance(built, OwnModel)
            return built.bound(value)
        return engine_bound(value, built.weight_unit)

    def build(self, instance: AnyInstance, slack: float | None = None) -> Readable:
        """Build the model of an instance; raises InputError when the formulation does not cover it.

        Without ``slack``, limits are loosened as in exported models.
        """
        from partload.instances.verdict import TOLERANCE

        if self.own is not None:
            return self.own.build(instance, TOLERANCE if slack is None else slack)
        assert self.shipped is not None
        if slack is not None:
            return self.shipped.load().build(instance, slack=slack)
        from partload.formulations.explain.explanation import built

        return built(self.shipped, instance)
