"""How well a calibrated machine is predicted: six models of 50 to 200 MB, calibrated and replayed in turn.

python -m partload.benchmarks.prediction [ROUNDS]

Each round measures every size of a calibration once, and runs the plan once with sharing and once without. Medians are
over the rounds, so that what a busy machine does in a round falls on both sides of the comparison.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np

from partload.benchmarks.machine import calibration, fit, replay
from partload.benchmarks.machine.memory import MainMemory
from partload.instances.channels import FlatChannel
from partload.instances.checkpoints.examples import write
from partload.instances.checkpoints.scan import Scan, scan
from partload.instances.partial_loading import measured
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.instances.partial_loading.solution import SlotRecord, Solution

MODELS = {
    "f": (None, 50),
    "d": ("pair", 30),
    "e": ("pair", 140),
    "a": ("backbone", 20),
    "c": ("backbone", 100),
    "b": ("backbone", 50),
}
"""The backbone that each model shares, and the megabytes of its own, in the order of the plan."""
BACKBONES = {"backbone": 80, "pair": 60}
ROUNDS = 12


def models(folder: Path) -> Scan:
    """Write the models, and scan them."""
    random = np.random.default_rng(0)
    shared = {name: random.integers(0, 255, size * 10**6, np.uint8) for name, size in BACKBONES.items()}
    for model, (backbone, size) in MODELS.items():
        weights = {"own": random.integers(0, 255, size * 10**6, np.uint8)}
        write(folder / model / "model.safetensors", weights | ({} if backbone is None else {"b": shared[backbone]}))
    return scan([folder / model for model in MODELS])


def instance_of(found: Scan) -> Instance:
    """Three requests for each model, with uploads that are shorter than the loads."""
    blocks = tuple(Block(block.id, float(block.size_bytes)) for block in found.blocks)
    made = tuple(
        Model(model.id, tuple(block.id for block in found.blocks_of[model.id]), 0.02, 0.01) for model in found.models
    )
    requests = tuple(
        Request(f"{model}-{n}", model, 1e5, FlatChannel(4.0), 1e3) for model in MODELS for n in range(1, 4)
    )
    return Instance("six-models", Server(20e6, 1e9), blocks, made, requests)


def row(found: Scan, cache: str, rounds: int) -> str:
    """A row of the table: predicted and measured last ends with and without sharing."""
    base = instance_of(found)
    slots = tuple(SlotRecord(model=model, requests=tuple(f"{model}-{n}" for n in range(1, 4))) for model in MODELS)
    loads: dict[float, list[float]] = defaultdict(list)
    logs: dict[bool, list[Solution]] = {True: [], False: []}
    for _ in range(rounds):
        samples = calibration.loading(found, cache, 1, MainMemory()).samples
        for size, times in zip(samples.x, samples.all_s):
            loads[size] += times
        for sharing, runs in logs.items():
            settings = replay.Settings(MainMemory(), cold=cache == "cold", sharing=sharing)
            runs.append(replay.replay(base, Solution(instance=base.name, slots=slots), found, settings).solution)
    line = fit.line(list(loads), [statistics.median(times) for times in loads.values()])
    made = base.replace(load_rate_bytes_per_s=1 / line.slope, load_latency_s=line.constant)
    cells = [str(rounds), cache, f"{1e-6 / line.slope:.0f} MB/s"]
    for runs in logs.values():
        ends = [log.slots[-1].end_s or 0.0 for log in runs]
        last = measured.check(made, runs[0]).rows[-1].end
        end = statistics.median(ends)
        cells.append(f"{last.predicted_s:.2f} s, {end:.2f} s ({end / last.predicted_s - 1:+.1%})")
        cells.append(f"{min(ends):.2f} to {max(ends):.2f} s")
    return f"| {' | '.join(cells)} |"


def main(rounds: int = ROUNDS) -> None:
    """Print the table."""
    print(
        "| rounds | files | rate | with sharing: predicted, measured | range | without: predicted, measured | range |"
    )
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        found = models(Path(folder))
        for cache in calibration.CACHES:
            print(row(found, cache, rounds), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
