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
# # 04 The dynamic programme and its trap
#
# *20 minutes. You need lesson 00 and a little Python.*
#
# Models that are fine-tuned from one *backbone* share its blocks, and each adds layers of its own. For this kind of
# sharing nobody needs a MILP: you write a dynamic programme of a few lines that finds the optimum in milliseconds.
# Its most obvious version is wrong.
#
# **A question to begin with.** The models that share a backbone run one after another, so the backbone is loaded
# once, whoever is first. A programmer concludes: *add the load of the backbone once to the time of the group, and
# then each model counts with the load of its own blocks only.* Is that right? Decide before you read on.

# %% [markdown]
# ## Words and symbols
#
# | symbol | meaning | unit |
# |---|---|---|
# | cluster | the models that share one backbone; clusters share nothing with each other | |
# | $u, v$ | numbers of requests served | |
# | $P(u)$ | time on the whole band for the $u$ least uploads of a model | s |
# | $\ell$ | load of a model's own blocks | s |
# | $h$ | load of the backbone of its cluster | s |
# | $\alpha + \beta u$ | time of a batch of $u$ requests | s |
# | $d$ | deadline of all requests | s |
# | payer | the first model of a cluster that runs: it loads the backbone | |
# | $f(u)$ | time of a slot that serves $u$ requests and loads its own blocks | s |
# | $g(u)$ | the same for the payer, which also loads the backbone | s |
# | $p(u), q(u)$ | least time in which a cluster serves $u$ requests; $p$: nobody has paid yet, $q$: somebody has | s |
#
# Channels are flat, all requests count the same and have the same deadline, no batch is limited, and memory is empty
# at first.
#
# ## Why numbers are enough
#
# A plan is an order of slots with requests. Three observations reduce it to numbers:
#
# 1. **The shortest uploads.** If a model serves $u$ requests, it may serve the $u$ with the least uploads. The slot
#    gets no longer.
# 2. **Clusters in a row.** Suppose that a plan interrupts a cluster. Put its slots together, behind its first one.
#    Each of them now finds the backbone in memory, and nobody loads more than before. With one deadline for all, a
#    plan may be reordered freely, as long as the whole does not get longer.
# 3. **Two times per model.** A slot of $u$ requests then takes
#
# $$ f(u) = \max(\ell, P(u)) + \alpha + \beta u , \qquad g(u) = \max(\ell + h, P(u)) + \alpha + \beta u . $$
#
# $f$ is for a model that follows a payer, $g$ for the payer.
#
# We compute both from an instance. A time function is a list: entry $u$ is the time for $u$ requests.

# %%
import math

import partload


def visit(instance, model, blocks):
    """Time of a slot of the model that loads these blocks, for 0, 1, 2, .. requests."""
    server, size = instance.server, {block.id: block.size_bytes for block in instance.blocks}
    load = sum(size[block] for block in blocks) / server.load_rate_bytes_per_s
    uploads = sorted(
        request.input_bits / (request.channel.spectral_efficiency_bps_per_hz * server.bandwidth_hz)
        for request in instance.requests
        if request.model == model.id
    )
    setup, each = model.batch_setup_s, model.batch_per_request_s
    return [0.0] + [max(load, sum(uploads[:u])) + setup + each * u for u in range(1, len(uploads) + 1)]


instance = partload.read("hidden-backbone")
for model in instance.models:
    own = [block for block in model.blocks if block != "backbone"]
    print(
        f"{model.id}: f(1) = {visit(instance, model, own)[1]:g} s, g(1) = {visit(instance, model, model.blocks)[1]:g} s"
    )

# %% [markdown]
# The backbone takes 4 s. `long` has an upload of 5 s, `short` has none. (`other` is a cluster of its own, so its $f$
# and $g$ are the same.) The deadline is 8 s, and each model has one request.
#
# ## The trap
#
# The programmer's version adds $h$ once and lets every model count with $f$. Two time functions are *joined* by
# giving $v$ requests to the one and $u - v$ to the other:
#
# $$ (p \oplus f)(u) = \min_v \; p(u - v) + f(v) . $$


# %%
def join(p, f):
    """The least time for each number of requests that two parts serve together."""
    joined = [math.inf] * (len(p) + len(f) - 1)
    for u, before in enumerate(p):
        for v, more in enumerate(f):
            joined[u + v] = min(joined[u + v], before + more)
    return joined


def clusters(instance):
    """Lists of models that share blocks, each with the blocks that its models share."""
    found = []
    for model in instance.models:
        mates = next((mates for mates in found if set(mates[0].blocks) & set(model.blocks)), None)
        if mates is None:
            found.append([model])
        else:
            mates.append(model)
    return [(mates, set.intersection(*(set(m.blocks) for m in mates)) if len(mates) > 1 else set()) for mates in found]


