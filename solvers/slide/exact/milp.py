"""The MILP method: least bandwidths in closed form, so that a knapsack remains (problems, SLIDE, facts 2 and 3)."""

from __future__ import annotations

from partload.solvers.exact import ExactMethod
from partload.solvers.slide.exact.hooks import GROUND

METHOD = ExactMethod(GROUND, formulations=("provisioning",), engines=("highs", "scip"))
run = METHOD.run
