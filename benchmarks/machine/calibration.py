"""What this machine is as a server: how fast it loads from model files, and how long batches take.

    load of x bytes      t0 + x / V                 from loads of the first bytes of each model, of sizes in a ladder
    batch of u requests  alpha_i + beta_i u         from a function that runs one

Each time is the median of some repetitions, taken in turn over the sizes, so that a slow second of the machine does not
fall on one size alone.
"""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from partload.benchmarks.machine import batches, fit, page_cache
from partload.benchmarks.machine.batches import Batch
from partload.benchmarks.machine.fit import Line
from partload.benchmarks.machine.memory import Device, Memory, Range
from partload.instances.checkpoints.scan import Scan
from partload.instances.checkpoints.tensors import File
from partload.instances.errors import InputError

CACHES = ("warm", "cold")
"""Files in the page cache, and files that are not."""
SIZES = 8
"""Sizes of the ladder."""
LEAST_PART = 1 / 64
"""The smallest size as a part of the largest one."""
MOST_BYTES = 1e9
"""The largest load that is measured."""


@dataclasses.dataclass(frozen=True)
class Samples:
    """Medians of what was measured, and the line through them."""

    x: tuple[float, ...]
    """Bytes, or numbers of requests."""
    times_s: tuple[float, ...]
    all_s: tuple[tuple[float, ...], ...]
    """Every repetition of each."""
    line: Line


@dataclasses.dataclass(frozen=True)
class Loading:
    """How fast files are loaded with one state of the page cache."""

    samples: Samples
    kept: float | None
    """Largest share of the files that was in the page cache before a load, None if unknown."""

    @property
    def rate_bytes_per_s(self) -> float:
        """V."""
        return 1.0 / self.samples.line.slope

    @property
    def latency_s(self) -> float:
        """t0."""
        return self.samples.line.constant


def loading(found: Scan, cache: str, repeats: int, device: Device) -> Loading:
    """Measure loads.

    Raises
    ------
    InputError
        When loads do not take longer the larger they are, or there are too few bytes.
    """
    models = {model.id: ranges for model in found.models if (ranges := _ranges(found, model.id))}
    sizes = _ladder(max((_size(ranges) for ranges in models.values()), default=0))
    times: dict[int, list[float]] = {size: [] for size in sizes}
    kept: list[float | None] = []
    if cache == "warm":  # Once, and not before each load: what was just read may be in the caches of the processor.
        page_cache.warm(files_of(found))
    for repeat in range(repeats):
        for number, size in enumerate(sizes):
            fitting = [ranges for ranges in models.values() if _size(ranges) >= size]
            ranges = _prefix(fitting[(repeat + number) % len(fitting)], size)
            files = {file for file, _, _ in ranges}
            if cache == "cold":
                page_cache.drop(files)
                kept.append(page_cache.cached(files))
            times[size].append(_load_s(ranges, device))
    samples = _samples(times)
    if samples.line.slope <= 0:
        raise InputError("loads do not take longer the larger they are: expected larger model files", "calibrate")
    known = [share for share in kept if share is not None]
    return Loading(samples, max(known) if known else None)


def batch_times(found: Scan, batch: Batch, sizes: Sequence[int], repeats: int, device: Device) -> Mapping[str, Samples]:
    """Measure batches of each model, with its blocks in memory; one batch before the others is not counted."""
    measured = {}
    for model in found.models:
        times: dict[int, list[float]] = {size: [] for size in sizes}
        with Memory(device) as memory:
            for block in found.blocks_of[model.id]:
                memory.load(block.id, block.ranges)
            run: Callable[[int], None] = lambda size: batches.run(batch, model.id, size, memory.blocks)  # noqa: E731, B023
            run(sizes[0])
            for _ in range(repeats):
                for size in sizes:
                    device.finish()
                    before = time.perf_counter()
                    run(size)
                    device.finish()
                    times[size].append(time.perf_counter() - before)
        measured[model.id] = _samples(times)
    return measured


def _samples(times: Mapping[int, Sequence[float]]) -> Samples:
    medians = [max(statistics.median(column), 1e-9) for column in times.values()]
    x = [float(size) for size in times]
    return Samples(tuple(x), tuple(medians), tuple(map(tuple, times.values())), fit.line(x, medians))


def _ladder(largest: int) -> list[int]:
    """Sizes [byte] with equal ratios, up to the largest model."""
    most = max(min(float(largest), MOST_BYTES), 1.0)
    sizes = sorted({round(size) for size in np.geomspace(most * LEAST_PART, most, SIZES).tolist()} - {0})
    if len(sizes) < 3:
        raise InputError(f"expected models of at least 1 kB to load, the largest has {largest} bytes", "calibrate")
    return sizes


def _ranges(found: Scan, model: str) -> tuple[Range, ...]:
    return tuple(part for block in found.blocks_of[model] for part in block.ranges)


def _size(ranges: Sequence[Range]) -> int:
    return sum(size for _, _, size in ranges)


def _prefix(ranges: Sequence[Range], size: int) -> tuple[Range, ...]:
    """The first bytes of some ranges."""

    def parts() -> Iterator[Range]:
        left = size
        for file, offset, count in ranges:
            if left > 0:
                yield file, offset, min(count, left)
            left -= count

    return tuple(parts())


def _load_s(ranges: Sequence[Range], device: Device) -> float:
    """Seconds that one load takes, with its files open, and dropping as much: a server in use drops what it loads."""
    with Memory(device) as memory:
        memory.open(file for file, _, _ in ranges)
        device.finish()
        before = time.perf_counter()
        memory.load("sample", ranges)
        memory.keep(())
        device.finish()
        return time.perf_counter() - before


def files_of(found: Scan) -> tuple[File, ...]:
    """The files of all blocks, each once."""
    return tuple({file: None for block in found.blocks for file, _, _ in block.ranges})
