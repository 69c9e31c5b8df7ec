# ---
# jupyter:
#   jupytext:
#     text_representation:
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 03 Joint or sequential
#
# *15 minutes. You need lessons 01 and 02, and the extras `convex` and `scip`: `pip install 'partload[convex,scip]'`.*
#
# The schedule and the bandwidths depend on each other. A request that uploads slowly delays its slot and all later
# slots; and the slot that a request is in decides with whom it shares the band.
#
# **A question to begin with.** Three colleagues serve the same requests. Ada decides everything at once, with a
# global solver. Ben decides the schedule first and divides the band afterwards. Cleo divides the band first, equally
# among the requests of a slot, and decides the schedule afterwards. *Who can end up with fewer requests than Ada?*
# Decide before you read on.

# %% [markdown]
# ## The joint problem
#
# | symbol | meaning | unit |
# |---|---|---|
# | $n$, $k$ | slots and requests | |
# | $y_{nk}$ | 1 if slot $n$ serves request $k$ | |
# | $b_k$ | bandwidth of request $k$ | Hz |
# | $t_n$ | time that the uploads of slot $n$ take | s |
# | $B$ | the band | Hz |
# | $D_k, \eta_k$ | input [bit] and spectral efficiency [bit/s/Hz]; channels are flat | |
# | $a_k = D_k / \eta_k$ | load of a request on the spectrum | Hz s |
# | $U$ | the requests of one slot | |
#
# Lesson 01 wrote the schedule as a MILP. Its uploads took $\sum_k a_k y_{nk} / B$. Without this shortcut, bandwidth
# and time are variables:
#
# $$ \eta_k \, b_k \, t_n \geq D_k \, y_{nk} , \qquad \sum_k b_k \, y_{nk} \leq B . $$
#
# Products of variables everywhere: this is a nonconvex **MINLP**, a mixed-integer nonlinear program. SCIP solves it
# globally: it returns a plan and a proven bound. partload has both programs, `minlp` with nothing substituted and
# `milp` with the shortcut.

# %%
import time

import partload

instance = partload.read("three-models")
for method in ("minlp", "milp"):
    started = time.perf_counter()
    solution = partload.solve(instance, method)
    print(f"{method}: {solution.objective:g}, {solution.status}, {time.perf_counter() - started:.2f} s")
    assert solution.objective == 4

# %% [markdown]
# ## The proof
#
# **Claim.** For every schedule, there are bandwidths and times $t_n$ that satisfy the joint constraints if and only
# if $t_n \geq \sum_k a_k y_{nk} / B$ for all $n$.
#
# **If the joint constraints hold, so does the bound on $t_n$.** Let $k$ be in slot $n$. If $a_k > 0$, its first
# constraint says $b_k \geq a_k / t_n$. Add up over the slot: $B \geq \sum_k b_k y_{nk} \geq \sum_k a_k y_{nk} / t_n$.
# Multiply by $t_n / B$.
#
# **If the bound holds, there are such bandwidths.** Take $b_k = B a_k / \sum_{l \in U} a_l$ in a slot with requests
# $U$. They add up to $B$, and $b_k t_n \geq a_k$. A request is in one slot at most, so its $b_k$ is set once. Slots
# do not compete for the band, because each has the whole band during its uploads. If no request of the slot has bits,
# there is nothing to divide. $\square$
#
# So a schedule and its times are feasible in the joint problem if and only if they are feasible in the MILP. Both
# count the same requests, so they have the same optimum. Ben loses nothing, on one condition: his schedule must
# *know* the least time $\sum a_k / B$. It need not know the bandwidths.
#
# ## The measurement
#
# A proof can be wrong, and so can a program. The joint formulation contains no constraint that relies on the
# shortcut, so it could contradict the claim. We try random instances:

# %%
drawn = [partload.generate("general", models=2, requests=8, bandwidth=5e6, seed=seed) for seed in range(8)]
gain = []
for each in drawn[:4]:
    joint, sequential = partload.solve(each, "minlp"), partload.solve(each, "milp")
    assert joint.status == sequential.status == "optimal"
    gain.append(joint.objective - sequential.objective)
print("gain of deciding jointly:", gain)
assert not any(gain)

# %% [markdown]
# Not a proof, but a test that could have failed. `make verify` does the same on hundreds of instances.
#
# ## Band first
#
# Cleo's slots take longer. With $u$ requests in the slot, each has $B / u$, and the slot waits for the largest input:
# $u \max_k a_k / B$ in place of $\sum_k a_k / B$. The instances are so small that we can try all plans. The next cell
# tries every order of every set of models, with every choice of requests, under any rule for the time of the uploads:

