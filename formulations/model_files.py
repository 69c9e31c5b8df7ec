"""Model files for other solvers, and the names that variables have in them.

A name is Pyomo's text label of the component. Labels that two components share get a number, and those that readers of
LP files take for numbers a leading ``_``. Names depend on the model alone, so that a solution can be read back.
"""

from __future__ import annotations

from pathlib import Path

import pyomo.environ as pyo
from pyomo.common.collections import ComponentMap
from pyomo.core.base.component import ComponentData
from pyomo.core.base.label import TextLabeler

from partload.formulations.templates import expand

NAMED_ENDINGS = (".lp", ".mps")
"""Files that hold the names of variables."""
ENDINGS = (*NAMED_ENDINGS, ".nl")
NUMBER_PREFIXES = ("inf", "nan")
"""Some readers of LP files take names that start so for numbers."""


class Labeler:
    """Gives each component of a model a name of its own; for Pyomo's writers."""

    def __init__(self, model: pyo.ConcreteModel) -> None:
        self.plain = TextLabeler()
        self.names: ComponentMap[ComponentData, str] = ComponentMap()
        self.taken: set[str] = set()
        self.variables = list(model.component_data_objects(pyo.Var, active=True))
        for variable in self.variables:  # First, and in the order of the model: the order of a writer may change.
            self(variable)

    def __call__(self, component: ComponentData) -> str:
        """The name of a component."""
        if component not in self.names:
            self.names[component] = self._new(component)
            self.taken.add(self.names[component])
        return self.names[component]

    def _new(self, component: ComponentData) -> str:
        label: str = self.plain(component)
        if label.lower().startswith(NUMBER_PREFIXES):
            label = f"_{label}"
        name, number = label, 1
        while name in self.taken:
            number += 1
            name = f"{label}_{number}"
        return name


def write(model: pyo.ConcreteModel, path: Path) -> None:
    """Write a model as a file that ends in one of ``ENDINGS``."""
    expand(model)  # Writers read expressions.
    named = path.suffix in NAMED_ENDINGS
    options: dict[str, object] = {"labeler": Labeler(model)} if named else {"symbolic_solver_labels": True}
    model.write(str(path), io_options=options)


def variables_by_name(model: pyo.ConcreteModel) -> dict[str, pyo.Var]:
    """The variables of a model by the names that they have in its files."""
    labeler = Labeler(model)
    return {labeler(variable): variable for variable in labeler.variables}
