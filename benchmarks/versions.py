"""Versions of packages, Python and machine, which every printed table and every row of a study states."""

from __future__ import annotations

import datetime
import functools
import os
import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("partload", "clarabel", "cvxpy", "highspy", "numpy", "pydantic", "pyomo", "pyscipopt", "scipy")
MISSING = "not installed"


def versions() -> str:
    """Versions of packages and Python, the machine and the date, in one line."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    parts = [f"{package} {_version(package)}" for package in PACKAGES]
    machine = f"{platform.machine()}, {os.cpu_count()} cores"
    return ", ".join((*parts, f"Python {platform.python_version()}", machine, today))


@functools.cache
def installed() -> dict[str, str]:
    """Versions of the installed ``PACKAGES`` and of Python, and the machine, by name."""
    found = {package: _version(package) for package in PACKAGES}
    present = {package: number for package, number in found.items() if number != MISSING}
    machine = f"{platform.machine()}, {os.cpu_count()} cores"
    return {**present, "python": platform.python_version(), "machine": machine}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return MISSING
