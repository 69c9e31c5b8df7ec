"""One thing about an instance changed, all else as it was: what a sweep goes through."""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Callable

from instances.errors import InputError
from instances.partial_loading.instance import Instance
from instances.partial_loading.transform import with_shared_part
from instances.ranges import read_values


@dataclasses.dataclass(frozen=True)
class Parameter:
    """Something about an instance that can be set."""

    set: Callable[[Instance, float], Instance]
    description: str
    unit: str = ""
    """Unit of the values; empty where they have none."""
    least: float = 0.0
    """Values are above this, or this itself where ``least_allowed``."""
    least_allowed: bool = False
    greatest: float = math.inf
    whole: bool = False
    """Whether values are whole numbers."""

    def check(self, name: str, value: float) -> None:
        """Raise InputError on a value that the parameter cannot take."""
        low = value >= self.least if self.least_allowed else value > self.least
        if not (math.isfinite(value) and low and value <= self.greatest):
            wanted = f"{'at least' if self.least_allowed else 'above'} {self.least:g}"
            wanted += f" and at most {self.greatest:g}" if math.isfinite(self.greatest) else ""
            raise InputError(f"expected a number {wanted}, got {value:g}", source=name)
        if self.whole and value != int(value):
            raise InputError(f"expected a whole number, got {value:g}", source=name)


@dataclasses.dataclass(frozen=True)
class Sweep:
    """A parameter and the values that it goes through."""

    parameter: str
    """A key of ``PARAMETERS``."""
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
    parameter = _known(name)
    sweep = Sweep(name, read_values(values, name, whole=parameter.whole))
    for value in sweep.values:
        parameter.check(name, value)
    return sweep


def varied(instance: Instance, parameter: str, value: float) -> Instance:
    """A copy with one parameter set, named after it.

    Parameters
    ----------
    instance
        Any instance.
    parameter
        A key of ``PARAMETERS``.
    value
        In the parameter's unit.

    Raises
    ------
    InputError
        On an unknown parameter, with those there are, or a value that it cannot take on this instance.
    """
    known = _known(parameter)
    known.check(parameter, value)
    return known.set(instance, value).replace(name=f"{instance.name} {parameter}={value:.12g}")


def _known(parameter: str) -> Parameter:
    if parameter not in PARAMETERS:
        near = difflib.get_close_matches(parameter, PARAMETERS, n=1)
        hint = f", did you mean {near[0]!r}?" if near else ""
        raise InputError(f"expected one of {', '.join(PARAMETERS)}, got {parameter!r}{hint}", source="sweep")
    return PARAMETERS[parameter]


def _deadline(instance: Instance, value: float) -> Instance:
    """The latest deadline, and the others in proportion."""
    latest = max((request.deadline_s for request in instance.requests), default=1.0)
    requests = (
        dataclasses.replace(r, deadline_s=value if r.deadline_s == latest else r.deadline_s * (value / latest))
        for r in instance.requests
    )
    return instance.replace(requests=tuple(requests))


def _requests(instance: Instance, value: float) -> Instance:
    if value > len(instance.requests):
        problem = f"expected at most {len(instance.requests)}, all that {instance.name!r} has, got {value:g}"
        raise InputError(problem, source="requests")
    return instance.replace(requests=instance.requests[: int(value)])


def _memory(instance: Instance, value: float) -> Instance:
    largest = max((instance.size_of(model.blocks) for model in instance.models), default=0.0)
    if largest == 0:
        raise InputError(f"expected an instance whose models have a size, {instance.name!r} has none", source="memory")
    return instance.replace(memory_bytes=float(math.ceil(value * largest)))


def _batch_time(instance: Instance, value: float) -> Instance:
    models = (
        dataclasses.replace(
            model,
            batch_setup_s=model.batch_setup_s * value,
            batch_per_request_s=model.batch_per_request_s * value,
        )
        for model in instance.models
    )
    return instance.replace(models=tuple(models))


PARAMETERS: dict[str, Parameter] = {
    "bandwidth": Parameter(
        lambda instance, value: instance.replace(bandwidth_hz=value), "bandwidth B of the uplink", "Hz"
    ),
    "load-rate": Parameter(
        lambda instance, value: instance.replace(load_rate_bytes_per_s=value), "rate V of loading", "byte/s"
    ),
    "load-latency": Parameter(
        lambda instance, value: instance.replace(load_latency_s=value),
        "latency t0 of each slot that loads",
        "s",
        least_allowed=True,
    ),
    "deadline": Parameter(_deadline, "latest deadline, the others in proportion", "s"),
    "requests": Parameter(_requests, "so many requests, the first ones", least=1, least_allowed=True, whole=True),
    "memory": Parameter(_memory, "GPU memory M, as a multiple of the largest model"),
    "shared": Parameter(
        with_shared_part, "part of each shared block that stays shared", least_allowed=True, greatest=1.0
    ),
    "batch-time": Parameter(_batch_time, "factor on the batch times alpha and beta", least_allowed=True),
}
"""What can be swept, by name."""
