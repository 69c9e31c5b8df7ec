"""The LP laboratory of the page: switches of a formulation, and what its LP and its search do with them."""

from __future__ import annotations

from typing import TypedDict

from pydantic import TypeAdapter

from partload import console
from partload.explore.formulation import chosen
from partload.explore.render import fragment
from partload.explore.state import read_as
from partload.formulations.registry import Formulation
from partload.instances.errors import InputError
from partload.instances.records import AnyInstance
from partload.solvers.relaxation import Relaxation, relax, switches

TIME_LIMIT_S = 5.0
"""Time for the LP and the search."""
SHOWN = 12
"""Fractional variables that are named."""


class Run(TypedDict):
    """What is shown of one run, in HTML."""

    row: str
    """A row of the table of runs."""
    point: str
    """The fractional variables."""


def bench(formulation: Formulation) -> str:
    """The switches of a formulation in HTML; empty if it has none."""
    if not formulation.linear:
        return ""
    every = switches(formulation.name)
    return fragment("switches.html.jinja", name=formulation.name, switches=every) if every else ""


def read_on(document: object) -> list[str]:
    """The names of the switches that are on, from JSON; raises InputError on anything else."""
    return read_as(TypeAdapter(list[str]), document, "on")


def run(instance: AnyInstance, formulation: str | None, on: list[str], time_limit_s: float = TIME_LIMIT_S) -> Run:
    """Solve the LP of a formulation, None for the first that covers the instance, with some switches on.

    Raises
    ------
    InputError
        When no linear formulation covers the instance, on an unknown switch, or when the time is not enough.
    """
    found = chosen(instance, formulation)
    if found is None:
        raise InputError("no formulation covers this instance", source=instance.name)
    relaxation = relax(instance, found.name, on, search=True, time_limit=time_limit_s)
    point = fragment(
        "point.html.jinja",
        total=len(relaxation.fractional),
        fractional=[(one.name, f"{one.value:.3f}", one.meaning) for one in relaxation.fractional[:SHOWN]],
    )
    row = fragment("run.html.jinja", on=relaxation.on, measures=_measures(relaxation))
    return Run(row=row, point=point)


def _measures(relaxation: Relaxation) -> dict[str, str]:
    search = relaxation.search
    searched, nodes = "-", "-"
    if search is not None:
        searched = f"{console.rounded(search.solve_s, 3)} s" + ("" if search.proved else ", stopped")
        nodes = "-" if search.nodes is None else str(search.nodes)
    return {
        "LP value": f"{relaxation.lp_value:.4f}",
        "bound": console.number(relaxation.lp_bound),
        "optimum": console.number(relaxation.optimum),
        "fractional": str(len(relaxation.fractional)),
        "rows": str(relaxation.rows),
        "columns": str(relaxation.columns),
        "cuts": str(relaxation.cuts),
        "LP time": f"{1000 * relaxation.solve_s:.1f} ms",
        "nodes": nodes,
        "search": searched,
    }
