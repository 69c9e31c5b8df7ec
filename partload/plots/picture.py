"""What all pictures of solutions share: what is refused, what is said around them, and the files they end in."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from partload import console
from partload.benchmarks import drawing
from partload.instances.errors import InputError
from partload.instances.problems import problem_of
from partload.plots.captions import Caption
from partload.plots.page import page, titled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENDINGS = (".svg", ".png", ".html")
WIDTH_INCHES = 10.0
PIXELS_PER_INCH = 150


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


def blank(shown: Sequence[tuple[Any, Any | None]], height_inches: float, title: str) -> Picture:
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


def headline(solution: Any, instance: Any | None) -> str:
    """Who is served, and whether that is proved to be the most: the title of a picture."""
    problem = problem_of(solution)
    served = sum(problem.served(part) for part in solution.plan())
    asked = (solution.metrics or {}).get("requested")
    if instance is not None:
        asked = len(instance.demand)
    of = "" if asked is None else f" of {asked:g}"
    status = "" if solution.status is None else f", {solution.status}"
    return f"{solution.instance}: {served}{of} {problem.demand_name} served{status}"


def drawn_by(record: Any, module: str) -> ModuleType:
    """A module of the pictures of the problem that an instance or a solution belongs to."""
    return importlib.import_module(f"partload.plots.{problem_of(record).package}.{module}")


def _refuse(solution: Any, instance: Any | None) -> None:
    if instance is not None and instance.name != solution.instance:
        problem = f"expected a solution of {instance.name!r}, it solves {solution.instance!r}"
        raise InputError(problem, "instance")
    drawn_by(solution, "stated").refuse(solution, instance)


def _caption(solution: Any) -> str:
    """What is proved of a solution, and the measures it states."""
    metrics = solution.metrics or {}
    caption: tuple[Caption, ...] = drawn_by(solution, "stated").CAPTION
    parts = [
        headline(solution, None),
        f"objective {console.number(solution.objective)}",
        f"bound {console.number(solution.bound)}",
        *(f"{name} {write(metrics[key])}" for name, key, write in caption if metrics.get(key) is not None),
    ]
    return "; ".join(parts)