# %%
from itertools import combinations, permutations, product


def best_by(instance, rule, deadline=None):
    """Most requests served, and all plans that serve so many, when the uploads of a slot take rule(loads, band)."""
    server, size = instance.server, {block.id: block.size_bytes for block in instance.blocks}
    load = {r.id: r.input_bits / r.channel.spectral_efficiency_bps_per_hz for r in instance.requests}
    due = deadline or instance.requests[0].deadline_s
    choices = {}
    for model in instance.models:
        names = [request.id for request in instance.requests if request.model == model.id]
        choices[model.id] = [some for u in range(1, len(names) + 1) for some in combinations(names, u)]
    models, most, plans = {model.id: model for model in instance.models}, 0, []
    for order in (order for count in range(len(models) + 1) for order in permutations(models, count)):
        for batches in product(*(choices[name] for name in order)):
            end, resident = 0.0, set()
            for name, batch in zip(order, batches, strict=True):
                model = models[name]
                loading = sum(size[block] for block in set(model.blocks) - resident) / server.load_rate_bytes_per_s
                uploading = rule([load[k] for k in batch], server.bandwidth_hz)
                inference = model.batch_setup_s + model.batch_per_request_s * len(batch)
                end, resident = end + max(loading, uploading) + inference, set(model.blocks)
            served = sum(map(len, batches))
            if end <= due * (1 + 1e-9) and served >= most:
                plans = plans if served == most else []
                plans.append([partload.Slot(name, batch) for name, batch in zip(order, batches, strict=True)])
                most = served
    return most, plans


def divided(loads, band):
    """The best division: all uploads end together."""
    return sum(loads) / band


def equally(loads, band):
    """Equal bandwidths: the largest upload ends last."""
    return len(loads) * max(loads) / band


print("best division:", best_by(instance, divided)[0], " equal division:", best_by(instance, equally)[0])
assert best_by(instance, divided)[0] == 4
assert best_by(instance, equally)[0] == 3

# %% [markdown]
# Cleo serves 3 where Ada and Ben serve 4: B's uploads take $2 \cdot 2 = 4$ s in place of $3$, and the load of 3 s
# does not hide them any more. On the random instances, of which four were solved above:

# %%
pairs = [(best_by(each, divided)[0], best_by(each, equally)[0]) for each in drawn]
print("served with the best and with equal divisions:", pairs)
assert sum(first > second for first, second in pairs) == 6
assert all(most == partload.solve(each, "milp").objective for (most, _), each in zip(pairs, drawn, strict=True))

# %% [markdown]
# Cleo loses a request on six of eight. (The last line compares our search over all plans with the MILP.)
#
# So the answer is *Cleo alone*. "Sequential" is not one method. What counts is which decision comes first, and what
# it knows about the second one.
#
# ## A schedule that does not know
#
# Suppose that Ben forgets his condition and schedules as if inputs had no bits. All his plans look as good, until the
# band is divided:

# %%
most, plans = best_by(instance, lambda loads, band: 0.0)
print("without uploads the schedule claims", most)
verdicts = [partload.check_plan(instance, plan).feasible for plan in plans]
print(f"{len(plans)} plans claim it, {sum(verdicts)} of them are in time")
assert 0 < sum(verdicts) < len(plans)

# %% [markdown]
# ## Where the shortcut ends
#
# The proof used that the channel is flat and that a slot has the whole band. Take both away in turn.
#
# **Power-limited channels.** Two requests together take less than the sum of both alone, since each of them uses a
# part of the band better than the whole:

# %%
import numpy as np

from partload import PowerLimitedChannel
from partload.instances.channels import ChannelArrays
from partload.solvers.partial_loading.bandwidth.convex import least_upload

channels, bits = [PowerLimitedChannel(14e6), PowerLimitedChannel(400e6)], np.array([4e6, 4e6])


def least_ms(*chosen):
    """Least upload time of a slot with these requests, in ms."""
    return 1e3 * least_upload(ChannelArrays.of([channels[k] for k in chosen]), bits[list(chosen)], 20e6).time_s


print(f"alone {least_ms(0):.1f} and {least_ms(1):.1f} ms, together {least_ms(0, 1):.1f} ms")
assert least_ms(0, 1) < least_ms(0) + least_ms(1) - 30

