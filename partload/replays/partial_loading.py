"""Runs of plans of PartialLoading: blocks from model files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from partload import console
from partload.benchmarks.machine import batches, memory, replay
from partload.benchmarks.machine.calibration import CACHES
from partload.benchmarks.machine.page_cache import KEPT
from partload.instances.checkpoints.again import stated
from partload.instances.checkpoints.scan import ensure_kept, scan
from partload.instances.errors import InputError, expected_one_of
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.solution import Solution
from partload.replays import Options, Ran, Run


def prepare(instance: Instance, solution: Solution, options: Options) -> Run:
    """What runs a plan once.

    Raises
    ------
    InputError
        When an option is wrong, the files are not those of the instance, or the plan breaks a rule.
    """
    if options.cache not in CACHES:
        raise InputError(expected_one_of(CACHES, options.cache), source="--cache")
    settings = replay.Settings(
        memory.device(options.device),
        options.cache == "cold",
        options.sharing,
        None if options.batch is None else batches.named(options.batch),
    )
    found = scan(options.checkpoints or _stated(instance)).without_graphs
    ensure_kept(found.models, options.output)
    replay.sources(instance, solution.plan(), found, options.sharing)

    def run() -> Ran:
        ran = replay.replay(instance, solution, found, settings)
        return Ran(ran.solution, (_read(instance, ran), *_cold(settings, ran.cached_before)))

    return run


def _stated(instance: Instance) -> Sequence[Path]:
    """The checkpoints that a scan wrote into the instance."""
    paths = stated(instance.provenance)
    if not paths:
        problem = f"expected the model files of {instance.name!r}, which does not state them; scan makes one that does"
        raise InputError(problem, source="--checkpoints")
    return paths


def _read(instance: Instance, ran: replay.Replay) -> str:
    """How many bytes were read, and how many the blocks of the log have."""
    planned = sum(instance.size_of(slot.loaded_blocks or ()) for slot in ran.solution.slots)
    exactly = "as planned" if planned == ran.bytes_read else f"planned were {planned:.0f}"
    return f"read {ran.bytes_read} bytes ({console.megabytes(ran.bytes_read)}), {exactly}"


def _cold(settings: replay.Settings, cached: float | None) -> Sequence[str]:
    if not settings.cold:
        return ()
    if cached is None:
        return ("cold: this system does not tell what is in the page cache, so loads may have come from there",)
    if cached > KEPT:
        return (f"cold: the file system kept {cached:.0%} of a file in the page cache, so loads are not cold",)
    return ()
