"""Every method there is, one entry each."""

from __future__ import annotations

from solvers.registry import Method

METHODS: tuple[Method, ...] = (
    Method(
        name="milp",
        problem="partial-loading",
        exact=True,
        covers="flat channels; every residency and rule for visits; slotted and pipelined uplink",
        summary="bandwidth in closed form, the schedule as a MILP; HiGHS or SCIP",
        module="solvers.partial_loading.milp",
    ),
    Method(
        name="tangents",
        problem="partial-loading",
        exact=True,
        covers="everything",
        summary="what is curved cut by tangents, the schedule as a MILP; HiGHS or SCIP",
        module="solvers.partial_loading.tangents",
    ),
    Method(
        name="minlp",
        problem="partial-loading",
        exact=True,
        covers="everything",
        summary="schedule and bandwidth together as a MINLP, nothing substituted; SCIP",
        module="solvers.partial_loading.minlp",
    ),
)
"""In the order in which ``solve`` tries them when no method is named: the fastest exact ones first."""
