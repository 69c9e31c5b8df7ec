"""Parts that need a library which does not come with the plain package: imported when asked for."""

from __future__ import annotations

import importlib
from types import ModuleType

from instances.errors import InputError

CONVEX = ("cvxpy", "clarabel")


def convex_layer(module: str, wanted: str) -> ModuleType:
    """Import a module that needs CVXPY and Clarabel.

    Parameters
    ----------
    module
        Its full name.
    wanted
        What was asked for, as an error names it.

    Raises
    ------
    InputError
        When one of them is not installed; it names the extra that brings both.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name not in CONVEX:
            raise
        raise InputError(f"needs {error.name}: pip install 'partload[convex]'", source=wanted) from None
