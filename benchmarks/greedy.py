"""Speed of the greedy heuristics on a large instance in memory, against a limit.

    python -m partload.benchmarks.greedy [--requests 1000000]

The instance has a million requests for 1,000 models that share blocks. The limit holds for a common deadline, flat
channels and the slotted uplink. Smaller instances with other features are timed without a limit. Prints the best of
three runs, with versions and date. Exit status 1 when the limit is exceeded.
"""

from __future__ import annotations

import argparse
import sys
from typing import TypedDict

import numpy as np
from rich.console import Console
from rich.table import Table

from partload.benchmarks.timing import best_of
from partload.benchmarks.versions import versions
from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Residency, Server, Uplink
from partload.instances.problems import problem_of
from partload.solvers.methods import METHODS
from partload.solvers.registry import Limits

LIMIT_S = 3.0
REPEATS = 3
MODELS, BLOCKS, BLOCKS_PER_MODEL = 1000, 3000, 20
GREEDIES = ("greedy-sharing", "greedy-rate")


class Features(TypedDict, total=False):
    """Options of ``large_instance``."""

    kind: str
    spread: float
    uplink: Uplink
    residency: Residency
    memory_bytes: float


SMALLER: dict[str, Features] = {
    "individual deadlines": {"spread": 0.5},
    "pipelined": {"uplink": "pipelined"},
    "cached, memory for 50 models": {"residency": "cached", "memory_bytes": 50 * 20 * 5e7},
    "power-limited": {"kind": "power-limited"},
    "static": {"uplink": "static"},
}


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1_000_000)
    count = parser.parse_args().requests
    table = Table("features", "requests", "method", "served", "seconds", "limit")
    passed = True
    instance = large_instance(count, MODELS)
    for name in GREEDIES:
        passed &= _row(table, "common deadline", instance, name, LIMIT_S)
    for features, options in SMALLER.items():
        smaller = large_instance(count // 100, MODELS // 10, **options)
        for name in GREEDIES:
            _row(table, features, smaller, name, None)
    console = Console()
    console.print(table)
    console.print(versions(), highlight=False, soft_wrap=True)
    return 0 if passed else 1


def _row(table: Table, features: str, instance: Instance, name: str, limit: float | None) -> bool:
    """Time a method, and add a row. The cached arrays of the instance are computed before."""
    method = next(method for method in METHODS if method.name == name)
    _ = instance.arrays, instance.request_index
    seconds, outcome = best_of(REPEATS, lambda: method.run(instance, Limits()))
    in_time = limit is None or seconds <= limit
    limit_text = "" if limit is None else f"{limit:g}" + ("" if in_time else " exceeded")
    served = f"{problem_of(instance).objective(instance, outcome.plan):g}"
    table.add_row(features, str(len(instance.requests)), name, served, f"{seconds:.3f}", limit_text)
    return in_time


def large_instance(
    count: int,
    models: int,
    *,
    kind: str = "flat",
    spread: float = 0.0,
    uplink: Uplink = "slotted",
    residency: Residency = "previous",
    memory_bytes: float | None = None,
) -> Instance:
    """An instance whose deadlines leave time for about half of the requests.

    Parameters
    ----------
    count, models
        Numbers of requests and models. Every model has as many requests as the others.
    kind
        Kind of the channels: ``flat`` or ``power-limited``.
    spread
        Deadlines are uniform within this share of half of the time that all loads and uploads take together.
    uplink, residency, memory_bytes
        Features of the server.
    """
    random = np.random.default_rng(1)
    sizes = random.uniform(1e7, 1e8, BLOCKS)
    blocks = tuple(Block(f"b{j}", size) for j, size in enumerate(sizes.tolist()))
    chosen = [random.choice(BLOCKS, BLOCKS_PER_MODEL, replace=False).tolist() for _ in range(models)]
    catalogue = tuple(Model(f"m{i}", tuple(f"b{j}" for j in own), 1e-2, 1e-4) for i, own in enumerate(chosen))
    deadline = 0.5 * (models * sizes.mean() * BLOCKS_PER_MODEL / 1e9 + count * 1e-4)
    due = (deadline * random.uniform(1 - spread, 1 + spread, count)).tolist()
    quality = random.uniform(1, 6, count) if kind == "flat" else random.uniform(1e6, 1e8, count)
    channels = [FlatChannel(q) if kind == "flat" else PowerLimitedChannel(q) for q in quality.tolist()]
    requests = tuple(
        Request(f"r{k}", f"m{k % models}", 1e5, channel, d) for k, (channel, d) in enumerate(zip(channels, due))
    )
    server = Server(1e8, 1e9, uplink=uplink, residency=residency, memory_bytes=memory_bytes)
    return Instance(f"{kind}-{count}", server, blocks, catalogue, requests)


if __name__ == "__main__":
    sys.exit(main())
