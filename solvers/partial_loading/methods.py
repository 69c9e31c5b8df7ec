"""The methods for PartialLoading. ``solve`` tries the exact ones in this order: the fastest come first."""

from __future__ import annotations

from partload.instances.partial_loading import features
from partload.instances.partial_loading.uplink import UPLINKS
from partload.solvers.registry import Method

ALL_SLOTS = features.KNOWN
"""What the constructive heuristics and the local search support: they ask the timing rules of the instance."""
SLOT_BY_SLOT = tuple(name for name, discipline in UPLINKS.items() if not discipline.one_band)
"""Uplink disciplines in which each slot divides the whole band."""
ONLINE = {**ALL_SLOTS, "uplink": SLOT_BY_SLOT}
"""What online policies support. On a static uplink, the band of a request would depend on requests to come."""
BACKBONES = {
    "residency": ("previous",),
    "visits": ("once", "any"),
    "uplink": ("slotted",),
    "channel": ("flat",),
    "deadlines": ("common",),
    "weights": ("equal",),
    "arrivals": ("none",),
}
"""Where the dynamic programmes over clusters are exact (problems, fact 6)."""
ORDERS = BACKBONES | {"visits": ("once",), "weights": ("equal", "different")}
"""Where an order of models, and how much each serves, is all that there is to decide (problems, facts 3 and 4)."""
VISITS = {
    "residency": ("previous",),
    "visits": ("once", "any"),
    "uplink": ("slotted", "pipelined"),
    "channel": ("flat",),
    "deadlines": ("common", "different"),
    "weights": ("equal", "different"),
    "arrivals": ("none", "some"),
}
"""Where a visit acts on the clocks of GPU and uplink alone, and later visits depend on the last model alone."""
CACHED = ORDERS | {"residency": ("cached",)}
"""Where what to keep is decided as well, and nothing depends on the time at which a visit begins."""
UNIONS = CACHED
"""Where, with memory for all blocks and no uploads, a plan is a union of blocks (problems, fact 5)."""
EACH_SLOT = "polynomial: for each slot a pass over models and requests"
EACH_DECISION = "polynomial: for each decision a pass over those who wait"
METHODS: tuple[Method, ...] = (
    Method(
        name="dynamic",
        problem="partial-loading",
        exact=True,
        summary="a dynamic programme over the number of requests served; polynomial",
        module="partload.solvers.partial_loading.dynamic.unweighted",
        supports=BACKBONES,
        complexity="O(L K^2) for K requests and L levels of prefixes",
        guarantee="the optimum",
    ),
    Method(
        name="weighted-dynamic",
        problem="partial-loading",
        exact=True,
        summary="a dynamic programme over the weight served; exact for weights on a grid, else within a gap",
        module="partload.solvers.partial_loading.dynamic.weighted",
        supports=BACKBONES | {"weights": ("equal", "different")},
        complexity="pseudo-polynomial: O(L P^2) for P units of weight, beside the knapsacks of the models",
        guarantee="the optimum for weights on a grid, else a plan within the gap asked for",
    ),
    Method(
        name="sequence",
        problem="partial-loading",
        exact=True,
        summary="branch and cut over the order of models; any sharing, hundreds of models; HiGHS for its LPs",
        module="partload.solvers.partial_loading.sequence.method",
        supports=ORDERS,
        complexity="exponential at worst; the LP has a few rows for each model, a pass over all legs prices them",
    ),
    Method(
        name="label-setting",
        problem="partial-loading",
        exact=True,
        summary="label setting over prefixes of plans, with bounds of a relaxation that may return to models",
        module="partload.solvers.partial_loading.label_setting.method",
        supports=VISITS,
        complexity="exponential at worst; labels are bounded by a table over models, time and a few bits of memory",
    ),
    Method(
        name="tool-switching",
        problem="partial-loading",
        exact=True,
        summary="a dynamic programme over what is served and what is resident; for few models and few shared blocks",
        module="partload.solvers.partial_loading.tool_switching.method",
        supports=CACHED,
        complexity="O(N (N + B) 2^(N + B)) for N models with one request each and B shared blocks",
        guarantee="the optimum; when it is stopped, a greedy plan and a knapsack bound",
    ),
    Method(
        name="set-union",
        problem="partial-loading",
        exact=True,
        summary="memory for all blocks, no uploads: branch and bound over the blocks that are not loaded",
        module="partload.solvers.partial_loading.set_union.method",
        supports=UNIONS,
        complexity="exponential at worst in the number of blocks",
    ),
    Method(
        name="milp",
        problem="partial-loading",
        exact=True,
        summary="bandwidth in closed form, the schedule as a MILP; HiGHS or SCIP",
        module="partload.solvers.partial_loading.exact.milp",
        complexity="exponential at worst",
    ),
    Method(
        name="tangents",
        problem="partial-loading",
        exact=True,
        summary="what is curved cut by tangents, the schedule as a MILP; HiGHS or SCIP",
        module="partload.solvers.partial_loading.exact.tangents",
        complexity="exponential at worst, and a MILP for each round of tangents",
    ),
    Method(
        name="minlp",
        problem="partial-loading",
        exact=True,
        summary="schedule and bandwidth together as a MINLP, nothing substituted; SCIP",
        module="partload.solvers.partial_loading.exact.minlp",
        complexity="exponential at worst; for tiny instances",
    ),
    Method(
        name="greedy-sharing",
        problem="partial-loading",
        exact=False,
        summary="next is the model that shares the most bytes with what is loaded",
        module="partload.solvers.partial_loading.constructive.greedy_sharing",
        supports=ALL_SLOTS,
        complexity=EACH_SLOT,
    ),
    Method(
        name="greedy-rate",
        problem="partial-loading",
        exact=False,
        summary="next is the visit with the most weight per second added",
        module="partload.solvers.partial_loading.constructive.greedy_rate",
        supports=ALL_SLOTS,
        complexity=EACH_SLOT,
    ),
    Method(
        name="local-search",
        problem="partial-loading",
        exact=False,
        summary="starts from quick plans; removes, moves, swaps, inserts and exchanges, then fills up again; anytime",
        module="partload.solvers.partial_loading.local_search.search",
        supports=ALL_SLOTS,
        complexity="each step polynomial; ends at the time limit, or after 3,000 steps without a better plan",
        guarantee="a plan no worse than the quick ones it starts from; the optimum where it meets the upper bound",
    ),
    Method(
        name="first-come",
        problem="partial-loading",
        exact=False,
        summary="baseline: models in the order of their requests in the file",
        module="partload.solvers.partial_loading.baselines.first_come",
        supports=ALL_SLOTS,
        complexity=EACH_SLOT,
    ),
    Method(
        name="random",
        problem="partial-loading",
        exact=False,
        summary="baseline: models in random order",
        module="partload.solvers.partial_loading.baselines.random_order",
        supports=ALL_SLOTS,
        complexity=EACH_SLOT,
    ),
    Method(
        name="earliest-deadline",
        problem="partial-loading",
        exact=False,
        summary="baseline: the model of the request that is due first",
        module="partload.solvers.partial_loading.baselines.earliest_deadline",
        supports=ALL_SLOTS,
        complexity=EACH_SLOT,
    ),
    Method(
        name="one-per-batch",
        problem="partial-loading",
        exact=False,
        summary="baseline: greedy-sharing with one request per batch",
        module="partload.solvers.partial_loading.baselines.one_per_batch",
        supports=ALL_SLOTS,
        complexity=EACH_SLOT,
    ),
    Method(
        name="full-loading",
        problem="partial-loading",
        exact=False,
        summary="baseline: every slot is taken to load its whole model",
        module="partload.solvers.partial_loading.baselines.full_loading",
        supports=ALL_SLOTS,
        complexity=EACH_SLOT,
    ),
    Method(
        name="equal-bandwidth",
        problem="partial-loading",
        exact=False,
        summary="baseline: the band of a slot split equally among its requests",
        module="partload.solvers.partial_loading.baselines.equal_bandwidth",
        supports={**ALL_SLOTS, "uplink": SLOT_BY_SLOT},
        complexity=EACH_SLOT,
    ),
    Method(
        name="fifo",
        problem="partial-loading",
        exact=False,
        summary="online policy: oldest request first",
        module="partload.solvers.partial_loading.policies.fifo",
        supports=ONLINE,
        complexity=EACH_DECISION,
    ),
    Method(
        name="fifo-collate",
        problem="partial-loading",
        exact=False,
        summary="online policy: the loaded model first, unless a request waited too long",
        module="partload.solvers.partial_loading.policies.fifo_collate",
        supports=ONLINE,
        complexity=EACH_DECISION,
    ),
    Method(
        name="lru",
        problem="partial-loading",
        exact=False,
        summary="online policy: fifo with a cache by least recent use",
        module="partload.solvers.partial_loading.policies.lru",
        supports=ONLINE | {"residency": ("cached",)},
        complexity=EACH_DECISION,
    ),
    Method(
        name="edf",
        problem="partial-loading",
        exact=False,
        summary="online policy: earliest deadline first among those who wait",
        module="partload.solvers.partial_loading.policies.edf",
        supports=ONLINE,
        complexity=EACH_DECISION,
    ),
    Method(
        name="least-slack",
        problem="partial-loading",
        exact=False,
        summary="online policy: least time to spare first",
        module="partload.solvers.partial_loading.policies.least_slack",
        supports=ONLINE,
        complexity=EACH_DECISION,
    ),
    Method(
        name="clockwork",
        problem="partial-loading",
        exact=False,
        summary="online policy: refuses what cannot be in time, then the batch that has to start first",
        module="partload.solvers.partial_loading.policies.clockwork",
        supports=ONLINE,
        complexity=EACH_DECISION,
    ),
)
