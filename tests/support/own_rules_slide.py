"""A second opinion on plans and solutions of SLIDE: its rules written straight from their statement.

As in ``own_rules``, nothing is shared with the project but the data classes, and all arithmetic is exact, so the only
tolerance is the one the format grants: a relative 1e-9 on deadlines, times, bandwidth, speeds and energy, none on ids
and counts. The logarithm of a power-limited channel is a decimal of 50 digits.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal
from fractions import Fraction
from typing import NamedTuple

from partload.instances.channels import Channel, FlatChannel
from partload.instances.slide.instance import Instance, Model, User
from partload.instances.slide.plan import Plan, Served
from partload.instances.slide.solution import Solution
from tests.support.own_rules import TOLERANCE, Exact, agree, broken_claims, exact

DIGITS = Context(prec=50)


class Course(NamedTuple):
    """Everything that follows from the decisions for one user."""

    download_end_s: list[Exact]
    compute_end_s: list[Exact]
    energy_j: Fraction


def user_of(instance: Instance, name: str) -> User:
    return next(user for user in instance.users if user.id == name)


def model_of(instance: Instance, name: str) -> Model:
    return next(model for model in instance.models if model.id == name)


def rate(channel: Channel, bandwidth_hz: float) -> Fraction:
    """Bits per second."""
    if bandwidth_hz == 0:
        return Fraction(0)
    if isinstance(channel, FlatChannel):
        return exact(channel.spectral_efficiency_bps_per_hz) * exact(bandwidth_hz)
    ratio = exact(channel.snr_hz) / exact(bandwidth_hz) + 1
    quotient = DIGITS.divide(Decimal(ratio.numerator), Decimal(ratio.denominator))
    logarithm = DIGITS.divide(DIGITS.ln(quotient), DIGITS.ln(Decimal(2)))
    return exact(bandwidth_hz) * Fraction(logarithm)


def course(instance: Instance, served: Served) -> Course:
    """What happens, layer by layer."""
    user, model = user_of(instance, served.user), model_of(instance, served.model)
    speeds = served.flop_per_s if isinstance(served.flop_per_s, tuple) else (served.flop_per_s,) * len(model.layers)
    bits_per_second = rate(user.channel, served.bandwidth_hz)
    bits, now, energy = Fraction(0), Fraction(0), Fraction(0)
    downloads: list[Exact] = []
    computes: list[Exact] = []
    for layer, speed in zip(model.layers, speeds):
        bits += 8 * exact(layer.size_bytes)
        here: Exact = Fraction(0)
        if bits > 0:
            here = bits / bits_per_second if bits_per_second > 0 else math.inf
        now = max(now, here)
        if layer.work_flop > 0:
            now = now + exact(layer.work_flop) / exact(speed) if speed > 0 and now < math.inf else math.inf
        downloads.append(here)
        computes.append(now)
        energy += exact(user.energy_coefficient or 0.0) * exact(layer.work_flop) * exact(speed) ** 2
    return Course(downloads, computes, energy)


def broken_by_plan(instance: Instance, plan: Plan) -> set[str]:
    """Names of the rules that the decisions break."""
    unreadable = _unreadable(instance, plan)
    if unreadable:
        return unreadable
    broken = set()
    if len({served.user for served in plan}) < len(plan):
        broken.add("served-twice")
    if sum((exact(served.bandwidth_hz) for served in plan), Fraction(0)) > _most(instance.downlink.bandwidth_hz):
        broken.add("bandwidth")
    return broken.union(*(_broken_by_one(instance, served) for served in plan))


def _unreadable(instance: Instance, plan: Plan) -> set[str]:
    """Rules without which nothing follows from a plan."""
    broken = set()
    models = {model.id for model in instance.models}
    for served in plan:
        if served.model not in models or served.user not in {user.id for user in instance.users}:
            broken.add("unknown-id")
        if isinstance(served.flop_per_s, tuple) and served.model in models:
            fitting = len(served.flop_per_s) == len(model_of(instance, served.model).layers)
            if instance.frequency == "per-device" or not fitting:
                broken.add("speeds")
    return broken


def _broken_by_one(instance: Instance, served: Served) -> set[str]:
    broken = set()
    user, model = user_of(instance, served.user), model_of(instance, served.model)
    accurate = user.min_accuracy is None or (model.accuracy is not None and model.accuracy >= user.min_accuracy)
    if model.id not in user.models or not accurate:
        broken.add("model-not-allowed")
    for speed in served.flop_per_s if isinstance(served.flop_per_s, tuple) else (served.flop_per_s,):
        if exact(speed) < exact(user.min_flop_per_s) * (1 - TOLERANCE) or exact(speed) > _most(user.max_flop_per_s):
            broken.add("speeds")
    happens = course(instance, served)
    if happens.download_end_s[-1] == math.inf:
        broken.add("download")
    elif happens.compute_end_s[-1] > _most(user.deadline_s):
        broken.add("deadline")
    if user.energy_budget_j is not None and happens.energy_j > _most(user.energy_budget_j):
        broken.add("energy")
    return broken


def _most(limit: float) -> Fraction:
    return exact(limit) * (1 + TOLERANCE)


def served_weight(instance: Instance, plan: Plan) -> Fraction:
    """Weight of the users that a plan serves."""
    return sum((exact(user_of(instance, served.user).weight) for served in plan), Fraction(0))


def broken_by_solution(instance: Instance, instance_sha256: str, solution: Solution) -> set[str]:
    """Names of the rules that a solution breaks, by its decisions or by what it states."""
    plan = solution.plan()
    broken = broken_by_plan(instance, plan)
    if solution.instance != instance.name or solution.instance_sha256 not in (None, instance_sha256):
        broken.add("instance")
    if _unreadable(instance, plan):
        return broken
    for record, served in zip(solution.users, plan):
        happens = course(instance, served)
        for stated, true in (
            (record.download_end_s, happens.download_end_s),
            (record.compute_end_s, happens.compute_end_s),
        ):
            if stated is not None and (len(stated) != len(true) or not all(map(agree, stated, true))):
                broken.add("times")
        known = user_of(instance, served.user).energy_coefficient is not None
        if record.energy_j is not None and not (known and agree(record.energy_j, happens.energy_j)):
            broken.add("energy-stated")
    return broken | broken_claims(solution, served_weight(instance, plan), empty=not plan)
