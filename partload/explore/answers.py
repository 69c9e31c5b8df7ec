"""What the page is told: the answer to each of its questions, as JSON. The server and the static page both ask here."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from partload import console
from partload.explore import formulation, render
from partload.explore.moves import judged, read_move
from partload.explore.panels import TIME_LIMIT_S, panels
from partload.explore.state import State, heuristics
from partload.instances.serialisation import render as text_of
from partload.solvers import solve

Answer = dict[str, object]


def opened(state: State) -> Answer:
    """The controls of an instance: its sliders, with the texts of their stops, and what can be chosen."""
    base, sliders = state.base, state.sliders
    exploration = state.exploration
    known, covering = heuristics(base), formulation.covering(base)
    controls = render.fragment(
        "controls.html.jinja",
        name=base.name,
        description=base.description,
        sliders=sliders,
        heuristics=known,
        heuristic=state.chosen_heuristic,
        formulations=covering,
        legend=exploration.legend,
        hint=exploration.hint,
    )
    return {
        "controls": controls,
        "stops": {one.parameter: [stop.text for stop in one.stops] for one in sliders},
        "starts": {one.parameter: one.start for one in sliders},
    }


def drawn(state: State, time_limit_s: float = TIME_LIMIT_S) -> Answer:
    """The three schedules and their measures, for the positions of the sliders."""
    instance = state.instance
    found = panels(instance, state.exploration, state.chosen_heuristic, time_limit_s)
    return {
        "parts": render.charts(found),
        "solutions": {panel.role: text_of(panel.solution) for panel in found},
    }


def explained(state: State, time_limit_s: float = TIME_LIMIT_S) -> Answer:
    """The formulation, and what binds at the optimum."""
    instance = state.instance
    chosen = formulation.chosen(instance, state.formulation)
    if chosen is None:
        return {"html": "", "marks": {}, "note": "No formulation covers this instance.", "sizes": ""}
    solution = solve(instance, time_limit=time_limit_s)
    found = formulation.shown(instance, chosen, solution.plan())
    marks: Mapping[str, object] = {name: dataclasses.asdict(mark) for name, mark in found.marks.items()}
    return {"html": found.html, "marks": marks, "note": found.note, "sizes": found.sizes}


def moved(state: State, move: object) -> Answer:
    """The plan after a move, and the verdict of the checker."""
    asked = read_move(move)
    verdict = judged(state, asked)
    return {
        "chart": render.moved_chart(asked.role, verdict),
        "solution": text_of(verdict.solution),
        "feasible": not verdict.violations,
        "objective": console.number(verdict.solution.objective),
    }


def saved(state: State) -> Answer:
    """The file of the instance that is shown."""
    instance = state.instance
    return {"name": instance.name, "text": text_of(instance)}
