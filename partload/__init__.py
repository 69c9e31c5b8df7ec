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
    from partload.benchmarks.gap.study import gap
    from partload.instances.channels import FlatChannel, PowerLimitedChannel
    from partload.instances.errors import InputError
    from partload.instances.files import write
    from partload.instances.generators import generate
    from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
    from partload.instances.partial_loading.plan import Plan, Slot
    from partload.instances.partial_loading.solution import Solution
    from partload.instances.problems import check, check_plan
    from partload.instances.reading import read
    from partload.instances.verdict import Report, Violation
    from partload.plots.draw import plot
    from partload.solvers import solve

__version__ = "0.1.0"

_HOMES = {
    "FlatChannel": "partload.instances.channels",
    "PowerLimitedChannel": "partload.instances.channels",
    "InputError": "partload.instances.errors",
    "write": "partload.instances.files",
    "Report": "partload.instances.verdict",
    "Violation": "partload.instances.verdict",
    "check": "partload.instances.problems",
    "check_plan": "partload.instances.problems",
    "gap": "partload.benchmarks.gap.study",
    "generate": "partload.instances.generators",
    "Block": "partload.instances.partial_loading.instance",
    "Instance": "partload.instances.partial_loading.instance",
    "Model": "partload.instances.partial_loading.instance",
    "Request": "partload.instances.partial_loading.instance",
    "Server": "partload.instances.partial_loading.instance",
    "Plan": "partload.instances.partial_loading.plan",
    "Slot": "partload.instances.partial_loading.plan",
    "Solution": "partload.instances.partial_loading.solution",
    "plot": "partload.plots.draw",
    "read": "partload.instances.reading",
    "solve": "partload.solvers",
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
