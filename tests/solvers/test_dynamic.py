"""The dynamic programme for nested prefixes against the oracle, the MILP, and searches over orders of models."""

import dataclasses
import itertools
import math
from collections.abc import Callable

import pytest

from partload import solvers
from partload.instances import library
from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.errors import InputError
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.solvers.partial_loading.dynamic import knapsack_programme as programme
from partload.solvers.partial_loading.dynamic import unweighted as dynamic
from partload.solvers.registry import Limits
from tests.support.agreement import Way, comparison
from tests.support.random_backbones import random_backbone, random_nested
from tests.support.samples import sample

FEW = [range(start, start + 50) for start in range(0, 300, 50)]
MANY = [range(start, start + 100) for start in range(300, 2300, 100)]
DYNAMIC = Way("dynamic")


MADE = pytest.mark.parametrize("made", [random_backbone, random_nested])


def wrong(made: Callable[[int], Instance], seeds: range) -> list[str]:
    return [problem for seed in seeds for problem in comparison(made(seed), (DYNAMIC,)).problems]


@MADE
@pytest.mark.parametrize("seeds", FEW, ids=str)
def test_the_optimum_is_found_and_proved(made, seeds):
    assert wrong(made, seeds) == []


@pytest.mark.long
@MADE
@pytest.mark.parametrize("seeds", MANY, ids=str)
def test_the_optimum_is_found_and_proved_by_the_thousand(made, seeds):
    assert wrong(made, seeds) == []


@MADE
@pytest.mark.parametrize("seed", range(20))
def test_the_milp_has_the_same_optimum(made, seed):
    instance = made(seed, models=4, requests=9)
    assert solvers.solve(instance, "dynamic").objective == pytest.approx(solvers.solve(instance, "milp").objective)


@pytest.mark.parametrize("seed", sample(range(10), 3))
def test_no_set_of_models_and_payers_serves_more(seed):
    assert_same_as_subsets(seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10, 200))
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


@MADE
@pytest.mark.parametrize("seed", range(30))
def test_no_order_of_models_serves_more(made, seed):
    """Least times by the set of models visited and the last of them: no clusters, no payers, nothing pruned."""
    instance = made(seed, models=5, requests=25)
    outcome = dynamic.run(instance, Limits())
    assert outcome.termination == "proved"
    assert outcome.bound == pytest.approx(instance.requests[0].weight * most_by_orders(instance))


def most_by_orders(instance: Instance) -> int:
    asked = [m for m in instance.models if any(r.model == m.id for r in instance.requests) and room(instance, m.id)]
    least: dict[tuple[frozenset[str], str | None], list[float]] = {(frozenset(), None): [0.0]}
    for size in range(len(asked)):
        for (used, last), curve in [item for item in least.items() if len(item[0][0]) == size]:
            there = set(instance.server.resident_blocks if last is None else instance.block_sets[last])
            for model in asked:
                if model.id not in used:
                    key = used | {model.id}, model.id
                    longer = joined(curve, times(instance, model.id, there))
                    pairs = itertools.zip_longest(least.get(key, []), longer, fillvalue=math.inf)
                    least[key] = [min(pair) for pair in pairs]
    deadline = instance.requests[0].deadline_s * (1 + 1e-9)
    return max(u for curve in least.values() for u, time in enumerate(curve) if time <= deadline)


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
        ({"weight": 7.0}, "weights 'different'"),
        ({"deadline_s": 123.0}, "deadlines 'different'"),
        ({"channel": PowerLimitedChannel(1e6)}, ".*channel 'power-limited'"),
    ],
)
def test_requests_not_covered_are_named(change, lacking):
    instance = library.load("backbone-small")
    changed = dataclasses.replace(instance.requests[0], **change)
    assert_refused(instance.replace(requests=(changed, *instance.requests[1:])), lacking)


def of_blocks(*sets: tuple[str, ...]) -> Instance:
    """Three requests for each of some models of unit blocks."""
    names = sorted({name for own in sets for name in own})
    models = tuple(Model(f"m{i}", own, 0.0, 1.0) for i, own in enumerate(sets))
    requests = tuple(Request(f"r{k}", f"m{k % len(sets)}", 1.0, FlatChannel(1.0), 9.0) for k in range(3 * len(sets)))
    return Instance("of-blocks", Server(1.0, 1.0), tuple(Block(name, 1.0) for name in names), models, requests)


@pytest.mark.parametrize(
    ("sets", "lacking"),
    [
        (
            (("a", "b"), ("a", "c"), ("b", "c")),
            "prefixes that are not nested: model 'm0' shares b, model 'm1' instead c",
        ),
        ((("a", "b", "o"), ("a", "p"), ("b", "q")), "model 'm1' shares a, model 'm2' instead b"),
        (
            (("a", "b", "c", "d", "e"), ("x", "b", "c", "d", "e"), ("a",), ("x",)),
            "prefixes that are not nested: model 'm2' shares a, model 'm3' instead x",
        ),
    ],
)
def test_models_and_blocks_that_break_the_structure_are_named(sets, lacking):
    assert_refused(of_blocks(*sets), f".*{lacking}$")


@pytest.mark.parametrize(
    "sets",
    [
        (("a", "b", "o"), ("a", "p"), ("a", "b")),
        (("a", "b"), ("a", "b"), ("a",), (), ()),
        (("c", "b", "a"), ("b", "a"), ("a",), ("x", "y"), ("y",)),
    ],
)
def test_nested_prefixes_are_recognised_whatever_the_order_of_blocks(sets):
    assert solvers.solve(of_blocks(*sets)).method == "dynamic"


@pytest.mark.parametrize("option", [{"formulation": "slot"}, {"solver": "highs"}])
def test_what_the_method_does_not_use_is_refused(option):
    with pytest.raises(InputError, match="'dynamic' does not cover"):
        solvers.solve(library.load("backbone-small"), "dynamic", **option)


def assert_refused(instance: Instance, lacking: str) -> None:
    with pytest.raises(InputError, match=f"'dynamic' does not cover {lacking}"):
        solvers.solve(instance, "dynamic")


@pytest.mark.parametrize(("name", "value"), [("backbone-small", 4), ("nested-12x36", 20)])
def test_it_is_the_first_choice_where_it_is_exact(name, value):
    solution = solvers.solve(library.load(name))
    assert (solution.method, solution.objective, solution.bound) == ("dynamic", value, value)


def test_it_tells_how_far_it_is():
    heard = []
    for seed in range(10):
        solvers.solve(random_nested(seed, models=8, requests=60), "dynamic", progress=heard.append)
    assert heard
    assert all(0 <= progress.incumbent <= progress.bound for progress in heard)


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
    monkeypatch.setattr(programme, "KnapsackProgramme", pressed)
    stopped = solvers.solve(instance, "dynamic")
    assert stopped.termination == ("proved" if stopped.objective == best == stopped.bound else "interrupted")
    assert 0 < stopped.objective <= best <= stopped.bound
