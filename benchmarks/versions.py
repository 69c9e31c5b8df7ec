"""What a measurement was made with: every table that is printed says so."""

from __future__ import annotations

import datetime
import functools
import os
import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("partload", "clarabel", "cvxpy", "highspy", "numpy", "pydantic", "pyomo", "pyscipopt", "scipy")
MISSING = "not installed"


def versions() -> str:
    """Packages, Python, machine and date, in one line."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    parts = [f"{package} {_version(package)}" for package in PACKAGES]
    machine = f"{platform.machine()}, {os.cpu_count()} cores"
    return ", ".join((*parts, f"Python {platform.python_version()}", machine, today))


@functools.cache
def installed() -> dict[str, str]:
    """Versions of what is installed of ``PACKAGES``, of Python, and the machine, by name."""
    found = {package: _version(package) for package in PACKAGES}
    here = {package: number for package, number in found.items() if number != MISSING}
    machine = f"{platform.machine()}, {os.cpu_count()} cores"
    return {**here, "python": platform.python_version(), "machine": machine}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return MISSING
