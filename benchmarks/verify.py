"""Agreement runs: exact methods against brute force, closed forms against convex problems, by the thousand.

Run it from the root of a source tree, since the brute force is in the tests:

    python -m partload.benchmarks.verify [--share 0.1] [--first-seed 0] [--workers 2]

Prints a table by run and kind of instance, and every disagreement with its seed. Exit status 1 for a disagreement.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from random import Random
from typing import NamedTuple

from rich.console import Console
from rich.progress import track
from rich.table import Column, Table

from partload.benchmarks.versions import versions
from partload.instances.partial_loading.instance import Instance, Uplink
from partload.instances.slide.instance import Frequency
from tests.support import agreement_gap, agreement_slide, random_slide
from tests.support.agreement import Comparison, Way, below, bounded, comparison, judged, order
from tests.support.convex_agreement import Kind, difference
from tests.support.model_orders import most_served, random_general, tiny_general
from tests.support.nasty.blind import UNIONS
from tests.support.nasty.comparison import compared
from tests.support.nasty.families import FAMILIES, Family, agreement
from tests.support.random_backbones import random_backbone, random_nested, random_weighted
from tests.support.random_cached import random_cached, random_union
from tests.support.random_instances import Channels, features, random_arrivals, random_instance
from tests.support.slide_speeds import KINDS, convex_energy, random_case, residual

WIDTH = 120
CHUNK = 4
"""Instances that a worker gets at a time."""
CONVEX_WITHIN = 1e-6
"""Largest relative difference, and optimality residual, of a convex solution."""
SPEEDS_WITHIN = 1e-9
"""Largest optimality residual of the speeds of layers."""

FLOWING: tuple[Uplink, ...] = ("slotted", "pipelined")
FLAT: tuple[Channels, ...] = ("flat",)
LIMITED: tuple[Channels, ...] = ("power-limited", "mixed")
LINEAR = (Way("milp", "highs"), Way("milp", "scip"), Way("tangents", "highs"), Way("minlp", "scip"))
NONLINEAR = (Way("tangents", "highs"), Way("minlp", "scip"))


Made = Callable[[int, tuple[Uplink, ...], tuple[Channels, ...], int], Instance]
"""Makes the instance of a seed, from uplinks, channels and the most requests."""


class Tried(NamedTuple):
    """One seed of a run."""

    seed: int
    kind: str
    """Kind of the instance, which is a row of the table."""
    found: Comparison
    seconds: float
    """Time of all ways of solving and the brute force together."""


class Run(NamedTuple):
    """A claim, and the number of seeds to try it on."""

    claim: str
    size: int
    attempt: Callable[[int], tuple[str, Comparison]]
    """From a seed to the kind of the instance and the comparison."""


def main() -> int:
    """Run, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=1.0, help="share of the seeds of each run")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    started = time.perf_counter()
    console, progress = Console(width=WIDTH), Console(stderr=True)
    table = Table("what agrees", "on", "count", "agreed", "largest difference", "seconds", "slowest")
    wrong: list[Tried] = []
    endings: Counter[tuple[str, str, str]] = Counter()
    total = 0
    with ProcessPoolExecutor(asked.workers) as pool:
        for run in RUNS:
            among = range(asked.first_seed, asked.first_seed + run.size)
            seeds = sorted(Random(asked.first_seed).sample(among, math.ceil(run.size * asked.share)))
            trials = pool.map(_try, [run.attempt] * len(seeds), seeds, chunksize=CHUNK)
            tried: list[Tried] = []
            for one in track(trials, run.claim, len(seeds), console=progress, transient=True):
                tried.append(one)
                for problem in one.found.problems:
                    progress.print(f"seed {one.seed}, {one.kind}: {problem}", highlight=False, soft_wrap=True)
            agreed = sum(not one.found.problems for one in tried)
            kinds = {one.kind for one in tried}
            what = kinds.pop() if len(kinds) == 1 else f"{len(kinds)} kinds"
            progress.print(f"{run.claim}, {what}: {agreed} of {len(tried)}", highlight=False, soft_wrap=True)
            for row in _rows(run.claim, tried):
                table.add_row(*row)
            table.add_section()
            wrong += [one for one in tried if one.found.problems]
            endings.update((one.kind, *ending) for one in tried for ending in one.found.endings)
            total += len(tried)
    console.print(table)
    console.print(_ending_table(endings))
    for one in wrong:
        for problem in one.found.problems:
            console.print(f"seed {one.seed}, {one.kind}: {problem}", highlight=False, soft_wrap=True)
    console.print(f"{total - len(wrong)} of {total} agree, {time.perf_counter() - started:.0f} s")
    console.print(versions(), highlight=False, soft_wrap=True)
    return 1 if wrong else 0


