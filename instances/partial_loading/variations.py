"""What can be set about an instance of PartialLoading."""

from __future__ import annotations

import dataclasses
import math

from partload.instances.errors import InputError
from partload.instances.parameters import Parameter, first, scaled_deadlines
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.transform import with_shared_part


def _deadline(instance: Instance, value: float) -> Instance:
    deadlines = scaled_deadlines(instance.requests, value)
    requests = tuple(dataclasses.replace(one, deadline_s=d) for one, d in zip(instance.requests, deadlines))
    return instance.replace(requests=requests)


def _requests(instance: Instance, value: float) -> Instance:
    return instance.replace(requests=first(instance.requests, value, instance.name, "requests"))


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


PARAMETERS: dict[str, Parameter[Instance]] = {
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
