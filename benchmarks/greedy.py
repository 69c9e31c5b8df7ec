"""How fast the greedies are on a large instance in memory, each against its limit.

    python -m partload.benchmarks.greedy [--requests 1000000]

A million requests for 1,000 models that share blocks. The limit holds for a common deadline, flat channels and the
slotted uplink; with other features it is printed how long a smaller instance takes. Best of three, with versions and
date. Exit status 1 when the limit is passed.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from partload.benchmarks.versions import versions
from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.instances.problems import problem_of
from partload.solvers.methods import METHODS
from partload.solvers.registry import Limits

LIMIT_S = 3.0
REPEATS = 3
MODELS, BLOCKS, BLOCKS_PER_MODEL = 1000, 3000, 20
GREEDIES = ("greedy-sharing", "greedy-rate")
SMALLER: dict[str, dict[str, Any]] = {
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
    instance = large(count, MODELS)
    for name in GREEDIES:
        passed &= _row(table, "common deadline", instance, name, LIMIT_S)
    for features, options in SMALLER.items():
        smaller = large(count // 100, MODELS // 10, **options)
        for name in GREEDIES:
            _row(table, features, smaller, name, None)
    console = Console()
    console.print(table)
    console.print(versions(), highlight=False, soft_wrap=True)
    return 0 if passed else 1


def _row(table: Table, features: str, instance: Instance, name: str, limit: float | None) -> bool:
    """Best time of a method; the columns of an instance are made when it is first used, and once."""
    method = next(method for method in METHODS if method.name == name)
    _ = instance.arrays, instance.request_index
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        plan = method.run(instance, Limits()).plan
        times.append(time.perf_counter() - started)
    kept = limit is None or min(times) <= limit
    stated = "" if limit is None else f"{limit:g}" + ("" if kept else " passed")
    served = f"{problem_of(instance).objective(instance, plan):g}"
    table.add_row(features, str(len(instance.requests)), name, served, f"{min(times):.3f}", stated)
    return kept


def large(count: int, models: int, *, kind: str = "flat", spread: float = 0.0, **server: Any) -> Instance:
    """Requests spread evenly over models, with time for about half of them.

    The time is what half of the loads and of the uploads take one after the other; ``spread`` varies it by request.
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
    return Instance(f"{kind}-{count}", Server(1e8, 1e9, **server), blocks, catalogue, requests)


if __name__ == "__main__":
    sys.exit(main())
