"""What the page is told: the answer to each of its questions, as JSON. The server and the static page both ask here."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from partload.explore import formulation, laboratory, render
from partload.explore.exploration import exploration_of
from partload.explore.moves import ByHand, judged, read_move, read_plan
from partload.explore.panels import TIME_LIMIT_S, instance_of, panels, solved
from partload.explore.sliders import Slider
from partload.explore.state import State
from partload.instances.records import AnyInstance
from partload.instances.serialisation import render as text_of

Answer = dict[str, object]


@dataclasses.dataclass(frozen=True)
class Choices:
    """What can be chosen beside the sliders; nothing, where there is no choice."""

    heuristics: Sequence[str] = ()
    heuristic: str = ""
    formulations: Sequence[str] = ()


def opened(instance: AnyInstance, sliders: Sequence[Slider], choices: Choices, *, hint: bool = True) -> Answer:
    """The controls of an instance: its sliders, with the texts of their stops, and what can be chosen."""
    exploration = exploration_of(instance)
    controls = render.fragment(
        "controls.html.jinja",
        name=instance.name,
        description=instance.description,
        sliders=sliders,
        choices=choices,
        legend=exploration.legend,
        hint=exploration.hint if hint else "",
    )
    return {
        "controls": controls,
        "stops": {one.parameter: [stop.text for stop in one.stops] for one in sliders},
        "starts": {one.parameter: one.start for one in sliders},
    }


def drawn(instance: AnyInstance, heuristic: str, time_limit_s: float = TIME_LIMIT_S) -> Answer:
    """The three schedules and their measures."""
    found = panels(instance, exploration_of(instance), heuristic, time_limit_s)
    return {
        "parts": render.charts(found),
        "solutions": {panel.role: text_of(panel.solution) for panel in found},
    }


def explained(
    instance: AnyInstance, name: str | None, time_limit_s: float = TIME_LIMIT_S, by_hand: ByHand | None = None
) -> Answer:
    """A formulation, None for the first that covers the instance, and what binds at the optimum or at another plan."""
    if by_hand is not None:
        instance = instance_of(by_hand.role, instance, exploration_of(instance))
    chosen = formulation.chosen(instance, name)
    if chosen is None:
        note = "No formulation covers this instance."
        return {"html": "", "marks": {}, "note": note, "sizes": "", "laboratory": ""}
    plan = solved(instance, time_limit_s).plan() if by_hand is None else read_plan(instance, by_hand)
    shown = formulation.shown(instance, chosen, plan)
    return dataclasses.asdict(shown) | {"laboratory": laboratory.bench(chosen)}


def moved(state: State, move: object) -> Answer:
    """The plan after a move, and the verdict of the checker."""
    asked = read_move(move)
    verdict = judged(state, asked)
    return {"chart": render.moved_chart(asked.role, verdict), "solution": text_of(verdict.solution)}


def saved(instance: AnyInstance) -> Answer:
    """The file of an instance."""
    return {"name": instance.name, "text": text_of(instance)}
