"""The view of SLIDE: what the commands print of its instances and solutions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from partload import console
from partload.instances.slide.instance import Instance
from partload.instances.slide.solution import Solution, UserRecord
from partload.plots.slide.gantt import MOST_USERS
from partload.views import View

if TYPE_CHECKING:
    from partload.solvers.slide.bandwidth.rederivation import Derived


def features(instance: Instance) -> str:
    """The rules and limits of an instance that are not the default ones, ``-`` if all are."""
    users, arrays = instance.users, instance.arrays
    present = {
        "per-layer": instance.frequency == "per-layer",
        "power-limited": not arrays.channel.flat.all(),
        "deadlines": len(set(arrays.deadline_s.tolist())) > 1,
        "weights": len(set(arrays.weight.tolist())) > 1,
        "energy": any(user.energy_budget_j is not None for user in users),
        "accuracy": any(user.min_accuracy is not None for user in users),
        "least speeds": bool((arrays.min_flop_per_s > 0).any()),
    }
    return ", ".join(name for name, has in present.items() if has) or "-"


def facts(instance: Instance) -> Iterator[tuple[str, str]]:
    """Sizes of the band, the models and the demand."""
    deadlines = instance.arrays.deadline_s
    layers = sum(len(model.layers) for model in instance.models)
    yield "models", f"{len(instance.models)}, with {layers} layers in all"
    yield "users", str(len(instance.users))
    if instance.users:
        yield "deadlines", console.span(deadlines.min(), deadlines.max(), console.seconds)
    yield "band", console.hertz(instance.downlink.bandwidth_hz)


def bars(solution: Solution) -> int:
    """How many bars the picture of the schedule has: two for each layer of the users that it draws."""
    return sum(2 * len(user.download_end_s or ()) for user in solution.users[:MOST_USERS])


def show(instance: Instance, solution: Solution) -> None:
    """Print the users served."""
    columns = (
        "user",
        "model",
        "band>",
        "share>",
        "speed>",
        "downloaded>",
        "end>",
        "deadline>",
        "energy [J]>",
    )
    console.table(columns, (_row(instance, record) for record in solution.users), instance.name)


def notes(solution: Solution) -> Iterator[tuple[str, str]]:
    """The time that overlap saves, percentiles of the latency and the fairness of the bandwidth."""
    measures = solution.metrics or {}
    if solution.users:
        saved = console.seconds(measures.get("overlap_saves_s"))
        yield "overlap", f"saves {saved} in all against downloading first"
        half, nearly_all = (console.seconds(measures.get(f"latency_p{percent}_s")) for percent in (50, 99))
        jain = console.rounded(measures.get("jain_index"))
        yield "latency", f"p50 {half}, p99 {nearly_all}, Jain's index of bandwidth {jain}"


def _row(instance: Instance, record: UserRecord) -> tuple[str, ...]:
    user = instance.users[instance.user_index[record.id]]
    return (
        record.id,
        record.model,
        console.hertz(record.bandwidth_hz),
        console.percent(record.bandwidth_hz / instance.downlink.bandwidth_hz),
        _speeds(record.flop_per_s),
        console.seconds(record.download_end_s[-1] if record.download_end_s else None),
        console.seconds(record.compute_end_s[-1] if record.compute_end_s else None),
        console.seconds(user.deadline_s),
        console.rounded(record.energy_j),
    )


def _speeds(flop_per_s: float | tuple[float, ...]) -> str:
    if isinstance(flop_per_s, tuple):
        return console.span(min(flop_per_s), max(flop_per_s), console.speed)
    return console.speed(flop_per_s)


def show_derived(instance: Instance, solution: Solution, derived: Sequence[Derived]) -> None:
    """Print the least bandwidth of each user, in closed form and by convex optimization."""
    values = ("closed [MHz]>", "convex [MHz]>", "difference>", "kHz per ms>", "kHz per mJ>", "KKT>", "own [MHz]>")
    rows = (
        (
            record.id,
            record.model,
            f"{found.closed * 1e-6:.7g}",
            f"{found.convex * 1e-6:.7g}",
            f"{found.difference:.0e}",
            f"{found.price_hz_per_s * 1e-6:.4g}",
            f"{found.price_hz_per_j * 1e-6:.4g}",
            f"{found.kkt:.0e}",
            f"{found.own * 1e-6:.7g}",
        )
        for record, found in zip(solution.users, derived)
    )
    console.table(("user", "model", *values), rows, f"{instance.name}: least bandwidths")


VIEW: View[Instance, Solution, Derived] = View(features, facts, bars, show, notes, show_derived)
