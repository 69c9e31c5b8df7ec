"""Time of the slot formulation to prove an optimum, and the effect of each of its tightenings.

    python -m partload.benchmarks.slot [--seeds 10] [--limit 60] [--leave-out]

Instances: `generate general` with 9 models and 30 requests, 12 and 40, 20 and 100; general sharing, one deadline,
residency `previous`, visits `once`, uplink `slotted`. Prints Markdown tables, each row when it is done.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Collection

from partload.benchmarks.versions import versions
from partload.formulations.partial_loading.slot import formulation as slot
from partload.formulations.partial_loading.slot.valid_inequalities import TIGHTENINGS
from partload.instances import library
from partload.instances.partial_loading.generators import generate
from partload.instances.partial_loading.instance import Instance
from partload.solvers.bound_rounding import safe_bound
from partload.solvers.engines import highs
from partload.solvers.engines.engine import Budget
from partload.solvers.engines.matrix import MatrixForm, matrix_form

SIZES = ((9, 30), (12, 40), (20, 100))
LEAVE_OUT_SIZE = (12, 40)
LEAVE_OUT_SEEDS = 5
LEAVE_OUT_NAMES = ("edge-demo", "nested-12x36", "v100-resnet50")
"""Instances of the library in which whole families share blocks, with equal weights like the generated ones."""


def main() -> int:
    """Run the tables and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10, help="instances per row")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds per instance")
    parser.add_argument("--leave-out", action="store_true", help="also leave out each tightening (half an hour)")
    asked = parser.parse_args()
    print(versions(), end="\n\n")
    _header("models | requests", asked.limit)
    for models, requests in SIZES:
        rows = [row(general(models, requests, seed), tuple(TIGHTENINGS), asked.limit) for seed in range(asked.seeds)]
        print(f"| {models} | {requests} | {summary(rows)} |", flush=True)
    if asked.leave_out:
        leave_out(asked.limit)
    return 0


def leave_out(limit: float) -> None:
    """Print the tables of the effect of each tightening."""
    models, requests = LEAVE_OUT_SIZE
    drawn = [general(models, requests, seed) for seed in range(LEAVE_OUT_SEEDS)]
    _leave_out(f"{models} models, {requests} requests, {LEAVE_OUT_SEEDS} instances per row", drawn, limit)
    shipped = [library.load(name, Instance) for name in LEAVE_OUT_NAMES]
    _leave_out(f"{', '.join(LEAVE_OUT_NAMES)}", shipped, limit)


def _leave_out(title: str, instances: list[Instance], limit: float) -> None:
    print(f"\n{title}\n")
    _header("tightenings", limit)
    variants: dict[str, Collection[str]] = {"all": tuple(TIGHTENINGS)}
    variants |= {f"without `{name}`": set(TIGHTENINGS) - {name} for name in TIGHTENINGS}
    variants["none"] = ()
    for name, tightenings in variants.items():
        rows = [row(instance, tightenings, limit) for instance in instances]
        print(f"| {name} | {summary(rows)} |", flush=True)


def _header(first: str, limit: float) -> None:
    columns = (first, "slots", f"proved in {limit:g} s", "median s", "slowest s", "LP bound over proved bound")
    names = " | ".join(columns)
    print(f"| {names} |")
    print("|" + "---|" * len(names.split(" | ")), flush=True)


def general(models: int, requests: int, seed: int) -> Instance:
    """An instance of a row."""
    return generate("general", models=models, requests=requests, seed=seed)


def row(instance: Instance, tightenings: Collection[str], limit: float) -> tuple[int, bool, float, float]:
    """Number of slots, whether the optimum is proved, time [s], and LP bound / proved bound."""
    before = time.perf_counter()
    model = slot.build(instance, tightenings=tightenings).model
    form = matrix_form(model)
    result = _run(form, limit)
    seconds = time.perf_counter() - before
    form.integer[:] = False
    relaxation = _run(form, None).bound
    return len(model.SLOTS), result.finished, seconds, relaxation / safe_bound(result.bound, 1.0)


def _run(form: MatrixForm, limit: float | None) -> highs.MilpOutcome:
    """Solve without a warm start, so that the time is that of the formulation alone."""
    return highs.maximise(form, Budget(time_limit=limit, absolute_gap=0.99))


def summary(rows: list[tuple[int, bool, float, float]]) -> str:
    """Cells of one row."""
    slots, proved, seconds, ratio = zip(*rows)
    cells = (
        f"{min(slots)} to {max(slots)}",
        f"{sum(proved)} of {len(rows)}",
        f"{statistics.median(seconds):.1f}",
        f"{max(seconds):.1f}",
        f"{statistics.mean(ratio):.3f}",
    )
    return " | ".join(cells)


if __name__ == "__main__":
    sys.exit(main())