# %% [markdown]
# Dividing the band after the schedule is still optimal, and still convex: given the slot, lesson 02 finds the least
# time. But this time is no sum over the requests, so no MILP that is known in advance contains it. Ben's schedule
# would need to know a function of the whole batch. partload's method `tangents` bounds the function from below by
# lines, and adds lines where a plan needs them ([more](../reference/joint.md)).
#
# **A static uplink.** Each request holds its bandwidth from time 0 until its slot is ready. All slots hold bandwidth
# at the same time, so they compete, and the time of a slot depends on the others:

# %%
static = partload.read("static-band")
slotted = static.replace(uplink="slotted")
print("static:", partload.solve(static).objective, " slotted:", partload.solve(slotted).objective)
assert partload.solve(static).objective == 2
assert partload.solve(slotted).objective == 3

# %% [markdown]
# ## Exercises
#
# **1.** Cleo serves 3 of `three-models`, with equal division and the deadline of 13 s. What is the least deadline [s]
# at which she serves 4?


# %%
def check_1(deadline_s: float) -> None:
    """Raise AssertionError with a hint unless the deadline is right."""
    assert best_by(instance, equally, deadline_s)[0] >= 4, (
        "too early: add up A and then B, with 2 max a for the uploads"
    )
    assert best_by(instance, equally, deadline_s - 1e-6)[0] < 4, "a little less would still do"


# %% tags=["hide-cell"]
# A: max(4, 2 * 2) + 3 = 7 s. B: max(3, 2 * 2) + 3 = 7 s.
solution_1 = 14.0
check_1(solution_1)
wrong_1 = [13.0, 13.5, 14.005, 17.0]

# %% [markdown]
# **2.** Dora, too, fixes the bandwidths first, but not equally. Give bandwidths [Hz] for A.1, A.2, B.1 and B.2, at
# most 1 Hz for the two requests of a model, with which A and then B serve all four by 13 s.


# %%
def check_2(hertz: dict[str, float]) -> None:
    """Raise AssertionError with a hint unless the bandwidths serve four in time."""
    end = 0.0
    for model, loading in (("A", 4), ("B", 3)):
        first, second = hertz[f"{model}.1"], hertz[f"{model}.2"]
        assert min(first, second) > 0, f"{model} has a request without any band"
        assert first + second <= 1 + 1e-9, f"{model} has more than the band"
        end += max(loading, 1 / first, 2 / second) + 3
    assert end <= 13 + 1e-9, f"B ends at {end:.2f} s: which loads hide uploads of which length?"


# %% tags=["hide-cell"]
solution_2 = {"A.1": 1 / 3, "A.2": 2 / 3, "B.1": 1 / 3, "B.2": 2 / 3}
check_2(solution_2)
wrong_2 = [
    {"A.1": 1 / 2, "A.2": 1 / 2, "B.1": 1 / 2, "B.2": 1 / 2},
    {"A.1": 1, "A.2": 1, "B.1": 1, "B.2": 1},
    {"A.1": 1 / 3, "A.2": 2 / 3, "B.1": 1 / 4, "B.2": 3 / 4},
    {"A.1": -1, "A.2": 1, "B.1": -1, "B.2": 1},
]

# %% [markdown]
# **3.** A scheduler handles power-limited channels as if the upload time of a slot were the sum of the times of its
# requests alone, and it finds the optimum of *this* problem. Compared with the optimum of the true problem, the
# number that it finds is: `"never more"`, `"never less"`, or `"either"`?


# %%
def check_3(answer: str) -> None:
    """Raise AssertionError with a hint unless the answer is right."""
    assert answer in ("never more", "never less", "either"), "one of the three"
    assert answer != "never less", "the sum is too long, not too short: which plans are lost?"
    assert answer != "either", "the sum is never shorter than the true time, so no plan becomes feasible that is not"


# %% tags=["hide-cell"]
solution_3 = "never more"  # A restriction: its plans are plans, its bound is no bound.
check_3(solution_3)
wrong_3 = ["never less", "either"]

# %% [markdown]
# ## What you can answer now
#
# *"Our method decides scheduling and bandwidth jointly, so it must be better than a sequential one." What do you
# ask?* What the first decision knows about the second. With flat channels and a band that one slot has at a time, a
# schedule that knows one sum has nothing to gain from a joint solver.
#
# In lesson 04 you leave the solver behind: for models that share one backbone, a dynamic programme finds the optimum
# in milliseconds, if it does not fall into a trap.