def _try(attempt: Callable[[int], tuple[str, Comparison]], seed: int) -> Tried:
    started = time.perf_counter()
    kind, found = attempt(seed)
    return Tried(seed, kind, found, time.perf_counter() - started)


def _rows(claim: str, tried: list[Tried]) -> Iterable[tuple[str, ...]]:
    for place, kind in enumerate(sorted({one.kind for one in tried})):
        group = [one for one in tried if one.kind == kind]
        yield (
            "" if place else claim,
            kind,
            str(len(group)),
            str(sum(not one.found.problems for one in group)),
            f"{max(one.found.difference for one in group):.2g}",
            f"{sum(one.seconds for one in group):.1f}",
            f"{max(one.seconds for one in group):.2f}",
        )


def _ending_table(endings: Counter[tuple[str, str, str]]) -> Table:
    """The numbers of runs with and without a proof, for ways of solving that may end without: a row for each kind."""
    ways = list(dict.fromkeys(way for _, way, _ in endings))
    heads = [way.replace("-", " ") for way in ways]
    columns = (Column(head, justify="right", min_width=max(map(len, head.split()))) for head in heads)
    table = Table(Column("proofs + others", no_wrap=True), *columns, box=None, padding=(0, 1, 0, 0))
    for kind in dict.fromkeys(kind for kind, _, _ in endings):
        cells = []
        for way in ways:
            every = sum(count for (k, w, _), count in endings.items() if (k, w) == (kind, way))
            proved = endings[kind, way, "optimal"] + endings[kind, way, "bound"]
            cells.append(f"{proved}+{every - proved}" if every > proved else str(every or ""))
        table.add_row(kind, *cells)
    return table


def _methods(
    ways: tuple[Way, ...],
    uplinks: tuple[Uplink, ...],
    channels: tuple[Channels, ...],
    most_requests: int,
    seed: int,
    made: Made = random_instance,
) -> tuple[str, Comparison]:
    """Compare ways of solving with the brute force."""
    drawn = features(seed, uplinks, channels)
    instance = made(seed, uplinks, channels, most_requests)
    return f"{drawn.channel}, {drawn.uplink}, {drawn.residency}", comparison(instance, ways)


def _sharing(made: Callable[[int], Instance], what: str, method: str, seed: int) -> tuple[str, Comparison]:
    """Compare a dynamic programme with the MILP and the brute force, on sharing that it supports."""
    instance = made(seed)
    return f"{what}, visits {instance.server.visits}", comparison(instance, (Way(method), Way("milp")))


def _sequence(seed: int) -> tuple[str, Comparison]:
    """Branch and cut over the order of models on an instance for the brute force."""
    instance = tiny_general(seed)
    return instance.name.partition("-")[0], comparison(instance, (Way("sequence"),))


