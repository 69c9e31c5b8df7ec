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
# # 01 A first MILP
#
# *20 minutes. You need lesson 00 and a little Python.*
#
# In lesson 00 you found the best plan for `three-models` by hand and proved it. Here a solver does both. You write
# the rules of the problem as linear equations, one rule at a time, and look after each at what the solver can do with
# it.
#
# **A question to begin with.** Your model contains every rule of the problem, and you add one more constraint. Every
# plan satisfies it already, so it excludes no plan at all. *Can such a constraint be of any use?* Decide before you
# read on.

# %% [markdown]
# ## Words and symbols
#
# A **MILP**, a mixed-integer linear program, has a linear objective, linear constraints, and some variables that must
# be whole numbers. Without this last condition it is an **LP**, a linear program. An LP has more solutions than the
# MILP, so its best value is at least as good: it is an **upper bound**. The LP is solved in an instant. A MILP solver
# splits the problem where the solution of the LP is **fractional**, until what is left is whole. So we want an LP
# whose value is low and whose solution is nearly whole.
#
# | symbol | meaning | here |
# |---|---|---|
# | $n = 1, 2, 3$ | slots, in the order in which they run | one for each model |
# | $i, j, l$ | models; $0$ stands for the empty memory before the first slot | A, B, C |
# | $k$ | requests; $m(k)$ is the model of request $k$ | six |
# | $u_k$ | time that the whole band takes for the input of $k$: bits over bit/s | 1, 2, 1, 2, 1, 3 s |
# | $J_i$ | blocks of model $i$, each called $b$ | see lesson 00 |
# | $L_{ij}$ | time to load the blocks of $j$ that $i$ does not have | 0 to 7 s |
# | $\alpha, \beta$ | a batch of $u$ requests takes $\alpha + \beta u$ | 1 s, 1 s |
# | $d$ | deadline of all requests | 13 s |
# | $y_{nk}$ | 1 if slot $n$ serves request $k$, else 0 | variable |
# | $x_{ni}$ | 1 if slot $n$ runs model $i$, else 0 | variable |
# | $w_{nij}$ | 1 if slot $n$ runs $j$ after a slot of $i$, else 0 | variable |
# | $e_n$ | end of slot $n$; $e_0 = 0$ | variable |
#
# All requests have one deadline and no batch is limited, so a model needs one slot at most, and three slots are
# enough. We take the numbers from the instance:

# %%
import pyomo.environ as pyo

import partload

instance = partload.read("three-models")
server = instance.server
SLOTS = [1, 2, 3]
MODELS = [model.id for model in instance.models]
STATES = ["nothing", *MODELS]
REQUESTS = [request.id for request in instance.requests]
model_of = {request.id: request.model for request in instance.requests}
upload = {
    r.id: r.input_bits / (r.channel.spectral_efficiency_bps_per_hz * server.bandwidth_hz) for r in instance.requests
}
size = {block.id: block.size_bytes for block in instance.blocks}
blocks = {"nothing": set()} | {model.id: set(model.blocks) for model in instance.models}
load = {
    (i, j): sum(size[block] for block in blocks[j] - blocks[i]) / server.load_rate_bytes_per_s
    for i in STATES
    for j in MODELS
}
setup, per_request, deadline = 1.0, 1.0, 13.0
print("load B after nothing:", load["nothing", "B"], "s, after A:", load["A", "B"], "s, after C:", load["C", "B"], "s")

# %% [markdown]
# The next cell is our instrument. It solves the LP and then the MILP, and prints both values and what is fractional
# in the solution of the LP. An LP often has many best solutions, and the solver returns one of them.

# %%
solver = pyo.SolverFactory("appsi_highs")


def look(model: pyo.ConcreteModel, after: str) -> tuple[float, float]:
    """Print and return the value of the LP, to four digits, and of the MILP."""
    relaxed = pyo.TransformationFactory("core.relax_integer_vars").create_using(model)
    solver.solve(relaxed)
    bound = pyo.value(relaxed.weight)
    broken = {v.name: v.value for v in relaxed.component_data_objects(pyo.Var) if 1e-6 < (v.value or 0) % 1 < 1 - 1e-6}
    solver.solve(model)
    best = pyo.value(model.weight)
    print(f"{after}: LP {bound:.4f}, MILP {best:.0f}; {len(broken)} fractional values in the LP")
    print("   ", ", ".join(f"{name.replace(chr(39), '')} = {value:.2f}" for name, value in list(broken.items())[:5]))
    return round(bound, 4), round(best)


