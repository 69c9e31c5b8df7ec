"""What a gap study needs to know of each problem: a module for each, of the name of the problem's package."""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from partload.benchmarks.gap.rows import Row
from partload.instances.problem import AnyProblem
from partload.instances.records import AnyInstance
from partload.instances.solution import SolutionHeader


class Study(Protocol):
    """The module of a problem."""

    DEFAULT_METHODS: tuple[str, ...]
    """Methods that a study compares when none are named."""
    WARM_UP: tuple[str | None, ...]
    """Methods to import before a run of ``exact``, which may stand for any of them."""
    TINY: tuple[AnyInstance, ...]
    """Instances that take no time; every method covers one."""

    def without_sharing(self, instance: AnyInstance) -> AnyInstance:
        """The copy of an instance without sharing; the instance itself where nothing can be shared."""

    def with_drawing(self, row: Row, instance: AnyInstance, solution: SolutionHeader) -> Row:
        """A row with the fields from which a report draws the plan."""


def study_of(problem: AnyProblem) -> Study:
    """The module of a problem. Its functions are only called with records of that problem, so the cast is safe."""
    return cast(Study, importlib.import_module(f"{__name__}.{problem.package}"))