def _label_setting(seed: int) -> tuple[str, Comparison]:
    """Label setting on an instance with residency ``previous``, half of them with arrivals."""
    made = random_arrivals if seed % 2 else random_instance
    instance = made(seed // 2, FLOWING, FLAT, 7).replace(residency="previous")
    kind = f"{instance.server.uplink}, visits {instance.server.visits}{', arrivals' if seed % 2 else ''}"
    return kind, comparison(instance, (Way("label-setting"),))


def _tool_switching(seed: int) -> tuple[str, Comparison]:
    """The dynamic programme over what is resident, with and without a limit of memory."""
    limited = seed % 4 > 0
    kind = "cached, memory" if limited else "cached, memory for all"
    return kind, comparison(random_cached(seed, limited), (Way("tool-switching"),))


def _set_union(seed: int) -> tuple[str, Comparison]:
    """Branch and bound over blocks, and its formulation; a third of the instances has ties within tolerances."""
    kind = "cached, memory for all, no uploads" + (", near ties" if seed % 3 == 1 else "")
    return kind, compared(random_union(seed), UNIONS)


def _orders(seed: int) -> tuple[str, Comparison]:
    """The same on an instance that is too large for the brute force, against all orders of its models."""
    instance = random_general(seed, models=6 + seed % 3, requests=20 + seed % 25)
    best = most_served(instance) * instance.requests[0].weight
    return f"general, {len(instance.models)} models", judged(instance, Way("sequence"), best)


def _order(
    uplinks: tuple[Uplink, ...], channels: tuple[Channels, ...], most_requests: int, seed: int
) -> tuple[str, Comparison]:
    """Compare the optima of the three uplinks, on an instance of the runs above."""
    drawn = features(seed, uplinks, channels)
    return f"{drawn.channel}, {drawn.residency}", order(random_instance(seed, uplinks, channels, most_requests))


def _bounded(
    made: Made, uplinks: tuple[Uplink, ...], channels: tuple[Channels, ...], most_requests: int, seed: int
) -> tuple[str, Comparison]:
    """Compare the combinatorial upper bound with the brute force."""
    drawn = features(seed, uplinks, channels)
    return f"{drawn.channel}, {drawn.uplink}", bounded(made(seed, uplinks, channels, most_requests))


def _below(made: Made, seed: int) -> tuple[str, Comparison]:
    """Compare every heuristic with the brute force; the difference is that of local search."""
    uplinks, channels = (*FLOWING, *STATIC_INSTANCES[0]), (*FLAT, *LIMITED)
    drawn = features(seed, uplinks, channels)
    return f"{drawn.channel}, {drawn.uplink}", below(made(seed, uplinks, channels, 6), seed)


def _convex(kind: Kind, seed: int) -> tuple[str, Comparison]:
    """Compare the least upload time of a random slot: the closed form, and a convex problem with checked conditions."""
    found = difference(seed, kind)
    problems = []
    if found.relative_difference > CONVEX_WITHIN:
        problems.append(f"closed form and convex optimum differ by {found.relative_difference:.2g}")
    if found.kkt > CONVEX_WITHIN:
        problems.append(f"optimality residual {found.kkt:.2g}")
    return f"{kind} slots, up to 50 requests", Comparison(found.relative_difference, tuple(problems))


def _speeds(seed: int) -> tuple[str, Comparison]:
    """Compare the speeds of a random device's layers: by the hull, and as a convex problem."""
    kind = KINDS[seed % len(KINDS)]
    case = random_case(seed, kind)
    speeds, least = case.speeds(), convex_energy(case)
    difference, kkt = abs(case.energy(speeds) - least) / least, residual(case, speeds)
    problems = []
    if not difference <= CONVEX_WITHIN:
        problems.append(f"energy of the hull and convex optimum differ by {difference:.2g}")
    if not kkt <= SPEEDS_WITHIN:
        problems.append(f"optimality residual {kkt:.2g}")
    return f"{kind}, up to 30 layers", Comparison(difference, tuple(problems))


def _slides(frequency: Frequency, weights: tuple[str, ...], seed: int) -> tuple[str, Comparison]:
    """Compare the exact methods of SLIDE with the brute force."""
    wanted = (frequency,), random_slide.CHANNELS, weights
    drawn = random_slide.features(seed, *wanted)
    kind = f"{drawn.channel}, {drawn.numbers}, {frequency}"
    return kind, agreement_slide.compared(random_slide.random_slide(seed, *wanted))


def _users(frequency: Frequency, seed: int) -> tuple[str, Comparison]:
    """Compare the least bandwidth of a random user: the closed form, and a convex problem with checked conditions."""
    found = agreement_slide.derivation(seed, frequency)
    problems = []
    if not found.relative_difference <= CONVEX_WITHIN:
        problems.append(f"closed form and convex optimum differ by {found.relative_difference:.2g}")
    if not found.kkt <= CONVEX_WITHIN:
        problems.append(f"optimality residual {found.kkt:.2g}")
    return f"{frequency}, up to 30 layers", Comparison(found.relative_difference, tuple(problems))


def _nasty(family: Family, seed: int) -> tuple[str, Comparison]:
    """Compare all exact methods, without warm start or bound, and the bounds, on an instance of a nasty family."""
    return family.name, agreement(family, seed)


EQUAL, OTHER = ("equal",), ("integers", "fractions")
"""Weights of SLIDE's users."""
Drawn = tuple[tuple[Uplink, ...], tuple[Channels, ...], int]
LINEAR_INSTANCES: Drawn = (FLOWING, FLAT, 8)
NONLINEAR_INSTANCES: Drawn = (FLOWING, LIMITED, 7)
STATIC_INSTANCES: Drawn = (("static",), (*FLAT, *LIMITED), 6)
"""Uplinks, channels and most requests of the instances of a run."""
RUNS = (
    Run("slot MILP = brute force", 2000, partial(_methods, (Way("milp"),), FLOWING, FLAT, 7)),
    Run(
        "dynamic programme = slot MILP = brute force", 2000, partial(_sharing, random_backbone, "backbones", "dynamic")
    ),
    Run("dynamic programme = slot MILP = brute force", 1000, partial(_sharing, random_nested, "nested", "dynamic")),
    Run(
        "the same with weights = slot MILP = brute force",
        500,
        partial(_sharing, random_weighted, "weights", "weighted-dynamic"),
    ),
    Run("sequence = brute force", 3000, _sequence),
    Run("sequence = all orders of models", 2000, _orders),
    Run("label-setting = brute force", 3000, _label_setting),
    Run("tool-switching = brute force", 2000, _tool_switching),
    Run("set-union = MILP = slot MILP, in the brackets of brute force", 2000, _set_union),
    Run("asked for a gap: plan <= brute force <= bound", 2000, agreement_gap.kept),
    Run("HiGHS = SCIP = tangents = joint = brute force", 320, partial(_methods, LINEAR, *LINEAR_INSTANCES)),
    Run("tangents = joint = brute force", 128, partial(_methods, NONLINEAR, *NONLINEAR_INSTANCES)),
    Run("tangents = joint = brute force", 144, partial(_methods, NONLINEAR, *STATIC_INSTANCES)),
    Run("slotted, static <= pipelined", 320, partial(_order, *LINEAR_INSTANCES)),
    Run("slotted <= pipelined", 128, partial(_order, *NONLINEAR_INSTANCES)),
    Run("slotted, static if flat <= pipelined", 144, partial(_order, *STATIC_INSTANCES)),
    Run("brute force <= upper bound", 1440, partial(_bounded, random_instance, FLOWING, (*FLAT, *LIMITED), 7)),
    Run("brute force <= upper bound", 576, partial(_bounded, random_instance, *STATIC_INSTANCES)),
    Run("heuristics <= brute force", 2016, partial(_below, random_instance)),
    *(
        Run(f"arrivals: {claim} = brute force", size, partial(_methods, ways, *drawn, made=random_arrivals))
        for claim, size, ways, drawn in (
            ("MILP = tangents = joint", 480, (LINEAR[0], *NONLINEAR), LINEAR_INSTANCES),
            ("tangents = joint", 256, NONLINEAR, NONLINEAR_INSTANCES),
            ("tangents = joint", 288, NONLINEAR, STATIC_INSTANCES),
        )
    ),
    Run(
        "arrivals: brute force <= upper bound", 1440, partial(_bounded, random_arrivals, FLOWING, (*FLAT, *LIMITED), 7)
    ),
    Run("arrivals: brute force <= upper bound", 576, partial(_bounded, random_arrivals, *STATIC_INSTANCES)),
    Run("arrivals: heuristics <= brute force", 2016, partial(_below, random_arrivals)),
    Run("closed form = convex optimum", 1000, partial(_convex, "flat")),
    Run("closed form = convex optimum", 1000, partial(_convex, "power-limited")),
    Run("speeds of layers = convex optimum", 1002, _speeds),
    Run("SLIDE: admission = MILP = joint MINLP = brute force", 504, partial(_slides, "per-device", EQUAL)),
    Run("SLIDE: admission = MILP = joint MINLP = brute force", 252, partial(_slides, "per-layer", EQUAL)),
    Run("the same with weights", 216, partial(_slides, "per-device", OTHER)),
    Run("the same with weights", 216, partial(_slides, "per-layer", OTHER)),
    Run("least bandwidth = convex optimum", 1000, partial(_users, "per-device")),
    Run("least bandwidth = convex optimum", 1000, partial(_users, "per-layer")),
    *(Run("methods without warm start or bound agree", 960, partial(_nasty, family)) for family in FAMILIES.values()),
)
"""The number of instances of a run is a multiple of the number of combinations of their features."""


if __name__ == "__main__":
    sys.exit(main())
