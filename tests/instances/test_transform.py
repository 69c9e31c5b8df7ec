"""Instances made from instances: private copies share nothing and change nothing else."""

from __future__ import annotations

import pytest

from instances.library import load
from instances.partial_loading.instance import Block, Instance, Model, Server
from instances.partial_loading.transform import without_sharing
from tests.brute_force import optimum
from tests.random_instances import random_instance


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
    models = (Model("a/b", ("c",), 0.0, 0.0), Model("a", ("b/c",), 0.0, 0.0))
    private = without_sharing(Instance("slashes", Server(1.0, 1.0), blocks, models, ()))
    assert [block.id for block in private.blocks] == ["a/b/c", "a/b/c'"]
    assert [private.size_of(model.blocks) for model in private.models] == [1.0, 2.0]


def test_a_resident_block_stays_with_the_first_model_that_uses_it():
    instance = load("v100-vision")
    private = without_sharing(instance)
    users = {
        block: next(m.id for m in instance.models if block in m.blocks) for block in instance.server.resident_blocks
    }
    assert set(private.server.resident_blocks) == {f"{model}/{block}" for block, model in users.items()}


@pytest.mark.parametrize("seed", range(60))
def test_sharing_never_hurts_where_nothing_is_resident_at_first(seed):
    instance = random_instance(60_000 + seed).replace(resident_blocks=())
    assert optimum(without_sharing(instance))[0] <= optimum(instance)[0] + 1e-9
