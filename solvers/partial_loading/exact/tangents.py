"""The method of tangents: a MILP solver approximates curved constraints by tangents until bound and plan agree.

A plan whose bandwidths do not fit into the band is forbidden, and tangents are added at its values.
"""

from __future__ import annotations

from partload.solvers.exact.driver import ExactMethod

METHOD = ExactMethod(formulations=("cone",), engines=("highs", "scip"))
run = METHOD.run
