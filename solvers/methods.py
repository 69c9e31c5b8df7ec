"""Every method there is, one entry each."""

from __future__ import annotations

from solvers.registry import Method

METHODS: tuple[Method, ...] = (
    Method(
        name="milp",
        problem="partial-loading",
        exact=True,
        covers="flat channels; every residency and rule for visits; slotted and pipelined uplink",
        summary="a MILP formulation, solved by HiGHS to proven optimality",
        module="solvers.partial_loading.milp",
    ),
)
"""In the order in which ``solve`` tries them when no method is named: the fastest exact ones first."""
