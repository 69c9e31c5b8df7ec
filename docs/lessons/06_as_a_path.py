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
# # 06 The same problem as a path
#
# *20 minutes. You need the slot formulation of lesson 01.*
#
# The slot formulation asks: what runs in the first slot, in the second, in the third? It is exact, and it solves 9
# models in seconds. With 20 models it proves nothing in a minute.
#
# **A question to begin with.** Somebody proposes another exact formulation of the same instances. Its LP bound is
# slightly *worse*. Would you try it? Decide before you read on.

# %% [markdown]
# ## What the slots know that nobody asked
#
# This lesson is about instances with one deadline $D$ for all requests, residency `previous` (a slot finds in memory
# the blocks of the model before it), one visit for each model, and the slotted uplink.
#
# | symbol | meaning | unit |
# |---|---|---|
# | $i, j$ | models; also $h$, the hub, which stands for "any model that shares nothing" | |
# | $k$ | requests; $m(k)$ is the model of request $k$ | |
# | $L_{ij}$ | time to load what $j$ misses right after $i$ | s |
# | $\alpha_j, \beta_k$ | time of a batch of $j$ without requests, and what request $k$ adds | s |
# | $u_k$ | time in which the whole band uploads the input of $k$ | s |
# | $y_j$ | 1 if model $j$ is visited | |
# | $z_k$ | 1 if request $k$ is served | |
# | $x_{ij}$ | 1 if model $j$ runs right after $i$ | |
# | $T_j$ | time of the visit of model $j$ | s |
#
# A visit of $j$ after $i$ takes
#
# $$ T_j = \max\Big( L_{ij},\; \sum_{k \text{ served}} u_k \Big) + \alpha_j + \sum_{k \text{ served}} \beta_k . $$
#
# It depends on the model before, on who is served, and on *nothing else*: not on when it happens. And with one
# deadline for all, only the sum of the visits counts:
#
# $$ \sum_j T_j \le D . $$
#
# The slot formulation also decides *in which slot* each model runs. Exchange two stretches of a schedule that share
# nothing, and it is another point of the slot formulation with the same value. A search tree has to look at all of
# them. The question of *when* has no influence on the answer, so a better formulation does not ask it. It only asks
# *who runs right after whom*: a path.

# %% [markdown]
# ## The formulation
#
# Maximise $\sum_k w_k z_k$, where $w_k$ is the weight of request $k$, subject to
#
# $$ y_j = \sum_i x_{ij}, \qquad \sum_l x_{jl} \le y_j, \qquad z_k \le y_{m(k)}, $$
#
# $$ T_j \ge \sum_i L_{ij} x_{ij} + \alpha_j y_j + \sum_k \beta_k z_k, $$
#
# $$ T_j \ge \sum_k (u_k + \beta_k) z_k + \alpha_j y_j, \qquad \sum_j T_j \le D . $$
#
# The two rows of $T_j$ are the maximum. Most pairs of models share nothing, so they all use one arc: from the hub
# $h$, at the full load. The hub may be left as often as one likes. Only pairs that share blocks have an arc of their
# own.

# %%
from itertools import islice

import partload
from partload.benchmarks.formulations import compare

instance = partload.generate("general", models=7, requests=21, seed=4)
for row in islice(compare(instance, time_limit=20), 2):  # The first two formulations are these two.
    print(f"{row.formulation:9} {row.rows:4} rows {row.columns:5} columns   ", end="")
    print(f"LP {row.lp_value:.3f}   optimum {row.objective:g}   {row.seconds:.2f} s")

# %% [markdown]
# A fraction of the variables and of the rows, and an LP value that is no better. The difference is what a search tree
# does with it: there is no *when* to branch on.
#
# ## What is missing: circles
#
# The rows above allow a solution that no schedule has. Models A and B, each "right after" the other, load almost
# nothing, and no path leads to them from anywhere. Such a circle is a *subtour*. In the exercises you find the
# fractional version of it. A valid inequality forbids it: whoever visits a model $k$ of a set $S$ enters $S$ from
# outside,
#
# $$ \sum_{i \notin S} \sum_{j \in S} x_{ij} \ge y_k \qquad \text{for all } S \text{ and all } k \in S . $$
#
# *Why it is valid*: follow the path of model $k$ backwards until it leaves $S$; it does, since it begins at the hub.
# Of $n$ models there are $2^n$ sets, too many to write down. The method `sequence` finds the violated ones by a minimum
# cut in the LP solution, adds them, and solves again.

