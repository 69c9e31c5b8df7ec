"""How fast the method ``label-setting`` proves optima: deadlines, arrivals, pipelined uplinks, visits ``any``.

    python -m partload.benchmarks.label_setting [--seeds 5] [--time-limit 60] [--no-prices]

Instances are those of the generator ``general``, and two of the library. The search runs in this process, from the
instance to the proof. Prints a row for each case: how many are proved, and the median and longest seconds of the
processor and of the clock on the wall. ``--no-prices`` leaves all prices at zero, so that memories alone tighten the
relaxation. Exit status 1 when an instance is not proved within the limit.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import time
from collections.abc import Mapping
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from partload.benchmarks.versions import versions
from partload.instances import library
from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.generators import generate
from partload.instances.partial_loading.instance import Instance
from partload.solvers.exact.task import met
from partload.solvers.partial_loading.label_setting import search
from partload.solvers.partial_loading.label_setting.search import Search

DUE: Mapping[str, object] = {"deadlines": "individual", "weights": "random"}
CASES: tuple[tuple[str, int, int, Mapping[str, object]], ...] = (
    ("deadlines, weights", 10, 30, DUE),
    ("deadlines, weights", 20, 60, DUE),
    ("deadlines, weights, arrivals", 10, 30, {**DUE, "arrivals": 0.5}),
    ("deadlines, weights, pipelined", 10, 30, {**DUE, "uplink": "pipelined"}),
    ("pipelined", 12, 40, {"uplink": "pipelined"}),
    ("visits any", 12, 40, {"visits": "any"}),
)
LIBRARY = ("lora-10x40", "v100-vision")


class Run(NamedTuple):
    """One instance, solved."""

    proved: bool
    wall_s: float
    cpu_s: float


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5, help="instances of each size")
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds for each")
    parser.add_argument("--no-prices", action="store_true", help="leave all prices at zero")
    asked = parser.parse_args()
    if asked.no_prices:
        search.PRICES = 0
    table = Table("instances", "models", "requests", "proved", "cpu, median", "longest", "wall, median", "longest")
    passed = True
    for what, models, requests, options in CASES:
        made = [generate("general", models=models, requests=requests, seed=n, **options) for n in range(asked.seeds)]
        passed &= _row(table, what, made, asked.time_limit)
    for name in LIBRARY:
        instance = library.load(name)
        assert isinstance(instance, Instance)
        passed &= _row(table, name, [instance], asked.time_limit)
    console = Console(width=120)
    console.print(table)
    console.print(versions(), highlight=False, soft_wrap=True)
    return 0 if passed else 1


def _row(table: Table, what: str, instances: list[Instance], time_limit: float) -> bool:
    """Solve the instances of a case; whether all are proved."""
    runs = [solved(instance, time_limit) for instance in instances]
    numbers = [
        f"{pick(times):.2f}" for times in zip(*(run[:0:-1] for run in runs)) for pick in (statistics.median, max)
    ]
    size = str(len(instances[0].models)), str(len(instances[0].requests))
    table.add_row(what, *size, f"{sum(run.proved for run in runs)} of {len(runs)}", *numbers)
    return all(run.proved for run in runs)


def solved(instance: Instance, time_limit: float) -> Run:
    """Solve an instance; the checker accepts its plan."""
    since, cpu = time.perf_counter(), time.process_time()
    one = Search(instance, lambda: None, lambda served, bound: met(served, bound, 0.0), until=since + time_limit)
    with contextlib.suppress(TimeoutError):
        one.run()
    assert one.contradiction is None
    assert check_plan(instance, one.plan).feasible
    return Run(met(one.served, one.bound, 0.0), time.perf_counter() - since, time.process_time() - cpu)


if __name__ == "__main__":
    sys.exit(main())
