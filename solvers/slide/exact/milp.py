"""The MILP method: least bandwidths in closed form, which leave a knapsack (problems, SLIDE, facts 2 and 3)."""

from __future__ import annotations

from partload.solvers.exact.driver import ExactMethod

METHOD = ExactMethod(formulations=("provisioning",), engines=("highs", "scip"))
run = METHOD.run
