"""A formulation of the user's own as a function: what it has to be, and what its module says of it.

The function is ``build(instance, *, slack)``, as in the template of CONTRIBUTING. It returns an object with

- ``model``: a Pyomo model with one objective, to be maximised;
- ``extract()``: the plan that the values of its variables describe;
- where the objective is not the weight served itself, ``weight_unit``: what it is measured in.

Its module may say ``KIND``: ``exact``, ``relaxation`` or ``restriction``. Only ``exact`` and ``relaxation`` make the
engine's bound a bound on the problem, and that is the user's claim: nothing here can prove it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cached_property
from typing import Protocol, runtime_checkable

import pyomo.environ as pyo

from partload.formulations.registry import Kind
from partload.instances.errors import InputError
from partload.instances.problems import problem_of
from partload.instances.records import AnyInstance, Plan
from partload.instances.weights import WeightUnit, weight_grid
from partload.solvers import user_code
from partload.solvers.bound_rounding import engine_bound, safe_bound
from partload.solvers.processes.result import failure_of
from partload.solvers.user_formulation.declaration import SOURCE, FormulationError, kind_of
from partload.solvers.user_formulation.model_check import check_model

WEIGHT_ITSELF = WeightUnit(1.0, False)
"""Unit of an objective whose built model names none."""


@runtime_checkable
class _Given(Protocol):
    """What ``build`` has to return."""

    model: object

    def extract(self) -> object:
        """The plan."""


LEAST_GRID = 1e-3
"""Below it, a grid of weights is lost in the absolute tolerances of engines."""


@dataclasses.dataclass(frozen=True)
class OwnModel:
    """The model that a user's function has built for an instance."""

    given: _Given
    name: str
    instance: AnyInstance
    weight_unit: WeightUnit

    def bound(self, value: float) -> float:
        """An engine's bound as a weight, on the safe side; what any plan serves is on the grid of the weights."""
        grid = self._grid
        return safe_bound(value, grid) if grid else engine_bound(value, self.weight_unit)

    @property
    def absolute_gap(self) -> float:
        """Difference between bound and objective, in units, below which no plan is worth more."""
        return 0.99 * self._grid or (0.99 if self.weight_unit.whole else 0.0)

    @cached_property
    def _grid(self) -> float:
        """What all weights are multiples of, where the objective is the weight served itself; else 0."""
        if self.weight_unit != WEIGHT_ITSELF:
            return 0.0
        grid = weight_grid([one.weight for one in self.instance.demand])
        return grid if grid >= LEAST_GRID else 0.0

    @property
    def model(self) -> pyo.ConcreteModel:
        """The Pyomo model, which has been checked."""
        return self.given.model

    def extract(self) -> Plan:
        """The plan that the values of the variables describe, not yet checked.

        Raises
        ------
        FormulationError
            When the user's function fails or gives something else.
        """
        try:
            given = self.given.extract()
        except InputError:
            raise
        except (Exception, SystemExit) as error:
            raise _failed(error, "extract ") from error
        return user_code.plan_of(given, problem_of(self.instance).decision, FormulationError, SOURCE)


@dataclasses.dataclass(frozen=True)
class OwnFormulation:
    """A user's function, and what its module says of it."""

    name: str
    """``package.module:function``."""
    function: Callable[..., object]
    kind: Kind | None
    """None where the module does not say."""

    @property
    def bounds(self) -> bool:
        """Whether the user claims that the optimum is an upper bound on what any plan serves."""
        return self.kind in ("exact", "relaxation")

    def build(self, instance: AnyInstance, slack: float) -> OwnModel:
        """Build the model of an instance.

        Raises
        ------
        InputError
            What the function raises of that kind, such as a refusal of the instance.
        FormulationError
            When the function fails in another way, or gives something that lacks what is needed.
        """
        try:
            given = self.function(instance, slack=slack)
        except InputError:
            raise
        except (Exception, SystemExit) as error:
            raise _failed(error) from error
        missing = [name for name in ("model", "extract") if not hasattr(given, name)]
        if missing or not isinstance(given, _Given):
            problem = f"expected {self.name} to return an object with model and extract()"
            got = f"got {type(given).__name__}, which has no {' and no '.join(missing)}"
            raise FormulationError(f"{problem}, {got}", source=SOURCE)
        unit = getattr(given, "weight_unit", WEIGHT_ITSELF)
        if not isinstance(unit, WeightUnit) or not unit.size > 0:
            raise FormulationError(f"expected weight_unit to be a WeightUnit above 0, got {unit!r}", source=SOURCE)
        wrong = check_model(given.model)
        if wrong is not None:
            raise FormulationError(f"{self.name}: {wrong}", source=SOURCE)
        return OwnModel(given, self.name, instance, unit)


def load(name: str) -> OwnFormulation:
    """The formulation that ``package.module:function`` names; raises FormulationError when there is none."""
    with user_code.while_importing():
        function = user_code.named(name, FormulationError, SOURCE)
    return OwnFormulation(name, function, kind_of(function, name.partition(":")[0]))


def _failed(error: BaseException, what: str = "") -> FormulationError:
    failure = failure_of(error)
    return user_code.detailed(FormulationError(f"{what}{failure}", source=SOURCE), failure)
