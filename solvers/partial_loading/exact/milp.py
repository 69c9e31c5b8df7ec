"""The MILP method: bandwidth has a closed form, and the rest of the problem is linear (problems, fact 1)."""

from __future__ import annotations

from partload.solvers.exact.driver import ExactMethod

METHOD = ExactMethod(formulations=("slot", "sequence", "set-union"), engines=("highs", "scip"), preferred="set-union")
run = METHOD.run
