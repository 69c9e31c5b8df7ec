"""The MILP method: bandwidth in closed form, so that what remains is linear (problems, fact 1)."""

from __future__ import annotations

from partload.solvers.exact import ExactMethod

METHOD = ExactMethod(formulations=("slot",), engines=("highs", "scip"))
run = METHOD.run
