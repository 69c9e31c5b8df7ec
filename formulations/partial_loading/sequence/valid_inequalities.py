"""Valid inequalities of the sequence formulation: whoever visits a model of a set enters the set from outside.

Valid: follow the path of a visited model k in S back to the hub or the start, which are outside of S; some arc of it
leads into S. So

    sum of x_{i,j} over the arcs (i, j) into S  >=  y_k     for every set S of models and every k in S.

The model has these rows for two kinds of sets from the start. For all others there are too many of them: an LP solution
says which are violated, and those are added as cuts.
"""

from __future__ import annotations

from collections.abc import Collection

import pyomo.environ as pyo

from partload.formulations.cuts import constraint_list
from partload.formulations.partial_loading.slot.data import SlotData

TIGHTENINGS = {
    "order": "serve the better of two requests of a model first",
    "two-cycles": "between two models, not both the arc from one to the other and the arc back",
    "shared-blocks": "the models that have a block in common are entered from outside",
}
"""What can be added to the plain formulation. "order" is a constraint of the formulation; the others are here."""
CUTS = {"subtours": "every set of models is entered from outside; the LP solution says which sets are violated"}
"""What can be added to an LP where its solution violates it."""


def add_entries(m: pyo.ConcreteModel, data: SlotData, chosen: Collection[str]) -> None:
    """Add the chosen inequalities for the sets that have them from the start."""
    if "two-cycles" in chosen:
        _two_models(m)
    if "shared-blocks" in chosen:
        _shared_blocks(m, data)


def add_entry(m: pyo.ConcreteModel, inside: Collection[str], k: str) -> None:
    """Add the cut of a set of models and of one of them."""
    into = [(i, j) for i, j in m.ARCS if j in inside and i not in inside]
    constraint_list(m, "entered_set", "a set of models is entered from outside").add(
        pyo.quicksum(m.arc[a] for a in into) >= m.visited[k]
    )


def _two_models(m: pyo.ConcreteModel) -> None:
    """For two models i and j, the arcs into {i, j} from outside are y_i + y_j - x_ij - x_ji."""
    m.PAIRS = pyo.Set(
        dimen=2, initialize=[(i, j) for i, j in m.ARCS if (j, i) in m.ARCS], doc="pairs of models with arcs both ways"
    )
    m.no_return = pyo.Constraint(
        m.PAIRS, rule=lambda m, i, j: m.arc[i, j] + m.arc[j, i] <= m.visited[i], doc="not one after the other and back"
    )


def _shared_blocks(m: pyo.ConcreteModel, data: SlotData) -> None:
    """The sets of three and more models that have a block in common."""
    sets = data.instance.block_sets
    users = {frozenset(i for i in data.models if block in sets[i]): None for block in data.instance.block_sizes}
    groups = dict(enumerate((group for group in users if len(group) > 2), start=1))
    entering = {g: [(i, j) for i, j in m.ARCS if j in group and i not in group] for g, group in groups.items()}
    m.GROUPS = pyo.Set(dimen=1, initialize=tuple(groups), doc="sets of models that share a block")
    m.ENTERING = pyo.Set(m.GROUPS, dimen=2, initialize=entering, doc="arcs into the set g from outside of it")
    m.MEMBERS = pyo.Set(
        dimen=2,
        initialize=[(g, j) for g, group in groups.items() for j in data.models if j in group],
        doc="sets g with the models j that belong to them",
    )
    m.entered_group = pyo.Constraint(
        m.MEMBERS,
        rule=lambda m, g, j: sum(m.arc[a] for a in m.ENTERING[g]) >= m.visited[j],
        doc="the models with a block are entered from outside",
    )
