"""Speed of the convex layer on repeated solves: other numbers in a problem of the same shape, verified each time.

Run it from the root of a source tree, since the random slots are in the tests:

    python -m partload.benchmarks.convex [--requests 20]

Prints a table with versions and date: the mean over the slots of the best of several passes. Exit status 1 when the
limit is exceeded.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from partload.benchmarks.versions import versions
from partload.formulations.goals import GOALS, GoalName
from partload.instances.channels import ChannelArrays, FlatChannel, PowerLimitedChannel
from partload.instances.partial_loading.instance import Instance, Model, Request, Server
from partload.instances.partial_loading.plan import Slot
from partload.solvers.partial_loading.bandwidth.convex import least_bandwidth, least_upload
from partload.solvers.partial_loading.bandwidth.leftover import best_division
from partload.solvers.partial_loading.bandwidth.slack import slack_of
from tests.support.convex_agreement import BAND_HZ, Kind, random_slot

LIMIT_S = 0.005
LIMITED_TO = 20
"""Most requests for which the limit holds."""
SLOTS, PASSES = 20, 5


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=LIMITED_TO)
    count = parser.parse_args().requests
    table = Table("problem", *(f"{kind} [ms]" for kind in get_args(Kind)), "limit [ms]", title=f"{count} requests")
    slots = {kind: [_slot(kind, count, seed) for seed in range(SLOTS)] for kind in get_args(Kind)}
    passed = True
    for name, problem in _problems().items():
        seconds = [_again([problem(*slot) for slot in slots[kind]]) for kind in slots]
        passed &= count > LIMITED_TO or max(seconds) <= LIMIT_S
        table.add_row(name, *(f"{1e3 * time:.1f}" for time in seconds), f"{1e3 * LIMIT_S:g}")
    console = Console()
    console.print(table)
    console.print(versions(), highlight=False, soft_wrap=True)
    return 0 if passed else 1


def _again(problems: list[Callable[[], object]]) -> float:
    """Mean over the problems of the best time of each [s]. A first pass, which is not timed, builds the problems."""
    times = np.empty((PASSES + 1, len(problems)))
    for row in times:
        for place, problem in enumerate(problems):
            started = time.perf_counter()
            problem()
            row[place] = time.perf_counter() - started
    return float(times[1:].min(axis=0).mean())


def _slot(kind: Kind, count: int, seed: int) -> tuple[ChannelArrays, NDArray[np.float64]]:
    """Channels and inputs [bit] of the first ``count`` requests of a random slot."""
    tries = (random_slot(seed * 1000 + n, kind, 2 * count) for n in range(1000))
    channel, bits = next((channel, bits) for channel, bits in tries if len(bits) >= count)
    return channel[np.arange(count)], bits[:count]


def _problems() -> dict[str, Callable[[ChannelArrays, NDArray[np.float64]], Callable[[], object]]]:
    """The convex problems, each from channels and inputs [bit]."""

    def ready(channel: ChannelArrays, bits: NDArray[np.float64]) -> Callable[[], object]:
        latest = np.full(len(bits), 1.5 * least_upload(channel, bits, BAND_HZ).time_s)
        return partial(least_bandwidth, channel, bits, latest, [str(k) for k in range(len(bits))])

    problems = {"least upload time": lambda channel, bits: partial(least_upload, channel, bits, BAND_HZ)}
    return problems | {"least bandwidth": ready} | {f"left over, {goal}": _left_over(goal) for goal in GOALS}


def _left_over(goal: GoalName) -> Callable[[ChannelArrays, NDArray[np.float64]], Callable[[], object]]:
    """One slot with three times the time that it needs; for max-min, the first of its problems."""

    def prepared(channel: ChannelArrays, bits: NDArray[np.float64]) -> Callable[[], object]:
        quickest = least_upload(channel, bits, BAND_HZ)
        kinds = (FlatChannel if flat else PowerLimitedChannel for flat in channel.flat)
        requests = tuple(
            Request(str(k), "m", size, kind(quality), 3 * quickest.time_s)
            for k, (kind, quality, size) in enumerate(zip(kinds, channel.quality.tolist(), bits.tolist()))
        )
        instance = Instance("one slot", Server(BAND_HZ, 1.0), (), (Model("m", (), 0.0, 0.0),), requests)
        slack = slack_of(instance, (Slot("m", tuple(request.id for request in requests)),))
        return partial(best_division, goal, slack, slack.free(), quickest.bandwidth_hz)

    return prepared


if __name__ == "__main__":
    sys.exit(main())
