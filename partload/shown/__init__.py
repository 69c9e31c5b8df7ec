"""What the commands show of an instance and a solution: one module for each problem, each with

- ``features(instance) -> str``: what sets it apart from the default rules;
- ``show(instance, solution)``: print the table of a solution, with a name and one row for each part of the plan;
- ``notes(solution) -> Iterable[tuple[str, str]]``: what there is to say of a plan beside what is said of every one;
- ``show_derived(instance, solution, derived)``: print what ``check --convex`` derived again of each part of the plan.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from partload.instances.problems import problem_of


def of(record: Any) -> ModuleType:
    """The module of the problem that an instance or a solution belongs to."""
    return importlib.import_module(f"partload.shown.{problem_of(record).package}")
