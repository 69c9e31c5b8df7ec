"""The set-union method: with memory for all blocks and no uploads, only the set of blocks is decided; a MILP."""

from __future__ import annotations

from partload.formulations.partial_loading.set_union.conditions import NEEDS
from partload.solvers.exact.driver import ExactMethod

__all__ = ["METHOD", "NEEDS", "run"]

METHOD = ExactMethod(formulations=("set-union",), engines=("highs", "scip"))
run = METHOD.run
