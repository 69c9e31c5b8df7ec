"""One thing about an instance changed, all else as it was: what a sweep goes through."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from typing import Any

from partload.instances.errors import InputError
from partload.instances.parameters import Parameter
from partload.instances.partial_loading import variations as of_partial_loading
from partload.instances.partial_loading.instance import Instance as PartialLoadingInstance
from partload.instances.ranges import read_values
from partload.instances.slide import variations as of_slide
from partload.instances.slide.instance import Instance as SlideInstance

PARAMETERS: dict[type, Mapping[str, Parameter]] = {
    PartialLoadingInstance: of_partial_loading.PARAMETERS,
    SlideInstance: of_slide.PARAMETERS,
}
"""What can be swept, by name, for the instances of each problem."""
ANY: dict[str, Parameter] = {name: known for kind in PARAMETERS.values() for name, known in kind.items()}
"""What can be swept of some instances. Parameters of the same name take the same values."""


@dataclasses.dataclass(frozen=True)
class Sweep:
    """A parameter and the values that it goes through."""

    parameter: str
    """A parameter of one of the problems, or of both."""
    values: tuple[float, ...]


def read_sweep(text: str) -> Sweep:
    """A sweep from text: ``bandwidth=5e6:40e6:8`` or ``requests=10,20,40``.

    Raises
    ------
    InputError
        When it is not such a text, or the parameter is unknown or cannot take a value.
    """
    name, equals, values = text.partition("=")
    if not equals:
        raise InputError(f"expected PARAMETER=FROM:TO:COUNT or PARAMETER=VALUE,VALUE, got {text!r}", source="sweep")
    known = _known(name, ANY)
    sweep = Sweep(name, read_values(values, name, whole=known.whole))
    for value in sweep.values:
        known.check(name, value)
    return sweep


def varied(instance: Any, name: str, value: float) -> Any:
    """A copy with one parameter set, named after it.

    Parameters
    ----------
    instance
        An instance of either problem.
    name
        One of the ``PARAMETERS`` of its problem.
    value
        In the parameter's unit.

    Raises
    ------
    InputError
        On an unknown parameter, with those there are, or a value that it cannot take on this instance.
    """
    known = _known(name, PARAMETERS[type(instance)])
    known.check(name, value)
    return known.set(instance, value).replace(name=f"{instance.name} {name}={value:.12g}")


def _known(name: str, among: Mapping[str, Parameter]) -> Parameter:
    if name not in among:
        near = difflib.get_close_matches(name, among, n=1)
        hint = f", did you mean {near[0]!r}?" if near else ""
        raise InputError(f"expected one of {', '.join(among)}, got {name!r}{hint}", source="sweep")
    return among[name]
