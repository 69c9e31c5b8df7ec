"""The dynamic programme for backbone sharing against the oracle, the MILP, and a search over subsets of models."""

import dataclasses
import itertools
import math

import pytest

import solvers
from instances import library
from instances.channels import PowerLimitedChannel
from instances.errors import InputError
from instances.partial_loading.instance import Instance
from solvers.partial_loading import dynamic
from solvers.registry import Limits
from tests.agreement import Way, comparison
from tests.random_backbones import random_backbone

FEW = [range(start, start + 50) for start in range(0, 300, 50)]
MANY = [range(start, start + 100) for start in range(300, 2300, 100)]
DYNAMIC = Way("dynamic")


def wrong(seeds: range) -> list[str]:
    return [problem for seed in seeds for problem in comparison(random_backbone(seed), (DYNAMIC,)).problems]


@pytest.mark.parametrize("seeds", FEW, ids=str)
def test_the_optimum_is_found_and_proved(seeds):
    assert wrong(seeds) == []


@pytest.mark.long
@pytest.mark.parametrize("seeds", MANY, ids=str)
def test_the_optimum_is_found_and_proved_by_the_thousand(seeds):
    assert wrong(seeds) == []


@pytest.mark.parametrize("seed", range(20))
def test_the_milp_has_the_same_optimum(seed):
    instance = random_backbone(seed, models=4, requests=9)
    assert solvers.solve(instance, "dynamic").objective == pytest.approx(solvers.solve(instance, "milp").objective)


@pytest.mark.parametrize("seed", range(20))
def test_no_set_of_models_and_payers_serves_more(seed):
    assert_same_as_subsets(seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20, 200))
def test_no_set_of_models_and_payers_serves_more_by_the_hundred(seed):
    assert_same_as_subsets(seed)


def assert_same_as_subsets(seed: int) -> None:
    instance = random_backbone(seed, models=10, requests=60).replace(resident_blocks=())
    outcome = dynamic.run(instance, Limits())
    served = sum(len(slot.requests) for slot in outcome.plan)
    assert served == most_by_subsets(instance)
    assert outcome.termination == "proved"


def most_by_subsets(instance: Instance) -> int:
    """Most requests served, by every set of models: least times for u requests, model after model, nothing pruned."""
    asked = [m for m in instance.models if any(r.model == m.id for r in instance.requests) and room(instance, m.id)]
    shared = {m.id: set(m.blocks) & {b for o in asked if o is not m for b in o.blocks} for m in asked}
    clusters: dict[object, list[str]] = {}
    for m in asked:
        clusters.setdefault(frozenset(shared[m.id]) or m.id, []).append(m.id)
    total = [0.0]
    for names in clusters.values():
        least = [0.0]
        for size in range(1, len(names) + 1):
            for used in itertools.combinations(names, size):
                for payer in used:
                    curve = [0.0]
                    for name in used:
                        curve = joined(curve, times(instance, name, set() if name == payer else shared[name]))
                    least = [min(pair) for pair in itertools.zip_longest(least, curve, fillvalue=math.inf)]
        total = joined(total, least)
    deadline = instance.requests[0].deadline_s * (1 + 1e-9)
    return max(u for u, time in enumerate(total) if time <= deadline)


