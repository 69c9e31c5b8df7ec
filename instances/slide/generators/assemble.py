"""Instances from a family's models: the downlink, and random users, drawn in the same way for all families.

Each property of users has its own random numbers, so that changing one option does not change the other properties.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from partload.instances.generation import cell, draws
from partload.instances.generation.draws import significant
from partload.instances.slide.generators import devices
from partload.instances.slide.generators.catalogue import Catalogue
from partload.instances.slide.generators.deadline import typical_deadline
from partload.instances.slide.generators.options import BANDWIDTH_HZ, INTEGER_HERTZ, Options
from partload.instances.slide.instance import Downlink, Instance, User
from partload.instances.slide.transform import merge_parts


def assemble(family: str, options: Options, catalogue: Catalogue, streams: list[np.random.Generator]) -> Instance:
    """The instance with these models; ``streams`` are seven independent random number generators."""
    choice_rng, accuracy_rng, position_rng, device_rng, budget_rng, deadline_rng, weight_rng = streams
    count = options.users
    usual = INTEGER_HERTZ * count if options.integer else BANDWIDTH_HZ
    chosen = [catalogue.choices[c] for c in choice_rng.integers(0, len(catalogue.choices), count).tolist()]
    floors = _floors(options, catalogue, chosen, accuracy_rng)
    device = devices.devices(count, options.integer, device_rng)
    budgets = _budgets(options, catalogue, chosen, floors, device, budget_rng)
    weights = draws.weights(options, count, weight_rng)
    rows = zip(
        chosen,
        cell.channels(options, count, position_rng),
        device.max_flop_per_s.tolist(),
        device.min_flop_per_s.tolist(),
        floors,
        weights.tolist(),
        budgets,
        device.energy_coefficient.tolist(),
    )
    users = tuple(
        User(
            id=f"u{k}",
            models=models,
            channel=channel,
            deadline_s=1.0,
            max_flop_per_s=most,
            min_flop_per_s=least,
            min_accuracy=floor,
            weight=weight,
            energy_budget_j=budget,
            energy_coefficient=None if budget is None else coefficient,
        )
        for k, (models, channel, most, least, floor, weight, budget, coefficient) in enumerate(rows)
    )
    instance = Instance(
        name=f"{family}-{len(catalogue.models)}x{count}-{options.seed}",
        downlink=Downlink(options.bandwidth or usual),
        models=catalogue.models,
        users=users,
        frequency=options.frequency,
        provenance=_provenance(family, options, catalogue),
    )
    instance = _with_deadlines(options, instance, deadline_rng)
    return instance if options.parts is None else merge_parts(instance, options.parts)


def _floors(
    options: Options, catalogue: Catalogue, chosen: list[tuple[str, ...]], rng: np.random.Generator
) -> list[float | None]:
    """Least accuracy of each user: the accuracy of one of the user's models."""
    accuracy = {model.id: model.accuracy for model in catalogue.models}
    drawn = rng.random(len(chosen)).tolist()
    if options.floors == "none":
        return [None] * len(chosen)
    return [accuracy[models[int(share * len(models))]] for models, share in zip(chosen, drawn)]


def _budgets(
    options: Options,
    catalogue: Catalogue,
    chosen: list[tuple[str, ...]],
    floors: list[float | None],
    device: devices.Devices,
    rng: np.random.Generator,
) -> list[float | None]:
    """Energy budgets [J]: energy of the allowed model with the least work at some speed, times the option."""
    drawn = 0.5 + 0.5 * rng.random(len(chosen))
    if options.energy is None:
        return [None] * len(chosen)
    known = {model.id: model for model in catalogue.models}
    budgets: list[float | None] = []
    for k, (models, floor) in enumerate(zip(chosen, floors)):
        work = min(known[name].work_flop for name in models if floor is None or (known[name].accuracy or 0) >= floor)
        speed = float(drawn[k] * device.max_flop_per_s[k])
        if options.integer:
            speed = float(np.ceil(speed))
        budget = options.energy * float(device.energy_coefficient[k]) * work * speed**2
        budgets.append(significant(budget) or 1.0)
    return budgets


def _with_deadlines(options: Options, instance: Instance, rng: np.random.Generator) -> Instance:
    centre = options.deadline
    if centre is None:
        centre = typical_deadline(instance)
        centre = max(1.0, float(round(centre))) if options.integer else centre
    deadlines = draws.deadlines(options, centre, options.users, rng).tolist()
    users = (dataclasses.replace(user, deadline_s=due) for user, due in zip(instance.users, deadlines))
    return instance.replace(users=tuple(users))


def _provenance(family: str, options: Options, catalogue: Catalogue) -> dict[str, str]:
    facts = draws.origin(family, options)
    if not options.integer:
        facts["channels"] = cell.NOTE
        facts["devices"] = devices.NOTE
    return facts | dict(catalogue.notes)
