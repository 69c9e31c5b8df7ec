"""What a problem is: a plugin, one typed record that names its parts.

The records, the checker, the generators and the parameters of a problem are fields here. Its methods, formulations,
views and pictures live in the other rooms, in the package of the same name, ``Problem.package``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

from partload.instances.features import Feature, Support
from partload.instances.measured import MeasuredReport
from partload.instances.records import AnyInstance, Decision
from partload.instances.solution import SolutionHeader
from partload.instances.verdict import Report

if TYPE_CHECKING:
    from partload.instances.generation.families import Family
    from partload.instances.parameters import Parameter

InstanceT = TypeVar("InstanceT", bound=AnyInstance)
DecisionT = TypeVar("DecisionT", bound=Decision)
SolutionT = TypeVar("SolutionT", bound=SolutionHeader)
TimesT = TypeVar("TimesT")


@dataclasses.dataclass(frozen=True)
class Problem(Generic[InstanceT, DecisionT, SolutionT, TimesT]):
    """One problem: its records, and the functions that judge them."""

    name: str
    """Name in files, methods and formulations, such as ``partial-loading``."""
    package: str
    """Name of the problem's package in every folder."""
    instance: type[InstanceT]
    solution: type[SolutionT]
    decision: type[DecisionT]
    """What a plan is a sequence of."""
    check: Callable[[InstanceT, SolutionT], Report[TimesT]]
    """Judge a solution: its plan, and everything else that it states."""
    check_plan: Callable[[InstanceT, tuple[DecisionT, ...]], Report[TimesT]]
    """Judge a plan."""
    check_measured: Callable[[InstanceT, SolutionT], MeasuredReport]
    """Judge a solution whose times were measured."""
    objective: Callable[[InstanceT, tuple[DecisionT, ...]], float]
    """Weight that a plan serves."""
    record_plan: Callable[[InstanceT, tuple[DecisionT, ...], TimesT], Mapping[str, object]]
    """The fields of a solution that follow from a plan and its times: the decisions with their times, ``metrics``."""
    demand_name: str
    """What those who want to be served are called, in the plural: the field of the instance that lists them."""
    served: Callable[[DecisionT], int]
    """How many of them a decision serves."""
    features: Callable[[InstanceT], frozenset[Feature]]
    """What an instance asks for."""
    known_features: Support
    """Every value of every feature, for listings."""
    parameters: Mapping[str, Parameter[InstanceT]]
    """What can be varied of an instance, by name."""
    example: str
    """Name of a small instance of the library."""
    families: Mapping[str, Family[InstanceT]]
    """Generated instances, by the name of the family."""


AnyProblem = Problem[AnyInstance, Decision, SolutionHeader, object]
"""A problem in code that does not care which. Its functions take records of that problem only."""
