"""Numbers at the end of all doubles: a right answer, or one line; never a traceback or a warning."""

from __future__ import annotations

import warnings
from random import Random

import pytest

from partload import solvers
from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.errors import InputError
from partload.instances.slide.checker import check
from partload.instances.slide.instance import Downlink, Instance, Layer, Model, User

ENDS = (5e-324, 1e-308, 1e-300, 1e-160, 1.0, 1.0, 1e9, 1e160, 1e300, 1e308, 1.7976931348623157e308)
METHODS = (None, "milp", "download-first", "equal-bandwidth", "full-speed", "smallest-model", "random")
BLOCK = 20


def extreme_instance(seed: int) -> Instance:
    """Up to three users and two models, made of the largest, the smallest and a few plain numbers."""
    random = Random(seed)

    def number() -> float:
        return random.choice(ENDS)

    def amount() -> float:
        return random.choice((0.0, *ENDS))

    models = tuple(
        Model(f"m{i}", tuple(Layer(amount(), amount()) for _ in range(random.randint(1, 3))))
        for i in range(random.randint(1, 2))
    )
    users = []
    for k in range(random.randint(1, 3)):
        fastest, limited = number(), random.random() < 0.5
        users.append(
            User(
                id=f"u{k}",
                models=tuple(model.id for model in models),
                channel=random.choice((FlatChannel, PowerLimitedChannel))(number()),
                deadline_s=number(),
                max_flop_per_s=fastest,
                min_flop_per_s=random.choice((0.0, fastest, min(fastest, number()))),
                weight=random.choice((1.0, 1.0, 1e-308, 1e300)),
                energy_budget_j=number() if limited else None,
                energy_coefficient=number() if limited else None,
            )
        )
    return Instance("extreme", Downlink(number()), models, tuple(users), random.choice(("per-device", "per-layer")))


@pytest.mark.parametrize("block", range(6))
def test_no_traceback_no_warning_and_no_bound_below_a_plan(block):
    answered = 0
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        instance = extreme_instance(seed)
        served, bounds = [0.0], []
        for method in METHODS:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                try:
                    solution = solvers.solve(instance, method)
                except InputError:
                    continue
                assert check(instance, solution).feasible
            served.append(solution.objective)
            if solution.bound is not None:
                bounds.append(solution.bound)
                answered += 1
        assert max(served) <= min(bounds, default=float("inf")) * (1 + 1e-9), f"seed {seed}"
    assert answered > BLOCK / 2


def test_weights_whose_sum_no_double_holds_are_refused():
    user = User("a", ("m",), FlatChannel(1.0), 1.0, 1.0, weight=1e308)
    users = (user, User("b", ("m",), FlatChannel(1.0), 1.0, 1.0, weight=1e308))
    with pytest.raises(InputError, match="users: expected weights with a sum that a double can hold"):
        Instance("heavy", Downlink(1.0), (Model("m", (Layer(1.0, 1.0),)),), users)


def test_layers_whose_sizes_sum_beyond_all_doubles_never_arrive():
    model = Model("m", (Layer(1e308, 0.0), Layer(1e308, 1.0)))
    instance = Instance(
        "large", Downlink(1e300), (model,), (User("a", ("m",), FlatChannel(1.0), 1.0, 1.0),), "per-layer"
    )
    assert model.size_bytes == float("inf")
    solution = solvers.solve(instance)
    assert (solution.objective, solution.bound) == (0, 0)
