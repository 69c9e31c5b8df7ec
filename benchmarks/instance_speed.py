"""Speed of the core data model on a large instance: reading, the timing model and the closed forms, against limits.

    python -m partload.benchmarks.instance_speed [--requests 100000]

Prints the best of five runs, with versions and date. Exit status 1 when a limit is exceeded.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path
from random import Random
from typing import get_args

import numpy as np
from rich.console import Console
from rich.table import Table

from partload.benchmarks.timing import best_of
from partload.benchmarks.versions import versions
from partload.instances.allocation import least_uploads
from partload.instances.channels import Channel, ChannelArrays, FlatChannel, PowerLimitedChannel, bandwidth_per_snr
from partload.instances.files import read, write
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Residency, Server, Uplink
from partload.instances.partial_loading.plan import Plan, Slot

READ_LIMIT_S = 2.0
CLOCK_LIMIT_S = 0.5
INVERSE_LIMIT_S, FLAT_LIMIT_S = 1.0, 0.1
CLOSED_FORMS = 1_000_000
"""Number of channels, and of requests that share a band, in one call."""
GROUP_SIZES = (50, CLOSED_FORMS)
REPEATS = 5
MODELS, BLOCKS, BLOCKS_PER_MODEL = 100, 300, 20
BATCHES = (1, 50)
"""Requests in a slot: the time of the timing model also depends on the number of slots."""


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100_000)
    count = parser.parse_args().requests
    table = Table("what", "channel", "residency", "uplink", "batch", "seconds", "limit", title=f"{count} requests")
    passed = True
    for kind in ("flat", "power-limited"):
        instance = _instance(count, kind)
        seconds = _reading(instance)
        passed &= _row(table, ("read", kind, "", "", ""), seconds, READ_LIMIT_S)
        for residency, uplink, batch in product(get_args(Residency), get_args(Uplink), BATCHES):
            case = instance.replace(residency=residency, uplink=uplink)
            plan = _plan(case, batch)
            seconds = _best(partial(clock.run, case, plan))
            passed &= _row(table, ("clock", kind, residency, uplink, str(batch)), seconds, CLOCK_LIMIT_S)
    closed = Table("what", "seconds", "limit", title=f"{CLOSED_FORMS} channels")
    passed &= _row(closed, ("inverse of the power-limited rate",), _best(_inverting()), INVERSE_LIMIT_S)
    for size in GROUP_SIZES:
        passed &= _row(closed, (f"flat band divided, groups of {size}",), _best(_dividing(size)), FLAT_LIMIT_S)
    console = Console()
    console.print(table)
    console.print(closed)
    console.print(versions(), highlight=False, soft_wrap=True)
    return 0 if passed else 1


def _row(table: Table, what: tuple[str, ...], seconds: float, limit: float) -> bool:
    table.add_row(*what, f"{seconds:.3f}", f"{limit:g}" + ("" if seconds <= limit else " exceeded"))
    return seconds <= limit


def _best(run: Callable[[], object]) -> float:
    return best_of(REPEATS, run)[0]


def _reading(instance: Instance) -> float:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "instance.json"
        write(instance, file)
        return _best(lambda: read(file))


def _inverting() -> Callable[[], object]:
    """Invert the power-limited rate at shares of its ceiling from 1e-12 to 1 - 1e-12, log-uniform at both ends."""
    tiny = 10 ** np.random.default_rng(1).uniform(-12, math.log10(0.5), CLOSED_FORMS)
    near = np.arange(CLOSED_FORMS) % 2 == 0
    share, headroom = np.where(near, 1 - tiny, tiny), np.where(near, tiny, 1 - tiny)
    return partial(bandwidth_per_snr, share, headroom)


def _dividing(size: int) -> Callable[[], object]:
    """Divide the whole band among each group of requests on flat channels."""
    random = np.random.default_rng(1)
    channel = ChannelArrays(np.ones(CLOSED_FORMS, dtype=bool), random.uniform(1, 6, CLOSED_FORMS))
    group = np.arange(CLOSED_FORMS) // size
    return partial(least_uploads, channel, random.uniform(1e4, 1e6, CLOSED_FORMS), group, CLOSED_FORMS // size, 1e7)


def _instance(count: int, kind: str) -> Instance:
    """An instance with as many requests for each of the models, which share blocks."""
    random = Random(1)

    def channel() -> Channel:
        return FlatChannel(random.uniform(1, 6)) if kind == "flat" else PowerLimitedChannel(random.uniform(1e5, 1e8))

    blocks = tuple(Block(f"b{j}", random.uniform(1e5, 1e6)) for j in range(BLOCKS))
    models = tuple(
        Model(f"m{i}", tuple(f"b{j}" for j in random.sample(range(BLOCKS), BLOCKS_PER_MODEL)), 1e-3, 1e-4)
        for i in range(MODELS)
    )
    requests = tuple(Request(f"r{k}", f"m{k % MODELS}", 1e5, channel(), 1e9) for k in range(count))
    return Instance(f"{kind}-{count}", Server(1e7, 1e9), blocks, models, requests)


def _plan(instance: Instance, batch: int) -> Plan:
    """A plan that serves every request, the models in turn. With a static uplink, all bandwidths are equal."""
    by_model: dict[str, list[str]] = {model.id: [] for model in instance.models}
    for request in instance.requests:
        by_model[request.model].append(request.id)
    share = instance.server.bandwidth_hz / len(instance.requests)
    slots = []
    for first in range(0, max(map(len, by_model.values())), batch):
        for model, names in by_model.items():
            chosen = tuple(names[first : first + batch])
            if chosen:
                shares = dict.fromkeys(chosen, share) if instance.server.uplink == "static" else None
                slots.append(Slot(model, chosen, bandwidth_hz=shares))
    return tuple(slots)


if __name__ == "__main__":
    sys.exit(main())
