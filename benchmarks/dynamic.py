"""How fast the dynamic programme is on backbone sharing and nested prefixes, against its limits.

    python -m benchmarks.dynamic

Instances are made in memory; the checker's pass over the final plan is part of the time, that of ``solve`` is not.
Prints a table, best of five, with the memory of the process at its highest. Exit status 1 when a limit is passed.
"""

from __future__ import annotations

import resource
import sys
import time
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.versions import versions
from instances.channels import FlatChannel
from instances.partial_loading.instance import Block, Instance, Model, Request, Server
from solvers.partial_loading import dynamic
from solvers.registry import Limits

MEMORY_LIMIT_BYTES = 1e9
REPEATS = 5
SHARES = (0.1, 0.5, 0.9)
"""Deadlines, as shares of the time that serving everybody takes."""


class Case(NamedTuple):
    """How large an instance is, and how long the method may take."""

    requests: int
    models: int
    clusters: int
    depths: int
    """Levels of each cluster; 1 is backbone sharing."""
    limit_s: float


CASES = (
    Case(1_000, 50, 10, 1, 0.02),
    Case(1_000, 50, 5, 5, 0.05),
    Case(100_000, 1_000, 100, 1, 3.0),
    Case(100_000, 1_000, 1, 1, 3.0),
    Case(100_000, 1_000, 100, 5, 3.0),
    Case(100_000, 1_000, 1, 5, 3.0),
)


def main() -> int:
    """Measure, print, and return the exit status."""
    table = Table("requests", "models", "clusters", "depths", "batch", "due", "served", "status", "seconds", "limit")
    passed = True
    for case in CASES:
        for most in (None, 10):
            everybody = made(case, most, share=1e6)
            for share in SHARES:
                instance = made(case, most, share * _everybody_s(everybody))
                instance.arrays, instance.request_index, instance.model_index, instance.block_sets  # noqa: B018
                seconds, served, status = _best(instance)
                fast = seconds <= case.limit_s
                passed &= fast and status == "proved"
                limit = f"{case.limit_s:g}" + ("" if fast else " passed")
                what = (*map(str, case[:4]), str(most or "any"), f"{share:.0%}", str(served), status)
                table.add_row(*what, f"{seconds:.4f}", limit)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    console = Console()
    console.print(table)
    console.print(f"{peak / 1e6:.0f} MB at most, limit {MEMORY_LIMIT_BYTES / 1e6:.0f} MB", highlight=False)
    console.print(versions(), highlight=False, soft_wrap=True)
    return 0 if passed and peak <= MEMORY_LIMIT_BYTES else 1


def made(case: Case, most_in_batch: int | None, share: float) -> Instance:
    """Requests spread at random over models, models over clusters; ``share`` is the deadline [s]."""
    random = np.random.default_rng(1)
    backbones = random.uniform(1e8, 5e8, case.clusters).tolist()
    layers = [[f"c{c}.{n}" for n in range(case.depths)] for c in range(case.clusters)]
    blocks = [Block(name, backbones[c] / case.depths) for c, names in enumerate(layers) for name in names]
    blocks += [Block(f"b{i}", size) for i, size in enumerate(random.uniform(1e6, 1e8, case.models).tolist())]
    setup, each = random.uniform(1e-3, 1e-2, case.models).tolist(), random.uniform(1e-4, 1e-3, case.models).tolist()
    depths = [1 + i // case.clusters % case.depths for i in range(case.models)]
    models = tuple(
        Model(f"m{i}", (*layers[i % case.clusters][: depths[i]], f"b{i}"), setup[i], each[i], max_batch=most_in_batch)
        for i in range(case.models)
    )
    asked = random.integers(case.models, size=case.requests).tolist()
    bits, quality = random.uniform(1e5, 1e6, case.requests).tolist(), random.uniform(1, 6, case.requests).tolist()
    requests = tuple(
        Request(f"r{k}", f"m{asked[k]}", bits[k], FlatChannel(quality[k]), share) for k in range(case.requests)
    )
    return Instance(f"backbone-{case.requests}", Server(5e7, 5e9), tuple(blocks), models, requests)


def _everybody_s(instance: Instance) -> float:
    """About how long serving everybody takes: as if no upload hid a load."""
    upload = float(instance.arrays.spectrum_load.sum()) / instance.server.bandwidth_hz
    load = instance.size_of(block.id for block in instance.blocks) / instance.server.load_rate_bytes_per_s
    each = sum(instance.models[instance.model_index[r.model]].batch_per_request_s for r in instance.requests)
    return upload + load + each + sum(model.batch_setup_s for model in instance.models)


def _best(instance: Instance) -> tuple[float, int, str]:
    """Least time of some runs [s], requests served, and how the method ended."""
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        assert not dynamic.lacks(instance, Limits())
        outcome = dynamic.run(instance, Limits())
        times.append(time.perf_counter() - started)
    return min(times), sum(len(slot.requests) for slot in outcome.plan), outcome.termination


if __name__ == "__main__":
    sys.exit(main())
