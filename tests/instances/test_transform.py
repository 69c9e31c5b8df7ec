"""Instances made from instances: private copies share nothing and change nothing else."""

from __future__ import annotations

from collections import Counter

import pytest

from partload.instances.library import load
from partload.instances.partial_loading.instance import Block, Instance, Model, Server
from partload.instances.partial_loading.transform import with_shared_part, without_sharing
from tests.support.brute_force import optimum
from tests.support.random_instances import random_instance


@pytest.mark.parametrize("name", ["three-models", "edge-demo", "v100-vision"])
def test_copies_are_private_and_as_large(name):
    instance = load(name)
    private = without_sharing(instance)
    owners = [block for model in private.models for block in model.blocks]
    assert len(owners) == len(set(owners))
    for before, after in zip(instance.models, private.models):
        assert private.size_of(after.blocks) == instance.size_of(before.blocks)
    assert private.requests == instance.requests


def test_copies_of_ids_that_run_together_stay_apart():
    blocks = (Block("c", 1.0), Block("b/c", 2.0))
    models = (
        Model("a/b", ("c",), 0.0, 0.0),
        Model("a", ("b/c",), 0.0, 0.0),
        Model("x", ("c", "b/c"), 0.0, 0.0),
    )
    private = without_sharing(Instance("slashes", Server(1.0, 1.0), blocks, models, ()))
    assert [block.id for block in private.blocks] == ["a/b/c", "a/b/c'", "x/c", "x/b/c"]
    assert [private.size_of(model.blocks) for model in private.models] == [1.0, 2.0, 3.0]


def test_a_resident_block_stays_with_the_first_model_that_uses_it():
    instance = load("v100-vision")
    private = without_sharing(instance)
    users = {block: [m.id for m in instance.models if block in m.blocks] for block in instance.server.resident_blocks}
    kept = {block if len(models) == 1 else f"{models[0]}/{block}" for block, models in users.items()}
    assert set(private.server.resident_blocks) == kept


@pytest.mark.parametrize("seed", range(60))
def test_sharing_never_hurts_where_nothing_is_resident_at_first(seed):
    instance = random_instance(60_000 + seed).replace(resident_blocks=())
    assert optimum(without_sharing(instance))[0] <= optimum(instance)[0] + 1e-9


@pytest.mark.parametrize("seed", range(40))
def test_the_more_is_shared_the_more_is_served(seed):
    instance = random_instance(60_100 + seed).replace(resident_blocks=(), load_latency_s=0.0)
    served = [optimum(with_shared_part(instance, part))[0] for part in (0.0, 0.25, 0.5, 1.0)]
    assert served == sorted(served)
    assert served[0] == optimum(without_sharing(instance))[0]
    assert served[-1] == optimum(instance)[0]


def test_a_shared_part_is_shared_and_the_rest_is_private():
    instance = load("v100-vision")
    split = with_shared_part(instance, 0.25)
    users = Counter(block for model in instance.models for block in model.blocks)
    for before, after in zip(instance.models, split.models):
        assert split.size_of(after.blocks) == pytest.approx(instance.size_of(before.blocks), rel=1e-12)
        for block in before.blocks:
            part = 1.0 if users[block] == 1 else 0.25
            assert split.block_sizes[block] == part * instance.block_sizes[block]
            assert (f"{before.id}/{block}" in after.blocks) == (users[block] > 1)
