"""The LP's bound: never below the optimum, never above the knapsacks' bound, and below it where it can be."""

from __future__ import annotations

import pytest

from partload import solvers
from partload.instances.partial_loading.generators import generate
from partload.solvers import relaxation_bound
from tests.support.brute_force import optimum
from tests.support.random_instances import random_instance

CHANNELS = ("flat", "power-limited", "mixed")


@pytest.mark.parametrize("uplink", ["slotted", "pipelined", "static"])
def test_it_lies_between_the_optimum_and_the_knapsacks(uplink):
    below = 0
    for seed in range(40):
        instance = random_instance(seed, (uplink,), CHANNELS, 5)
        best, bound, knapsacks = optimum(instance)[0], relaxation_bound(instance), solvers.upper_bound(instance)
        assert best * (1 - 1e-9) <= bound <= knapsacks, instance.name
        below += bound < knapsacks
    assert below > 0


def test_an_lp_that_is_not_solved_in_time_leaves_the_knapsacks():
    instance = generate("general", models=20, requests=200, seed=0)
    assert relaxation_bound(instance, time_limit=0.01) == solvers.upper_bound(instance)
