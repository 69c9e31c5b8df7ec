"""Which models may serve which users, said once for all who ask alike."""

from __future__ import annotations

import numpy as np

from partload.instances.channels import FlatChannel
from partload.instances.slide.instance import Downlink, Instance, Layer, Model, User

LAYERS = (Layer(1.0, 1.0),)
MODELS = (Model("small", LAYERS, 0.5), Model("large", LAYERS, 0.9), Model("unrated", LAYERS))


def user(name: str, models: tuple[str, ...], floor: float | None = None) -> User:
    return User(name, models, FlatChannel(1.0), 1.0, 1.0, min_accuracy=floor)


USERS = (
    user("any", ("unrated", "small", "large")),
    user("small", ("small",)),
    user("any too", ("unrated", "small", "large")),
    user("accurate", ("unrated", "small", "large"), 0.6),
    user("nobody", ("small",), 0.6),
)
INSTANCE = Instance("choices", Downlink(1.0), MODELS, USERS)


def test_each_choice_stands_there_once():
    choices = INSTANCE.choices
    assert choices.number.tolist() == [0, 1, 0, 2, 3]
    assert choices.allowed.tolist() == [[True, True, True], [True, False, False], [False, True, False], [False] * 3]


def test_choices_are_what_the_instance_allows():
    rows = INSTANCE.choices.allowed[INSTANCE.choices.number]
    for one, row in zip(USERS, rows):
        assert {MODELS[i].id for i in np.flatnonzero(row)} == set(INSTANCE.allowed(one))


def test_without_users_there_is_none():
    choices = INSTANCE.replace(users=()).choices
    assert choices.number.shape == (0,)
    assert choices.allowed.shape == (0, 3)


def test_columns_can_be_cut():
    columns = INSTANCE.arrays
    assert columns[1:3].deadline_s.tolist() == [1.0, 1.0]
    assert columns[np.array([4, 0])].channel.quality.shape == (2,)
