"""A plan of PartialLoading, run on this machine: blocks are read from files, uploads are waited for, batches run.

Each slot drops what does not stay in memory, reads its missing blocks, waits until its uploads would have ended, and
runs its batch. Uploads are not sent: an upload ends up_n seconds after the uplink discipline lets it begin, by the
times of this run. Without a function for batches, a batch is a wait of alpha + beta u seconds: then loads are what is
tested.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from partload.benchmarks.machine import batches, page_cache
from partload.benchmarks.machine.batches import Batch
from partload.benchmarks.machine.log import without_claims
from partload.benchmarks.machine.memory import Device, Memory
from partload.benchmarks.machine.run_clock import RunClock
from partload.instances.checkpoints.blocks import TensorBlock
from partload.instances.checkpoints.scan import Scan
from partload.instances.checkpoints.tensors import File
from partload.instances.errors import InputError
from partload.instances.numbers import exact
from partload.instances.partial_loading import checker, clock
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from partload.instances.partial_loading.solution import SlotRecord, Solution


@dataclasses.dataclass(frozen=True)
class Settings:
    """How a plan is run."""

    device: Device
    cold: bool = False
    """Every load finds its files outside of the page cache; else all files are read once before the run."""
    sharing: bool = True
    """Without it, every slot drops everything and loads all blocks of its model."""
    batch: Batch | None = None
    """What runs a batch; None for a wait."""


@dataclasses.dataclass(frozen=True)
class Replay:
    """What happened."""

    solution: Solution
    """The plan with the times measured."""
    bytes_read: int
    """Bytes that were read from files."""
    cached_before: float | None
    """Largest share of the files that was in the page cache before a cold load; None if unknown or warm."""


def sources(instance: Instance, plan: Plan, found: Scan, sharing: bool = True) -> Mapping[str, TensorBlock]:
    """The tensors of every block that a plan needs in memory, by the id of the block.

    Raises
    ------
    InputError
        When the plan breaks a rule, or the files do not hold exactly the blocks of the instance.
    """
    for violation in checker.check_plan(instance, plan).violations:
        if violation.rule != "deadline":
            raise InputError(f"expected a plan that keeps the rules: {violation.problem}", violation.place)
    known = {block.id: block for block in found.blocks}
    needed = dict.fromkeys(block for slot in plan for block in instance.models[instance.model_index[slot.model]].blocks)
    if sharing:
        needed |= dict.fromkeys(instance.server.resident_blocks)
    for block in needed:
        if block not in known:
            problem = f"expected block {block!r} of the instance in the checkpoints: name those that it was made of"
            raise InputError(problem, source="--checkpoints")
        size, there = instance.block_sizes[block], known[block].size_bytes
        if size != there:
            problem = f"block {block!r} has {there} bytes in the checkpoints, expected {exact(size)} as in the instance"
            raise InputError(problem, source="--checkpoints")
    return {block: known[block] for block in needed}


def replay(instance: Instance, solution: Solution, found: Scan, settings: Settings) -> Replay:
    """Run the plan of a solution once.

    Raises
    ------
    InputError
        As ``sources`` does, when a file cannot be read, and when a batch fails.
    """
    plan = solution.plan()
    blocks = sources(instance, plan, found, settings.sharing)
    if not settings.cold:
        page_cache.warm(_files(blocks.values()))
    with Memory(settings.device) as memory:
        memory.open(_files(blocks.values()))
        if settings.sharing:
            for block in instance.server.resident_blocks:
                memory.load(block, blocks[block].ranges)
        memory.bytes_read = 0
        run = _Run(instance, plan, blocks, memory, settings)
        slots = [run.slot(n, record) for n, record in enumerate(solution.slots)]
        read = memory.bytes_read
    known = [share for share in run.cached if share is not None]
    measured = dataclasses.replace(without_claims(solution, _note(settings)), slots=tuple(slots))
    return Replay(measured, read, max(known) if known else None)


class _Run:
    """The state of one run."""

    def __init__(
        self,
        instance: Instance,
        plan: Plan,
        blocks: Mapping[str, TensorBlock],
        memory: Memory,
        settings: Settings,
    ) -> None:
        self._instance = instance
        self._plan = plan
        self._blocks = blocks
        self._memory = memory
        self._settings = settings
        _, self._resident, _ = clock.loads(instance, plan)
        self._upload_s = clock.uploads(instance, plan)[0].tolist()
        self._arrival_s = clock.last_arrivals(instance, plan)
        self._batch_s = clock.inference_times(instance, plan)
        self._sent_s = 0.0
        self.cached: list[float | None] = []
        self._clock = RunClock()

    def slot(self, number: int, record: SlotRecord) -> SlotRecord:
        """Run one slot; its record with the times measured."""
        own = self._instance.models[self._instance.model_index[record.model]].blocks
        kept = self._resident[number] if self._settings.sharing else frozenset[str]()
        missing = [block for block in own if block not in self._memory.blocks or block not in kept]
        if self._settings.cold:
            with self._clock.stopped():
                self._make_cold(missing)
        start = self._clock.now()
        self._memory.keep(kept)
        for block in missing:
            self._memory.load(block, self._blocks[block].ranges)
        self._settings.device.finish()
        load_end = self._clock.now()
        begin = self._instance.uplink_discipline.upload_start_s(start, self._sent_s, self._arrival_s[number])
        self._sent_s = begin + self._upload_s[number]
        ready = self._clock.wait_until(max(load_end, self._sent_s))
        self._run_batch(number, record, ready)
        return dataclasses.replace(
            record,
            loaded_blocks=tuple(missing),
            resident_blocks=self._resident_of(number),
            start_s=start,
            load_end_s=load_end,
            upload_end_s=self._sent_s,
            ready_s=ready,
            end_s=self._clock.now(),
        )

    def _run_batch(self, number: int, record: SlotRecord, ready_s: float) -> None:
        if self._settings.batch is None:
            self._clock.wait_until(ready_s + self._batch_s[number])
            return
        batches.run(self._settings.batch, record.model, len(record.requests), self._memory.blocks)
        self._settings.device.finish()

    def _resident_of(self, number: int) -> tuple[str, ...]:
        """R_n in the order of the instance."""
        return tuple(block for block in self._instance.block_sizes if block in self._resident[number])

    def _make_cold(self, missing: Sequence[str]) -> None:
        files = _files(self._blocks[block] for block in missing)
        page_cache.drop(files)
        self.cached.append(page_cache.cached(files))


def _files(blocks: Iterable[TensorBlock]) -> tuple[File, ...]:
    """The files of some blocks, each once."""
    return tuple({file: None for block in blocks for file, _, _ in block.ranges})


def _note(settings: Settings) -> str:
    parts = (
        "cold page cache" if settings.cold else "warm page cache",
        "with sharing" if settings.sharing else "without sharing: every slot loads all its blocks",
        "batches are waits" if settings.batch is None else "batches of a function",
    )
    return ", ".join(parts)
