"""The MILP method: bandwidth in closed form, so that what remains is linear (problems, fact 1)."""

from __future__ import annotations

from solvers.partial_loading.exact import ExactMethod

METHOD = ExactMethod(formulations=("slot",), engines=("highs", "scip"))
lacks, run = METHOD.lacks, METHOD.run
