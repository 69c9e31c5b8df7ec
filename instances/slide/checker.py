"""The checker: whether a plan keeps every rule, and whether all claims of a solution file are true.

It needs only the instance and the solution, whoever made them. The clock recomputes times and energy from the
decisions, and the checker compares the claims of the solution with them. Deadlines, times, bandwidth, speeds and energy
are compared within a relative 1e-9, so a plan that ends exactly at a deadline is feasible; ids and counts are compared
exactly.
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Iterator

from partload.instances import verdict
from partload.instances.numbers import exact
from partload.instances.slide import clock
from partload.instances.slide.frequency import frequency_rule
from partload.instances.slide.instance import Instance
from partload.instances.slide.plan import Plan
from partload.instances.slide.solution import Solution
from partload.instances.sums import total
from partload.instances.verdict import (
    TOLERANCE,
    Report,
    Violation,
    check_time,
    check_values,
    differs,
    exceeds,
    identity,
)

RULES = verdict.RULES | {
    "unknown-id": "users and models are those of the instance",
    "served-twice": "no user is served twice",
    "model-not-allowed": "a user is served with one of the user's models that is accurate enough",
    "speeds": "one speed for the device or, with frequency 'per-layer', one for each layer; between f_min and f_max",
    "bandwidth": "the bandwidths sum to at most B",
    "download": "the model arrives: a user whose model has bits to send has bandwidth",
    "energy": "the work at its speeds takes no more energy than the budget",
    "deadline": "the last layer is computed by the deadline",
    "energy-stated": "the energy stated is that of the decisions",
    "objective": "the objective stated is the weight of the users served",
}


def objective(instance: Instance, plan: Plan) -> float:
    """The sum of the weights of the users that a plan serves."""
    index = instance.user_index
    return math.fsum(instance.users[index[served.user]].weight for served in plan)


def check_plan(instance: Instance, plan: Plan) -> Report[clock.Times]:
    """Check the decisions alone; raises InputError for a frequency rule that does not exist."""
    malformed = (*_unknown_ids(instance, plan), *_numbers_of_speeds(instance, plan))
    if malformed:  # The clock cannot run such a plan.
        return Report(malformed, None, None)
    times = clock.run(instance, plan)
    violations = (
        *_served_twice(plan),
        *_models(instance, plan),
        *_speeds(instance, plan),
        *_bandwidth(instance, plan),
        *_arrivals(instance, plan, times),
        *_energy(instance, plan, times),
    )
    return Report(violations, objective(instance, plan), times)


def check(instance: Instance, solution: Solution) -> Report[clock.Times]:
    """Check a solution: its decisions and all its claims.

    Violations of the rule ``instance`` come first, because they explain the others.
    """
    report = check_plan(instance, solution.plan())
    claims: list[Violation] = []
    if report.times is not None and report.objective is not None:
        claims += _user_claims(instance, solution, report.times)
        claims += check_values(solution, report.objective, empty=not solution.users)
    return dataclasses.replace(report, violations=(*identity(instance, solution), *report.violations, *claims))


def _user(number: int) -> str:
    return f"users[{number}]"


def _unknown_ids(instance: Instance, plan: Plan) -> Iterator[Violation]:
    for n, served in enumerate(plan):
        for kind, name, known in (
            ("user", served.user, instance.user_index),
            ("model", served.model, instance.model_index),
        ):
            if name not in known:
                yield Violation("unknown-id", _user(n), (name,), None, f"the instance has no {kind} {name!r}")


def _numbers_of_speeds(instance: Instance, plan: Plan) -> Iterator[Violation]:
    rule = frequency_rule(instance)
    for n, served in enumerate(plan):
        if not isinstance(served.flop_per_s, tuple) or served.model not in instance.model_index:
            continue
        layers = len(instance.models[instance.model_index[served.model]].layers)
        problem = rule.speeds_fault(len(served.flop_per_s), layers)
        if problem is not None:
            yield Violation("speeds", _user(n), (served.user,), None, problem)


def _served_twice(plan: Plan) -> Iterator[Violation]:
    before: Counter[str] = Counter()
    for n, served in enumerate(plan):
        before[served.user] += 1
        if before[served.user] == 2:
            yield Violation("served-twice", _user(n), (served.user,), 1, f"user {served.user!r} was served before")


def _models(instance: Instance, plan: Plan) -> Iterator[Violation]:
    for n, served in enumerate(plan):
        user = instance.users[instance.user_index[served.user]]
        if served.model in instance.allowed(user):
            continue
        asked = ", ".join(user.models)
        floor = "" if user.min_accuracy is None else f" with an accuracy of at least {exact(user.min_accuracy)}"
        problem = f"user {user.id!r} takes {asked}{floor}, the plan sends {served.model!r}"
        yield Violation("model-not-allowed", _user(n), (user.id, served.model), None, problem)


def _speeds(instance: Instance, plan: Plan) -> Iterator[Violation]:
    for n, served in enumerate(plan):
        user = instance.users[instance.user_index[served.user]]
        speeds = served.flop_per_s if isinstance(served.flop_per_s, tuple) else (served.flop_per_s,)
        least, most = user.min_flop_per_s, user.max_flop_per_s
        if min(speeds) < least * (1 - TOLERANCE):
            problem = f"{exact(min(speeds))} FLOP/s, the least of user {user.id!r} is {exact(least)}"
            yield Violation("speeds", _user(n), (user.id,), least - min(speeds), problem)
        if exceeds(max(speeds), most):
            problem = f"{exact(max(speeds))} FLOP/s, the most of user {user.id!r} is {exact(most)}"
            yield Violation("speeds", _user(n), (user.id,), max(speeds) - most, problem)


def _bandwidth(instance: Instance, plan: Plan) -> Iterator[Violation]:
    band = instance.downlink.bandwidth_hz
    used = total([served.bandwidth_hz for served in plan])
    if exceeds(used, band):
        yield Violation("bandwidth", "users", (), used - band, f"{exact(used)} Hz in use of {exact(band)}")


def _arrivals(instance: Instance, plan: Plan, times: clock.Times) -> Iterator[Violation]:
    """Whether each model arrives completely, and is computed by the deadline."""
    for n, served in enumerate(plan):
        user = instance.users[instance.user_index[served.user]]
        if math.isinf(times.download_end_s[n][-1]):
            problem = f"no bandwidth to send model {served.model!r}"
            yield Violation("download", _user(n), (user.id,), None, problem)
            continue
        end = float(times.compute_end_s[n][-1])
        if exceeds(end, user.deadline_s):
            problem = f"ends at {exact(end)} s, user {user.id!r} is due at {exact(user.deadline_s)} s"
            yield Violation("deadline", _user(n), (user.id,), end - user.deadline_s, problem)


def _energy(instance: Instance, plan: Plan, times: clock.Times) -> Iterator[Violation]:
    for n, served in enumerate(plan):
        budget = instance.users[instance.user_index[served.user]].energy_budget_j
        used = float(times.energy_j[n])
        if budget is not None and exceeds(used, budget):
            problem = f"{exact(used)} J of {exact(budget)}"
            yield Violation("energy", _user(n), (served.user,), used - budget, problem)


def _user_claims(instance: Instance, solution: Solution, times: clock.Times) -> Iterator[Violation]:
    for n, record in enumerate(solution.users):
        for name in ("download_end_s", "compute_end_s"):
            claimed, true = getattr(record, name), getattr(times, name)[n].tolist()
            if claimed is not None and len(claimed) != len(true):
                problem = f"states {len(claimed)} times for {len(true)} layers"
                yield Violation("times", f"{_user(n)}.{name}", (), None, problem)
            for layer, (claim, actual) in enumerate(zip(claimed or (), true)):
                yield from check_time(f"{_user(n)}.{name}[{layer}]", claim, actual)
        yield from _energy_claim(instance, record.id, record.energy_j, float(times.energy_j[n]), _user(n))


def _energy_claim(instance: Instance, user: str, claimed: float | None, true: float, place: str) -> Iterator[Violation]:
    if claimed is None:
        return
    if instance.users[instance.user_index[user]].energy_coefficient is None:
        problem = f"states {exact(claimed)} J, but user {user!r} has no energy coefficient"
        yield Violation("energy-stated", f"{place}.energy_j", (user,), None, problem)
    elif differs(claimed, true):
        problem = f"states {exact(claimed)} J, the decisions take {exact(true)} J"
        yield Violation("energy-stated", f"{place}.energy_j", (user,), claimed - true, problem)
