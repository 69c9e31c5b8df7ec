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
# # 08 When proofs lie
#
# *20 minutes. You need lesson 01.*
#
# A MILP solver returns a plan and a bound, and says that both meet. That is a proof if the solver computes with real
# numbers. It computes with floating-point numbers and tolerances. In this lesson you see proofs that are wrong, in both
# directions, and the checks that find them.
#
# **A question to begin with.** Three requests wait. The equations of the model are right, the solver is a good one, and
# it says: *optimal, 3 served, gap 0.00 %*. *How many does the best plan serve?* Decide before you read on.

# %% [markdown]
# ## Words and symbols
#
# We take the simplest case: models share nothing, each has one request, and there is nothing to upload. Then a slot
# takes a fixed time, and the order of the slots is all there is.
#
# | symbol | meaning |
# |---|---|
# | $k, j$ | requests |
# | $p_k$ | time [s] that the slot of request $k$ takes: its load and its batch |
# | $d_k$ | deadline [s] of request $k$ |
# | $w_k$ | weight of request $k$: what serving it is worth |
# | $z_k$ | 1 if request $k$ is served, else 0 |
# | $s_k$ | start [s] of its slot |
# | $a_{kj}$ | 1 if $k$ runs before $j$, else 0 |
# | $M$ | a large number, *big M*: it switches a constraint off |
# | $\epsilon = 10^{-6}$ | tolerance of the solver: a number is whole for it if it is that close to a whole one |
#
# ## A textbook MILP
#
# Maximise $\sum_k w_k z_k$, where each request that is served ends in time, and of two that are served one comes after
# the other:
#
# $$ s_k + p_k \leq d_k + M (1 - z_k), $$
#
# $$ s_k + p_k \leq s_j + M (1 - a_{kj}) + M (2 - z_k - z_j), $$
#
# $$ s_j + p_j \leq s_k + M a_{kj} + M (2 - z_k - z_j) . $$
#
# How large is $M$? "Large enough", say textbooks, so somebody chose ten million, to be on the safe side.

# %%
from itertools import combinations

import pyomo.environ as pyo

import partload


def milp(requests, big):
    """Value, who is served, starts, and the values of a: the MILP with this M, solved with the solver's defaults."""
    m, K = pyo.ConcreteModel(), range(len(requests))
    pairs = list(combinations(K, 2))
    m.z, m.a = pyo.Var(K, domain=pyo.Binary), pyo.Var(pairs, domain=pyo.Binary)
    m.s = pyo.Var(K, domain=pyo.NonNegativeReals)
    m.rules = pyo.ConstraintList()
    for k, (p, d, _) in enumerate(requests):
        m.rules.add(m.s[k] + p <= d + big * (1 - m.z[k]))
    for k, j in pairs:
        off = big * (2 - m.z[k] - m.z[j])
        m.rules.add(m.s[k] + requests[k][0] <= m.s[j] + big * (1 - m.a[k, j]) + off)
        m.rules.add(m.s[j] + requests[j][0] <= m.s[k] + big * m.a[k, j] + off)
    m.weight = pyo.Objective(expr=sum(w * m.z[k] for k, (_, _, w) in enumerate(requests)), sense=pyo.maximize)
    pyo.SolverFactory("appsi_highs").solve(m)
    served = [k for k in K if pyo.value(m.z[k]) > 0.5]
    return pyo.value(m.weight), served, [pyo.value(m.s[k]) for k in K], [pyo.value(m.a[pair]) for pair in pairs]


three = [(4, 4, 1), (4, 7, 1), (4, 11, 1)]  # Time, deadline, weight.
value, served, starts, before = milp(three, big=1e7)
print(f"optimal, {value:.0f} served; they start at {[round(s, 3) for s in starts]}")
print("1 - a:", [1 - a for a in before])

# %% [markdown]
# Three slots of 4 s end at 12 s at the earliest, and the last deadline is 11 s. So nobody serves three: the answer to
# the question is **2**. Look at the starts: the slots run at the same time. And look at $a$: it is not 1, but 1 minus
# four tenths of a millionth. The solver takes this for a whole number. But then $M (1 - a)$ is four *seconds*, and by
# these seconds the next slot starts too early.
#
# A tolerance $\epsilon$ on a binary variable is a tolerance of $M \epsilon$ on what it switches: here up to 10 s. So
# $M$ has to be as small as is right, and the data near 1. No slot starts later than all of them take, so $M = \sum_k
# p_k + \max_k d_k$ is enough:


