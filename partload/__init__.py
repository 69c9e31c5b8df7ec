"""Exact scheduling and bandwidth allocation for AI models at the wireless edge: the Python interface.

    import partload
    instance = partload.read("three-models")
    solution = partload.solve(instance)
    assert partload.check(instance, solution).feasible

A name is imported when it is first used, so that ``import partload`` takes milliseconds.
"""

from __future__ import annotations

from partload.instances import showing

TYPE_CHECKING = False
"""As ``typing.TYPE_CHECKING``, without the time that the import of ``typing`` takes."""

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from partload.benchmarks.gap.study import gap, merge
    from partload.instances.channels import FlatChannel, PowerLimitedChannel
    from partload.instances.checking import check, check_measured, check_plan
    from partload.instances.errors import InputError
    from partload.instances.files import write
    from partload.instances.generators import generate
    from partload.instances.partial_loading.importing import import_requests
    from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
    from partload.instances.partial_loading.plan import Plan, Slot
    from partload.instances.partial_loading.solution import Solution
    from partload.instances.reading import read
    from partload.instances.showing import Kind, Listener
    from partload.instances.slide.importing import import_users
    from partload.instances.verdict import Report, Violation
    from partload.plots.draw import plot
    from partload.solvers import solve
    from partload.solvers.relaxation import relax
    from partload.solvers.solution_files.importing import import_solution

__version__ = "0.1.0"


class _FrontDoor:
    """How records and progress are shown, for the rooms below."""

    def html(self, record: object) -> str:
        from partload import notebook

        return notebook.html(record)

    def progress(self, kind: Kind) -> AbstractContextManager[Listener[object] | None]:
        from partload import progress

        return progress.display(kind)


showing.register(_FrontDoor())

_MODULES = {
    "FlatChannel": "partload.instances.channels",
    "PowerLimitedChannel": "partload.instances.channels",
    "InputError": "partload.instances.errors",
    "write": "partload.instances.files",
    "Report": "partload.instances.verdict",
    "Violation": "partload.instances.verdict",
    "check": "partload.instances.checking",
    "check_measured": "partload.instances.checking",
    "check_plan": "partload.instances.checking",
    "gap": "partload.benchmarks.gap.study",
    "merge": "partload.benchmarks.gap.study",
    "generate": "partload.instances.generators",
    "import_requests": "partload.instances.partial_loading.importing",
    "import_solution": "partload.solvers.solution_files.importing",
    "import_users": "partload.instances.slide.importing",
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
    "relax": "partload.solvers.relaxation",
    "solve": "partload.solvers",
}
"""The module that defines each public name."""

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
    "check_measured",
    "check_plan",
    "gap",
    "generate",
    "import_requests",
    "import_solution",
    "import_users",
    "merge",
    "plot",
    "read",
    "relax",
    "solve",
    "write",
]


def __getattr__(name: str) -> object:
    import importlib

    if name not in _MODULES:
        raise AttributeError(f"module 'partload' has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
