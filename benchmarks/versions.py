"""What a measurement was made with: every table that is printed says so."""

from __future__ import annotations

import datetime
import os
import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("partload", "clarabel", "cvxpy", "highspy", "numpy", "pydantic", "pyomo", "scipy")


def versions() -> str:
    """Packages, Python, machine and date, in one line."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    parts = [f"{package} {_version(package)}" for package in PACKAGES]
    machine = f"{platform.machine()}, {os.cpu_count()} cores"
    return ", ".join((*parts, f"Python {platform.python_version()}", machine, today))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
