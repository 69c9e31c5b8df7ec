"""The mathematics: one file is one formulation and one lesson. Nothing here calls a solver.

The package of a problem lists its formulations. The module of a formulation is imported when it is used.
"""

from __future__ import annotations

import importlib

from partload.formulations.registry import BuiltModel, Formulation, by_name, ensure_problem
from partload.instances.problems import PACKAGES


def _formulations(package: str) -> tuple[Formulation, ...]:
    found: tuple[Formulation, ...] = importlib.import_module(f"{__name__}.{package}.formulations").FORMULATIONS
    return found


FORMULATIONS: tuple[Formulation, ...] = tuple(one for package in PACKAGES for one in _formulations(package))

__all__ = ["FORMULATIONS", "BuiltModel", "Formulation", "by_name", "ensure_problem"]