def up_front(instance, mates, backbone):
    """The trap: the backbone is added to the time of the cluster."""
    size = {block.id: block.size_bytes for block in instance.blocks}
    h = sum(size[block] for block in backbone) / instance.server.load_rate_bytes_per_s
    total = [0.0]
    for model in mates:
        total = join(total, visit(instance, model, set(model.blocks) - backbone))
    return [0.0] + [time + h for time in total[1:]]


def most(instance, cluster):
    """Most requests served by the deadline, when cluster(instance, models, backbone) gives the times of a cluster."""
    total = [0.0]
    for mates, backbone in clusters(instance):
        total = join(total, cluster(instance, mates, backbone))
    deadline = instance.requests[0].deadline_s
    return max(u for u, time in enumerate(total) if time <= deadline * (1 + 1e-9))


best = partload.solve(instance, "milp").objective
print("backbone up front:", most(instance, up_front), " optimum:", best)
assert most(instance, up_front) == 2
assert best == 3

# %% [markdown]
# The answer is *no*: this programme serves 2 where 3 are possible. It takes $4 + 5 + 1 = 10$ s for `long` and
# `short`. But if `long` pays, the backbone and its own block load *during* its upload: $\max(1 + 4, 5) = 5$ s. The
# backbone is hidden and costs nothing. `short` follows with 1 s, `other` with 2 s, and all end at 8 s. A load is not
# a cost that can be added: it stands inside a maximum, beside the upload of whoever pays.
#
# ## A second trap
#
# So the payer loads the backbone in its own slot. The next version goes through the models of a cluster in their
# order. The first model that serves anybody pays:


# %%
def least(p, q):
    """The smaller of two time functions, entry by entry."""
    length = max(len(p), len(q))
    p, q = (times + [math.inf] * (length - len(times)) for times in (p, q))
    return [min(pair) for pair in zip(p, q, strict=True)]


def first_pays(instance, mates, backbone):
    """The second trap: who comes first in the list and serves anybody pays."""
    paid = [math.inf]
    for model in mates:
        f = visit(instance, model, set(model.blocks) - backbone)
        g = visit(instance, model, model.blocks)
        paid = least(join(paid, f), [math.inf, *g[1:]])
    return [0.0, *paid[1:]]


print("first pays:", most(instance, first_pays))
turned = instance.replace(models=instance.models[::-1])
print("first pays, models in the other order:", most(turned, first_pays))
assert most(instance, first_pays) == 3
assert most(turned, first_pays) == 2
assert partload.solve(turned, "milp").objective == 3

# %% [markdown]
# On `hidden-backbone` it is right. Then we turn the list of models around, which changes nothing in the problem, and
# it is wrong. A test on one instance would have let it pass.
#
# ## The right recursion
#
# **Who pays is a decision.** The order in which the programme looks at the models is not the order in which they run:
# a model that is looked at early may run after a payer that is looked at late. So the state must say whether somebody
# pays already, and a model may be added *before* that is decided:
#
# $$ p \leftarrow p \oplus f , \qquad q \leftarrow \min\left( q \oplus f , \; p \oplus g \right) . $$
#
# In $p$ all models rely on a payer who is still to come. In $q$ the payer is there. Only $q$ counts in the end, since
# somebody must have paid; with $u = 0$ nobody needs to.


# %%
def anybody_pays(instance, mates, backbone):
    """Who pays is a decision."""
    unpaid, paid = [0.0], [math.inf]
    for model in mates:
        f = visit(instance, model, set(model.blocks) - backbone)
        g = [math.inf, *visit(instance, model, model.blocks)[1:]]
        unpaid, paid = join(unpaid, f), least(join(paid, f), join(unpaid, g))
    return [0.0, *paid[1:]]


assert most(instance, anybody_pays) == most(turned, anybody_pays) == 3

# %% [markdown]
# A payer serves somebody, so $g(0)$ is infinite.
#
# ## How often do the traps matter?
#
# Twenty random instances, with 6 models in two clusters and 18 requests. partload's method `dynamic` gives the
# optimum; the MILP confirms it on the first two.

# %%
drawn = [partload.generate("backbone", models=6, requests=18, seed=seed) for seed in range(20)]
optima = [partload.solve(each, "dynamic").objective for each in drawn]
assert [partload.solve(each, "milp").objective for each in drawn[:2]] == optima[:2]
wrong = {}
for version in (up_front, first_pays, anybody_pays):
    wrong[version.__name__] = sum(most(each, version) < optimum for each, optimum in zip(drawn, optima, strict=True))
print("instances on which a version misses the optimum, of 20:", wrong)
assert wrong == {"up_front": 17, "first_pays": 7, "anybody_pays": 0}

# %% [markdown]
# Neither trap ever claims too much: each version still finds plans that exist. That makes them hard to notice. *A
# wrong exact method looks like a good heuristic*, until it is compared with a method that shares no code with it.
#
# ## What it buys
#
# For $K$ requests the programme takes about $K^2$ steps for each model, however many orders there are. An instance of
# 12 models and 40 requests, with two seconds for the MILP:

# %%
import time