# %% [markdown]
# ## One rule after another
#
# **A request is served once at most.** We maximise the number of requests served:
#
# $$ \max \sum_n \sum_k y_{nk}, \qquad \sum_n y_{nk} \leq 1 \quad \text{for all } k . $$

# %%
model = pyo.ConcreteModel()
model.y = pyo.Var(SLOTS, REQUESTS, domain=pyo.Binary)
model.weight = pyo.Objective(expr=pyo.quicksum(model.y.values()), sense=pyo.maximize)


@model.Constraint(REQUESTS)
def served_once(m, k):
    """A request is served in one slot at most."""
    return sum(m.y[n, k] for n in SLOTS) <= 1


assert look(model, "served once") == (6, 6)

# %% [markdown]
# Nothing takes time yet, so six are served. **A slot runs one model, and serves requests for it.** Each model has two
# requests, so
#
# $$ \sum_i x_{ni} \leq 1, \qquad \sum_{k : m(k) = i} y_{nk} \leq 2 x_{ni} . $$

# %%
model.x = pyo.Var(SLOTS, MODELS, domain=pyo.Binary)


@model.Constraint(SLOTS)
def one_model(m, n):
    """A slot runs one model at most."""
    return sum(m.x[n, i] for i in MODELS) <= 1


@model.Constraint(SLOTS, MODELS)
def by_its_model(m, n, i):
    """A slot that does not run the model serves none of its requests."""
    return sum(m.y[n, k] for k in REQUESTS if model_of[k] == i) <= 2 * m.x[n, i]


assert look(model, "by its model") == (6, 6)
# %% [markdown]
# **A slot takes the time of its uploads and then of its batch**, and the last slot ends by the deadline:
#
# $$ e_{n-1} + \sum_k u_k y_{nk} + \sum_i \alpha x_{ni} + \sum_k \beta y_{nk} \leq e_n, \qquad e_n \leq d . $$

# %%
model.e = pyo.Var([0, *SLOTS], bounds=(0, deadline))
model.e[0].fix(0)


def batch(m, n):
    """Time of the batch of slot n."""
    return sum(setup * m.x[n, i] for i in MODELS) + sum(per_request * m.y[n, k] for k in REQUESTS)


@model.Constraint(SLOTS)
def after_uploads(m, n):
    """The batch follows the uploads."""
    return m.e[n - 1] + sum(upload[k] * m.y[n, k] for k in REQUESTS) + batch(m, n) <= m.e[n]


assert look(model, "after uploads") == (4.5714, 4)

# %% [markdown]
# The value of the LP falls to $32/7$. It is fractional, but the objective counts requests, so no plan serves more
# than four. Exercise 3 asks you where the number comes from.
#
# ## A rule that is too strict
#
# Now the loads. The simplest rule: **every slot loads its whole model**. We try it on a copy:

# %%
strict = model.clone()


@strict.Constraint(SLOTS)
def after_whole_load(m, n):
    """The batch follows the load of the whole model."""
    return m.e[n - 1] + sum(load["nothing", i] * m.x[n, i] for i in MODELS) + batch(m, n) <= m.e[n]


assert look(strict, "whole loads") == (3.5, 2)

# %% [markdown]
# The MILP says 2, and its LP says 3.5. But lesson 00 has a plan that serves 4! The model forbids what the problem
# allows: to find blocks in memory. Such a model is a **restriction**. Its plans are good plans of the problem, but
# *its bound is not a bound of the problem*. A number such as 3.5 looks like a proof, and it is none.
#
# ## Partial loads
#
# What a slot loads depends on the model before it. The product $x_{n-1,i} x_{nj}$ would say so, but it is not linear.
# The variable $w_{nij}$ takes its place. **A slot is entered from the state before it**, and it can be left only by
# the model that it ran:
#
# $$ \sum_i w_{nij} = x_{nj}, \qquad \sum_j w_{nij} \leq x_{n-1,i} . $$
#
# **The batch follows the load** as well:
#
# $$ e_{n-1} + \sum_i \sum_j L_{ij} w_{nij} + \sum_i \alpha x_{ni} + \sum_k \beta y_{nk} \leq e_n . $$
#
# Here $i$ may be $0$, and $x_{0,0} = 1$: memory is empty at first. If all $x$ are whole, these equations leave one
# choice for each $w$. So $w$ need not be declared binary.

