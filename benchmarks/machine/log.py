"""The log of a replay: a solution whose times were measured, and that claims nothing else of the plan."""

from __future__ import annotations

import dataclasses
from typing import TypeVar

from partload.instances.solution import SolutionHeader

SolutionT = TypeVar("SolutionT", bound=SolutionHeader)


def without_claims(solution: SolutionT, note: str) -> SolutionT:
    """A solution without its proof, its measures and its times of solving; a note says how it was replayed."""
    return dataclasses.replace(
        solution,
        status=None,
        termination=None,
        bound=None,
        gap=None,
        metrics=None,
        timing=None,
        provenance={**(solution.provenance or {}), "replayed": note},
    )
