"""Parts that need a library which does not come with the plain package: imported when asked for."""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType

from partload.instances.errors import InputError

EXTRAS = {
    "blake3": "blake3",
    "clarabel": "convex",
    "cvxpy": "convex",
    "distributed": "dask",
    "jinja2": "plot",
    "latex2mathml": "html",
    "markdown_it": "html",
    "matplotlib": "plot",
    "onnx": "onnx",
    "pandas": "pandas",
    "pyscipopt": "scip",
    "scipy": "stats",
    "starlette": "explore",
    "uvicorn": "explore",
}
"""The extra that brings each library."""


def load(module: str, wanted: str) -> ModuleType:
    """Import a module that is, or needs, a library of an extra.

    Parameters
    ----------
    module
        Its full name.
    wanted
        What was asked for, as an error names it.

    Raises
    ------
    InputError
        When the library is not installed; it names the extra that brings it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in EXTRAS:
            raise
        raise _missing(library, wanted) from None


def ensure(library: str, wanted: str) -> None:
    """Raise InputError, as ``load`` does, when a library is not installed; does not import it."""
    if importlib.util.find_spec(library) is None:
        raise _missing(library, wanted)


def _missing(library: str, wanted: str) -> InputError:
    return InputError(f"needs {library}: pip install 'partload[{EXTRAS[library]}]'", source=wanted)
