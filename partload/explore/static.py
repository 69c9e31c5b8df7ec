"""The page without a server: its answers are computed beforehand and stand in it.

One slider moves at a time, because the schedules of all positions together would be millions. Equal parts of the
answers stand in the page once.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from pathlib import Path

from partload.explore import answers, laboratory, render
from partload.explore.exploration import exploration_of
from partload.explore.formulation import chosen
from partload.explore.sliders import Slider, moved
from partload.explore.state import State
from partload.instances.records import AnyInstance
from partload.solvers.relaxation import switches

MOST_STOPS, MOST_SWITCHES = 9, 6
TEXTS = ("html", "laboratory")
"""The texts of an explanation."""
EXAMPLES = {"partial-loading.html": "edge-demo", "slide.html": "slide-cell-20"}
"""The pages, each with its instance."""


@dataclasses.dataclass
class _Parts:
    """Texts, each of which is kept once."""

    texts: list[str] = dataclasses.field(default_factory=list)
    places: dict[str, int] = dataclasses.field(default_factory=dict)

    def place(self, text: str) -> int:
        if text not in self.places:
            self.places[text] = len(self.texts)
            self.texts.append(text)
        return self.places[text]


def write(folder: Path) -> None:
    """Write the pages of the examples, with their style sheet and script, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "explore.css").write_text(render.style_sheet(), encoding="utf-8")
    for name in render.SCRIPTS:
        (folder / name).write_text(render.script(name), encoding="utf-8")
    for name, instance in EXAMPLES.items():
        (folder / name).write_text(page(State(name=instance)), encoding="utf-8")


def page(state: State) -> str:
    """The page of an instance."""
    instance, heuristic = state.base, state.chosen_heuristic
    sliders = tuple(map(thinned, state.sliders))
    parts = _Parts()
    found = {
        key: _answers(moved(instance, sliders, positions), heuristic, parts, key)
        for key, positions in _positions(sliders)
    }
    found[""]["relax"] = _runs(state)
    opened = answers.opened(instance, sliders, answers.Choices(), hint=False)
    without = exploration_of(instance).without
    about = f"The third schedule is the optimum without {without}; the second one is that of {heuristic}."
    start = {"answers": {"open": opened, "found": found, "parts": parts.texts}, "about": about}
    return render.page(start, served=False, pages={one: name for name, one in EXAMPLES.items()})


def thinned(slider: Slider) -> Slider:
    """The slider with at most ``MOST_STOPS`` stops: evenly spaced ones, the ends and the start among them."""
    last = len(slider.stops) - 1
    if last < MOST_STOPS:
        return slider
    chosen = {round(n * last / (MOST_STOPS - 1)) for n in range(MOST_STOPS)}
    nearest = min(chosen, key=lambda place: abs(place - slider.start))
    kept = sorted(chosen - {nearest} | {slider.start})
    return dataclasses.replace(
        slider, stops=tuple(slider.stops[place] for place in kept), start=kept.index(slider.start)
    )


def _positions(sliders: tuple[Slider, ...]) -> Iterator[tuple[str, dict[str, int]]]:
    """All sliders at their starts, then each at each other stop; with the keys under which the page looks them up."""
    yield "", {}
    for slider in sliders:
        for place in range(len(slider.stops)):
            if place != slider.start:
                yield f"{slider.parameter}={place}", {slider.parameter: place}


def _runs(state: State) -> dict[str, laboratory.Run]:
    """The runs of the laboratory for every choice of switches, by their names."""
    found = chosen(state.base, None)
    names = [] if found is None or not found.linear else [one.name for one in switches(found.name)]
    if len(names) > MOST_SWITCHES:
        return {}
    choices = itertools.chain.from_iterable(itertools.combinations(names, n) for n in range(len(names) + 1))
    return {",".join(on): laboratory.run(state.base, None, list(on)) for on in choices}


def _answers(instance: AnyInstance, heuristic: str, parts: _Parts, key: str) -> dict[str, object]:
    drawn, explained = answers.drawn(instance, heuristic), answers.explained(instance, None)
    charts = drawn["parts"]
    assert isinstance(charts, dict)
    return {
        "draw": {role: parts.place(text) for role, text in charts.items()},
        "explain": explained
        | {name: parts.place(str(explained[name]) if key == "" or name == "html" else "") for name in TEXTS},
    }
