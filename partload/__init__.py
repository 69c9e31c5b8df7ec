"""The front door: read, solve, check, write, generate, plot and the gap study, from Python.

    import partload
    instance = partload.read("three-models")
    solution = partload.solve(instance)
    assert partload.check(instance, solution).feasible

Names are imported when they are first used, so that ``import partload`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.gap.study import gap
    from instances.channels import FlatChannel, PowerLimitedChannel
    from instances.errors import InputError
    from instances.files import write
    from instances.generators import generate
    from instances.partial_loading.instance import Block, Instance, Model, Request, Server
    from instances.partial_loading.plan import Plan, Slot
    from instances.partial_loading.solution import Solution
    from instances.problems import check, check_plan
    from instances.reading import read
    from instances.verdict import Report, Violation
    from partload.plots.draw import plot
    from solvers import solve

__version__ = "0.1.0"

_HOMES = {
    "FlatChannel": "instances.channels",
    "PowerLimitedChannel": "instances.channels",
    "InputError": "instances.errors",
    "write": "instances.files",
    "Report": "instances.verdict",
    "Violation": "instances.verdict",
    "check": "instances.problems",
    "check_plan": "instances.problems",
    "gap": "benchmarks.gap.study",
    "generate": "instances.generators",
    "Block": "instances.partial_loading.instance",
    "Instance": "instances.partial_loading.instance",
    "Model": "instances.partial_loading.instance",
    "Request": "instances.partial_loading.instance",
    "Server": "instances.partial_loading.instance",
    "Plan": "instances.partial_loading.plan",
    "Slot": "instances.partial_loading.plan",
    "Solution": "instances.partial_loading.solution",
    "plot": "partload.plots.draw",
    "read": "instances.reading",
    "solve": "solvers",
}
"""Where each public name lives."""

__all__ = [
    "Block",
    "FlatChannel",
    "InputError",
    "Instance",
    "Model",
    "Plan",
    "PowerLimitedChannel",
    "Report",
    "Request",
    "Server",
    "Slot",
    "Solution",
    "Violation",
    "check",
    "check_plan",
    "gap",
    "generate",
    "plot",
    "read",
    "solve",
    "write",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'partload' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
