"""How fast the method ``sequence`` proves optima on general sharing, against its limits.

    python -m partload.benchmarks.sequence [--seeds 5] [--time-limit 60]

Instances are those of the generator ``general``: as they are by default, where much of the time goes into uploads; with
five and twenty times the bandwidth, where loads decide and the order of models matters most; with limits on batches and
memory; and components that share nothing with each other. A second generator makes the tree of fine-tuning. The search
runs in this process, from the instance to the proof. Prints a row for each instance, with the seconds of the clock on
the wall and of the processor, and for each size the median. Exit status 1 when a limit is passed by the clock on the
wall.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import statistics
import sys
import time
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from partload.benchmarks.fine_tuning_tree import fine_tuning_tree
from partload.benchmarks.versions import versions
from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.generators import generate
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from partload.solvers.partial_loading.sequence.branch_and_cut import BranchAndCut

WIDTH = 120
EACH_S = 60.0
"""Limit for a single instance [s]."""


Make = Callable[[int, int, int], Instance]
"""An instance for numbers of models and requests, and a seed."""


class Case(NamedTuple):
    """A size, and what is asked of it."""

    what: str
    models: int
    requests: int
    median_s: float | None
    """Limit for the median time to proof; None where there is none."""
    gap: float = 0.0
    """Gap that is near enough within ``EACH_S``."""
    make: Make | None = None
    """The generator; None for ``general`` as it is by default."""
    components: int = 1
    """Such instances side by side in one, each with its models and requests."""


def general(**options: float) -> Make:
    """The family ``general`` with some options."""
    return lambda models, requests, seed: generate("general", models=models, requests=requests, seed=seed, **options)


def weighted(models: int, requests: int, seed: int) -> Instance:
    """An instance of the family ``general`` with whole weights from 1 to 10."""
    instance, draw = general()(models, requests, seed), Random(seed)
    return instance.replace(
        requests=tuple(dataclasses.replace(r, weight=float(draw.randint(1, 10))) for r in instance.requests)
    )


WIDE, WIDEST = general(bandwidth=1e8), general(bandwidth=4e8)
LIMITED = general(max_batch=4, memory=1.1, load_latency=0.02)
CASES = (
    Case("general", 20, 100, 0.3),
    Case("general", 32, 200, 1.0),
    Case("general", 60, 1_000, 4.0),
    Case("general", 100, 10_000, 10.0),
    Case("general", 200, 100_000, None, gap=0.001),
    Case("wide band", 20, 100, 0.3, make=WIDE),
    Case("wide band", 32, 200, 1.0, make=WIDE),
    Case("wide band", 60, 1_000, 4.0, make=WIDE),
    Case("wide band", 100, 10_000, 10.0, make=WIDE),
    Case("widest band", 60, 1_000, 4.0, make=WIDEST),
    Case("widest band", 100, 10_000, None, gap=0.005, make=WIDEST),
    Case("tree", 20, 100, 0.3, make=fine_tuning_tree),
    Case("tree", 32, 200, 1.0, make=fine_tuning_tree),
    Case("tree", 60, 1_000, 4.0, make=fine_tuning_tree),
    Case("tree", 100, 10_000, 10.0, make=fine_tuning_tree),
    Case("tree", 200, 100_000, None, gap=0.001, make=fine_tuning_tree),
    Case("limited", 32, 200, 10.0, make=LIMITED),
    Case("weights", 32, 200, 10.0, make=weighted),
    Case("components", 10, 200, None, gap=0.001, components=100),
)


class Run(NamedTuple):
    """One instance, solved."""

    plan: Plan
    served: int
    bound: int
    explored: int
    wall_s: float
    cpu_s: float

    @property
    def gap(self) -> float:
        """(bound - served) / bound."""
        return (self.bound - self.served) / self.bound if self.bound else 0.0


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5, help="instances of each size")
    parser.add_argument("--time-limit", type=float, default=EACH_S, help="seconds for each")
    asked = parser.parse_args()
    console = Console(width=WIDTH)
    table = Table("instances", "models", "requests", "seed", "served", "bound", "parts", "seconds", "cpu", "limit")
    passed = True
    for case in CASES:
        runs = []
        for seed in range(asked.seeds if case.components == 1 else 1):
            run = solved(instance_of(case, seed), asked.time_limit)
            runs.append(run)
            near = run.gap <= case.gap
            passed &= near
            limit = f"{EACH_S:g}" + ("" if near else f" passed, gap {run.gap:.2%}")
            bound = "proved" if run.gap == 0 else f"{run.bound} ({run.gap:.3%})"
            table.add_row(
                *map(str, (case.what, case.models * case.components, case.requests * case.components, seed)),
                *(str(run.served), bound, str(run.explored), f"{run.wall_s:.2f}", f"{run.cpu_s:.2f}", limit),
            )
        passed &= _median(table, case, runs)
    console.print(table)
    console.print(versions(), highlight=False, soft_wrap=True)
    return 0 if passed else 1


def _median(table: Table, case: Case, runs: list[Run]) -> bool:
    """The row of the medians of a case; whether the limit is kept."""
    wall, cpu = (statistics.median(times) for times in zip(*((run.wall_s, run.cpu_s) for run in runs)))
    kept = case.median_s is None or wall <= case.median_s
    limit = "" if case.median_s is None else f"{case.median_s:g}" + ("" if kept else " passed")
    table.add_row("", "", "", "median", "", "", "", f"{wall:.2f}", f"{cpu:.2f}", limit, end_section=True)
    return kept


def solved(instance: Instance, time_limit: float) -> Run:
    """Solve an instance; the checker accepts its plan."""
    since, cpu = time.perf_counter(), time.process_time()
    tree = BranchAndCut(instance, lambda: None, lambda served, bound: served >= bound, since + time_limit)
    with contextlib.suppress(TimeoutError):
        tree.run()
    wall_s, cpu_s = time.perf_counter() - since, time.process_time() - cpu
    run = Run(tree.incumbent.plan, tree.incumbent.served, tree.bound, tree.explored, wall_s, cpu_s)
    assert tree.contradiction is None
    assert check_plan(instance, run.plan).feasible
    return run


def instance_of(case: Case, seed: int) -> Instance:
    """The instance of a case and a seed."""
    make = case.make or general()
    made = [make(case.models, case.requests, seed * case.components + n) for n in range(case.components)]
    return made[0] if len(made) == 1 else side_by_side(made)


def side_by_side(made: list[Instance]) -> Instance:
    """Instances as components of one: they share the server and no block, and the deadline is the sum of theirs."""
    due = sum(part.requests[0].deadline_s for part in made)
    blocks = [dataclasses.replace(b, id=f"{n}.{b.id}") for n, part in enumerate(made) for b in part.blocks]
    models = [
        dataclasses.replace(m, id=f"{n}.{m.id}", blocks=tuple(f"{n}.{b}" for b in m.blocks))
        for n, part in enumerate(made)
        for m in part.models
    ]
    requests = [
        dataclasses.replace(r, id=f"{n}.{r.id}", model=f"{n}.{r.model}", deadline_s=due)
        for n, part in enumerate(made)
        for r in part.requests
    ]
    return made[0].replace(
        name=f"components-{len(made)}", blocks=tuple(blocks), models=tuple(models), requests=tuple(requests)
    )


if __name__ == "__main__":
    sys.exit(main())