# %% [markdown]
# ## The laboratory: rows on and off
#
# How much are these inequalities worth? `partload.relax` solves the LP with the ones that you name. For the sequence
# formulation there are four switches:

# %%
from partload.solvers.relaxation import switches

for switch in switches("sequence"):
    print(f"{switch.kind:10} {switch.name:14} {switch.meaning}")

# %% [markdown]
# The first three are rows of the model. `subtours` adds the inequality above where the LP solution violates it. The 12
# models of `backbone-12x40` form three families, and the models of a family share a backbone. *Predict: which of the
# four lowers the value of the LP most, and which not at all?*

# %%
plain = partload.relax("backbone-12x40", "sequence", [])
print(f"none           LP {plain.lp_value:.3f}, {len(plain.fractional)} fractional, {plain.rows} rows")
alone = {}
for switch in switches("sequence"):
    found = alone[switch.name] = partload.relax("backbone-12x40", "sequence", [switch.name])
    print(f"{switch.name:14} LP {found.lp_value:.3f}, {len(found.fractional)} fractional, {found.rows} rows")
print("optimum       ", plain.optimum)
assert alone["order"].lp_value > plain.lp_value - 1e-6
assert abs(alone["shared-blocks"].lp_value - alone["subtours"].lp_value) < 1e-6

# %% [markdown]
# `order` says that of two requests of a model the better one is served first. It excludes plans that are as good as
# others, so it helps a search, but the LP does not move. The rows for the sets of models with a common block do as much
# as those for *all* sets: here a circle pays only within a family. And what does a circle look like?

# %%
for one in plain.fractional:
    if one.name.startswith("arc"):
        print(f"{one.value:.2f}  {one.meaning}")

# %% [markdown]
# Follow the larger numbers: models of a family stand before one another, and next to nothing comes from the hub. The
# backbone is hardly ever loaded. The slot formulation has seven switches (`partload.relax(instance, "slot", [...])`).
# One of them, `merge`, makes one slot of all batches of a visit. It changes the variables, and it is the only one that
# can make the LP *weaker*.
#
# ## A factor of a thousand
#
# One more idea: let a column of the LP be a whole visit, the pair (model before, model) with the *number* of requests
# served. For a price of time the best number has a closed form, so the columns need not be written down in advance
# either. The bound becomes so tight that the search tree has a handful of nodes. Watch the sizes:

# %%
import time

for models, requests in ((12, 40), (20, 100), (60, 1000)):
    made = partload.generate("general", models=models, requests=requests, seed=0)
    since = time.perf_counter()
    solution = partload.solve(made, "sequence")
    took = time.perf_counter() - since
    print(f"{models:3} models, {requests:4} requests: {solution.objective:g} served, {solution.status}, {took:.2f} s")
    assert solution.status == "optimal"

# %% [markdown]
# The slot formulation proves none of the last two in a minute. Nothing was tuned: the question was asked differently.
#
# ## Exercises
#
# **1.** Give one reason why the sequence formulation is wrong if requests have deadlines of their own: name what the
# visit of a model would have to know. Answer with one of `"its end"`, `"its load"`, `"its batch"`.


# %%
def check_1(answer: str) -> None:
    """Raise AssertionError with a hint unless the answer is right."""
    assert answer in ("its end", "its load", "its batch"), "one of the three, please"
    assert answer != "its load", "the load follows from the model before, as in the formulation"
    assert answer != "its batch", "the batch follows from who is served, as in the formulation"


# %% tags=["hide-cell"]
solution_1 = "its end"  # A deadline of its own asks when the visit ends, and the formulation does not know that.
check_1(solution_1)
wrong_1 = ["its load", "its batch", "deadline"]

# %% [markdown]
# **2.** Two models A and B share a block of 10 s; each has 1 s of its own. With $x_{AB} = x_{BA} = 1$ and no cut, how
# many seconds of loads does the LP count for the two visits? And how many does the cheapest real schedule have?
# Answer with the pair.


# %%
def check_2(seconds: tuple[float, float]) -> None:
    """Raise AssertionError with a hint unless both numbers are right."""
    circle, path = seconds
    assert circle == 2, "in the circle each finds the shared block with the other, and loads its own second"
    assert path == 12, "the first of them loads 11 s, the second 1 s"


