"""The MILP method: least bandwidths in closed form, so that a knapsack remains (problems, SLIDE, facts 2 and 3)."""

from __future__ import annotations

from partload.solvers.exact import ExactMethod

METHOD = ExactMethod(formulations=("provisioning",), engines=("highs", "scip"))
run = METHOD.run
