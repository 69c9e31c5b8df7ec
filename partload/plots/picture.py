"""What all pictures of solutions share: validation of the input, title and caption, and the file formats."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from partload import console
from partload.benchmarks import drawing
from partload.benchmarks.drawing import plain
from partload.benchmarks.palette import INK
from partload.instances.errors import InputError
from partload.instances.problems import problem_of
from partload.plots.page import Measure, add_titles, page

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from partload.instances.records import AnyInstance
    from partload.instances.solution import SolutionHeader

ENDINGS = (".svg", ".png", ".html")
WIDTH_INCHES = 10.0
PIXELS_PER_INCH = 150


def ensure_ending(path: Path) -> None:
    """Raise InputError unless a file has one of the ``ENDINGS``."""
    if path.suffix not in ENDINGS:
        raise InputError(f"expected a file ending in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}", source=str(path))


@dataclasses.dataclass
class Picture:
    """A figure with its title, its captions and the tooltips of its parts."""

    figure: Figure
    title: str
    captions: tuple[str, ...]
    """A line of measures for each solution in the picture."""
    tooltips: dict[str, str] = dataclasses.field(default_factory=dict)
    """The tooltip of a part of the figure, by the id of the part."""

    def add_tooltip(self, part: Artist, text: str) -> None:
        """Add a text that appears when a reader of an SVG or HTML file points at a part of the figure."""
        name = f"part-{len(self.tooltips) + 1}"
        part.set_gid(name)
        self.tooltips[name] = text

    def save(self, path: Path) -> None:
        """Write the picture to a file; the same picture always gives the same bytes.

        Raises
        ------
        InputError
            On an ending that is not one of ``ENDINGS``, or a file that cannot be written.
        """
        ensure_ending(path)
        try:
            if path.suffix == ".png":
                self.figure.savefig(path, dpi=PIXELS_PER_INCH)
            elif path.suffix == ".svg":
                path.write_text(self._svg(), encoding="utf-8")
            else:
                path.write_text(page(self._svg(), self.title, self.captions), encoding="utf-8")
        except OSError as error:
            raise InputError(f"cannot write here: {error.strerror}", source=str(path)) from None

    def inline(self) -> str:
        """The picture as an SVG element of a page, in the colours of the text around it."""
        return add_titles(drawing.inline(drawing.svg(self.figure)), self.tooltips)

    def _svg(self) -> str:
        return add_titles(drawing.svg(self.figure), self.tooltips)


def blank(solved: Sequence[tuple[SolutionHeader, AnyInstance | None]], height_inches: float, title: str) -> Picture:
    """An empty picture of some solutions, each with its instance or None, after their validation.

    Raises
    ------
    InputError
        On a solution without times or of another instance, or when matplotlib is missing.
    """
    for solution, instance in solved:
        _validate(solution, instance)
    figure = drawing.blank(WIDTH_INCHES, height_inches)
    return Picture(figure, title, tuple(_caption(solution) for solution, _ in solved))


def headline(solution: SolutionHeader, instance: AnyInstance | None) -> str:
    """The title of a picture: the instance, the number served and the status of the solution."""
    problem = problem_of(solution)
    served = sum(problem.served(part) for part in solution.plan())
    asked = (solution.metrics or {}).get("requested")
    if instance is not None:
        asked = len(instance.demand)
    of = "" if asked is None else f" of {asked:g}"
    status = "" if solution.status is None else f", {solution.status}"
    return f"{solution.instance}: {served}{of} {problem.demand_name} served{status}"


def set_title(axes: Axes, text: str, pad_inches: float = 0.08) -> None:
    """Set the title of axes at their left end."""
    axes.set_title(plain(text), loc="left", fontsize=10, color=INK, pad=72 * pad_inches)


def label_rows(axes: Axes, names: Sequence[str], label: str, font_points: float = 8) -> None:
    """Name the rows of a chart, from the top, and say above the names what they are."""
    axes.set_yticks(range(len(names)), list(map(plain, names)), fontsize=font_points)
    axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
    # The label lies above the names, since a few rows are less high than the label is long.
    axes.annotate(
        label,
        (0, 1),
        (-6, 4),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=8,
        color=INK,
        annotation_clip=False,
    )


def add_legend(figure: Figure, axes: Sequence[Axes], columns: int = 6, font_points: float = 9) -> None:
    """Add a legend of all parts of some axes that have a label, each label once, below the axes."""
    entries: dict[str, Artist] = {}
    for one in axes:
        handles, labels = one.get_legend_handles_labels()
        entries |= dict(zip(labels, handles))
    figure.legend(
        list(entries.values()),
        list(entries),
        loc="outside lower center",
        ncols=columns,
        frameon=False,
        labelcolor=INK,
        fontsize=font_points,
    )


def module_for(solution: SolutionHeader, module: str) -> ModuleType:
    """A module of ``partload.plots`` for the problem of a solution, such as ``gantt``."""
    return importlib.import_module(f"partload.plots.{problem_of(solution).package}.{module}")


def _validate(solution: SolutionHeader, instance: AnyInstance | None) -> None:
    if instance is not None and instance.name != solution.instance:
        problem = f"expected a solution of {instance.name!r}, it solves {solution.instance!r}"
        raise InputError(problem, "instance")
    module_for(solution, "validation").validate(solution, instance)


def _caption(solution: SolutionHeader) -> str:
    """The headline, the objective, the bound and the measures that the solution states."""
    metrics = solution.metrics or {}
    measures: tuple[Measure, ...] = module_for(solution, "caption").CAPTION
    parts = [
        headline(solution, None),
        f"objective {console.number(solution.objective)}",
        f"bound {console.number(solution.bound)}",
        *(f"{name} {write(value)}" for name, key, write in measures if (value := metrics.get(key)) is not None),
    ]
    return "; ".join(parts)