# %%
model.w = pyo.Var(SLOTS, STATES, MODELS, bounds=(0, 1))


@model.Constraint(SLOTS, MODELS)
def arrive(m, n, j):
    """A slot that runs a model is entered from one state."""
    return sum(m.w[n, i, j] for i in STATES) == m.x[n, j]


@model.Constraint(SLOTS, STATES)
def leave(m, n, i):
    """A slot can be left by the model that it ran."""
    before = m.x[n - 1, i] if n > 1 and i != "nothing" else int(n == 1 and i == "nothing")
    return sum(m.w[n, i, j] for j in MODELS) <= before


@model.Constraint(SLOTS)
def after_load(m, n):
    """The batch follows the load of what is missing."""
    return m.e[n - 1] + sum(load[i, j] * m.w[n, i, j] for i in STATES for j in MODELS) + batch(m, n) <= m.e[n]


assert look(model, "partial loads") == (4.4776, 4)

# %% [markdown]
# There are two constraints `after_...` for each slot, one with the uploads and one with the load. Together they say
# the maximum of both, and no binary variable is needed for it: the objective wants $e_n$ small.
#
# **A model is visited once**: it is entered from another state at most once. This is the last rule.

# %%


@model.Constraint(MODELS)
def visit_once(m, j):
    """A model is entered from another state once at most."""
    return sum(m.x[n, j] - m.w[n, j, j] for n in SLOTS) <= 1


assert look(model, "visited once") == (4.4776, 4)

# %% [markdown]
# A constraint of the problem, and the LP does not move. The model is complete now. Its plan:

# %%
for n in SLOTS:
    for i in MODELS:
        if pyo.value(model.x[n, i]) > 0.5:
            served = [k for k in REQUESTS if pyo.value(model.y[n, k]) > 0.5]
            print(f"slot {n}: {i} serves {served}, ends by {pyo.value(model.e[n]):.0f} s")

# %% [markdown]
# ## The answer to the question
#
# We add a constraint that excludes no plan: **a request is served by a slot only if the slot runs its model**,
#
# $$ y_{nk} \leq x_{n,m(k)} . $$
#
# For whole numbers it says the same as $\sum y \leq 2x$. For fractions it says more: $y = (1, 0)$ and $x = 1/2$
# satisfies the sum, and breaks the new constraint.

# %%


@model.Constraint(SLOTS, REQUESTS)
def only_by_its_model(m, n, k):
    """A slot that serves a request runs its model."""
    return m.y[n, k] <= m.x[n, model_of[k]]


assert look(model, "only by its model") == (4.1, 4)

# %% [markdown]
# The LP falls from 4.48 to 4.10. So the answer is *yes*. Such a constraint is called a **valid inequality**: it
# excludes no plan, but it excludes fractional points.
#
# Another one. In a fraction of a plan, half a slot of A can be followed by half a slot of B, which then finds blocks
# of A that were only half loaded. **Whoever is served runs a model that has been loaded.** Let $v_j$ be at least the
# part of model $j$ that is used. For each block $b$ of $j$,
#
# $$ \sum_n y_{nk} \leq v_{m(k)}, \qquad v_j \leq \sum_n \; \sum_{i : b \notin J_i} \; \sum_{l : b \in J_l} w_{nil} . $$
#
# The right side counts how often the block is loaded: the moves from a model without it to a model with it.

# %%
model.v = pyo.Var(MODELS, bounds=(0, 1))


@model.Constraint(REQUESTS)
def used(m, k):
    """Whoever is served uses the model."""
    return sum(m.y[n, k] for n in SLOTS) <= m.v[model_of[k]]


