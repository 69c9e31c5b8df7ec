"""What a shell completes: names of instances, methods and formulations, each imported when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable


def instances(incomplete: str) -> list[str]:
    """Names of the library that begin so; a shell completes files by itself."""
    from partload.instances.library import names

    return _beginning(names(), incomplete)


def methods(incomplete: str) -> list[str]:
    """Names of methods that begin so."""
    from partload.solvers.methods import METHODS
    from partload.solvers.selection import EXACT

    return _beginning(dict.fromkeys((EXACT, *(method.name for method in METHODS))), incomplete)


def formulations(incomplete: str) -> list[str]:
    """Names of formulations that begin so."""
    from partload.formulations import FORMULATIONS

    return _beginning((formulation.name for formulation in FORMULATIONS), incomplete)


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
