"""Gaps of the upper bounds to the optimum, and speed of the combinatorial bound on large instances.

    python -m partload.benchmarks.bounds [--requests 100000] [--limit 60]

Prints a row for each instance of the library with a proved optimum, where the LP has ``--limit`` seconds. Then prints
the time of the combinatorial bound for every uplink and channel, the best of three runs, against its limit. Exit status
1 when the limit is exceeded or a bound is below an optimum.
"""

from __future__ import annotations

import argparse
import math
import sys
from functools import partial
from itertools import product
from typing import get_args

from rich.console import Console
from rich.table import Table

from partload import solvers
from partload.benchmarks.timing import best_of
from partload.benchmarks.versions import versions
from partload.instances import library
from partload.instances.partial_loading.generators import generate
from partload.instances.partial_loading.instance import Instance, Uplink
from partload.solvers.partial_loading.bounds.linear_relaxation import relaxation_bound

LIMIT_S = 5.0
"""Limit on the time of the combinatorial bound."""
REPEATS = 3
MODELS = 100


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each LP")
    asked = parser.parse_args()
    console = Console()
    tight, passed = closeness(asked.limit)
    console.print(tight)
    fast, in_time = speed(asked.requests)
    console.print(fast)
    console.print(versions(), highlight=False, soft_wrap=True)
    return 0 if passed and in_time else 1


def closeness(limit: float) -> tuple[Table, bool]:
    """The table of both bounds on the library, and whether no bound is below an optimum."""
    table = Table("instance", "optimum", "knapsacks", "LP", "weight", "seconds", "seconds, LP")
    passed = True
    for name in library.names("partial_loading"):
        known = library.known()[name]
        if known.status != "optimal":
            continue
        instance = library.load(name, Instance)
        seconds, knapsacks = best_of(1, partial(solvers.upper_bound, instance))
        lp_seconds, lp = best_of(1, partial(relaxation_bound, instance, limit))
        passed &= min(knapsacks, lp) >= known.best * (1 - 1e-9)
        weight = math.fsum(request.weight for request in instance.requests)
        values = (f"{value:.6g}" for value in (known.best, knapsacks, lp, weight))
        table.add_row(name, *values, f"{seconds:.3f}", f"{lp_seconds:.2f}")
    return table, passed


def speed(requests: int) -> tuple[Table, bool]:
    """The table of times of the combinatorial bound, and whether all are within the limit."""
    table = Table("uplink", "channel", "bound", "seconds", "limit", title=f"{MODELS} models, {requests} requests")
    slowest = 0.0
    for uplink, channel in product(get_args(Uplink), ("flat", "power-limited")):
        instance = generate(
            "general",
            models=MODELS,
            requests=requests,
            seed=1,
            uplink=uplink,
            channel=channel,
            deadlines="individual",
            weights="random",
        )
        solvers.upper_bound(instance)  # The first call computes the cached arrays of the instance.
        seconds, bound = best_of(REPEATS, partial(solvers.upper_bound, instance))
        slowest = max(slowest, seconds)
        table.add_row(uplink, channel, f"{bound:.6g}", f"{seconds:.2f}", f"{LIMIT_S:g}")
    return table, slowest <= LIMIT_S


if __name__ == "__main__":
    sys.exit(main())
