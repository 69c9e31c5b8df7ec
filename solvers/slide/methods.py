"""The methods for SLIDE. ``solve`` tries the exact ones in this order: the fastest come first."""

from __future__ import annotations

from partload.instances.slide.frequency import FREQUENCIES
from partload.solvers.registry import Method

ALL_USERS = {
    "frequency": tuple(FREQUENCIES),
    "channel": ("flat", "power-limited"),
    "weights": ("equal", "different"),
}
"""What least bandwidths are known for."""
METHODS: tuple[Method, ...] = (
    Method(
        name="admission",
        problem="slide",
        exact=True,
        summary="users by least bandwidth until the band is full; polynomial",
        module="partload.solvers.slide.admission",
        supports=ALL_USERS | {"weights": ("equal",)},
        complexity="O(S + K I log L + K log K): S layers in all, I models of at most L layers for each of K users",
        guarantee="the optimum",
    ),
    Method(
        name="knapsack-dynamic",
        problem="slide",
        exact=True,
        summary="a knapsack over least bandwidths, by a dynamic programme over its core",
        module="partload.solvers.slide.knapsack_dynamic",
        supports=ALL_USERS,
        complexity="exponential at worst; mostly a few dozen users beside sorting them",
        guarantee="the optimum; after 20 million pairs of weight and bandwidth a plan and a bound",
    ),
    Method(
        name="milp",
        problem="slide",
        exact=True,
        summary="least bandwidths in closed form, who is served as a MILP; HiGHS or SCIP",
        module="partload.solvers.slide.exact.milp",
        complexity="exponential at worst",
    ),
    Method(
        name="minlp",
        problem="slide",
        exact=True,
        summary="provisioning, bandwidths, speeds and times together as a MINLP, nothing substituted; SCIP",
        module="partload.solvers.slide.exact.minlp",
        complexity="exponential at worst; for tiny instances",
    ),
    Method(
        name="download-first",
        problem="slide",
        exact=False,
        summary="baseline: a device begins when all of its model is here",
        module="partload.solvers.slide.baselines.download_first",
        supports=ALL_USERS,
        complexity="O(S + K I log L + K log K)",
    ),
    Method(
        name="equal-bandwidth",
        problem="slide",
        exact=False,
        summary="baseline: the band split equally among those served",
        module="partload.solvers.slide.baselines.equal_bandwidth",
        supports=ALL_USERS,
        complexity="O(S + K I log L + K log K)",
    ),
    Method(
        name="full-speed",
        problem="slide",
        exact=False,
        summary="baseline: greatest speed only",
        module="partload.solvers.slide.baselines.full_speed",
        supports=ALL_USERS,
        complexity="O(S + K I log L + K log K)",
    ),
    Method(
        name="smallest-model",
        problem="slide",
        exact=False,
        summary="baseline: the smallest model that can be in time",
        module="partload.solvers.slide.baselines.smallest_model",
        supports=ALL_USERS,
        complexity="O(S + K I log L + K log K)",
    ),
    Method(
        name="random",
        problem="slide",
        exact=False,
        summary="baseline: users in random order",
        module="partload.solvers.slide.baselines.random_admission",
        supports=ALL_USERS,
        complexity="O(S + K I log L)",
    ),
)