@model.Constraint([(block, j) for j in MODELS for block in sorted(blocks[j])])
def loaded_before(m, block, j):
    """Whoever uses a model has its blocks loaded."""
    enter = [(i, other) for i in STATES for other in MODELS if block in blocks[other] - blocks[i]]
    return m.v[j] <= sum(m.w[n, i, other] for n in SLOTS for i, other in enter)


assert look(model, "loaded before") == (4, 4)

# %% [markdown]
# The value of the LP is 4, the optimum: the bound is tight, and nothing is left to split. partload solves the same
# model, with more valid inequalities ([the slot formulation](../reference/slot.md) lists them all), and comes to the
# same value:

# %%
assert partload.solve(instance, "milp").objective == 4

# %% [markdown]
# ## Exercises
#
# **1.** The memory is small, so that a batch holds at most $q$ requests. Write the constraint for slot $n$: a
# function that takes the model, $n$ and $q$. Slots keep the meaning that they have above.


# %%
def check_1(limit) -> None:
    """Raise AssertionError with a hint unless the constraint limits each batch, and nothing else."""
    for q, optimum in ((1, 2), (2, 4)):
        limited = model.clone()
        limited.limit = pyo.Constraint(SLOTS, rule=lambda m, n, q=q: limit(m, n, q))
        solver.solve(limited)
        found = pyo.value(limited.weight)
        assert found <= optimum + 1e-6, f"with q = {q} the model still serves {found:.0f}: what does a slot hold?"
        assert found >= optimum - 1e-6, (
            f"with q = {q} only {found:.0f} are served: the limit is for one slot, not for all"
        )


# %% tags=["hide-cell"]
def solution_1(m, n, q):
    """At most q requests in slot n."""
    return sum(m.y[n, k] for k in REQUESTS) <= q


check_1(solution_1)
wrong_1 = [
    lambda m, n, q: sum(m.x[n, i] for i in MODELS) <= q,
    lambda m, n, q: sum(m.y.values()) <= q,
]

# %% [markdown]
# **2.** Request B.1 must be served by 9 s, the others by 13 s. In a MILP this is often written with a *big M*: $e_n
# \leq 9 + M (1 - y_{n,\text{B.1}})$. If $M$ is too small, the constraint is wrong for slots that do not serve B.1. If
# it is larger than necessary, the LP is weak. What is the least correct $M$?


# %%
def check_2(big: float) -> None:
    """Raise AssertionError with a hint unless M is the least correct one."""
    assert 9 + big >= deadline, f"a slot without B.1 could not end after {9 + big} s any more"
    assert 9 + big <= deadline, f"no slot ends after {deadline} s anyway: take a smaller M"


# %% tags=["hide-cell"]
solution_2 = 4.0  # 13 - 9
check_2(solution_2)
wrong_2 = [1000.0, 13.0, 3.0, 9.0]

# %% [markdown]
# **3.** After the constraint `after_uploads` the LP had the value $32/7 = 4.5714$. With $\sum y = 2x$, a request
# takes $u_k + \beta$ and half an $\alpha$, and the LP fills 13 s with the shortest: three requests take 2.5 s each,
# then those of 3.5 s follow. Suppose that `only_by_its_model` had been added right then, before all loads. What would
# the value of the LP have been?


# %%
def check_3(value: float) -> None:
    """Raise AssertionError with a hint unless the value is right."""
    assert value < 4.57, "the constraint does cut: the first request of a model now pays the whole of its setup"
    assert abs(value - 13 / 3) < 0.005, "what does the first request of a model take, and what does the second one add?"


# %% tags=["hide-cell"]
# The first request of a model takes 1 + 1 + 1 = 3 s. The second one adds 2 + 1 = 3 s (A and B) or 3 + 1 = 4 s (C).
# So five requests are available at 3 s each, and 13 s are enough for 13 / 3.
solution_3 = 13 / 3
check_3(solution_3)
wrong_3 = [32 / 7, 4.0, 4.1, 3.5]

# %% [markdown]
# ## What you can answer now
#
# *Somebody shows you a model whose LP has the value 3.5, and concludes that nobody serves four. What do you ask?*
# Whether the model contains every plan of the problem. Only then is its LP a bound.
#
# One rule of this lesson came from nowhere: the uploads of a slot take $\sum_k u_k$ seconds. Lesson 02 proves it.
