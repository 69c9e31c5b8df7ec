"""Speed of SLIDE for many users: least bandwidths, admission with its proof, and weighted admission.

    python -m partload.benchmarks.slide_admission [--users 1000000]

Every user can have any of 20 models of 50 layers each. Half of the users have an energy budget, half a power-limited
channel, and the band is enough for half of those who can be served. The instance is in memory. Its arrays are computed
once for all methods: they have rows of their own and do not count against the limit.

Prints the best of three runs and the peak of the memory of the process. Exit status 1 when the limit is exceeded.
"""

from __future__ import annotations

import argparse
import resource
import sys
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from partload.benchmarks.timing import best_of
from partload.benchmarks.versions import versions
from partload.instances.channels import Channel, FlatChannel, PowerLimitedChannel
from partload.instances.slide.frequency import least_bandwidths
from partload.instances.slide.instance import Choices, Downlink, Instance, Layer, Model, User, UserArrays
from partload.solvers.registry import Limits, Outcome
from partload.solvers.slide import admission, knapsack_dynamic
from partload.solvers.slide.baselines import (
    download_first,
    equal_bandwidth,
    full_speed,
    random_admission,
    smallest_model,
)

MODELS, LAYERS = 20, 50
LIMIT_S = 3.0
"""Limit on the time of admission, from the arrays to the plan and its bound."""
REPEATS = 3
BASELINES = (download_first, equal_bandwidth, full_speed, smallest_model, random_admission)
GAP = 1e-4
"""Gap for weights without a common divisor."""


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=1_000_000)
    count = parser.parse_args().users
    instance = with_half_a_band(unlimited_instance(count, np.ones(count)))
    table = Table("what", "users", "served", "bound", "ended", "seconds", "limit")
    for name, columns in (("arrays", UserArrays.of), ("choices of models", Choices.of)):
        table.add_row(name, str(count), "", "", "", f"{best_of(REPEATS, partial(columns, instance))[0]:.2f}", "")
    seconds, _ = best_of(REPEATS, partial(least_bandwidths, instance))
    table.add_row("least bandwidths", str(count), "", "", "", f"{seconds:.2f}", "")
    seconds = _row(table, "admission", instance, admission.run, Limits(), f"{LIMIT_S:g}")
    passed = seconds <= LIMIT_S
    for baseline in BASELINES:
        _row(table, baseline.__name__.rpartition(".")[2], instance, baseline.run, Limits())
    random = np.random.default_rng(2)
    for users in (count // 10, count):
        for what, weights, gap in (
            ("whole weights from 1 to 10", random.integers(1, 11, users).astype(float), 0.0),
            (f"any weights, gap {GAP:g}", random.uniform(1, 10, users), GAP),
        ):
            weighted = with_half_a_band(unlimited_instance(users, weights))
            _row(table, f"knapsack, {what}", weighted, knapsack_dynamic.run, Limits(gap=gap))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    console = Console(width=140)
    console.print(table)
    console.print(f"{peak / 1e9:.1f} GB at most, instances included", highlight=False)
    console.print(versions(), highlight=False, soft_wrap=True)
    return 0 if passed else 1


def unlimited_instance(count: int, weights: NDArray[np.float64]) -> Instance:
    """An instance in which every user may have any model. ``with_half_a_band`` sets its bandwidth."""
    random = np.random.default_rng(1)
    sizes, work = random.uniform(1e5, 1e6, (MODELS, LAYERS)), random.uniform(1e7, 1e8, (MODELS, LAYERS))
    models = tuple(
        Model(f"m{i}", tuple(map(Layer, size, flop)))
        for i, (size, flop) in enumerate(zip(sizes.tolist(), work.tolist()))
    )
    names = tuple(model.id for model in models)
    efficiency, snr = random.uniform(1, 6, count).tolist(), (10 ** random.uniform(8, 10, count)).tolist()
    deadline, speed = random.uniform(0.5, 3, count).tolist(), (10 ** random.uniform(9, 11, count)).tolist()
    energy = random.uniform(0.1, 2, count).tolist()

    def channel(k: int) -> Channel:
        return FlatChannel(efficiency[k]) if k % 2 else PowerLimitedChannel(snr[k])

    users = tuple(
        User(
            f"u{k}",
            names,
            channel(k),
            deadline[k],
            speed[k],
            weight=float(weights[k]),
            energy_budget_j=energy[k] if k % 4 < 2 else None,
            energy_coefficient=1e-29 if k % 4 < 2 else None,
        )
        for k in range(count)
    )
    return Instance(f"users-{count}", Downlink(1.0), models, users)


def with_half_a_band(instance: Instance) -> Instance:
    """The instance with a band for half of the users who can be served, and with its arrays computed."""
    least = np.sort(least_bandwidths(instance).bandwidth_hz)
    able = int(np.isfinite(least).sum())
    instance = instance.replace(bandwidth_hz=float(least[: able // 2].sum()))
    instance.arrays, instance.choices, instance.layers, instance.user_index, instance.model_index  # noqa: B018
    return instance


def _row(
    table: Table,
    what: str,
    instance: Instance,
    run: Callable[[Instance, Limits], Outcome],
    limits: Limits,
    limit: str = "",
) -> float:
    seconds, outcome = best_of(REPEATS, partial(run, instance, limits))
    bound = "" if outcome.bound is None else f"{outcome.bound:.10g}"
    served, ended = str(len(outcome.plan)), outcome.termination
    table.add_row(what, str(len(instance.users)), served, bound, ended, f"{seconds:.2f}", limit)
    return seconds


if __name__ == "__main__":
    sys.exit(main())
