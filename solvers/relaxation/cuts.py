"""The search for violated cuts, for each formulation that has cuts: by formulation and name of the family of cuts.

A separation looks at the values in the variables of a built model, adds the cuts that they violate, and says how many.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pyomo.environ as pyo

from partload.formulations.partial_loading.sequence.built import SequenceModel
from partload.formulations.registry import BuiltModel
from partload.solvers.partial_loading.sequence.separation import NOTHING, violated_sets

Separation = Callable[[BuiltModel], int]


def _subtours(built: BuiltModel) -> int:
    """Sets of models that the arcs enter too rarely, by least cuts."""
    sequence = cast(SequenceModel, built)
    models: list[str] = list(sequence.model.MODELS)
    node = {model: number for number, model in enumerate(models)}
    arcs = [
        (node.get(i, len(models)), node[j], use)
        for (i, j), arc in sequence.model.arc.items()
        if (use := pyo.value(arc)) > NOTHING
    ]
    found = violated_sets(len(models), arcs)
    for inside, k in found.items():
        sequence.enter_from_outside({models[one] for one in inside}, models[k])
    return len(found)


SEPARATIONS: dict[tuple[str, str], Separation] = {("sequence", "subtours"): _subtours}
