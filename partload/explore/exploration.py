"""What the page needs to know of a problem: one ``Exploration`` for each, in the module of the problem's package."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar, cast

from partload.explore.chart import Chip, Key, Row
from partload.explore.sliders import Setting
from partload.instances.problems import problem_of
from partload.instances.records import AnyInstance, Decision
from partload.instances.solution import SolutionHeader

InstanceT = TypeVar("InstanceT", bound=AnyInstance)
DecisionT = TypeVar("DecisionT", bound=Decision)
SolutionT = TypeVar("SolutionT", bound=SolutionHeader)


@dataclasses.dataclass(frozen=True)
class Exploration(Generic[InstanceT, DecisionT, SolutionT]):
    """The functions that show and change the records of one problem."""

    settings: tuple[Setting[InstanceT], ...]
    """The parameters that have a slider, in the order in which they are applied."""
    heuristic: str
    """The heuristic that is shown first."""
    without: str
    """What the third schedule does without: ``sharing``."""
    do_without: Callable[[InstanceT], InstanceT]
    """The instance of the third schedule."""
    legend: tuple[Key, ...]
    """The kinds of bars."""
    chip: Callable[[InstanceT, str], Chip]
    """One who wants to be served, by id."""
    rows: Callable[[InstanceT, SolutionT, InstanceT], tuple[Row, ...]]
    """A row for each decision of a plan, with its times; the second instance is the one before anything was left out,
    which gives the colours."""
    move: Callable[[InstanceT, tuple[DecisionT, ...], str, str], tuple[DecisionT, ...]]
    """A plan in which one who wants to be served was dragged to a row, by its number, to ``new`` or to ``none``."""
    new_row: str
    """What dropping on ``new`` does."""
    hint: str
    """What can be dragged where."""
    rules: Mapping[str, str]
    """What each rule of the checker asks for."""
    formulations: tuple[str, ...]
    """The formulations to show, the first that covers an instance first."""


AnyExploration = Exploration[AnyInstance, Decision, SolutionHeader]


def exploration_of(record: AnyInstance) -> AnyExploration:
    """The exploration of the problem of an instance.

    Its functions are only called with records of that problem, so the cast is safe.
    """
    module = f"partload.explore.problems.{problem_of(record).package}"
    return cast(AnyExploration, importlib.import_module(module).EXPLORATION)
