"""The method of tangents: what is curved is cut by tangents until bound and plan meet, so that a MILP solver is enough.

A plan whose bandwidths do not fit into the band is forbidden, and tangents are added where it stood.
"""

from __future__ import annotations

from partload.solvers.exact import ExactMethod

METHOD = ExactMethod(formulations=("cone",), engines=("highs", "scip"))
run = METHOD.run
