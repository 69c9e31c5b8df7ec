"""Every method there is. The methods of a problem are listed in its own package."""

from __future__ import annotations

import importlib

from partload.instances.problems import PACKAGES
from partload.solvers.registry import Method


def _methods(package: str) -> tuple[Method, ...]:
    found: tuple[Method, ...] = importlib.import_module(f"partload.solvers.{package}.methods").METHODS
    return found


METHODS: tuple[Method, ...] = tuple(method for package in PACKAGES for method in _methods(package))
"""In the order in which ``solve`` tries them when no method is named."""


def method(problem: str, name: str) -> Method:
    """The method of that name of a problem; raises StopIteration when there is none."""
    return next(one for one in METHODS if (one.problem, one.name) == (problem, name))
