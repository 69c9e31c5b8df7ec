"""One thing about an instance changed, all else as it was: what a sweep goes through."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TypeVar, cast

from partload.instances.errors import InputError, expected_one_of
from partload.instances.parameters import Parameter
from partload.instances.problems import PROBLEMS, problem_of_instance
from partload.instances.ranges import read_values
from partload.instances.records import AnyInstance

InstanceT = TypeVar("InstanceT", bound=AnyInstance)

ANY: dict[str, Parameter[AnyInstance]] = {
    name: known for problem in PROBLEMS for name, known in problem.parameters.items()
}
"""What can be swept of some instances. Parameters of the same name take the same values."""


@dataclasses.dataclass(frozen=True)
class Sweep:
    """A parameter and the values that it goes through."""

    parameter: str
    """A parameter of one of the problems, or of several."""
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


def varied(instance: InstanceT, name: str, value: float) -> InstanceT:
    """A copy with one parameter set, named after it.

    Parameters
    ----------
    instance
        An instance of any problem.
    name
        One of the parameters of its problem.
    value
        In the parameter's unit.

    Raises
    ------
    InputError
        On an unknown parameter, with those there are, or a value that it cannot take on this instance.
    """
    # The parameters of a problem take and give instances of that problem.
    known = cast(Parameter[InstanceT], _known(name, problem_of_instance(instance).parameters))
    known.check(name, value)
    return known.set(instance, value).replace(name=f"{instance.name} {name}={value:.12g}")


def _known(name: str, among: Mapping[str, Parameter[AnyInstance]]) -> Parameter[AnyInstance]:
    if name not in among:
        raise InputError(expected_one_of(among, name), source="sweep")
    return among[name]
