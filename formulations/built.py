"""What the models of all formulations share once they have been built for an instance."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Generic, Protocol, TypeVar

import pyomo.environ as pyo

from partload.instances.weights import WeightUnit


class WeightedData(Protocol):
    """The data of a formulation, as far as the objective needs it."""

    @property
    def weight_unit(self) -> WeightUnit:
        """What the weights of those who can be served are divided by in the objective."""

    @property
    def weight(self) -> Mapping[str, float]:
        """Weight, in units, of each request or user who can be served."""


DataT = TypeVar("DataT", bound=WeightedData, covariant=True)


@dataclasses.dataclass(frozen=True)
class Built(Generic[DataT]):
    """The Pyomo model of an instance, and its data: the common part of ``registry.BuiltModel``."""

    model: pyo.ConcreteModel
    data: DataT

    @property
    def weight_unit(self) -> WeightUnit:
        """What the weights of those who can be served are divided by in the objective."""
        return self.data.weight_unit

    @property
    def weight(self) -> Mapping[str, float]:
        """Weight, in units, of each request or user who can be served."""
        return self.data.weight