# %%
def enough(requests):
    """An M with which no plan is lost."""
    return sum(p for p, _, _ in requests) + max(d for _, d, _ in requests)


print("M =", enough(three), "gives", round(milp(three, enough(three))[0]))
assert round(milp(three, enough(three))[0]) == 2

# %% [markdown]
# ## Brute force by the hundred
#
# How often is a proof wrong? Compare with a method that shares nothing with the MILP: try every set of requests. A set
# can be served if and only if it can be served in the order of its deadlines. (Two neighbours in the other order can be
# exchanged: the later deadline stays met.) We draw small whole numbers, since they make **ties**: plans that end
# exactly at a deadline, where a tolerance decides.

# %%
import random

WITHIN = 1e-9  # Relative: the tolerance of partload's checker.


def in_time(requests, order):
    """Whether the requests of a plan, run in this order, all end by their deadlines."""
    end = 0.0
    for k in order:
        end += requests[k][0]
        if end > requests[k][1] * (1 + WITHIN):
            return False
    return True


def brute_force(requests):
    """The largest weight of any plan."""
    by_deadline = sorted(range(len(requests)), key=lambda k: requests[k][1])
    sets = [chosen for n in range(len(requests) + 1) for chosen in combinations(by_deadline, n)]
    return max(sum(requests[k][2] for k in chosen) for chosen in sets if in_time(requests, chosen))


def draw(seed, weights=(1,)):
    """Three to five random requests with small whole numbers."""
    dice = random.Random(seed)
    return [(dice.randint(1, 9), dice.randint(3, 20), dice.choice(weights)) for _ in range(dice.randint(3, 5))]


drawn = [draw(seed) for seed in range(60)]
wrong = {}
for big in (None, 1e5, 1e7, 1e9):
    answers = [milp(requests, big or enough(requests))[0] for requests in drawn]
    wrong[big] = sum(abs(value - brute_force(requests)) > 0.5 for value, requests in zip(answers, drawn))
    print(f"M = {'as small as is right' if big is None else format(big, 'g'):20}: {wrong[big]:2} of {len(drawn)} wrong")
assert wrong[None] == 0
assert wrong[1e7] > 0

# %% [markdown]
# These errors have a plan, and the plan is infeasible. Whoever reads only the *decisions* from a solver, and recomputes
# the times, finds them. A value of partload is never the solver's: the clock recomputes it and the checker judges it.
#
# ## The other direction
#
# Worse is a bound that is too *low*: "nobody serves more than this". There is no plan in which the error could be seen.
# Here are five requests, with weights of a ten-millionth each:

# %%
cheap = [(p, d, 1e-7) for p, d in ((2, 3), (3, 6), (4, 8), (2, 9), (5, 14))]
value, served, _, _ = milp(cheap, enough(cheap))
print("the solver serves", served, "and says that this is optimal")


def greedy(requests):
    """A plan: in the order of the deadlines, whoever is in time."""
    order = []
    for k in sorted(range(len(requests)), key=lambda k: requests[k][1]):
        if in_time(requests, [*order, k]):
            order.append(k)
    return order


in_hand = greedy(cheap)
print("a greedy serves", in_hand, "in time:", in_time(cheap, in_hand))
assert len(in_hand) > len(served)

# %% [markdown]
# The solver compares what it might gain with an absolute tolerance, near $10^{-6}$. All weights together are less. In
# the solver's sense, 0 is optimal.
#
# **A bound below a plan in hand is an alarm.** Either the checker is wrong, or the proof is. On instances that are too
# large for a brute force nothing else reveals such a bound. Keep the best plan from anywhere, and compare. Here the
# cure is a *unit*: divide all weights by the largest number of which they are multiples, and they are whole.

# %%
value, served, _, _ = milp([(p, d, 1) for p, d, _ in cheap], enough(cheap))
print("with weights of 1 the solver serves", len(served))
assert round(value) == round(brute_force(cheap) * 1e7)

# %% [markdown]
# Nobody would write such a model? Here is what solvers said of instances of this project, before its models were built
# as they are now:
#
# | what was special | solver | said | truth |
# |---|---|---|---|
# | 30 weights of $10^{-12}$ | MILP solvers | 12 of them | 13 of them |
# | loads of $10^{-7}$ beside deadlines of 1 | HiGHS | 5 | 7 |
# | coefficients of $10^4$, in one order of the rows among hundreds | HiGHS | 7.0 | 9.8 |
# | one request, static uplink | SCIP | 0 | 1 |
#
# Often the same rows in another order gave the right answer. So a second run, in another order, is worth something. The
# same run again is worth nothing.
#
# ## Ties, and what is true of them
#
# A load of 0.1 s and a batch of 0.2 s meet a deadline of 0.3 s. Or do they? Three ways to add:

