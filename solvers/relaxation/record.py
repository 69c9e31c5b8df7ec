"""What is known of the LP relaxation of a formulation of an instance, with some of its tightenings and cuts."""

from __future__ import annotations

import dataclasses
from typing import Literal

SHOWN = 12
"""Fractional variables that the text of a relaxation names."""
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclasses.dataclass(frozen=True)
class Switch:
    """Something of a formulation that is on or off."""

    name: str
    kind: Literal["tightening", "reformulation", "cut"]
    """A tightening removes points from the LP and never raises its value. A reformulation has other variables, and the
    value of its LP may be larger or smaller. A cut is added where an LP solution violates it."""
    meaning: str
    on: bool


@dataclasses.dataclass(frozen=True)
class Fractional:
    """A variable that has to be whole, and is not in the LP solution."""

    name: str
    value: float
    meaning: str
    """In words."""


@dataclasses.dataclass(frozen=True)
class Search:
    """The model with its integer variables, searched by HiGHS without a first plan and without any other bound."""

    objective: float | None
    """Weight of the best plan found that the checker accepts."""
    bound: float | None
    """Upper bound on the weight that any plan serves; None where nothing is proved."""
    nodes: int | None
    """Nodes of the search tree; None when the search did not begin."""
    solve_s: float
    proved: bool
    """Whether the search ended by itself, within the time limit."""


@dataclasses.dataclass(frozen=True)
class Relaxation:
    """The LP relaxation of a formulation of an instance."""

    instance: str
    formulation: str
    switches: tuple[Switch, ...]
    rows: int
    """Constraints, with those that were added as cuts."""
    columns: int
    """Variables that are not fixed."""
    nonzeros: int
    lp_value: float
    """Optimum of the LP, as a weight, as the solver says it."""
    lp_bound: float
    """The same as an upper bound on the weight that any plan serves: on the safe side, and rounded down."""
    cuts: int
    """Cuts that were added."""
    rounds: int
    """LPs that were solved: one, and one after each round of cuts."""
    build_s: float
    solve_s: float
    """For all rounds."""
    fractional: tuple[Fractional, ...]
    """An LP often has several optimal solutions, and the solver returns one of them."""
    search: Search | None = None
    """None where no search was asked for, or where it did not end in time."""
    optimum: float | None = None
    """The largest weight that a plan serves, by the fastest exact method; None if it was not proved in time."""

    @property
    def on(self) -> tuple[str, ...]:
        """Names of the switches that are on."""
        return tuple(switch.name for switch in self.switches if switch.on)

    def as_dict(self) -> dict[str, Json]:
        """The same in the types of JSON, for pages and files."""
        return {name: _plain(value) for name, value in dataclasses.asdict(self).items()}

    def __str__(self) -> str:
        lines = [f"{self.formulation} on {self.instance}, with {', '.join(self.on) or 'no tightening'}"]
        best = "not proved in time" if self.optimum is None else f"{self.optimum:g}"
        lines.append(f"LP value {self.lp_value:.4f}, bound {self.lp_bound:g}, optimum {best}")
        lines.append(f"{self.rows} rows, {self.columns} columns, LP solved in {1000 * self.solve_s:.1f} ms")
        if self.cuts:
            lines.append(f"{self.cuts} cuts in {self.rounds - 1} rounds")
        if self.search is not None:
            end = "proved" if self.search.proved else "stopped"
            nodes = "no" if self.search.nodes is None else str(self.search.nodes)
            lines.append(f"search {end} after {self.search.solve_s:.2f} s, {nodes} nodes")
        lines.append(f"{len(self.fractional)} variables that have to be whole are fractional")
        lines += [f"  {one.value:.3f}  {one.name}: {one.meaning}" for one in self.fractional[:SHOWN]]
        return "\n".join(lines)


def _plain(value: object) -> Json:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"no JSON for a {type(value).__name__}")
