"""What fits into memory: exact sums, rounded once, whatever their order."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from random import Random

import pytest

from partload.instances.channels import FlatChannel
from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.instances.partial_loading.memory import bytes_used, fits, largest_batch
from partload.instances.partial_loading.plan import Slot


def instance(sizes: list[float], activation: float, memory: float | None, requests: int = 6) -> Instance:
    blocks = tuple(Block(f"b{n}", size) for n, size in enumerate(sizes))
    model = Model("m", tuple(block.id for block in blocks), 0.0, 0.0, activation_bytes_per_request=activation)
    asked = tuple(Request(f"r{n}", "m", 0.0, FlatChannel(1.0), 1e30) for n in range(requests))
    return Instance("memory", Server(1.0, 1.0, memory_bytes=memory), blocks, (model,), asked)


def test_decimals_that_add_up_on_paper_fit() -> None:
    made = instance([0.1, 0.2], 0.1, 0.4)
    assert fits(made, ["b0", "b1"], made.models[0], 1)
    assert not fits(made, ["b0", "b1"], made.models[0], 2)
    assert largest_batch(made, made.models[0], 6) == 1


@pytest.mark.parametrize("seed", range(300))
def test_the_sum_is_the_exact_one_rounded_once_and_the_checker_agrees(seed: int) -> None:
    random = Random(seed)
    scale = 10.0 ** random.randint(-12, 12)
    sizes = [random.choice((random.randint(0, 9) / 10, random.random())) * scale for _ in range(random.randint(0, 6))]
    activation = random.choice((0.0, random.randint(1, 9) / 10 * scale, random.random() * scale))
    count = random.randint(1, 6)
    made = instance(sizes, activation, None)
    used = bytes_used(made, made.block_sizes, made.models[0], count)
    assert used == float(sum(map(Fraction, sizes), Fraction(activation) * count))
    for memory in (used, math.nextafter(used, 0.0), math.nextafter(used, math.inf)):
        if memory <= 0:
            continue
        tight = made.replace(memory_bytes=memory)
        plan = (Slot("m", tuple(f"r{n}" for n in range(count))),)
        assert fits(tight, made.block_sizes, made.models[0], count) == (used <= memory)
        assert check_plan(tight, plan).feasible == (used <= memory)
        by_hand = max((u for u in range(7) if fits(tight, made.block_sizes, made.models[0], u)), default=0)
        assert largest_batch(tight, tight.models[0], 6) == by_hand


def test_a_batch_has_the_limit_of_its_model_and_of_those_who_ask() -> None:
    made = instance([1.0], 1.0, 4.5)
    limited = dataclasses.replace(made.models[0], max_batch=2)
    assert largest_batch(made, made.models[0], 6) == 3
    assert largest_batch(made, made.models[0], 2) == 2
    assert largest_batch(made, limited, 6) == 2
    assert largest_batch(made, made.models[0], 0) == 0
    assert largest_batch(instance([5.0], 0.0, 4.0), made.models[0], 6) == 0


def test_what_no_double_holds_does_not_fit() -> None:
    made = instance([1e308, 1e308], 1e308, 1e308)
    assert bytes_used(made, ["b0", "b1"], made.models[0], 1) == math.inf
    assert bytes_used(made, [], made.models[0], 2) == math.inf
    assert largest_batch(made, made.models[0], 6) == 0
