"""An instance as plain lists and integers, and batches: the data on which local search computes.

Requests and models are named by their positions, a set of blocks is one integer with a bit for each block.
"""

from __future__ import annotations

from collections.abc import Iterable

from partload.instances.partial_loading import memory
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan, Slot
from partload.instances.partial_loading.static import decided
from partload.solvers.partial_loading.constructive.uploads import ON_TIME
from partload.solvers.partial_loading.local_search.uploads import Uploads


class Batch:
    """One slot: a model and some of its requests. It never changes, so plans share it."""

    __slots__ = ("arrival_s", "due_s", "model", "rows", "run_s", "upload_s", "weight")

    def __init__(
        self,
        model: int,
        rows: tuple[int, ...],
        weight: float,
        upload_s: float,
        run_s: float,
        due_s: float,
        arrival_s: float,
    ) -> None:
        self.model, self.rows, self.weight = model, rows, weight
        self.upload_s = upload_s
        """up_n. Where all requests share one band: the time of all uploads one after another on the whole band."""
        self.run_s = run_s
        """Time of inference, alpha + beta u."""
        self.due_s = due_s
        """The first deadline, with half of the checker's tolerance."""
        self.arrival_s = arrival_s
        """r_n, the last arrival."""


Batches = list[Batch]
CLOSE = 1e-9
"""Part of the memory. A sum of doubles that is closer to the limit than this may be wrong by its rounding."""


class Numbers:
    """The numbers of an instance."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        columns, server, models = instance.arrays, instance.server, instance.models
        self.uploads = Uploads(instance)
        self.alone_s = self.uploads.alone_s
        self.weight: list[float] = columns.weight.tolist()
        self.due_s: list[float] = (columns.deadline_s * ON_TIME).tolist()
        self.arrivals = columns.arrivals
        """Whether any request arrives after time 0."""
        self.arrival_s: list[float] = columns.arrival_s.tolist()
        self.model_of: list[int] = columns.model.tolist()
        self.setup_s = [model.batch_setup_s for model in models]
        self.per_s = [model.batch_per_request_s for model in models]
        self.most = [memory.largest_batch(instance, model, len(instance.requests)) for model in models]
        """Requests that fit into one batch of each model."""
        self.horizon_s = max(self.due_s, default=1.0)

        self.once = not instance.visits_rule.may_return
        self.cached = instance.residency_rule.keeps_others
        self.discipline = instance.uplink_discipline
        self.one_band = self.discipline.one_band
        self.begins_with_slot = self.discipline.begins_with_slot
        self.memory = server.memory_bytes if self.cached else None
        """Memory, where it decides what can be kept."""
        self.activations = [model.activation_bytes_per_request for model in models]
        self._size = [block.size_bytes for block in instance.blocks]
        bit = {block.id: 1 << n for n, block in enumerate(instance.blocks)}
        self.need = [sum(bit[block] for block in model.blocks) for model in models]
        """J_i of each model."""
        self.resident = sum(bit[block] for block in server.resident_blocks)
        """Blocks in memory at time 0."""
        self._bytes: dict[int, float] = {}
        self._load: dict[int, float] = {0: 0.0}

        self.asking: list[list[int]] = [[] for _ in models]
        """The requests for each model, those with the most weight per second added first."""
        for k in sorted(range(len(self.weight)), key=self._seconds_per_weight):
            if self.most[self.model_of[k]]:
                self.asking[self.model_of[k]].append(k)
        self.wanted = [n for n, rows in enumerate(self.asking) if rows]
        """Models with a request that fit into memory."""

    def _seconds_per_weight(self, k: int) -> float:
        return (self.alone_s[k] + self.per_s[self.model_of[k]]) / self.weight[k]

    def batch(self, model: int, rows: Iterable[int]) -> Batch:
        """A batch of these requests, at least one."""
        rows = tuple(rows)
        weight, due = self.weight, self.due_s
        return Batch(
            model,
            rows,
            sum([weight[k] for k in rows]),
            self._upload_s(rows),
            self.setup_s[model] + self.per_s[model] * len(rows),
            min([due[k] for k in rows]),
            max([self.arrival_s[k] for k in rows]) if self.arrivals else 0.0,
        )

    def with_one(self, batch: Batch, k: int) -> Batch:
        """A batch with one request more."""
        return Batch(
            batch.model,
            (*batch.rows, k),
            batch.weight + self.weight[k],
            self.upload_with_s(batch, k),
            batch.run_s + self.per_s[batch.model],
            min(batch.due_s, self.due_s[k]),
            max(batch.arrival_s, self.arrival_s[k]) if self.arrivals else 0.0,
        )

    def upload_with_s(self, batch: Batch, k: int) -> float:
        """Upload time [s] of a batch with one request more."""
        if self.uploads.additive or self.one_band:
            return batch.upload_s + self.alone_s[k]
        return self.uploads.together_s((*batch.rows, k))

    def _upload_s(self, rows: tuple[int, ...]) -> float:
        if self.one_band:
            return sum([self.alone_s[k] for k in rows])
        return self.uploads.together_s(rows)

    def load_s(self, missing: int) -> float:
        """Time [s] to load some blocks, t0 and their bytes over V."""
        known = self._load.get(missing)
        if known is None:
            server = self.instance.server
            known = server.load_latency_s + self.bytes(missing) / server.load_rate_bytes_per_s
            self._load[missing] = known
        return known

    def bytes(self, blocks: int) -> float:
        """Bytes of some blocks."""
        known = self._bytes.get(blocks)
        if known is None:
            known = self._bytes[blocks] = sum(self._size[n] for n in ones(blocks))
        return known

    def fits(self, blocks: int, batch: Batch) -> bool:
        """Whether some blocks and the activations of a batch fit into memory; exact where it is close."""
        if self.memory is None:
            return True
        used = self.bytes(blocks) + self.activations[batch.model] * len(batch.rows)
        if abs(used - self.memory) > CLOSE * self.memory:
            return used < self.memory
        names = (self.instance.blocks[n].id for n in ones(blocks))
        return memory.fits(self.instance, names, self.instance.models[batch.model], len(batch.rows))

    def read(self, plan: Plan) -> Batches:
        """The batches of a plan of the instance."""
        index, instance = self.instance.model_index, self.instance
        return [self.batch(index[slot.model], instance.positions(slot.requests).tolist()) for slot in plan]

    def plan(self, batches: Batches, kept: list[int] | None) -> Plan:
        """The plan of these batches, with the blocks kept in memory where the plan has to name them."""
        blocks, requests, models = self.instance.blocks, self.instance.requests, self.instance.models
        slots = []
        for n, batch in enumerate(batches):
            resident = None if kept is None else frozenset(blocks[block].id for block in ones(kept[n]))
            slots.append(Slot(models[batch.model].id, tuple(requests[k].id for k in batch.rows), resident))
        return decided(self.instance, tuple(slots))


def ones(blocks: int) -> list[int]:
    """Positions of the blocks in a set."""
    found = []
    while blocks:
        lowest = blocks & -blocks
        found.append(lowest.bit_length() - 1)
        blocks ^= lowest
    return found
