"""A user's heuristic made fit for a journey to another process, or to a machine that has not its modules."""

from __future__ import annotations

import contextlib
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import cloudpickle

from partload.instances.errors import InputError
from partload.solvers.heuristic import label, pickled
from partload.solvers.heuristic_work import Heuristic
from partload.solvers.processes.result import PACKAGE


def carried(heuristic: Heuristic, name: str, *, by_value: bool) -> bytes:
    """A heuristic, pickled.

    Parameters
    ----------
    heuristic
        What to carry. Functions of notebooks and of ``__main__`` go with their code in any case.
    name
        By which an error calls it.
    by_value
        Whether its module goes with its code, and so do modules beside it that are imported by now.

    Raises
    ------
    InputError
        When it cannot be pickled.
    """
    try:
        with _by_value(_own_modules(heuristic) if by_value else []):
            return pickled(heuristic)
    except Exception as error:
        problem = f"cannot be sent to another process: {type(error).__name__}: {error}"
        raise InputError(problem, source=name) from None


@contextlib.contextmanager
def _by_value(modules: list[ModuleType]) -> Iterator[None]:
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
    """The package of a heuristic and, unless it is an installed one, what else was imported from the same folder."""
    package = sys.modules.get(label(heuristic).partition(":")[0].partition(".")[0])
    place = _place(package)
    if package is None or place is None or package.__name__ == PACKAGE:
        return []
    if place.parent.is_relative_to(sysconfig.get_path("purelib")):
        return [package]
    top = [module for name, module in list(sys.modules.items()) if "." not in name and name != PACKAGE]
    return [module for module in top if module.__name__ != "__main__" and _beside(place, _place(module))]


def _beside(place: Path, other: Path | None) -> bool:
    return other is not None and other.parent == place.parent


def _place(module: ModuleType | None) -> Path | None:
    """File of a module, folder of a package; None for those that are built in."""
    file = getattr(module, "__file__", None)
    if file is None:
        return None
    path = Path(file).resolve()
    return path.parent if path.name == "__init__.py" else path