def room(instance: Instance, name: str) -> int:
    """Most requests of a model in one batch."""
    model = instance.models[instance.model_index[name]]
    memory = instance.server.memory_bytes or math.inf
    left = memory - sum(instance.block_sizes[block] for block in model.blocks)
    each = model.activation_bytes_per_request
    by_memory = -1 if left < 0 else len(instance.requests) if each == 0 or left == math.inf else int(left // each)
    return max(0, min(by_memory, model.max_batch or len(instance.requests)))


def times(instance: Instance, name: str, there: set[str]) -> list[float]:
    """Least times for 1, .. requests of a model (0: never), over every size of the first batch."""
    server, model = instance.server, instance.models[instance.model_index[name]]
    missing = set(model.blocks) - there
    load = server.load_latency_s + sum(instance.block_sizes[b] for b in missing) / server.load_rate_bytes_per_s
    load = load if missing else 0.0
    spectrum = [r.input_bits / r.channel.spectral_efficiency_bps_per_hz for r in instance.requests if r.model == name]
    upload = sorted(a / server.bandwidth_hz for a in spectrum)
    curve = [math.inf]
    for count in range(1, len(upload) + 1):
        ways = []
        for first in range(1, min(room(instance, name), count) + 1):
            batches = 1 + math.ceil((count - first) / room(instance, name))
            hidden, rest = sum(upload[count - first : count]), sum(upload[: count - first])
            ways.append(max(load, hidden) + rest + batches * model.batch_setup_s + count * model.batch_per_request_s)
        curve.append(min(ways))
    return curve


def joined(one: list[float], other: list[float]) -> list[float]:
    both = [math.inf] * (len(one) + len(other) - 1)
    for (u, first), (v, second) in itertools.product(enumerate(one), enumerate(other)):
        both[u + v] = min(both[u + v], first + second)
    return both


@pytest.mark.parametrize(
    ("changes", "lacking"),
    [
        ({"residency": "cached"}, "residency 'cached'"),
        ({"uplink": "pipelined"}, "uplink 'pipelined'"),
        ({"uplink": "static"}, "uplink 'static'"),
    ],
)
def test_rules_not_covered_are_named(changes, lacking):
    assert_refused(library.load("backbone-small").replace(**changes), lacking)


@pytest.mark.parametrize(
    ("change", "lacking"),
    [
        ({"weight": 7.0}, "weights that differ"),
        ({"deadline_s": 123.0}, "more than one deadline"),
        ({"channel": PowerLimitedChannel(1e6)}, "power-limited channels"),
    ],
)
def test_requests_not_covered_are_named(change, lacking):
    instance = library.load("backbone-small")
    changed = dataclasses.replace(instance.requests[0], **change)
    assert_refused(instance.replace(requests=(changed, *instance.requests[1:])), lacking)


def test_blocks_that_break_the_structure_are_named():
    instance = random_backbone(0, models=3, requests=9)
    sets = (("c0", "half", "p0"), ("c0", "half", "p1"), ("c0", "p2"))
    block = instance.blocks[0] if instance.blocks else None
    assert block is not None
    blocks = tuple(dataclasses.replace(block, id=name) for name in ("c0", "half", "p0", "p1", "p2"))
    models = tuple(dataclasses.replace(model, blocks=own) for model, own in zip(instance.models, sets))
    server = dataclasses.replace(instance.server, resident_blocks=(), memory_bytes=None)
    asking = tuple(dataclasses.replace(r, model=f"m{k % 3}") for k, r in enumerate(instance.requests))
    broken = Instance("broken", server, blocks, models, asking)
    assert_refused(broken, "blocks shared by some but not all models of a cluster: half$")


@pytest.mark.parametrize("option", [{"formulation": "slot"}, {"solver": "highs"}])
def test_what_the_method_does_not_use_is_refused(option):
    with pytest.raises(InputError, match="'dynamic' does not cover"):
        solvers.solve(library.load("backbone-small"), "dynamic", **option)


def assert_refused(instance: Instance, lacking: str) -> None:
    with pytest.raises(InputError, match=f"'dynamic' does not cover {lacking}"):
        solvers.solve(instance, "dynamic")


def test_it_is_the_first_choice_where_it_is_exact():
    assert solvers.solve(library.load("backbone-small")).method == "dynamic"


def test_a_limit_that_is_over_leaves_a_plan_and_a_true_bound():
    instance = library.load("backbone-12x40")
    best = solvers.solve(instance, "dynamic").objective
    stopped = solvers.solve(instance, "dynamic", time_limit=1e-9)
    assert stopped.termination in ("time-limit", "proved")
    assert 0 < stopped.objective <= best <= stopped.bound


def test_ctrl_c_leaves_the_first_plan(monkeypatch):
    instance = library.load("backbone-12x40")

    def pressed(*arguments):
        raise KeyboardInterrupt

    best = solvers.solve(instance, "dynamic").objective
    monkeypatch.setattr(dynamic, "Programme", pressed)
    stopped = solvers.solve(instance, "dynamic")
    assert stopped.termination == ("proved" if stopped.objective == best == stopped.bound else "interrupted")
    assert 0 < stopped.objective <= best <= stopped.bound