large = partload.generate("backbone", models=12, requests=40, seed=0)
started = time.perf_counter()
served = most(large, anybody_pays)
print(f"our programme: {served}, {time.perf_counter() - started:.3f} s")
milp = partload.solve(large, "milp", time_limit=2)
print(f"MILP:          {milp.objective:g}, no more than {milp.bound:g}, {milp.status}")
assert served == partload.solve(large, "dynamic").objective
assert milp.objective <= served <= milp.bound

# %% [markdown]
# [The dynamic programmes](../reference/dynamic.md) of partload also cover backbones that are frozen to different
# depths, limits on batches, resident blocks and weights, with proofs. They refuse an instance outside of that: if every
# request has its own deadline, for example, observation 2 fails.
#
# ## Exercises
#
# **1.** In `hidden-backbone`, what is the least time [s] in which the cluster of `long` and `short` serves both
# requests if `short` runs first?


# %%
def check_1(seconds: float) -> None:
    """Raise AssertionError with a hint unless the time is that of the plan."""
    plan = [partload.Slot("short", ("short.1",)), partload.Slot("long", ("long.1",))]
    end = float(partload.check_plan(instance, plan).times.end_s[-1])
    assert seconds >= end, "that is too soon: short loads the backbone and its block, with no upload to hide them"
    assert seconds <= end, "that is too long: in which slot does the upload hide a load?"


# %% tags=["hide-cell"]
solution_1 = 10.0  # short: 4 + 1 s. long: max(1, 5) s.
check_1(solution_1)
wrong_1 = [6.0, 5.0, 11.0]

# %% [markdown]
# **2.** Break `first_pays`. The models `one` and `two` stand in this order; each has a block of its own of 1 s, and
# both share a backbone of 4 s. Each has one request, and batches take no time. Give the two uploads [s] so that the
# time for both requests is longer with `first_pays` than with `anybody_pays`.


# %%
def check_2(uploads: tuple[float, float]) -> None:
    """Raise AssertionError with a hint unless first_pays is longer."""
    one, two = uploads
    assert one >= 0, "an upload takes no negative time"
    assert two >= 0, "an upload takes no negative time"
    if_one, if_two = max(5, one) + max(1, two), max(1, one) + max(5, two)
    assert if_one > if_two, (
        f"if one pays: {if_one:g} s; if two pays: {if_two:g} s. Which upload should hide the backbone?"
    )


# %% tags=["hide-cell"]
solution_2 = (0.0, 5.0)
check_2(solution_2)
wrong_2 = [(5.0, 0.0), (0.0, 0.0), (3.0, 3.0)]

# %% [markdown]
# **3.** A batch holds at most $q$ requests. A model then serves $u$ requests in $\lceil u / q \rceil$ slots in a row,
# and only the first of them loads. Which uploads belong into the first slot? Write `limited(load, uploads, setup,
# each, q)`: the least time to serve *all* of the given uploads.


# %%
def check_3(limited) -> None:
    """Raise AssertionError with a hint unless the function finds the least time."""
    from itertools import combinations

    for load, uploads, q in ((5.0, [1.0, 2.0, 4.0], 2), (2.0, [3.0, 1.0], 4), (9.0, [1.0, 5.0, 2.0, 2.0, 3.0], 2)):
        first = min(q, len(uploads))
        hidden = min(max(load, sum(some)) - sum(some) for some in combinations(uploads, first))
        true = hidden + sum(uploads) + math.ceil(len(uploads) / q) * 1.0 + len(uploads) * 0.5
        found = limited(load, uploads, 1.0, 0.5, q)
        case = f"load {load:g}, uploads {uploads}, q = {q}"
        assert found >= true - 1e-9, f"{case}: {found:g} s is less than any plan takes; how many batches are there?"
        assert found <= true + 1e-9, f"{case}: {found:g} s, but {true:g} s will do; which uploads does the load hide?"


# %% tags=["hide-cell"]
def solution_3(load, uploads, setup, each, q):
    """The largest uploads go into the first slot, where the load hides them."""
    top = sum(sorted(uploads)[-q:])
    return max(load, top) + sum(uploads) - top + math.ceil(len(uploads) / q) * setup + len(uploads) * each


check_3(solution_3)


def small_first(load, uploads, setup, each, q):
    """The least uploads first: the load hides little."""
    top = sum(sorted(uploads)[:q])
    return max(load, top) + sum(uploads) - top + math.ceil(len(uploads) / q) * setup + len(uploads) * each


wrong_3 = [
    small_first,
    lambda load, uploads, setup, each, q: max(load, sum(uploads)) + setup + len(uploads) * each,
]

# %% [markdown]
# ## What you can answer now
#
# *Somebody shows you a dynamic programme that is said to be exact, and it agrees with the optimum on an example. What
# do you do next?* Ask which decisions its state can express. Then permute the input, and compare it on many small
# random instances with a method that shares no code with it.
#
# Most instances have no such structure, or individual deadlines. In lesson 05 you use heuristics, and learn to say
# honestly how good they are.
