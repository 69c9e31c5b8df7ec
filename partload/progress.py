"""How far a search or a study is: a line in a notebook or on a terminal, which disappears at the end.

``solve`` and ``gap`` ask for it with ``progress=True``. A notebook shows one output, whose content is exchanged.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from html import escape
from typing import TYPE_CHECKING, Literal, Protocol, cast

from partload import console

if TYPE_CHECKING:
    from partload.benchmarks.gap.progress import StudyProgress
    from partload.solvers import Progress

    State = Progress | StudyProgress

Listener = Callable[[object], None]


class _Handle(Protocol):
    """The output of a notebook, as ``IPython.display.display`` returns it."""

    def update(self, content: object) -> None:
        """Show something else in its place."""


def display(kind: Literal["search", "study"]) -> AbstractContextManager[Listener | None]:
    """What shows the states of a search or a study; None where there is neither a notebook nor a terminal."""
    if in_notebook():
        return _in_notebook(_search_html if kind == "search" else _study_html)
    if not sys.stderr.isatty():
        return _nowhere()
    return _search_line() if kind == "search" else _study_bar()


def in_notebook() -> bool:
    """Whether the kernel of a notebook runs this code; IPython in a terminal is a terminal."""
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell is not None else None
    return running is not None and hasattr(running, "kernel")


@contextmanager
def _nowhere() -> Iterator[None]:
    yield None


@contextmanager
def _in_notebook(html: Callable[[State], str]) -> Iterator[Listener]:
    """An output that each state replaces; it is made with the first state, and empty at the end."""
    from IPython.display import HTML
    from IPython.display import display as show

    handles: list[_Handle] = []

    def listener(state: object) -> None:
        content = HTML(html(cast("State", state)))
        if handles:
            handles[0].update(content)
        else:
            handles.append(show(content, display_id=True))

    try:
        yield listener
    finally:
        for handle in handles:
            handle.update(HTML(""))


@contextmanager
def _search_line() -> Iterator[Listener]:
    """A line on standard error. Only a report redraws it, so that no thread of rich runs beside the solvers."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    terminal = Console(stderr=True)
    with Live(
        console=terminal, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
    ) as line:
        yield lambda state: line.update(
            Text(search_text(cast("Progress", state)), no_wrap=True, overflow="ellipsis"), refresh=True
        )


@contextmanager
def _study_bar() -> Iterator[Listener]:
    """A bar on standard error with the runs under way and the time left."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(bar_width=20), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def listener(state: object) -> None:
            study = cast("StudyProgress", state)
            bar.update(task, completed=study.done, total=study.total, description=study_text(study))

        yield listener


def search_text(state: Progress) -> str:
    """The elapsed time, the incumbent, the bound and the gap of a search."""
    parts = (
        f"{state.elapsed_s:.0f} s",
        f"incumbent {console.rounded(state.incumbent, 10)}",
        f"bound {console.rounded(state.bound, 10)}",
        f"gap {console.percent(state.gap)}",
    )
    return "   ".join(parts)


def study_text(state: StudyProgress) -> str:
    """The time left and the runs under way of a study."""
    left = [] if state.left_s is None else [f"{duration(state.left_s)} left"]
    running = Counter(f"{asked.method} on {asked.instance}" for asked in state.running)
    return "  ".join([*left, console.listed(running, width=60)])


def duration(seconds: float) -> str:
    """A time in hours, minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def _search_html(state: State) -> str:
    return f'<pre style="margin: 0">{escape(search_text(cast("Progress", state)))}</pre>'


def _study_html(state: State) -> str:
    study = cast("StudyProgress", state)
    bar = f'<progress value="{study.done}" max="{study.total}"></progress>'
    return f"<div>{bar} {study.done}/{study.total} {escape(study_text(study))}</div>"
