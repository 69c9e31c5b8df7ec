"""The view of PartialLoading: what the commands print of its instances and solutions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from partload import console
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.solution import SlotRecord, Solution
from partload.views import View

if TYPE_CHECKING:
    from partload.solvers.partial_loading.bandwidth.rederivation import Derived


def features(instance: Instance) -> str:
    """The rules and limits of an instance that are not the default ones, ``-`` if all are."""
    server, arrays = instance.server, instance.arrays
    defaults = {"residency": "previous", "visits": "once", "uplink": "slotted"}
    found = [getattr(server, name) for name, default in defaults.items() if getattr(server, name) != default]
    found = [f"visits {value}" if value == "any" else value for value in found]
    limits = {
        "power-limited": not arrays.channel.flat.all(),
        "deadlines": len(set(arrays.deadline_s.tolist())) > 1,
        "weights": len(set(arrays.weight.tolist())) > 1,
        "arrivals": arrays.arrivals,
        "memory": server.memory_bytes is not None,
        "batch limit": any(model.max_batch is not None for model in instance.models),
        "load latency": server.load_latency_s > 0,
        "resident blocks": len(server.resident_blocks) > 0,
    }
    return ", ".join(found + [name for name, present in limits.items() if present]) or "-"


def facts(instance: Instance) -> Iterator[tuple[str, str]]:
    """Sizes of the server, the models and the demand."""
    server, deadlines = instance.server, instance.arrays.deadline_s
    memory = "unlimited" if server.memory_bytes is None else console.megabytes(server.memory_bytes)
    yield "models", f"{len(instance.models)}, made of {len(instance.blocks)} blocks"
    yield "blocks", f"{console.megabytes(instance.size_of(instance.block_sizes))} in all"
    yield "requests", str(len(instance.requests))
    if instance.requests:
        yield "deadlines", console.span(deadlines.min(), deadlines.max(), console.seconds)
    yield "server", f"{console.hertz(server.bandwidth_hz)}, loads {console.megabytes(server.load_rate_bytes_per_s)}/s"
    yield "memory", memory


def bars(solution: Solution) -> int:
    """How many bars the picture of the schedule has: a load, an upload and a batch for each slot."""
    return 3 * len(solution.slots)


def show(instance: Instance, solution: Solution) -> None:
    """Print the slots."""
    columns = ("slot>", "model", "served>", "requests", "loaded>", "reused>", "start>", "ready>", "end>")
    console.table(columns, (_row(instance, n, slot) for n, slot in enumerate(solution.slots, 1)), instance.name)


def notes(solution: Solution) -> Iterator[tuple[str, str]]:
    """Percentiles of the upload time and the fairness of the bandwidth."""
    measures = solution.metrics or {}
    if solution.slots:
        half, nearly_all = (console.seconds(measures.get(f"upload_p{percent}_s")) for percent in (50, 99))
        jain = console.rounded(measures.get("jain_index"))
        yield "uploads", f"p50 {half}, p99 {nearly_all}, Jain's index of bandwidth {jain}"


def _row(instance: Instance, number: int, slot: SlotRecord) -> tuple[str, ...]:
    loaded = instance.size_of(slot.loaded_blocks or ())
    reused = instance.size_of(instance.block_sets[slot.model].difference(slot.loaded_blocks or ()))
    return (
        str(number),
        slot.model,
        str(len(slot.requests)),
        console.listed(slot.requests),
        console.megabytes(loaded),
        console.megabytes(reused),
        *(console.seconds(time) for time in (slot.start_s, slot.ready_s, slot.end_s)),
    )


def show_derived(instance: Instance, solution: Solution, derived: Sequence[Derived]) -> None:
    """Print the least upload time or bandwidth of each slot, in closed form and by convex optimization."""
    static = instance.uplink_discipline.one_band
    unit, per_unit = ("MHz", 1e-6) if static else ("s", 1.0)
    values = (f"closed [{unit}]>", f"convex [{unit}]>", "difference>")
    columns = ("slot>", "model", "requests>", *values, "ms per MHz>", "KKT>", f"own [{unit}]>")
    rows = (
        (
            str(number),
            slot.model,
            str(len(slot.requests)),
            f"{found.closed * per_unit:.7g}",
            f"{found.convex * per_unit:.7g}",
            f"{found.difference:.0e}",
            f"{found.price_s_per_hz * 1e9:.4g}",
            f"{found.kkt:.0e}",
            f"{found.own * per_unit:.7g}",
        )
        for number, (slot, found) in enumerate(zip(solution.slots, derived), 1)
    )
    what = "least bandwidth for the ready times" if static else "least upload times"
    console.table(columns, rows, f"{instance.name}: {what}")


VIEW: View[Instance, Solution, Derived] = View(features, facts, bars, show, notes, show_derived)
