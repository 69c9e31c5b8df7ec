"""What all pictures of solutions share: what is refused, what is said around them, and the files they end in."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import drawing
from instances.errors import InputError
from partload import console
from partload.plots.page import page, titled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from instances.partial_loading.instance import Instance
    from instances.partial_loading.solution import SlotRecord, Solution

ENDINGS = (".svg", ".png", ".html")
WIDTH_INCHES = 10.0
PIXELS_PER_INCH = 150
CAPTION: tuple[tuple[str, str, Callable[[float | None], str]], ...] = (
    ("makespan", "makespan_s", console.seconds),
    ("median latency", "latency_p50_s", console.seconds),
    ("99th percentile", "latency_p99_s", console.seconds),
    ("Jain's index", "jain_index", lambda value: f"{value:.3f}"),
    ("GPU used", "gpu_utilisation", console.percent),
    ("uplink used", "uplink_utilisation", console.percent),
    ("loaded", "loaded_bytes", lambda value: console.megabytes(value or 0.0)),
    ("saved by sharing", "shared_bytes", lambda value: console.megabytes(value or 0.0)),
)
"""What a page says of a solution: name, key in ``metrics``, how it is written."""


@dataclasses.dataclass
class Picture:
    """A figure, and what a page says around it and over its parts."""

    figure: Figure
    title: str
    captions: tuple[str, ...]
    """A line of measures for each solution shown."""
    hovers: dict[str, str] = dataclasses.field(default_factory=dict)
    """Text over a part of the figure, by the part's id."""

    def hover(self, part: Any, text: str) -> None:
        """Let a part of the figure, a matplotlib artist, say something when it is pointed at."""
        name = f"part-{len(self.hovers) + 1}"
        part.set_gid(name)
        self.hovers[name] = text

    def save(self, path: Path) -> None:
        """Write the picture; the same one gives the same file.

        Raises
        ------
        InputError
            On an ending that is not one of ``ENDINGS``, or a file that cannot be written.
        """
        if path.suffix not in ENDINGS:
            raise InputError(f"expected a file ending in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}", source=str(path))
        try:
            if path.suffix == ".png":
                self.figure.savefig(path, dpi=PIXELS_PER_INCH)
            elif path.suffix == ".svg":
                path.write_text(self._svg(), encoding="utf-8")
            else:
                path.write_text(page(self._svg(), self.title, self.captions), encoding="utf-8")
        except OSError as error:
            raise InputError(f"cannot write here: {error.strerror}", source=str(path)) from None

    def _svg(self) -> str:
        return titled(drawing.svg(self.figure), self.hovers)


def blank(shown: Sequence[tuple[Solution, Instance | None]], height_inches: float, title: str) -> Picture:
    """An empty picture of some solutions; without the instance of one, it shows what the solution states.

    Raises
    ------
    InputError
        On a solution without times or of another instance, or when matplotlib is missing.
    """
    for solution, instance in shown:
        _refuse(solution, instance)
    figure = drawing.blank(WIDTH_INCHES, height_inches)
    return Picture(figure, title, tuple(_caption(solution) for solution, _ in shown))


def headline(solution: Solution, instance: Instance | None) -> str:
    """Who is served, and whether that is proved to be the most: the title of a picture."""
    served = sum(len(slot.requests) for slot in solution.slots)
    asked = len(instance.requests) if instance is not None else (solution.metrics or {}).get("requested")
    of = "" if asked is None else f" of {asked:g}"
    status = "" if solution.status is None else f", {solution.status}"
    return f"{solution.instance}: {served}{of} requests served{status}"


def _refuse(solution: Solution, instance: Instance | None) -> None:
    if instance is not None and instance.name != solution.instance:
        problem = f"expected a solution of {instance.name!r}, it solves {solution.instance!r}"
        raise InputError(problem, "instance")
    for n, slot in enumerate(solution.slots):
        if None in (slot.start_s, slot.load_end_s, slot.ready_s, slot.end_s):
            raise InputError("expected the times of the slot, they are not stated", f"slots[{n}]")
        if instance is not None:
            _refuse_strangers(slot, instance, f"slots[{n}]")


def _refuse_strangers(slot: SlotRecord, instance: Instance, place: str) -> None:
    """Refuse ids that the instance does not have, although it has the right name."""
    known = (("model", (slot.model,), instance.model_index), ("requests", slot.requests, instance.request_index))
    blocks = ("loaded_blocks", slot.loaded_blocks or (), instance.block_sizes)
    for key, names, ids in (*known, blocks):
        for name in names:
            if name not in ids:
                raise InputError(f"expected ids of instance {instance.name!r}, got {name!r}", f"{place}.{key}")


def _caption(solution: Solution) -> str:
    """What is proved of a solution, and the measures it states."""
    metrics = solution.metrics or {}
    parts = [
        headline(solution, None),
        f"objective {console.number(solution.objective)}",
        f"bound {console.number(solution.bound)}",
        *(f"{name} {write(metrics[key])}" for name, key, write in CAPTION if metrics.get(key) is not None),
    ]
    return "; ".join(parts)
