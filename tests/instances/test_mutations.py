"""Right solutions, changed at random: the checker must see every change that breaks a rule, and no other.

What a change breaks is decided by tests/support/own_rules.py, which shares nothing with the checker, and compared rule
by rule.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from partload.instances.files import parse
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.checker import RULES, check, objective
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan, Slot
from partload.instances.partial_loading.solution import Solution, records
from partload.instances.serialisation import sha256, to_document
from tests.support.brute_force import optimum
from tests.support.own_rules import broken_by_plan, broken_by_solution
from tests.support.random_instances import FEATURES, features, make
from tests.support.samples import sample

Document = dict[str, Any]

# Factors inside the tolerance of a relative 1e-9, outside, and far outside. On one of several equal shares of the band
# none comes to exactly 1e-9 of the whole.
NUDGES = (1 - 0.7e-9, 1 + 0.7e-9, 1 - 7.3e-9, 1 + 7.3e-9, 0.9, 1.1, 0.0, 2.0)
TIMES = ("start_s", "load_end_s", "upload_end_s", "ready_s", "end_s")


def feasible_plan(random: Random, instance: Instance) -> Plan:
    """A plan grown slot by slot, each drawn at random and kept if no rule is broken."""
    plan: Plan = ()
    for _ in range(8):
        model = random.choice(instance.models)
        served = {name for slot in plan for name in slot.requests}
        waiting = [r.id for r in instance.requests if r.model == model.id and r.id not in served]
        if not waiting:
            continue
        chosen = tuple(random.sample(waiting, random.randint(1, len(waiting))))
        shares = None
        if instance.server.uplink == "static" or random.random() < 0.3:
            # An equal share of the band for everyone, served or not, never sums to more than the band.
            shares = {name: instance.server.bandwidth_hz / len(instance.requests) for name in chosen}
        resident = None
        if instance.server.residency == "cached":
            before = frozenset(instance.server.resident_blocks)
            if plan and plan[-1].resident_blocks is not None:
                before = plan[-1].resident_blocks
            resident = frozenset(model.blocks) | {block for block in sorted(before) if random.random() < 0.7}
        longer = (*plan, Slot(model.id, chosen, resident, shares))
        if not broken_by_plan(instance, longer):
            plan = longer
    return plan


def right_document(random: Random, instance: Instance) -> Document:
    """A solution that states everything, and nothing wrong."""
    if instance.server.uplink != "static" and random.random() < 0.4:
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
        slots=records(instance, plan, clock.run(instance, plan)),
        **claims,
    )
    return json.loads(json.dumps(to_document(solution)))


def a_slot(random: Random, document: Document) -> Document:
    return random.choice(document["slots"])


def swap_slots(random: Random, document: Document, instance: Instance) -> None:
    a, b = (random.randrange(len(document["slots"])) for _ in range(2))
    document["slots"][a], document["slots"][b] = document["slots"][b], document["slots"][a]


def drop_slot(random: Random, document: Document, instance: Instance) -> None:
    document["slots"].pop(random.randrange(len(document["slots"])))


def repeat_slot(random: Random, document: Document, instance: Instance) -> None:
    document["slots"].insert(random.randint(0, len(document["slots"])), dict(a_slot(random, document)))


def split_slot(random: Random, document: Document, instance: Instance) -> None:
    number = random.randrange(len(document["slots"]))
    slot = document["slots"][number]
    cut = random.randint(0, len(slot["requests"]))
    later = dict(slot, requests=slot["requests"][cut:])
    slot["requests"] = slot["requests"][:cut]
    document["slots"].insert(number + 1, later)


def move_request(random: Random, document: Document, instance: Instance) -> None:
    source, target = a_slot(random, document), a_slot(random, document)
    name = source["requests"].pop(random.randrange(len(source["requests"])))
    target["requests"].append(name)
    if random.random() < 0.7 and source["bandwidth_hz"] and target["bandwidth_hz"] is not None:
        target["bandwidth_hz"][name] = source["bandwidth_hz"].pop(name, 0.0)


def duplicate_request(random: Random, document: Document, instance: Instance) -> None:
    a_slot(random, document)["requests"].append(random.choice(a_slot(random, document)["requests"]))


def serve_another(random: Random, document: Document, instance: Instance) -> None:
    """Any request of the instance joins a batch: late, too many, the wrong model, or all right."""
    slot, name = a_slot(random, document), random.choice(instance.requests).id
    slot["requests"].append(name)
    slot["bandwidth_hz"] = None


def other_model(random: Random, document: Document, instance: Instance) -> None:
    a_slot(random, document)["model"] = random.choice([*(model.id for model in instance.models), "nobody"])


def unknown_request(random: Random, document: Document, instance: Instance) -> None:
    a_slot(random, document)["requests"].append("nobody")


def drop_block(random: Random, document: Document, instance: Instance) -> None:
    blocks = a_slot(random, document)[random.choice(("loaded_blocks", "resident_blocks"))]
    if blocks:
        blocks.remove(random.choice(blocks))


def add_block(random: Random, document: Document, instance: Instance) -> None:
    blocks = a_slot(random, document)[random.choice(("loaded_blocks", "resident_blocks"))]
    blocks.append(random.choice(["nothing", *(block.id for block in instance.blocks)]))


def nudge_time(random: Random, document: Document, instance: Instance) -> None:
    slot, name = a_slot(random, document), random.choice(TIMES)
    slot[name] *= random.choice(NUDGES)


def nudge_bandwidth(random: Random, document: Document, instance: Instance) -> None:
    slot = a_slot(random, document)
    name = random.choice(slot["requests"])
    slot["bandwidth_hz"][name] *= random.choice(NUDGES)
    for stated in document["slots"]:
        stated.update(dict.fromkeys(TIMES))


def give_stranger_bandwidth(random: Random, document: Document, instance: Instance) -> None:
    a_slot(random, document)["bandwidth_hz"][random.choice(instance.requests).id] = 0.0


def forget_bandwidth(random: Random, document: Document, instance: Instance) -> None:
    a_slot(random, document)["bandwidth_hz"] = None


def forget_resident(random: Random, document: Document, instance: Instance) -> None:
    a_slot(random, document)["resident_blocks"] = None


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
    swap_slots,
    drop_slot,
    repeat_slot,
    split_slot,
    move_request,
    duplicate_request,
    serve_another,
    other_model,
    unknown_request,
    drop_block,
    add_block,
    nudge_time,
    nudge_bandwidth,
    give_stranger_bandwidth,
    forget_bandwidth,
    forget_resident,
    nudge_objective,
    nudge_bound,
    nudge_gap,
    other_claim,
    other_instance,
)


def only_decisions(document: Document) -> None:
    """Leave nothing stated that follows from the decisions, so that the decisions alone are judged."""
    document.update(dict.fromkeys(("objective", "bound", "gap", "status", "termination")))
    for slot in document["slots"]:
        slot.update(dict.fromkeys((*TIMES, "loaded_blocks")))


def tightened(random: Random, instance: Instance, plan: Plan) -> Instance:
    """The instance with the deadline of one request that is served put around the end of its slot."""
    times = clock.run(instance, plan)
    number = random.randrange(len(plan))
    if not 0 < times.end_s[number] < math.inf:
        return instance
    due = {random.choice(plan[number].requests): float(times.end_s[number]) * random.choice((1, *NUDGES[:4]))}
    requests = [dataclasses.replace(r, deadline_s=due.get(r.id, r.deadline_s)) for r in instance.requests]
    return instance.replace(requests=tuple(requests))


def mutate(seed: int) -> tuple[Instance, Solution]:
    """An instance and a solution of it after one change, or two."""
    random = Random(seed)
    chosen = features(seed)
    if random.random() < 0.3:
        chosen = chosen._replace(uplink="static")
    instance = make(random, chosen, f"mutated-{seed}")
    document = right_document(random, instance)
    assert not broken_by_solution(instance, sha256(instance), parse(json.dumps(document)))
    for _ in range(random.choice((1, 1, 2))):
        if not document["slots"]:
            break
        try:
            random.choice(MUTATIONS)(random, document, instance)
        except (IndexError, KeyError, TypeError, ValueError):
            continue  # A second change that has nothing left to act on after the first.
    if random.random() < 0.5:
        only_decisions(document)
    solution = parse(json.dumps(document))
    plan = solution.plan()
    if plan and random.random() < 0.15 and "unknown-id" not in broken_by_plan(instance, plan):
        if all(slot.requests for slot in plan):
            instance = tightened(random, instance, plan)
        solution = dataclasses.replace(solution, instance_sha256=sha256(instance))
    return instance, solution


@pytest.mark.parametrize("chunk", sample(range(10), 5))
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
    assert {features(seed) for seed in range(2500)} == set(FEATURES)
