"""SLIDE on the page: its sliders, the rows of its schedules, and what dragging a user does."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from partload import console
from partload.explore.chart import Bar, Chip, Key, Row
from partload.explore.exploration import Exploration
from partload.explore.sliders import Setting, around, demand_size, latest, latest_deadline
from partload.instances.errors import InputError
from partload.instances.slide.checker import RULES
from partload.instances.slide.instance import Instance
from partload.instances.slide.plan import Plan, Served
from partload.instances.slide.provisioning import pair_requirements, plan_of
from partload.instances.slide.solution import Solution, UserRecord
from partload.instances.slide.transform import merge_parts

DOWNLOAD, COMPUTE = ("download", "download-next"), ("compute", "compute-next")
"""Downloads and computations have two shades each, which alternate from layer to layer."""
MOST_PARTS = 12


def _parts(instance: Instance) -> Sequence[float]:
    deepest = max((len(model.layers) for model in instance.models), default=1)
    return [float(parts) for parts in range(1, min(deepest, MOST_PARTS + 1))]


def _budgets(instance: Instance) -> bool:
    return any(user.energy_budget_j is not None for user in instance.users)


SETTINGS: tuple[Setting[Instance], ...] = (
    Setting(
        "bandwidth",
        "bandwidth",
        lambda _, value: console.hertz(value or 0.0),
        lambda instance: instance.downlink.bandwidth_hz,
        lambda instance: around(instance.downlink.bandwidth_hz),
    ),
    Setting(
        "device-speed",
        "speed of the devices",
        lambda _, value: f"\N{MULTIPLICATION SIGN} {1.0 if value is None else value:.3g}",
        lambda _: 1.0,
        lambda _: around(1.0),
    ),
    latest_deadline(lambda instance: around(latest(instance)) if instance.users else ()),
    Setting(
        "energy-budget",
        "energy budgets",
        lambda _, value: f"\N{MULTIPLICATION SIGN} {1.0 if value is None else value:.3g}",
        lambda _: 1.0,
        lambda instance: around(1.0) if _budgets(instance) else (),
    ),
    demand_size("users"),
    Setting(
        "parts",
        "parts of each model",
        lambda _, value: "all layers" if value is None else f"{value:g}",
        lambda _: None,
        _parts,
    ),
)


def chip(instance: Instance, name: str) -> Chip:
    """A user, with the models that may serve the user."""
    user = instance.users[instance.user_index[name]]
    weight = "" if user.weight == 1 else f", weight {user.weight:g}"
    models = ", ".join(instance.allowed(user)) or "none"
    return Chip(user.id, f"{user.id}: due at {console.seconds(user.deadline_s)}{weight}, models: {models}")


def rows(instance: Instance, solution: Solution, sharing: Instance) -> tuple[Row, ...]:
    """A row for each user served: the downloads of the layers, and their computations."""
    found = []
    for record in solution.users:
        user = instance.users[instance.user_index[record.id]]
        ends = record.compute_end_s
        share = record.bandwidth_hz / instance.downlink.bandwidth_hz
        found.append(
            Row(
                title=record.model,
                colour=None,
                chips=(chip(instance, record.id),),
                bars=_bars(record),
                deadline_s=user.deadline_s,
                end_s=ends[-1] if ends else None,
                note=f"{console.percent(share)} of the band",
            )
        )
    return tuple(found)


def _bars(record: UserRecord) -> tuple[Bar, ...]:
    """The layers, two kinds for each lane; a tooltip for all of them."""
    spans: dict[str, list[tuple[float, float]]] = {kind: [] for kind in (*DOWNLOAD, *COMPUTE)}
    begun, free = 0.0, 0.0
    for layer, (arrives, ends) in enumerate(zip(record.download_end_s or (), record.compute_end_s or ())):
        spans[DOWNLOAD[layer % 2]].append((begun, arrives))
        spans[COMPUTE[layer % 2]].append((max(free, arrives), ends))
        begun, free = arrives, ends
    said = f"{record.id}: {len(record.download_end_s or ())} layers, downloaded at {console.seconds(begun)}, "
    said += f"computed at {console.seconds(free)}"
    return tuple(
        Bar(kind, lane, shown, said)
        for lane, kinds in enumerate((DOWNLOAD, COMPUTE))
        for kind in kinds
        if (shown := tuple((start, end) for start, end in spans[kind] if end > start))
    )


def move(instance: Instance, plan: Plan, user: str, target: str) -> Plan:
    """The plan with a user served (``new``), not served (``none``), or in the place of another user, by its number.

    A user who is added takes the model that needs the least bandwidth, with that bandwidth; in the place of another
    user, with the bandwidth of that one. Two users who are both served exchange their bandwidths.

    Raises
    ------
    InputError
        On a user or a row that is not there, or a user whom no model may serve.
    """
    if user not in instance.user_index:
        raise InputError(f"the instance has no user {user!r}", source="move")
    left = tuple(served for served in plan if served.user != user)
    if target == "none":
        return left
    if target == "new":
        return (*left, _least(instance, user))
    if target not in map(str, range(len(plan))):
        raise InputError(f"expected a row from 0 to {len(plan) - 1}, new or none, got {target!r}", source="move")
    place, own = plan[int(target)], next((served for served in plan if served.user == user), None)
    if own is None:
        mine = dataclasses.replace(_least(instance, user), bandwidth_hz=place.bandwidth_hz)
        return tuple(mine if served is place else served for served in plan)
    exchanged = {user: place.bandwidth_hz, place.user: own.bandwidth_hz}
    return tuple(
        dataclasses.replace(served, bandwidth_hz=exchanged.get(served.user, served.bandwidth_hz)) for served in plan
    )


def _least(instance: Instance, user: str) -> Served:
    """The user, with the model that needs the least bandwidth."""
    models = instance.allowed(instance.users[instance.user_index[user]])
    if not models:
        raise InputError(f"no model is accurate enough for user {user!r}", source="move")
    pairs = [(user, name) for name in models]
    needed = pair_requirements(instance, pairs).bandwidth_hz.tolist()
    return plan_of(instance, [pairs[needed.index(min(needed))]])[0]


EXPLORATION: Exploration[Instance, Served, Solution] = Exploration(
    settings=SETTINGS,
    heuristic="equal-bandwidth",
    without="overlap",
    do_without=lambda instance: merge_parts(instance, 1).replace(name=f"{instance.name} without overlap"),
    legend=(
        Key(DOWNLOAD[0], "downloading layers, in two shades by turns"),
        Key(COMPUTE[0], "computing layers, likewise"),
    ),
    chip=chip,
    rows=rows,
    move=move,
    new_row="serve this user too",
    hint="Drag a user into the place of another one, or pick a user and then a place: the checker answers.",
    rules=RULES,
    formulations=("provisioning", "recursion"),
)
