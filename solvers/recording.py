"""The solution document of a plan, whatever made it, and the versions that its provenance states."""

from __future__ import annotations

import datetime
import importlib.metadata
import platform

from partload.instances.problems import problem_of
from partload.instances.records import AnyInstance, Plan
from partload.instances.serialisation import adapter, sha256
from partload.instances.showing import remember
from partload.instances.solution import SolutionHeader


def record_solution(instance: AnyInstance, plan: Plan, times: object, **header: object) -> SolutionHeader:
    """The solution of a plan with its times and measures; ``header`` are fields of ``SolutionHeader``.

    Parameters
    ----------
    instance, plan, times
        An instance, a plan that the checker accepts, and its times, as the checker recomputed them.
    header
        What made the plan, and what is known of it.
    """
    digest = sha256(instance)
    remember(digest, instance)
    fields: dict[str, object] = {
        "instance": instance.name,
        "instance_sha256": digest,
        **header,
        **problem_of(instance).record_plan(instance, plan, times),
    }
    # Checked field by field, nested records as they are: they are of the type that the instance names.
    record = adapter(instance.solution_type).validate_python(fields)
    assert isinstance(record, SolutionHeader)
    return record


def versions(*packages: str) -> dict[str, str]:
    """The versions of partload, of Python and of some packages, and the date."""
    facts = {name: importlib.metadata.version(name) for name in ("partload", *packages)}
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return facts | {"python": platform.python_version(), "date": today}
