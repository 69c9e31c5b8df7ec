"""Power-limited channels at the ceiling of their rate, c / ln 2, which no band reaches.

The band is up to 1e12 times c, so that only the ceiling limits an upload, or a thousandth of c. An input takes the time
that is left for it at a rate within 1e-3 to 1e-12 of the ceiling, or of what the whole band gives.
"""

from __future__ import annotations

import dataclasses
import math
from random import Random

from partload.instances.channels import PowerLimitedChannel
from partload.instances.partial_loading.instance import Instance, Request
from partload.instances.slide import instance as slide
from tests.support import own_channels
from tests.support.nasty.draws import partial_loading, slides

FROM_THE_CEILING = (-1e-9, 0.0, 1e-12, 1e-11, 1e-10, 1e-9, 3e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3)


def ceilings(random: Random, name: str) -> Instance:
    """Inputs that take most of the time until a deadline at the greatest rate there is."""
    instance = partial_loading(random, name, ("power-limited", "mixed"))
    band, alike = instance.server.bandwidth_hz, random.choice((True, False))
    snr = band * 10 ** random.uniform(-12, 3)
    requests = []
    for request in instance.requests:
        if not alike:
            snr = band * 10 ** random.uniform(-12, 3)
        at_ceiling = random.random() < 0.8
        requests.append(_at_ceiling(random, instance, request, snr) if at_ceiling else request)
    return instance.replace(requests=tuple(requests))


def _at_ceiling(random: Random, instance: Instance, request: Request, snr: float) -> Request:
    """The request with an input that just makes it, when its model is loaded already or uploads hide the load."""
    model, band = instance.models[instance.model_index[request.model]], instance.server.bandwidth_hz
    left = request.deadline_s - random.choice((0.0, 1.0)) * (model.batch_setup_s + model.batch_per_request_s)
    left = left if left > 0 else request.deadline_s
    channel = PowerLimitedChannel(snr)
    rate = random.choice((snr / math.log(2), own_channels.rate(channel, band)))
    part = random.choice((1.0, 1.0, 0.5, 0.25))
    bits = part * rate * left * (1 - random.choice(FROM_THE_CEILING))
    return dataclasses.replace(request, channel=channel, input_bits=bits)


def slide_ceilings(random: Random, name: str) -> slide.Instance:
    """Models whose download takes the time that is left for it at the greatest rate there is."""
    instance = slides(random, name, ("power-limited", "mixed"))
    users, needed = [], []
    for user in instance.users:
        model = next(model for model in instance.models if model.id in user.models)
        bits = [8 * math.fsum(x.size_bytes for x in model.layers[: n + 1]) for n in range(len(model.layers))]
        rest = [math.fsum(x.work_flop for x in model.layers[n:]) / user.max_flop_per_s for n in range(len(bits))]
        rates = [b / (user.deadline_s - r) for b, r in zip(bits, rest) if user.deadline_s > r]
        rate = max(rates, default=0.0)
        if rate > 0:
            snr = rate * math.log(2) / (1 - random.choice(FROM_THE_CEILING))
            user = dataclasses.replace(user, channel=PowerLimitedChannel(snr))
            needed.append(snr)
        users.append(user)
    band = (math.fsum(needed) or 1.0) * 10 ** random.uniform(0, 12)
    return instance.replace(users=tuple(users), bandwidth_hz=band)
