"""Models and requests that are alike: nothing tells them apart, so a search tries every order of them.

Up to six equal models with a block each, due near the end of the last of them; models, requests and users in duplicate.
"""

from __future__ import annotations

import dataclasses
from random import Random
from typing import get_args

from partload.instances.channels import Channel, FlatChannel, PowerLimitedChannel
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Residency, Server, Uplink
from partload.instances.slide import instance as slide
from tests.support.nasty.draws import nudged, partial_loading, slides


def equal_models(random: Random, name: str) -> Instance:
    """Models that are equal but for their blocks, with a request or two each, of which one is just late."""
    count, size = random.choice((3, 4, 5, 5, 6)), random.choice((1e8, 3.0, 0.1))
    load, setup, each = random.choice((0.1, 1.0, 0.3)), random.choice((0.0, 0.01)), random.choice((0.005, 0.1))
    shared = random.random() < 0.3
    blocks = (*(Block(f"b{n}", size) for n in range(count)), *((Block("shared", size),) if shared else ()))
    models = tuple(Model(f"m{n}", (f"b{n}", "shared") if shared else (f"b{n}",), setup, each) for n in range(count))
    asked = random.choice((1, 1, 2)) if count < 5 else 1
    last = random.randint(1, count)
    due = nudged(random, (last + shared) * load + last * (setup + asked * each))
    channel: Channel = random.choice((FlatChannel(4.0), FlatChannel(4.0), PowerLimitedChannel(1e6)))
    bits = random.choice((0.0, 1000.0, 1e5))
    requests = tuple(Request(f"r{n}.{k}", f"m{n}", bits, channel, due) for n in range(count) for k in range(asked))
    server = Server(
        1e6,
        size / load,
        residency=random.choice(get_args(Residency)),
        visits=random.choice(("once", "any")),
        uplink=random.choice(get_args(Uplink)),
    )
    return Instance(name, server, blocks, models, requests)


def duplicates(random: Random, name: str) -> Instance:
    """Some models and requests twice."""
    instance = partial_loading(random, name)
    twin = random.choice(instance.models)
    models = (*instance.models, dataclasses.replace(twin, id=f"{twin.id} again"))
    requests = []
    for request in instance.requests[:3]:
        other = models[-1].id if request.model == twin.id and random.random() < 0.7 else request.model
        requests += [request, dataclasses.replace(request, id=f"{request.id} again", model=other)]
    return instance.replace(models=models, requests=tuple(requests))


def slide_duplicates(random: Random, name: str) -> slide.Instance:
    """Users and models twice, on a band that all but one fill."""
    instance = slides(random, name)
    twin = random.choice(instance.models)
    models = (*instance.models, dataclasses.replace(twin, id=f"{twin.id} again"))
    users = []
    for user in instance.users[:3]:
        other = tuple(f"{m} again" if m == twin.id else m for m in user.models)
        users += [user, dataclasses.replace(user, id=f"{user.id} again", models=random.choice((user.models, other)))]
    return instance.replace(models=models, users=tuple(users))
