"""The method ``set-union`` against the brute force and the dynamic programme, and what it refuses."""

import dataclasses

import pytest

from partload import solvers
from partload.benchmarks.cached import set_union
from partload.formulations import FORMULATIONS, by_name
from partload.instances.errors import InputError
from partload.instances.partial_loading.instance import Instance
from partload.solvers.methods import method as registered
from partload.solvers.registry import Limits
from tests.support.agreement import Way, comparison
from tests.support.random_cached import random_cached


def covered(seed: int) -> Instance:
    """Without what the formulation refuses; half of the instances have memory for everything, to the byte."""
    instance = random_cached(seed, limited=False)
    asked = tuple(dataclasses.replace(request, input_bits=0.0) for request in instance.requests)
    names = {request.model for request in asked}
    models = tuple(dataclasses.replace(m, max_batch=None, activation_bytes_per_request=0.0) for m in instance.models)
    every = frozenset(instance.server.resident_blocks).union(*(m.blocks for m in models if m.id in names))
    memory = max(1.0, instance.size_of(every)) if seed % 2 else None
    return instance.replace(models=models, requests=asked, load_latency_s=0.0, memory_bytes=memory)


def wrong(seeds: range) -> list[str]:
    return [problem for seed in seeds for problem in comparison(covered(seed), (Way("set-union"),)).problems]


def test_the_optimum_is_found_and_proved():
    assert wrong(range(40)) == []


@pytest.mark.long
@pytest.mark.parametrize("seeds", [range(start, start + 100) for start in range(100, 1100, 100)], ids=str)
def test_the_optimum_is_found_and_proved_by_the_thousand(seeds):
    assert wrong(seeds) == []


@pytest.mark.parametrize("seed", range(3))
def test_the_dynamic_programme_has_the_same_optimum(seed):
    instance = set_union(seed, 0.3, 0.6, models=10, blocks=12)
    found, other = (solvers.solve(instance, name) for name in ("set-union", "tool-switching"))
    assert found.status == other.status == "optimal"
    assert found.objective == other.objective


def plain() -> Instance:
    return set_union(1, 0.3, 0.6, models=6, blocks=8)


def changed_requests(**changes: object) -> Instance:
    instance = plain()
    return instance.replace(requests=tuple(dataclasses.replace(r, **changes) for r in instance.requests))


def test_what_is_not_covered_is_refused_by_name():
    twice = tuple(dataclasses.replace(r, id=f"{r.id}.{n}") for r in plain().requests for n in range(2))
    limited = tuple(dataclasses.replace(m, max_batch=1) for m in plain().models)
    refused = {
        "residency 'previous'": plain().replace(residency="previous"),
        "visits 'any'": plain().replace(visits="any"),
        "uplink 'static'": plain().replace(uplink="static"),
        "memory that does not hold all blocks and a batch": plain().replace(memory_bytes=1000.0),
        "uploads, which may hide loads": changed_requests(input_bits=1.0),
        "load latency": plain().replace(load_latency_s=1.0),
        "batches that are limited": plain().replace(models=limited, requests=twice),
    }
    for refusal, instance in refused.items():
        assert registered("partial-loading", "set-union").unsupported(instance, Limits()) == [refusal]
        assert by_name(FORMULATIONS, "set-union").unsupported(instance) == [refusal]
    with pytest.raises(InputError, match="does not cover load latency"):
        solvers.solve(refused["load latency"], "set-union")


def test_a_time_limit_leaves_a_plan_and_a_bound():
    stopped = solvers.solve(set_union(1, 0.1, 0.75), "set-union", time_limit=2.0)
    assert 0 < stopped.objective <= stopped.bound
