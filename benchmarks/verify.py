"""The agreement run: an exact method against the brute-force oracle on random tiny instances, by the thousand.

Run from the root of a source tree, where the oracle lives among the tests:

    python -m benchmarks.verify [--instances 2000] [--first-seed 0] [--method milp] [--workers 2]

Prints a table by feature and every disagreement with its seed. Exit status 1 when there is one.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.versions import versions
from tests.agreement import Disagreement, disagreement
from tests.random_instances import Features, features, random_instance

WIDTH = 120
CHUNK = 8
"""Instances handed to a worker at a time."""


class Outcome(NamedTuple):
    """One instance of the run."""

    seed: int
    found: Disagreement | None
    seconds: float
    """Of oracle, method and checker together."""


def main() -> int:
    """Run, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, default=2000)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--method", default=None)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    seeds = range(asked.first_seed, asked.first_seed + asked.instances)
    started = time.perf_counter()
    with ProcessPoolExecutor(asked.workers) as pool:
        outcomes = list(pool.map(_try, seeds, [asked.method] * len(seeds), chunksize=CHUNK))
    console = Console(width=WIDTH)
    console.print(_table(outcomes))
    wrong = [outcome for outcome in outcomes if outcome.found]
    for outcome in wrong:
        console.print(f"seed {outcome.seed}: {outcome.found}", highlight=False, soft_wrap=True)
    console.print(f"{len(outcomes) - len(wrong)} of {len(outcomes)} agree, {time.perf_counter() - started:.0f} s")
    console.print(versions(), highlight=False, soft_wrap=True)
    return 1 if wrong else 0


def _try(seed: int, method: str | None) -> Outcome:
    started = time.perf_counter()
    found = disagreement(random_instance(seed), method)
    return Outcome(seed, found, time.perf_counter() - started)


def _table(outcomes: list[Outcome]) -> Table:
    table = Table(*Features._fields, "count", "agreed", "largest difference", "seconds", "slowest")
    groups: dict[Features, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(features(outcome.seed), []).append(outcome)
    for kind in sorted(groups):
        table.add_row(*kind, *_cells(groups[kind]))
    table.add_section()
    table.add_row("all", *[""] * (len(Features._fields) - 1), *_cells(outcomes))
    return table


def _cells(outcomes: list[Outcome]) -> Iterable[str]:
    wrong = [outcome.found for outcome in outcomes if outcome.found]
    yield str(len(outcomes))
    yield str(len(outcomes) - len(wrong))
    yield f"{max((found.difference for found in wrong), default=0.0):.3g}"
    yield f"{sum(outcome.seconds for outcome in outcomes):.1f}"
    yield f"{max(outcome.seconds for outcome in outcomes):.2f}"


if __name__ == "__main__":
    sys.exit(main())
