"""Gaps of local search after a second, compared with both greedy heuristics.

    python -m partload.benchmarks.local_search [--seconds 1] [--proof 60] [--leave-out]

The instances have a proved optimum. They are those of the library with at least 12 requests, 60 generated ones with 7
models and 16 requests (every family with every kind of feature), and larger ones: 10 with 20 models and 150 requests
that share backbones, and 20 of the family ``general`` with up to 100 models and 10,000 requests. The generated
instances are solved exactly first, with ``--proof`` seconds each, and left out without a proof. The file
``out/local-search-proved.json`` keeps the optima for the next run. Prints a row for each kind, with versions and date.
Exit status 1 when the mean gap of local search is above 1 %.

``--leave-out`` prints instead the effect of each move: the gaps without it, and with it alone, after ``STEPS`` steps.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import sys
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from partload import solvers
from partload.benchmarks.versions import versions
from partload.instances import library
from partload.instances.partial_loading.checker import objective
from partload.instances.partial_loading.generators import FAMILIES, generate
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from partload.instances.serialisation import sha256
from partload.solvers.partial_loading.constructive import greedy_rate, greedy_sharing
from partload.solvers.partial_loading.local_search.ruin import MOVES, Move
from partload.solvers.partial_loading.local_search.search import Annealing
from partload.solvers.registry import Limits

LIMIT = 0.01
"""Largest mean gap of local search."""
LEAST_REQUESTS = 12
METHODS = ("greedy-sharing", "greedy-rate", "local-search")
KEPT = Path("out/local-search-proved.json")
SIZE = {"models": 7, "requests": 16}
KINDS: dict[str, dict[str, object]] = {
    "one deadline, slotted": {"bandwidth": 10e6},
    "own deadlines, weights": {"deadlines": "individual", "weights": "random"},
    "cached, any, memory": {"residency": "cached", "visits": "any", "memory": 1.5},
    "pipelined": {"uplink": "pipelined", "bandwidth": 5e6},
    "static": {"uplink": "static"},
    "power-limited": {"channel": "power-limited", "bandwidth": 5e6},
    "batches of 2, latency": {"max_batch": 2, "load_latency": 0.01, "bandwidth": 10e6},
    "any": {"visits": "any", "bandwidth": 5e6},
    "pipelined, own deadlines": {"uplink": "pipelined", "deadlines": "individual", "bandwidth": 5e6},
    "cached, memory, weights": {"residency": "cached", "memory": 1.3, "weights": "random"},
    "pipelined, power-limited": {"uplink": "pipelined", "channel": "power-limited", "bandwidth": 5e6},
    "cached, batches of 3": {"residency": "cached", "memory": 1.5, "max_batch": 3, "bandwidth": 10e6},
}
LARGER: dict[str, tuple[str, dict[str, object]]] = {
    "backbone 20 x 150": ("backbone", {"models": 20, "requests": 150, "bandwidth": 10e6}),
    "the same, batches of 3": ("backbone", {"models": 20, "requests": 150, "bandwidth": 10e6, "max_batch": 3}),
    "general 32 x 200": ("general", {"models": 32, "requests": 200}),
    "the same, weights": ("general", {"models": 32, "requests": 200, "weights": "random", "integer": True}),
    "general 60 x 1,000": ("general", {"models": 60, "requests": 1_000}),
    "general 100 x 10,000": ("general", {"models": 100, "requests": 10_000}),
}
LARGER_SEEDS = 5
SEEDS, STEPS = 4, 300
"""Runs of each instance with each set of moves, and steps of each run."""


class Proved(NamedTuple):
    """An instance whose optimum is known."""

    kind: str
    instance: Instance
    optimum: float


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1.0, help="seconds of local search for each instance")
    parser.add_argument("--proof", type=float, default=60.0, help="seconds for each proof")
    parser.add_argument("--leave-out", action="store_true", help="print the effect of each move")
    asked = parser.parse_args()
    instances = [*shipped(), *drawn(asked.proof)]
    if asked.leave_out:
        leave_out(instances)
        return 0
    gaps = {method: [gap(one, method, asked.seconds) for one in instances] for method in METHODS}
    console = Console(width=140)
    console.print(_table(instances, gaps))
    console.print(versions(), highlight=False, soft_wrap=True)
    return 0 if statistics.mean(gaps["local-search"]) <= LIMIT else 1


def shipped() -> list[Proved]:
    """The proved instances of the library that are not tiny."""
    known = library.known()
    loaded = ((library.load(name, Instance), known[name]) for name in library.names("partial_loading") if name in known)
    return [
        Proved("library", instance, values.best)
        for instance, values in loaded
        if values.status == "optimal" and len(instance.requests) >= LEAST_REQUESTS
    ]


def drawn(seconds: float) -> list[Proved]:
    """The generated instances with a proof, by this run or an earlier one."""
    kept: dict[str, float | None] = json.loads(KEPT.read_text()) if KEPT.is_file() else {}
    found = []
    for kind, instance in generated():
        key = sha256(instance)
        if key not in kept:
            solution = solvers.solve(instance, time_limit=seconds)
            kept[key] = solution.objective if solution.status == "optimal" else None
            KEPT.parent.mkdir(exist_ok=True)
            KEPT.write_text(json.dumps(kept))
        optimum = kept[key]
        if optimum is not None:
            found.append(Proved(kind, instance, optimum))
    return found


def generated() -> Iterable[tuple[str, Instance]]:
    """An instance of every kind and family, each with another seed, and larger ones that fast exact methods prove."""
    for row, (kind, options) in enumerate(KINDS.items()):
        for column, family in enumerate(FAMILIES):
            yield kind, generate(family, **SIZE, **options, seed=len(FAMILIES) * row + column)
    for kind, (family, options) in LARGER.items():
        for seed in range(LARGER_SEEDS):
            yield kind, generate(family, **options, seed=seed)


def gap(one: Proved, method: str, seconds: float) -> float:
    """(optimum - value) / optimum."""
    solution = solvers.solve(one.instance, method, time_limit=seconds, seed=0)
    assert solution.objective is not None
    return (one.optimum - solution.objective) / one.optimum if one.optimum else 0.0


def leave_out(instances: list[Proved]) -> None:
    """Print the effect of each move, as Markdown."""
    print(versions(), end="\n\n")
    starts = [(one, _greedy(one.instance)) for one in instances]
    starts = [(one, plan) for one, plan in starts if objective(one.instance, plan) < one.optimum]
    print(f"{len(starts)} instances, {SEEDS} seeds, {STEPS} steps\n")
    print("| moves | mean gap | optimal | alone | optimal |\n|---|---|---|---|---|")
    print(f"| all | {_after(starts, MOVES)} | | |", flush=True)
    for name in MOVES:
        others = {other: move for other, move in MOVES.items() if other != name}
        print(f"| without `{name}` | {_after(starts, others)} | {_after(starts, {name: MOVES[name]})} |", flush=True)


def _greedy(instance: Instance) -> Plan:
    """The better plan of the two greedy heuristics."""
    plans = (greedy.run(instance, Limits()).plan for greedy in (greedy_rate, greedy_sharing))
    return max(plans, key=lambda plan: objective(instance, plan))


def _after(starts: list[tuple[Proved, Plan]], moves: dict[str, Move]) -> str:
    """Cells of the mean gap of local search with these moves, and of the number of runs at the optimum."""
    gaps = []
    for (one, plan), seed in itertools.product(starts, range(SEEDS)):
        annealing = Annealing(one.instance, plan, Random(seed), moves)
        found = annealing.best.weight
        for _ in range(STEPS):
            if found >= one.optimum * (1 - 1e-9):
                break
            found = annealing.step().weight
        gaps.append((one.optimum - found) / one.optimum)
    return f"{statistics.mean(gaps):.2%} | {sum(gap <= 1e-9 for gap in gaps)} of {len(gaps)}"


def _table(instances: list[Proved], gaps: dict[str, list[float]]) -> Table:
    table = Table("kind", "proved", *METHODS, caption="mean gap, worst gap, how many are optimal")
    kinds = list(dict.fromkeys(one.kind for one in instances))
    for kind in [*kinds, "all"]:
        chosen = [n for n, one in enumerate(instances) if kind in (one.kind, "all")]
        cells = (_cell([gaps[method][n] for n in chosen]) for method in METHODS)
        table.add_row(kind, str(len(chosen)), *cells)
    return table


def _cell(gaps: list[float]) -> str:
    optimal = sum(gap <= 1e-9 for gap in gaps)
    return f"{statistics.mean(gaps):.1%}, {max(gaps):.1%}, {optimal} of {len(gaps)}"


if __name__ == "__main__":
    sys.exit(main())
