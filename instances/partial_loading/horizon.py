"""A time by which every plan of an instance can have ended, whatever the deadlines say.

A deadline of 1e18 s means that there is none. In a model, such a number makes all others vanish in rounding, so models
are built with deadlines cut at the horizon H. The optimum stays the same:

*Slotted, pipelined.* Slots never wait for anything but loads, uploads, inference and arrivals, and for no arrival after
the last one, R. Every slot serves a request, at most one slot for each, so the last slot ends by R and the sum S over
all requests k of

    t0 + (bytes of J_{m(k)}) / V + up({k}) + alpha + beta,

since a slot loads at most its whole model, and uploads together take no longer than one after another. Requests that
would be late if they were served alone are in no plan and do not count.

*Static.* Bandwidths are constant, so a request that is due late may hold a narrow band for long. Let T be a time from
R + S on by which all requests together need at most a part ``SPARE`` of the band: sum_k b_k(D_k / (T - r_k)) is at most
SPARE B. Of a plan of any length, give those whose slots are ready after T the bandwidth for T instead: all together
they hold at most SPARE B more. After T only loads and inference are left, so it ends by H = T + S. Models leave a part
of the band free that is larger than ``SPARE``.
"""

from __future__ import annotations

import numpy as np

from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.uplink.discipline import Uploads

MARGIN = 1e-6
"""Relative safety of the sums."""


def horizon_s(instance: Instance) -> float:
    """H [s]; infinite where no double holds it, 0 where no request can be in time."""
    columns, server, models = instance.arrays, instance.server, instance.models
    setup = np.array([model.batch_setup_s for model in models], dtype=float)
    each = np.array([model.batch_per_request_s for model in models], dtype=float)
    size = np.array([instance.size_of(model.blocks) for model in models], dtype=float)
    with np.errstate(over="ignore"):
        load = np.where(size > 0, size / server.load_rate_bytes_per_s, 0.0) + server.load_latency_s
        alone = columns.alone_s(server.bandwidth_hz)
        inference = (setup + each)[columns.model]
        soonest = columns.arrival_s + alone + inference
        possible = np.flatnonzero(soonest <= columns.deadline_s * (1 + MARGIN))
        work = float(np.sum((load[columns.model] + alone + inference)[possible])) * (1 + MARGIN)
    if not len(possible):
        return 0.0
    uploads = Uploads(
        columns.channel[possible],
        columns.input_bits[possible],
        columns.deadline_s[possible],
        columns.arrival_s[possible] * (1 + MARGIN),  # Later is safer: the bound counts from the last arrival.
    )
    return instance.uplink_discipline.horizon_s(work, uploads, server.bandwidth_hz)
