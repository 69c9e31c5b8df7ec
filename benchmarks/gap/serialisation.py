"""Serialisation of a user's heuristic for another process, or for a machine that does not have its modules."""

from __future__ import annotations

import contextlib
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import cloudpickle

from partload.instances.errors import InputError
from partload.solvers.processes.result import PACKAGE
from partload.solvers.user_heuristic.run import label, pickled
from partload.solvers.user_heuristic.work import Heuristic


def serialise(heuristic: Heuristic, name: str, *, by_value: bool) -> bytes:
    """Pickle a heuristic.

    Parameters
    ----------
    heuristic
        A callable. Functions of notebooks and of ``__main__`` are pickled with their code in any case.
    name
        The name that an error gives to the heuristic.
    by_value
        Whether the pickle has the code of the heuristic's module and of the modules beside it that are imported.

    Raises
    ------
    InputError
        When the heuristic cannot be pickled.
    """
    try:
        with _pickled_by_value(_own_modules(heuristic) if by_value else []):
            return pickled(heuristic)
    except Exception as error:
        problem = f"cannot be sent to another process: {type(error).__name__}: {error}"
        raise InputError(problem, source=name) from None


@contextlib.contextmanager
def _pickled_by_value(modules: list[ModuleType]) -> Iterator[None]:
    registered = set(cloudpickle.list_registry_pickle_by_value())
    new = [module for module in modules if module.__name__ not in registered]
    for module in new:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in new:
            cloudpickle.unregister_pickle_by_value(module)


def _own_modules(heuristic: Heuristic) -> list[ModuleType]:
    """The package of a heuristic and, unless it is installed, the other imported modules of the same folder."""
    package = sys.modules.get(label(heuristic).partition(":")[0].partition(".")[0])
    location = _location(package)
    if package is None or location is None or package.__name__ == PACKAGE:
        return []
    if location.parent.is_relative_to(sysconfig.get_path("purelib")):
        return [package]
    top_level = [module for name, module in list(sys.modules.items()) if "." not in name and name != PACKAGE]
    return [module for module in top_level if module.__name__ != "__main__" and _are_siblings(location, module)]


def _are_siblings(location: Path, module: ModuleType) -> bool:
    other = _location(module)
    return other is not None and other.parent == location.parent


def _location(module: ModuleType | None) -> Path | None:
    """The file of a module or the folder of a package; None for built-in modules."""
    file = getattr(module, "__file__", None)
    if file is None:
        return None
    path = Path(file).resolve()
    return path.parent if path.name == "__init__.py" else path
