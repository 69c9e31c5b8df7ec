"""Speed of the dynamic programmes on backbone sharing and nested prefixes, against limits.

    python -m partload.benchmarks.dynamic [--milp 30]

The instances are in memory. The time has the method's own check of its plan, but not the check by ``solve``. Each time
is the best of five runs, or of as many as fit into a second. Prints tables with wall time and CPU time, the latter for
machines that do other work too, and the peak of the memory of the process. Exit status 1 when a wall time exceeds its
limit. With ``--milp``, both programmes and the MILP solve generated instances, the MILP for that many seconds each.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import resource
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from partload.benchmarks.versions import versions
from partload.instances.channels import FlatChannel
from partload.instances.partial_loading.checker import objective
from partload.instances.partial_loading.generators import generate
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.solvers import solve
from partload.solvers.methods import method as registered
from partload.solvers.partial_loading.dynamic import unweighted as dynamic
from partload.solvers.partial_loading.dynamic import weighted as weighted_dynamic
from partload.solvers.registry import Limits, Outcome

MEMORY_LIMIT_BYTES = 1e9
WIDTH = 120
REPEATS = 5
REPEATED_S = 1.0
SHARES = (0.1, 0.5, 0.9)
"""Deadlines, as shares of the time to serve all requests."""
FAMILIES = (("backbone", 12, 40), ("nested", 12, 40), ("backbone", 20, 100), ("nested", 20, 100))
"""Family, models and requests of the instances for the comparison with the MILP."""
SEEDS = range(3)


class Case(NamedTuple):
    """Size of an instance, and limit on the time of the method."""

    requests: int
    models: int
    clusters: int
    depths: int
    """Depths of the prefixes in each cluster; 1 is backbone sharing."""
    limit_s: float


CASES = (
    Case(1_000, 50, 10, 1, 0.02),
    Case(1_000, 50, 5, 5, 0.05),
    Case(100_000, 1_000, 100, 1, 3.0),
    Case(100_000, 1_000, 1, 1, 3.0),
    Case(100_000, 1_000, 100, 5, 3.0),
    Case(100_000, 1_000, 1, 5, 3.0),
)


class Spent(NamedTuple):
    """Time of a run."""

    wall_s: float
    cpu_s: float


class Weights(NamedTuple):
    """Random weights: whole numbers up to ``most``, or any numbers when it is None; and the gap at which to stop."""

    name: str
    most: int | None
    gap: float


WEIGHTS = (Weights("1 to 10", 10, 0.0), Weights("1 to 100", 100, 0.0), Weights("any", None, 0.05))
WEIGHTED = (Case(100, 5, 1, 3, 1.0), Case(1_000, 50, 10, 1, 3.0), Case(1_000, 50, 5, 5, 3.0))


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--milp", type=float, help="compare with the MILP, with this many seconds for each instance")
    asked = parser.parse_args()
    console = Console(width=WIDTH)
    if asked.milp is not None:
        console.print(_against_milp(asked.milp))
        console.print(versions(), highlight=False, soft_wrap=True)
        return 0
    passed = [_counts(console), _weights(console)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    console.print(f"{peak / 1e6:.0f} MB at most, limit {MEMORY_LIMIT_BYTES / 1e6:.0f} MB", highlight=False)
    console.print(versions(), highlight=False, soft_wrap=True)
    return 0 if all(passed) and peak <= MEMORY_LIMIT_BYTES else 1


def _counts(console: Console) -> bool:
    """Equal weights: print a table, and return whether all runs kept their limit."""
    table = Table(
        "requests", "models", "clusters", "depths", "batch", "due", "served", "status", "seconds", "limit", "cpu"
    )
    passed = True
    for case in CASES:
        for most in (None, 10):
            for share in SHARES:
                instance = _with_deadline(case, most, share)
                spent, outcome = _best(lambda: _solved(instance))  # noqa: B023
                passed &= _row(
                    table, (*case[:4], most or "any", f"{share:.0%}", _served(outcome)), case, spent, outcome
                )
    console.print(table)
    return passed


def _weights(console: Console) -> bool:
    """Different weights: print a table, and return whether all runs kept their limit."""
    table = Table(
        "requests",
        "models",
        "clusters",
        "depths",
        "batch",
        "weights",
        "gap",
        "proved",
        "status",
        "seconds",
        "limit",
        "cpu",
    )
    passed = True
    for case in WEIGHTED:
        for most in (None, 10):
            for weights in WEIGHTS:
                instance = _weighted(_with_deadline(case, most, 0.5), weights)
                spent, outcome = _best(lambda: _solved_weighted(instance, weights.gap))  # noqa: B023
                bound = outcome.bound or 0.0
                proved = f"{(bound - objective(instance, outcome.plan)) / bound:.2g}"
                what = (*case[:4], most or "any", weights.name, f"{weights.gap:g}", proved)
                passed &= _row(table, what, case, spent, outcome)
    console.print(table)
    return passed


def _row(table: Table, what: tuple[object, ...], case: Case, spent: Spent, outcome: Outcome) -> bool:
    fast = spent.wall_s <= case.limit_s
    limit = f"{case.limit_s:g}" + ("" if fast else " exceeded")
    table.add_row(*map(str, what), outcome.termination, f"{spent.wall_s:.3f}", limit, f"{spent.cpu_s:.3f}")
    return fast and outcome.termination == "proved"


def _against_milp(limit_s: float) -> Table:
    """The table of generated instances, solved by a dynamic programme and by the MILP."""
    table = Table("family", "weights", "method", "proved", "seconds", "MILP proved", "MILP seconds", "MILP gap")
    for family, models, requests in FAMILIES:
        for weights, method in (("equal", "dynamic"), ("random", "weighted-dynamic")):
            made = [generate(family, models=models, requests=requests, seed=n, weights=weights) for n in SEEDS]
            mine = [solve(instance, method) for instance in made]
            milp = [solve(instance, "milp", time_limit=limit_s) for instance in made]
            name = f"{family} {models} x {requests}"
            row = [name, weights, method]
            for solutions in (mine, milp):
                row.append(f"{sum(s.status == 'optimal' for s in solutions)} of {len(solutions)}")
                row.append(f"{np.median([s.timing.total_s for s in solutions if s.timing]):.2g}")
            table.add_row(*row, f"{max(s.gap or 0.0 for s in milp):.2%}")
    return table


def build_instance(case: Case, most_in_batch: int | None, deadline_s: float) -> Instance:
    """An instance with requests spread at random over the models, and models evenly over the clusters."""
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
        Request(f"r{k}", f"m{asked[k]}", bits[k], FlatChannel(quality[k]), deadline_s) for k in range(case.requests)
    )
    return Instance(f"backbone-{case.requests}", Server(5e7, 5e9), tuple(blocks), models, requests)


@functools.cache
def _total_s(case: Case, most: int | None) -> float:
    """Time to serve all requests when no load overlaps an upload [s]."""
    instance = build_instance(case, most, deadline_s=1e6)
    upload = float(instance.arrays.spectrum_load.sum()) / instance.server.bandwidth_hz
    load = instance.size_of(block.id for block in instance.blocks) / instance.server.load_rate_bytes_per_s
    each = sum(instance.models[instance.model_index[r.model]].batch_per_request_s for r in instance.requests)
    return upload + load + each + sum(model.batch_setup_s for model in instance.models)


def _with_deadline(case: Case, most: int | None, share: float) -> Instance:
    """An instance whose deadline is a share of the time to serve all requests, with its arrays computed."""
    instance = build_instance(case, most, share * _total_s(case, most))
    instance.arrays, instance.request_index, instance.model_index, instance.block_sets  # noqa: B018
    return instance


def _weighted(instance: Instance, weights: Weights) -> Instance:
    """The instance with random weights."""
    random = np.random.default_rng(2)
    size = len(instance.requests)
    drawn = random.uniform(0.1, 10, size) if weights.most is None else random.integers(1, weights.most + 1, size)
    asked = (dataclasses.replace(r, weight=float(w)) for r, w in zip(instance.requests, drawn.tolist()))
    return instance.replace(requests=tuple(asked))


def _solved(instance: Instance) -> Outcome:
    assert not registered("partial-loading", "dynamic").unsupported(instance, Limits())
    return dynamic.run(instance, Limits())


def _solved_weighted(instance: Instance, gap: float) -> Outcome:
    assert not registered("partial-loading", "weighted-dynamic").unsupported(instance, Limits(gap=gap))
    return weighted_dynamic.run(instance, Limits(gap=gap))


def _served(outcome: Outcome) -> int:
    return sum(len(slot.requests) for slot in outcome.plan)


def _best(solved: Callable[[], Outcome]) -> tuple[Spent, Outcome]:
    """Least wall and CPU times of several runs, and the outcome."""
    runs: list[Spent] = []
    while len(runs) < REPEATS or sum(run.wall_s for run in runs) < REPEATED_S:
        wall, cpu = time.perf_counter(), time.process_time()
        outcome = solved()
        runs.append(Spent(time.perf_counter() - wall, time.process_time() - cpu))
    return Spent(min(run.wall_s for run in runs), min(run.cpu_s for run in runs)), outcome


if __name__ == "__main__":
    sys.exit(main())
