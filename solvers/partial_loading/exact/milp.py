"""The MILP method: bandwidth has a closed form, and the rest of the problem is linear (problems, fact 1)."""

from __future__ import annotations

from partload.solvers.exact import ExactMethod
from partload.solvers.partial_loading.exact.hooks import GROUND

METHOD = ExactMethod(GROUND, formulations=("slot",), engines=("highs", "scip"))
run = METHOD.run
