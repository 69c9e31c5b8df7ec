"""Right solutions of SLIDE, changed at random: the checker must see every change that breaks a rule, and no other.

What a change breaks is decided by tests/support/own_rules_slide.py, which shares nothing with the checker, and
compared rule by rule.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any, get_args

import pytest

from partload.instances.files import parse
from partload.instances.serialisation import sha256, to_document
from partload.instances.slide import clock
from partload.instances.slide.checker import RULES, check, objective
from partload.instances.slide.instance import Frequency, Instance
from partload.instances.slide.plan import Plan, Served
from partload.instances.slide.solution import Solution, records
from tests.support.brute_force_slide import least_bandwidth, optimum
from tests.support.own_rules_slide import broken_by_plan, broken_by_solution, course
from tests.support.random_slide import every, features, make
from tests.support.samples import sample

Document = dict[str, Any]
FREQUENCIES: tuple[Frequency, ...] = get_args(Frequency)

# Factors inside the tolerance of a relative 1e-9, outside, and far outside.
NUDGES = (1 - 0.7e-9, 1 + 0.7e-9, 1 - 7.3e-9, 1 + 7.3e-9, 0.9, 1.1, 0.0, 2.0)
TIMES = ("download_end_s", "compute_end_s")


def feasible_plan(random: Random, instance: Instance) -> Plan:
    """A plan grown user by user, each with what was drawn and kept if no rule is broken."""
    plan: Plan = ()
    left = instance.downlink.bandwidth_hz
    for user in random.sample(instance.users, len(instance.users)):
        model = instance.models[instance.model_index[random.choice(user.models)]]
        bandwidth = least_bandwidth(instance, user, model) * random.choice((1, 1 + 1e-8, 1.5))
        if bandwidth > left:
            continue
        speed: float | tuple[float, ...] = random.choice((user.max_flop_per_s, user.min_flop_per_s, 0.5))
        if user.energy_budget_j is not None and random.random() < 0.7:
            assert user.energy_coefficient is not None
            speed = math.sqrt(user.energy_budget_j / (user.energy_coefficient * (model.work_flop or 1)))
            speed = min(speed, user.max_flop_per_s)
        if instance.frequency == "per-layer" and random.random() < 0.7:
            speed = tuple(speed * random.choice((1, 1, 0.9)) for _ in model.layers)
        longer = (*plan, Served(user.id, model.id, bandwidth, speed))
        if not broken_by_plan(instance, longer):
            plan, left = longer, left - bandwidth
    return plan


def right_document(random: Random, instance: Instance) -> Document:
    """A solution that states everything, and nothing wrong."""
    if random.random() < 0.5:
        best, plan = optimum(instance)
        claims = {"status": "optimal", "termination": "proved", "bound": best, "gap": 0.0}
    else:
        plan = feasible_plan(random, instance)
        value = objective(instance, plan)
        bound = value + random.choice((0.0, 1.0, 2.5))
        gap = (bound - value) / bound if bound else 0.0
        claims = {"status": "feasible", "termination": "heuristic-end", "bound": bound, "gap": gap}
    solution = Solution(
        instance=instance.name,
        instance_sha256=sha256(instance),
        objective=objective(instance, plan),
        users=records(instance, plan, clock.run(instance, plan)),
        **claims,
    )
    return json.loads(json.dumps(to_document(solution)))


def a_user(random: Random, document: Document) -> Document:
    return random.choice(document["users"])


def drop_user(random: Random, document: Document, instance: Instance) -> None:
    document["users"].pop(random.randrange(len(document["users"])))


def repeat_user(random: Random, document: Document, instance: Instance) -> None:
    document["users"].append(dict(a_user(random, document)))


def reorder(random: Random, document: Document, instance: Instance) -> None:
    random.shuffle(document["users"])


def other_user(random: Random, document: Document, instance: Instance) -> None:
    a_user(random, document)["id"] = random.choice([*(user.id for user in instance.users), "nobody"])


def other_model(random: Random, document: Document, instance: Instance) -> None:
    """Another model, the speeds as they were: too many, too few, not accurate enough, or all right."""
    a_user(random, document)["model"] = random.choice([*(model.id for model in instance.models), "nothing"])


def serve_another(random: Random, document: Document, instance: Instance) -> None:
    """Any user joins, with any model, on a share of the band."""
    user = random.choice(instance.users)
    document["users"].append(
        {
            "id": user.id,
            "model": random.choice(instance.models).id,
            "bandwidth_hz": instance.downlink.bandwidth_hz * random.choice((0.1, 0.5, 1.0)),
            "flop_per_s": user.max_flop_per_s,
        }
    )


def nudge_bandwidth(random: Random, document: Document, instance: Instance) -> None:
    user = a_user(random, document)
    user["bandwidth_hz"] *= random.choice(NUDGES)
    user.update(dict.fromkeys(TIMES))


def fill_band(random: Random, document: Document, instance: Instance) -> None:
    """One user takes all that is left of the band, and a little more or less."""
    user = a_user(random, document)
    others = math.fsum(other["bandwidth_hz"] for other in document["users"] if other is not user)
    left = instance.downlink.bandwidth_hz * random.choice((1, *NUDGES[:4])) - others
    if left > 0:
        user["bandwidth_hz"] = left
        user.update(dict.fromkeys(TIMES))


def nudge_speed(random: Random, document: Document, instance: Instance) -> None:
    user, factor = a_user(random, document), random.choice(NUDGES)
    if isinstance(user["flop_per_s"], list):
        user["flop_per_s"][random.randrange(len(user["flop_per_s"]))] *= factor
    else:
        user["flop_per_s"] *= factor
    user.update(dict.fromkeys((*TIMES, "energy_j")))


def speed_for_each_layer(random: Random, document: Document, instance: Instance) -> None:
    user = a_user(random, document)
    if not isinstance(user["flop_per_s"], list):
        model = next(model for model in instance.models if model.id == user["model"])
        user["flop_per_s"] = [user["flop_per_s"]] * len(model.layers)


def forget_speed(random: Random, document: Document, instance: Instance) -> None:
    user = a_user(random, document)
    if isinstance(user["flop_per_s"], list):
        user["flop_per_s"].pop()


def nudge_time(random: Random, document: Document, instance: Instance) -> None:
    times = a_user(random, document)[random.choice(TIMES)]
    times[random.randrange(len(times))] *= random.choice(NUDGES)


def forget_time(random: Random, document: Document, instance: Instance) -> None:
    user, name = a_user(random, document), random.choice(TIMES)
    user[name] = random.choice((None, user[name][:-1], [*user[name], 1.0]))


def nudge_energy(random: Random, document: Document, instance: Instance) -> None:
    user = a_user(random, document)
    user["energy_j"] = 1.0 if user["energy_j"] is None else user["energy_j"] * random.choice(NUDGES)


def nudge_objective(random: Random, document: Document, instance: Instance) -> None:
    document["objective"] = document["objective"] * random.choice(NUDGES) + random.choice((0, 0, 1))


def nudge_bound(random: Random, document: Document, instance: Instance) -> None:
    document["bound"] = random.choice((None, document["bound"] * random.choice(NUDGES), document["bound"] + 1))


def nudge_gap(random: Random, document: Document, instance: Instance) -> None:
    document["gap"] = random.choice((None, 0.0, 0.5e-9, 2e-9, 0.3, 1.0))


def other_claim(random: Random, document: Document, instance: Instance) -> None:
    document["status"] = random.choice(("optimal", "feasible", "unknown", None))
    document["termination"] = random.choice(("proved", "heuristic-end", "time-limit", "interrupted", None))


def other_instance(random: Random, document: Document, instance: Instance) -> None:
    changes = random.choice(({"instance": "another"}, {"instance_sha256": "0" * 64}, {"instance_sha256": None}))
    document.update(changes)


MUTATIONS: tuple[Callable[[Random, Document, Instance], None], ...] = (
    drop_user,
    repeat_user,
    reorder,
    other_user,
    other_model,
    serve_another,
    nudge_bandwidth,
    nudge_bandwidth,
    fill_band,
    nudge_speed,
    nudge_speed,
    speed_for_each_layer,
    forget_speed,
    nudge_time,
    forget_time,
    nudge_energy,
    nudge_objective,
    nudge_bound,
    nudge_gap,
    other_claim,
    other_instance,
)


def only_decisions(document: Document) -> None:
    """Leave nothing stated that follows from the decisions, so that the decisions alone are judged."""
    document.update(dict.fromkeys(("objective", "bound", "gap", "status", "termination")))
    for user in document["users"]:
        user.update(dict.fromkeys((*TIMES, "energy_j")))


def tightened(random: Random, instance: Instance, plan: Plan) -> Instance:
    """The instance with one limit of one user who is served put around what the plan reaches."""
    served = random.choice(plan)
    user = instance.users[instance.user_index[served.user]]
    happens, factor = course(instance, served), random.choice((1, *NUDGES[:4]))
    speeds = served.flop_per_s if isinstance(served.flop_per_s, tuple) else (served.flop_per_s,)
    accuracy = instance.models[instance.model_index[served.model]].accuracy
    end, energy = happens.compute_end_s[-1], float(happens.energy_j)
    changes: list[dict[str, Any]] = [{"min_accuracy": accuracy}, {"min_accuracy": 0.8}]
    if 0 < end < math.inf:
        changes += [{"deadline_s": float(end) * factor}] * 2
    if energy > 0:
        changes += [{"energy_budget_j": energy * factor}] * 2
    if max(speeds) * factor >= user.min_flop_per_s and max(speeds) > 0:
        changes.append({"max_flop_per_s": max(speeds) * factor})
    if min(speeds) * factor <= user.max_flop_per_s:
        changes.append({"min_flop_per_s": min(speeds) * factor})
    changed = dataclasses.replace(user, **random.choice(changes))
    return instance.replace(users=tuple(changed if other is user else other for other in instance.users))


def mutate(seed: int) -> tuple[Instance, Solution]:
    """An instance and a solution of it after one change, or two."""
    random = Random(seed)
    instance = make(random, features(seed, FREQUENCIES), f"mutated-{seed}")
    document = right_document(random, instance)
    assert not broken_by_solution(instance, sha256(instance), parse(json.dumps(document)))
    for _ in range(random.choice((1, 1, 2))):
        if not document["users"]:
            break
        try:
            random.choice(MUTATIONS)(random, document, instance)
        except (IndexError, KeyError, StopIteration, TypeError):
            continue  # A second change that has nothing left to act on after the first.
    if random.random() < 0.5:
        only_decisions(document)
    solution = parse(json.dumps(document))
    plan = solution.plan()
    if plan and random.random() < 0.25 and not {"unknown-id", "speeds"} & broken_by_plan(instance, plan):
        instance = tightened(random, instance, plan)
        solution = dataclasses.replace(solution, instance_sha256=sha256(instance))
    return instance, solution


@pytest.mark.parametrize("chunk", sample(range(6), 3))
def test_the_checker_sees_what_is_broken_and_nothing_else(chunk):
    for seed in range(chunk * 250, (chunk + 1) * 250):
        instance, solution = mutate(seed)
        expected = broken_by_solution(instance, sha256(instance), solution)
        found = {violation.rule for violation in check(instance, solution).violations}
        assert found == expected, f"seed {seed}"


def test_the_mutations_break_every_rule_and_sometimes_none():
    broken: Counter[str] = Counter()
    for seed in range(600):
        instance, solution = mutate(seed)
        broken.update(broken_by_solution(instance, sha256(instance), solution) or {"none"})
    assert set(broken) == {*RULES, "none"}
    assert min(broken.values()) >= 2, broken
    assert broken["none"] >= 60, broken


def test_every_feature_is_mutated():
    assert {features(seed, FREQUENCIES) for seed in range(2500)} == set(every(FREQUENCIES))