# %% tags=["hide-cell"]
solution_2 = (2, 12)
check_2(solution_2)
wrong_2 = [(12, 12), (2, 22), (11, 12)]

# %% [markdown]
# **3.** Write a function `violated(x, y, S)` that says whether a point violates the inequality of a set $S$ for some
# model of it. `x` maps pairs to numbers, `y` maps models to numbers; the hub is `"h"`.


# %%
def check_3(violated) -> None:
    """Raise AssertionError with a hint unless the function separates."""
    circle = {("A", "B"): 1.0, ("B", "A"): 1.0}
    visited = {"A": 1.0, "B": 1.0, "C": 1.0}
    path = {("h", "A"): 1.0, ("A", "B"): 1.0, ("h", "C"): 1.0}
    assert violated(circle, visited, {"A", "B"}), "the circle of A and B is not entered from outside"
    assert not violated(path, visited, {"A", "B"}), "the path from the hub to A and on to B is a schedule"
    assert not violated(path, visited, {"B"}), "A is outside of the set {B}, and B is entered from there"
    part = {("h", "A"): 0.7, ("A", "B"): 0.3, ("B", "A"): 0.3}
    assert violated(part, {"A": 1.0, "B": 0.3}, {"A", "B"}), "0.7 enters from outside, and A is visited once"
    half, seen = {("h", "A"): 0.5, ("A", "B"): 0.5, ("h", "C"): 1.0}, {"A": 0.5, "B": 0.5, "C": 1.0}
    assert not violated(half, seen, {"A", "B"}), "0.5 enters, and no model of the set is visited more than that"
    left = circle | {("A", "C"): 1.0}
    assert violated(left, visited, {"A", "B"}), "the arc from A to C leaves the set, and none enters it"


# %% tags=["hide-cell"]
def solution_3(x: dict, y: dict, chosen: set) -> bool:
    """Whether some model of the set is visited more than the set is entered."""
    entering = sum(value for (i, j), value in x.items() if j in chosen and i not in chosen)
    return any(entering < y[k] - 1e-9 for k in chosen)


check_3(solution_3)
wrong_3 = [
    lambda x, y, chosen: False,
    lambda x, y, chosen: True,
    lambda x, y, chosen: sum(v for (i, j), v in x.items() if i == "h" and j in chosen) < max(y[k] for k in chosen),
    lambda x, y, chosen: sum(v for (i, j), v in x.items() if j in chosen and i not in chosen) < 1 - 1e-9,
    lambda x, y, chosen: sum(v for (i, j), v in x.items() if j in chosen and i not in chosen) < max(y.values()) - 1e-9,
    lambda x, y, chosen: sum(v for (i, j), v in x.items() if (i in chosen) != (j in chosen)) < max(map(y.get, chosen)),
    lambda x, y, chosen: (
        sum(v for (i, j), v in x.items() if j in chosen and i not in chosen) < sum(map(y.get, chosen)) / len(chosen)
    ),
]

# %% [markdown]
# **4.** `nested-12x36` has models that share blocks to different depths, and 20 is its optimum. Find the *smallest* set
# of switches of the sequence formulation, without `subtours`, whose LP proves that nobody serves 21.


# %%
def check_4(on: set[str]) -> None:
    """Raise AssertionError with a hint unless the set proves the optimum, and no smaller one does."""
    assert "subtours" not in on, "without subtours, please"
    found = partload.relax("nested-12x36", "sequence", on)
    assert found.lp_bound < 21, f"the LP has the value {found.lp_value:.2f}, so 21 is not excluded"
    assert len(on) == 1, "one of them is enough"


# %% tags=["hide-cell"]
solution_4 = {"shared-blocks"}
check_4(solution_4)
wrong_4 = [set(), {"two-cycles"}, {"order", "two-cycles"}, {"two-cycles", "shared-blocks"}, {"subtours"}]

# %% [markdown]
# ## What you can answer now
#
# *Is the formulation with the better LP bound the better one?* Not by that alone. Ask what it decides that has no
# influence on the objective: every such decision multiplies the search. Then look for the inequalities that its LP
# lacks, and add those that are violated.
#
# Lesson 07 turns to the other problem, in which a device computes while it downloads.
