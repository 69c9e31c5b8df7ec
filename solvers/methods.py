"""Every method there is, one entry each."""

from __future__ import annotations

from solvers.registry import Method

METHODS: tuple[Method, ...] = (
    Method(
        name="dynamic",
        problem="partial-loading",
        exact=True,
        covers="nested prefixes; flat channels, residency previous, slotted uplink, one deadline, equal weights",
        summary="a dynamic programme over the number of requests served; polynomial",
        module="solvers.partial_loading.dynamic",
    ),
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
    Method(
        name="greedy-sharing",
        problem="partial-loading",
        exact=False,
        covers="everything",
        summary="next is the model that shares the most bytes with what is loaded",
        module="solvers.partial_loading.greedy_sharing",
    ),
    Method(
        name="greedy-rate",
        problem="partial-loading",
        exact=False,
        covers="everything",
        summary="next is the visit with the most weight per second added",
        module="solvers.partial_loading.greedy_rate",
    ),
    Method(
        name="local-search",
        problem="partial-loading",
        exact=False,
        covers="everything",
        summary="starts from both greedies; removes, moves, swaps, inserts and exchanges, then fills up again; anytime",
        module="solvers.partial_loading.local_search",
    ),
    Method(
        name="first-come",
        problem="partial-loading",
        exact=False,
        covers="everything",
        summary="baseline: models in the order of their requests in the file",
        module="solvers.partial_loading.baselines.first_come",
    ),
    Method(
        name="random",
        problem="partial-loading",
        exact=False,
        covers="everything",
        summary="baseline: models in random order",
        module="solvers.partial_loading.baselines.random_order",
    ),
    Method(
        name="earliest-deadline",
        problem="partial-loading",
        exact=False,
        covers="everything",
        summary="baseline: the model of the request that is due first",
        module="solvers.partial_loading.baselines.earliest_deadline",
    ),
    Method(
        name="one-per-batch",
        problem="partial-loading",
        exact=False,
        covers="everything",
        summary="baseline: greedy-sharing with one request per batch",
        module="solvers.partial_loading.baselines.one_per_batch",
    ),
    Method(
        name="full-loading",
        problem="partial-loading",
        exact=False,
        covers="everything",
        summary="baseline: every slot is taken to load its whole model",
        module="solvers.partial_loading.baselines.full_loading",
    ),
    Method(
        name="equal-bandwidth",
        problem="partial-loading",
        exact=False,
        covers="slotted and pipelined uplink; everything else",
        summary="baseline: the band of a slot split equally among its requests",
        module="solvers.partial_loading.baselines.equal_bandwidth",
    ),
)
"""In the order in which ``solve`` tries them when no method is named: the fastest exact ones first."""
