"""The optimum of a tiny instance of SLIDE, by trying every provisioning. The oracle of the exact methods.

Up to about 6 users, 3 models and 4 layers. Only the data classes are shared with the project, and the checker, which
judges what is found. A provisioning says which
users are served, each with which model; every one of them is tried. What a user needs of the band is found by
bisection: the clock's recursion, written here once more, says whether a bandwidth is enough. No closed form is used,
and no argument about which model is best or who goes first.

Limits are stretched by the checker's tolerance: deadline, energy and band by half of it for ``optimum``, so that its
plan is feasible whatever rounding does; these and the speeds for ``bracket`` (see ``brackets``).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from itertools import product

from partload.instances.slide.checker import check_plan
from partload.instances.slide.instance import Instance, Model, User
from partload.instances.slide.plan import Plan, Served
from tests.support import own_channels
from tests.support.brackets import ACCEPTED, BEYOND, Bracket

WITHIN = 1 + 0.5e-9
DIGITS = 4e-16
ROUNDING = 1 + 1e-12
Speeds = tuple[float, ...]


def optimum(instance: Instance) -> tuple[float, Plan]:
    """The greatest weight that any plan serves, and a plan that does."""
    return best_plan(stretched(instance, WITHIN, of_speeds=1.0))


def bracket(instance: Instance) -> Bracket:
    """What some plan serves that the checker accepts, and what none serves more than.

    Raises AssertionError on a plan that the checker rejects.
    """
    plan = best_plan(stretched(instance, ACCEPTED, ACCEPTED))[1]
    report = check_plan(instance, plan)
    if not report.feasible or report.objective is None:
        raise AssertionError(f"{instance.name}: oracle and checker disagree: {report.violations[0]}")
    return Bracket(report.objective, best_plan(stretched(instance, BEYOND, BEYOND))[0], plan)


def stretched(instance: Instance, factor: float, of_speeds: float) -> Instance:
    """The instance with all limits that have a tolerance moved outwards by a factor, those of speeds by their own."""
    users = tuple(
        dataclasses.replace(
            user,
            deadline_s=user.deadline_s * factor,
            max_flop_per_s=user.max_flop_per_s * of_speeds,
            min_flop_per_s=user.min_flop_per_s / of_speeds,
            energy_budget_j=None if user.energy_budget_j is None else user.energy_budget_j * factor,
        )
        for user in instance.users
    )
    return instance.replace(users=users, bandwidth_hz=instance.downlink.bandwidth_hz * factor)


def best_plan(instance: Instance) -> tuple[float, Plan]:
    """The greatest weight that any plan serves with all limits as they stand, and a plan that does."""
    options = [_options(instance, user) for user in instance.users]
    best, best_plan = 0.0, tuple[Served, ...]()
    band = instance.downlink.bandwidth_hz
    for chosen in product(*options):
        weight = math.fsum(user.weight for user, served in zip(instance.users, chosen) if served)
        if weight <= best:
            continue
        plan = tuple(served for served in chosen if served)
        if math.fsum(served.bandwidth_hz for served in plan) <= band:
            best, best_plan = weight, plan
    return best, best_plan


def _options(instance: Instance, user: User) -> list[Served | None]:
    """Not to be served, or to be served with one of the models on the least bandwidth with it."""
    options: list[Served | None] = [None]
    for model in instance.models:
        if _will_do(user, model):
            bandwidth = least_bandwidth(instance, user, model)
            if bandwidth < math.inf:
                speeds = _speeds(instance, user, model, bandwidth)
                assert speeds is not None
                one = speeds[0] if instance.frequency == "per-device" else speeds
                options.append(Served(user.id, model.id, bandwidth, one))
    return options


def _will_do(user: User, model: Model) -> bool:
    floor = user.min_accuracy
    return model.id in user.models and (floor is None or (model.accuracy is not None and model.accuracy >= floor))


def least_bandwidth(instance: Instance, user: User, model: Model) -> float:
    """Least bandwidth [Hz] on which a user can be served with a model; infinite when the whole band is not enough."""
    high = instance.downlink.bandwidth_hz
    if _speeds(instance, user, model, high) is None:
        return math.inf
    if _speeds(instance, user, model, 0.0) is not None:
        return 0.0
    low = high / 2
    while _speeds(instance, user, model, low) is not None:
        low, high = low / 2, low
    while high - low > DIGITS * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (low, middle) if _speeds(instance, user, model, middle) is not None else (middle, high)
    return high


def _speeds(instance: Instance, user: User, model: Model, bandwidth: float) -> Speeds | None:
    """Speeds of the layers with which a bandwidth is enough; None when there are none."""
    arrived = _arrivals(user, model, bandwidth)
    if arrived[-1] == math.inf:
        return None
    if instance.frequency == "per-layer" and user.energy_budget_j is not None:
        speeds = least_energy(user, model, arrived)
        return speeds if speeds is not None and energy(user, model, speeds) <= user.energy_budget_j else None
    speeds = _fastest(user, model)
    return speeds if speeds is not None and end(model, arrived, speeds) <= user.deadline_s else None


def _arrivals(user: User, model: Model, bandwidth: float) -> list[float]:
    rate = own_channels.rate(user.channel, bandwidth) if bandwidth > 0 else 0.0
    bits, arrived = 0.0, []
    for layer in model.layers:
        bits += 8 * layer.size_bytes
        arrived.append(0.0 if bits == 0 else bits / rate if rate > 0 else math.inf)
    return arrived


def end(model: Model, arrived: list[float], speeds: Speeds) -> float:
    """When the last layer is computed."""
    now = 0.0
    for layer, here, speed in zip(model.layers, arrived, speeds):
        now = max(now, here)
        if layer.work_flop > 0:
            now += layer.work_flop / speed
    return now


def energy(user: User, model: Model, speeds: Speeds) -> float:
    """Energy [J] that the work takes at these speeds; 0 for a user without a budget."""
    taken = math.fsum(layer.work_flop * speed**2 for layer, speed in zip(model.layers, speeds))
    return 0.0 if user.energy_coefficient is None else user.energy_coefficient * taken


def _fastest(user: User, model: Model) -> Speeds | None:
    """The greatest speed that device and budget allow, for every layer; None when even the least takes too much."""
    budget = math.inf if user.energy_budget_j is None else user.energy_budget_j
    alike = len(model.layers)
    low, high = user.min_flop_per_s, user.max_flop_per_s
    if energy(user, model, (high,) * alike) <= budget:
        return (high,) * alike
    if energy(user, model, (low,) * alike) > budget:
        return None
    while high - low > DIGITS * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if energy(user, model, (middle,) * alike) <= budget else (low, middle)
    return (low,) * alike if low > 0 else None


def least_energy(user: User, model: Model, arrived: list[float]) -> Speeds | None:
    """Speeds of the layers that take the least energy by the deadline, given when the layers are here.

    The time that layers l, l+1, .. take together is at most what the deadline leaves after the arrival of l. Of these
    limits some are reached. Every choice of them is tried: between two that are reached one speed is best, energy being
    a convex function of time, and before the first one the least speed of the device. The cheapest of those that keep
    all limits is an optimum: an optimum has this form, and each of them is a possible plan.
    """
    layers = model.layers
    left = [user.deadline_s - here for here in arrived]
    best, best_energy = None, math.inf
    for reached in product((False, True), repeat=len(layers)):
        speeds = _between(user, model, left, [n for n, is_reached in enumerate(reached) if is_reached])
        if speeds is not None and end(model, arrived, speeds) <= user.deadline_s * ROUNDING**2:
            taken = energy(user, model, speeds)
            if taken < best_energy:
                best, best_energy = speeds, taken
    return best


def _between(user: User, model: Model, left: list[float], reached: list[int]) -> Speeds | None:
    """Speeds when these limits are reached; None when the device is not fast enough."""
    # Without work any speed will do; with some, a least speed of 0 would take forever.
    speeds = [user.min_flop_per_s or user.max_flop_per_s] * len(model.layers)
    before = model.layers[: reached[0] if reached else None]
    if user.min_flop_per_s == 0 and any(layer.work_flop > 0 for layer in before):
        return None
    for first, following in _pairs(reached, len(model.layers)):
        work = math.fsum(layer.work_flop for layer in model.layers[first:following])
        time = left[first] - (left[following] if following < len(model.layers) else 0.0)
        if work == 0:
            continue
        speed = work / time if time > 0 else math.inf
        if speed > user.max_flop_per_s * ROUNDING:
            return None
        speed = min(max(speed, user.min_flop_per_s), user.max_flop_per_s)
        speeds[first:following] = [speed] * (following - first)
    return tuple(speeds)


def _pairs(reached: list[int], layers: int) -> Iterator[tuple[int, int]]:
    yield from zip(reached, [*reached[1:], layers])
