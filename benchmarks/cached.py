"""How fast cached residency is proved: set-union knapsacks, and job sequencing with tool switching.

    python -m partload.benchmarks.cached [--seeds 3] [--time-limit 120]

*Set-union knapsack*: 85 models with one request each over 100 blocks, memory for all of them. A model uses each block
with a chance of 10 or 15 %; sizes and weights are whole numbers from 1 to 500; the deadline is the time to load 75
or 85 % of all bytes. *Tool switching*: 10 models with one request each over 10 unit blocks, memory for 4 to 7; the
deadline is the time of the least loads that serve all, k, and then of k - 1. Exit status 1 when something
is not proved.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from partload import solvers
from partload.benchmarks.versions import versions
from partload.instances.channels import FlatChannel
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server

SHARES = ((0.10, 0.75), (0.15, 0.85))
"""Chance that a model uses a block, and share of all bytes that the deadline allows."""
METHODS = {"set-union": "set-union", "tool switching": "tool-switching"}


def set_union(seed: int, density: float, share: float, models: int = 85, blocks: int = 100) -> Instance:
    """A set-union knapsack, drawn as the instances of the literature are."""
    random = np.random.default_rng(seed)
    sizes = random.integers(1, 501, blocks)
    weights = random.integers(1, 501, models)
    uses = random.random((models, blocks)) < density
    due = float(int(share * sizes.sum()))
    made = [_model(i, np.flatnonzero(uses[i])) for i in range(models)]
    return _instance(f"set-union-{seed}", made, sizes.tolist(), weights.tolist(), due, None)


def tool_switching(seed: int, capacity: int, due: float, models: int = 10, blocks: int = 10) -> Instance:
    """Jobs with 2 to 4 unit tools, for a magazine of some capacity."""
    random = np.random.default_rng(seed)
    made = [_model(i, random.choice(blocks, random.integers(2, 5), replace=False)) for i in range(models)]
    return _instance(f"tool-switching-{seed}", made, [1] * blocks, [1] * models, due, float(capacity))


def _model(number: int, blocks: NDArray[np.int64]) -> Model:
    return Model(f"m{number}", tuple(f"b{j}" for j in sorted(blocks.tolist())), 0.0, 0.0)


def _instance(
    name: str, models: list[Model], sizes: list[int], weights: list[int], due: float, memory: float | None
) -> Instance:
    """One request without input for each model; the server loads one byte per second."""
    return Instance(
        name=name,
        server=Server(bandwidth_hz=1.0, load_rate_bytes_per_s=1.0, memory_bytes=memory, residency="cached"),
        blocks=tuple(Block(f"b{j}", float(size)) for j, size in enumerate(sizes)),
        models=tuple(models),
        requests=tuple(
            Request(f"r{i}", model.id, 0.0, FlatChannel(1.0), due, float(weight))
            for i, (model, weight) in enumerate(zip(models, weights))
        ),
    )


def least_due(seed: int, capacity: int) -> float:
    """The least whole deadline by which all are served, by bisection over proved optima."""
    none, all_served = 0.0, 10.0 * 4
    while all_served - none > 1:
        due = float((none + all_served) // 2)
        solution = solvers.solve(tool_switching(seed, capacity, due), "tool-switching")
        if solution.objective == 10:
            all_served = due
        else:
            none = due
    return all_served


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3, help="instances of each kind")
    parser.add_argument("--time-limit", type=float, default=120.0, help="seconds for each")
    asked = parser.parse_args()
    table = Table("instances", "what", "seed", "weight", "bound", "seconds")
    proved = True
    for kind, what, seed, instance in _cases(asked.seeds):
        since = time.perf_counter()
        solution = solvers.solve(instance, METHODS[kind], time_limit=asked.time_limit)
        proved &= solution.status == "optimal"
        seconds = f"{time.perf_counter() - since:.2f}"
        table.add_row(kind, what, str(seed), f"{solution.objective:g}", f"{solution.bound:g}", seconds)
    console = Console(width=100)
    console.print(table)
    console.print(versions(), highlight=False, soft_wrap=True)
    return 0 if proved else 1


def _cases(seeds: int) -> list[tuple[str, str, int, Instance]]:
    found = []
    for seed in range(1, seeds + 1):
        for capacity in (4, 5, 6, 7):
            least = least_due(seed, capacity)
            for due in (least, least - 1):
                what = f"memory for {capacity}, {due:g} loads"
                found.append(("tool switching", what, seed, tool_switching(seed, capacity, due)))
    for density, share in SHARES:
        for seed in range(1, seeds + 1):
            found.append(("set-union", f"{density:.0%}, {share:.0%}", seed, set_union(seed, density, share)))
    return found


if __name__ == "__main__":
    sys.exit(main())