# %%
from fractions import Fraction

print("floating point:              ", 0.1 + 0.2 <= 0.3)
print("exactly, with the decimals:  ", Fraction("0.1") + Fraction("0.2") <= Fraction("0.3"))
print("exactly, with what is stored:", Fraction(0.1) + Fraction(0.2) <= Fraction(0.3))

# %% [markdown]
# Exact arithmetic alone does not settle it: the computer stores not 0.1, but a number nearby. So *feasible* needs a
# definition. In partload a plan is feasible if all limits are met within a relative $10^{-9}$. Three things follow:
#
# 1. A **bound** has to hold for plans that use this tolerance. So a model for a proof has its deadlines loosened, by a
#    relative $10^{-6}$: a thousand times the tolerance of the checker, and more than that of the solver.
# 2. The **plan** of such a model may be late by less than that. So the checker judges it, and if it is rejected, a
#    constraint excludes it and the search goes on.
# 3. The **number** that the solver states as its bound has an error too. With whole weights, add a little more than
#    this error, and then round *down* to a whole number.

# %%
solution = partload.solve("decimal-tie")
print(solution)
assert solution.objective == solution.bound == 2

# %% [markdown]
# ## How partload checks itself
#
# The brute force of its tests shares only the records of instances with the methods, and `make verify` compares both on
# thousands of instances that were made to have ties. Exact fractions judge the checker. A bound below an incumbent is
# never returned: the solution says `error` and states both numbers. [What "proved" means](../reference/proof.md) has
# the rest.
#
# ## Exercises
#
# **1.** Now $M$ is right, and no weight is tiny. Find at most seven requests, with times and deadlines that are whole
# numbers from 1 to 100 and weights from 1 to a million, for which the MILP still proves a wrong optimum. (A solver
# stops when its bound is close enough to its plan. How close?)


# %%
def check_1(requests: list[tuple[int, int, float]]) -> None:
    """Raise AssertionError with a hint unless the MILP is wrong about these requests."""
    assert 1 <= len(requests) <= 7, "one to seven requests"
    assert all(x == round(x) and 1 <= x <= 100 for p, d, _ in requests for x in (p, d)), "whole numbers from 1 to 100"
    assert all(1 <= w <= 1e6 for _, _, w in requests), "weights from 1 to a million"
    claimed, truth = milp(requests, enough(requests))[0], brute_force(requests)
    assert abs(claimed - truth) > 0.5, f"the MILP is right: {truth:g}. It stops at a relative gap of 1e-4 by default"


# %% tags=["hide-cell"]
# Beside a request that is worth a million, a few that are worth 1 are less than 1e-4 of the bound.
solution_1 = next(
    requests
    for requests in (draw(seed, weights=(1, 1, 1e6)) for seed in range(1000))
    if abs(milp(requests, enough(requests))[0] - brute_force(requests)) > 0.5
)
check_1(solution_1)
wrong_1 = [three, [(4, 4, 1), (4, 7, 2), (4, 11, 3)], [(4, 11, 1e-7)] * 3, [(4.5, 9, 1), (4.5, 9, 1e6)]]

# %% [markdown]
# **2.** Somebody proves that nobody serves four:
#
# - `"a"`: the model has all deadlines loosened by a relative $10^{-6}$, so every feasible plan is a point of it;
# - `"b"`: the solver ends with a plan and the bound 3.9999998;
# - `"c"`: every plan serves a whole number of requests, so the bound is rounded down, to 3;
# - `"d"`: the plan serves 3, and the checker accepts it;
# - `"e"`: plan and bound meet, so 3 is the optimum.
#
# In which step is the fault, and which bound follows from `"a"` and `"b"`? Answer with the pair of a letter and a
# number.


