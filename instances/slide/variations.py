"""Parameters of a SLIDE instance that can be varied."""

from __future__ import annotations

import dataclasses

from partload.instances.errors import InputError
from partload.instances.parameters import Parameter, first, scaled_deadlines
from partload.instances.slide.instance import Instance
from partload.instances.slide.transform import merge_parts


def _deadline(instance: Instance, value: float) -> Instance:
    deadlines = scaled_deadlines(instance.users, value)
    users = tuple(dataclasses.replace(one, deadline_s=d) for one, d in zip(instance.users, deadlines))
    return instance.replace(users=users)


def _users(instance: Instance, value: float) -> Instance:
    return instance.replace(users=first(instance.users, value, instance.name, "users"))


def _device_speed(instance: Instance, value: float) -> Instance:
    users = (
        dataclasses.replace(
            user, max_flop_per_s=user.max_flop_per_s * value, min_flop_per_s=user.min_flop_per_s * value
        )
        for user in instance.users
    )
    return instance.replace(users=tuple(users))


def _energy_budget(instance: Instance, value: float) -> Instance:
    if all(user.energy_budget_j is None for user in instance.users):
        problem = f"expected an instance with energy budgets, {instance.name!r} has none"
        raise InputError(problem, source="energy-budget")
    users = (
        user
        if user.energy_budget_j is None
        else dataclasses.replace(user, energy_budget_j=user.energy_budget_j * value)
        for user in instance.users
    )
    return instance.replace(users=tuple(users))


PARAMETERS: dict[str, Parameter[Instance]] = {
    "bandwidth": Parameter(
        lambda instance, value: instance.replace(bandwidth_hz=value), "bandwidth B of the downlink", "Hz"
    ),
    "deadline": Parameter(_deadline, "latest deadline, the others in proportion", "s"),
    "users": Parameter(_users, "so many users, the first ones", least=1, least_allowed=True, whole=True),
    "device-speed": Parameter(_device_speed, "factor on the speeds f_min and f_max of all devices"),
    "energy-budget": Parameter(_energy_budget, "factor on the energy budgets E"),
    "parts": Parameter(
        lambda instance, value: merge_parts(instance, int(value)),
        "so many parts of each model, layers merged; 1 is download, then infer",
        least=1,
        least_allowed=True,
        whole=True,
    ),
}
"""Parameters by name."""
