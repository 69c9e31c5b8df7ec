"""Rows of gap studies made by hand."""

from __future__ import annotations

from typing import Any

from partload.benchmarks.gap.rows import Row, RunKey, Swept

VERSIONS = {"partload": "0.1.0", "python": "3.11.0", "machine": "x86_64, 2 cores"}


def row(
    instance: str,
    method: str,
    objective: float | None = None,
    bound: float | None = None,
    *,
    sharing: bool = True,
    sha256: str | None = None,
    swept: tuple[str, str, float] | None = None,
    time_limit: float | None = None,
    **changed: Any,
) -> Row:
    """A row; its status is the one that goes with objective and bound unless another is given."""
    from_values = "failed" if objective is None else "optimal" if objective == bound else "feasible"
    of = None if swept is None else Swept(of=swept[0], parameter=swept[1], value=swept[2])
    asked = RunKey(
        instance=instance,
        instance_sha256=sha256 or f"hash of {instance}",
        swept=of,
        sharing=sharing,
        method=method,
        time_limit=time_limit,
        seed=changed.pop("seed", None),
    )
    facts: dict[str, Any] = {
        "asked": asked,
        "status": from_values,
        "requests": 30,
        "weight": 30.0,
        "objective": objective,
        "served": None if objective is None else int(objective),
        "bound": bound,
        "total_s": 1.0,
        "versions": VERSIONS,
        "ended": "2026-11-21T06:00:00+00:00",
    }
    return Row(**(facts | changed))