# %%
def check_2(answer: tuple[str, int]) -> None:
    """Raise AssertionError with a hint unless the faulty step and the right bound are named."""
    step, bound = answer
    assert step != "a", "a is right: loosened deadlines only allow more"
    assert step != "b", "b only says what the solver printed. What may be the error of that number?"
    assert step not in ("d", "e"), f"{step} would be right if the bound before it were"
    assert step == "c", "one of the letters a to e"
    assert bound >= 4, "the solver's bound is right up to its tolerance, which is larger than 2e-7: 4 is not excluded"
    assert bound <= 4, "a little more than the solver's error is added, and then the bound is rounded down"


# %% tags=["hide-cell"]
solution_2 = ("c", 4)
check_2(solution_2)
wrong_2 = [("a", 4), ("b", 4), ("c", 3), ("e", 3), ("c", 5)]

# %% [markdown]
# **3.** Write the check that finds such proofs: `alarm(requests, order, value, bound)` is True if the answer is
# *evidently* wrong, without solving the problem. `order` is the plan, who runs first and so on. You have `in_time` and
# `greedy`.


# %%
def check_3(alarm) -> None:
    """Raise AssertionError with a hint unless the function tells evident faults from right answers."""
    tie = [(0.1, 0.3, 1), (0.2, 0.3, 1)]
    assert not alarm(tie, [0, 1], 2, 2), "no alarm: this plan ends at its deadline, within the tolerance"
    assert not alarm(three, [0, 2], 2, 2.5), "no alarm: the bound is above the value, and nothing is wrong with that"
    assert alarm(three, [0, 1, 2], 3, 3), "this plan is late: recompute its times"
    assert alarm(three, [0, 2], 3, 3), "this plan serves two, and the value says three: add up the weights again"
    assert alarm(three, [0, 2], 1, 2), "this plan serves two, and the value says one: add up the weights again"
    assert alarm(cheap, [0, 1], 4e-7, 4e-7), (
        "this plan is worth 2e-7, and the value says 4e-7: is a tolerance absolute?"
    )
    assert alarm(three, [0, 0], 2, 2), "this plan serves the same request twice"
    assert alarm(three, [0, 2], 2, 1), "this bound is below the plan of the answer itself"
    assert alarm([(5, 5, 1), (5, 6, 3)], [1], 3, 2), "this bound is below the plan of the answer, which greedy misses"
    assert alarm(cheap, [], 0, 0), "this bound is below a plan in hand: you have a greedy"
    rounded = [(1, 9, 0.1), (1, 9, 0.2)]
    assert not alarm(rounded, [0, 1], 0.3, 0.3), "no alarm: 0.1 + 0.2 is 0.3 but for rounding"
    for seed in range(200):
        requests = draw(seed, weights=(1, 3))
        best, order = brute_force(requests), greedy(requests)
        value = sum(requests[k][2] for k in order)
        assert not alarm(requests, order, value, best), f"a right answer raises an alarm: {requests}"


# %% tags=["hide-cell"]
def worth(requests, order):
    """The weight that a plan serves."""
    return sum(requests[k][2] for k in order)


def solution_3(requests, order, value, bound):
    """Recompute the plan, and compare the bound with every plan in hand."""
    weight = worth(requests, order)
    in_hand = max(weight, worth(requests, greedy(requests)))
    broken = len(set(order)) < len(order) or not in_time(requests, order)
    return broken or abs(value - weight) > WITHIN * weight or bound < in_hand * (1 - WITHIN)


check_3(solution_3)
wrong_3 = [
    lambda requests, order, value, bound: False,
    lambda requests, order, value, bound: not in_time(requests, order),
    lambda requests, order, value, bound: bound < value or not in_time(requests, order),
    lambda requests, order, value, bound: bound > value or solution_3(requests, order, value, bound),
    lambda requests, order, value, bound: solution_3(requests, order, max(value, worth(requests, order)), bound),
    lambda requests, order, value, bound: (
        solution_3(requests, order, value, 1e9) or bound < worth(requests, greedy(requests)) * (1 - WITHIN)
    ),
    lambda requests, order, value, bound: (
        solution_3(requests, order, worth(requests, order), bound) or abs(value - worth(requests, order)) > 1e-6
    ),
    lambda requests, order, value, bound: value != worth(requests, order) or solution_3(requests, order, value, bound),
]

# %% [markdown]
# ## What you can answer now
#
# *"The solver says optimal." What do you ask?* Is the value the solver's, or was it recomputed from the plan? By how
# much were limits loosened, against which tolerance? How was the bound rounded? Has anybody else a plan that is better?
# And how many instances were compared with a method that shares nothing with this one?
#
# In lesson 09 you put a heuristic of your own, and a formulation of your own, to these tests.
