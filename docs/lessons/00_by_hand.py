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
# # 00 The problem by hand
#
# *15 minutes. You need nothing but addition.*
#
# An edge server has three models on its disk, A, B and C, and room for one of them at a time in the memory of its
# GPU. Six requests wait, two for each model, and all have the same deadline. Loading a model takes longer than
# running it.
#
# **A question to begin with.** A and B share a part of their parameters, so whichever of them runs second loads less.
# In total both orders load the same seven bytes. *Does it matter which of them runs first?* Decide before you read
# on.

# %% [markdown]
# ## The data
#
# Every symbol of this lesson, with its value here:
#
# | symbol | meaning | unit | here |
# |---|---|---|---|
# | $J_A$ | blocks of parameters of model A | | alpha |
# | $J_B$ | blocks of model B | | alpha, beta |
# | $J_C$ | blocks of model C | | gamma |
# | $s_j$ | size of block $j$ | byte | alpha 4, beta 3, gamma 5 |
# | $V$ | load rate | byte/s | 1 |
# | $B$ | bandwidth, with which requests upload their inputs | Hz | 1 |
# | $D_k$ | input of request $k$ | bit | see below |
# | $\eta_k$ | spectral efficiency: bits per second for each hertz | bit/s/Hz | 1 |
# | $\alpha + \beta u$ | time of a batch of $u$ requests | s | $1 + u$ |
# | $d$ | deadline of all requests | s | 13 |
#
# The blocks alpha and beta have nothing to do with the times $\alpha$ and $\beta$, nor model B with the bandwidth $B$.
#
# The inputs are 1 and 2 bits for A, 1 and 2 for B, 1 and 3 for C. The instance ships with partload:

# %%
import partload

instance = partload.read("three-models")
for request in instance.requests:
    print(request.id, "uploads", request.input_bits, "bits to model", request.model, "by", request.deadline_s, "s")

# %% [markdown]
# ## A slot
#
# A *slot* runs one model once, on a batch of requests. It has three parts:
#
# 1. the **load**: blocks of the model that are not in memory are loaded, at rate $V$. In memory are the blocks of the
#    model of the slot before, and no others;
# 2. the **upload**: at the same time, the requests of the batch send their inputs and share the band. With the best
#    division of the band, all end together, after $\sum_k D_k / (\eta_k B)$ seconds;
# 3. the **batch** itself, when load and upload are done.
#
# So a slot that begins at time $t$ with $\ell$ bytes to load, uploads of $U$ seconds in all, and $u$ requests ends at
#
# $$ t + \max(\ell / V,\; U) + \alpha + \beta u , $$
#
# and the next slot begins then. The first slot begins at 0, with an empty memory. The maximum is the heart of the
# matter: an upload costs nothing while a load takes longer.
#
# ## A first then B, B first then A
#
# **A, then B.** A loads alpha: 4 s. Its uploads take $1 + 2 = 3$ s, hidden behind the load. The batch takes $1 + 2 =
# 3$ s. A ends at 7. B finds alpha and loads beta: 3 s. Its uploads take 3 s, hidden. Its batch takes 3 s. B ends at
# **13**, on the deadline. All four are served.
#
# **B, then A.** B loads alpha and beta: 7 s, uploads hidden, batch 3 s: B ends at 10. A finds alpha and loads
# *nothing*. But now nothing hides its uploads: 3 s, then the batch, 3 s. A ends at **16**, too late.
#
# Both orders load seven bytes. The order matters because of what the loads hide. The clock of partload agrees:

# %%
a, b = partload.Slot("A", ("A.1", "A.2")), partload.Slot("B", ("B.1", "B.2"))
for plan in ((a, b), (b, a)):
    report = partload.check_plan(instance, plan)
    print([slot.model for slot in plan], "ends at", report.times.end_s.tolist(), "feasible:", report.feasible)
    for violation in report.violations:
        print("   ", violation)

# %% [markdown]
# ## Can five be served?
#
# Four is what we found. It is the optimum only if nobody can find five, and that takes a proof: an **upper bound**.
#
# Five requests need all three models, since each model has only two. Whatever the order, alpha, beta and gamma are
# each loaded at least once: $4 + 3 + 5 = 12$ s. Three batches take $3 \cdot 1 + 5 \cdot 1 = 8$ s, and nothing loads
# while a batch runs. That is 20 s, and the deadline is 13. So nobody serves five: 4 is **optimal**. partload finds
# the same plan and a proof of its own:

# %%
solution = partload.solve(instance)
print(solution)
assert solution.objective == solution.bound == 4

# %% [markdown]
# A plan and a bound that meet are a proof. Everything else in these lessons is about finding good plans and good
# bounds faster than by hand.
#
# ## Exercises
#
# Call the check with your answer, `check_1(5)`: it says nothing if the answer is right, and gives a hint if not.
#
# **1.** Suppose that B had a private copy of alpha, so that nothing is shared and B always loads 7 bytes. How many
# requests can be served now? Find a number and convince yourself that one more is impossible.


# %%
def check_1(number: int) -> None:
    """Raise AssertionError with a hint unless the number is right."""
    assert number >= 2, "more is possible: serve one request for A and one for C, and add up the times"
    assert number <= 2, "too many: A and B end at 7 + 7 + 3 = 17 s, and any two models load at least 9 bytes"


# %% tags=["hide-cell"]
solution_1 = 2
check_1(solution_1)
wrong_1 = [0, 1, 3, 4]

# %% [markdown]
# **2.** Write a plan that serves four requests, with C among the models that run, or show that there is none: then
# the answer is `None`.


# %%
def check_2(plan: list[partload.Slot] | None) -> None:
    """Raise AssertionError with a hint unless the answer is right."""
    if plan is not None:
        report = partload.check_plan(instance, plan)
        assert report.feasible, f"this plan breaks a rule: {report.violations[0]}"
        assert any(slot.model == "C" for slot in plan), "C does not run"
        served = sum(len(slot.requests) for slot in plan)
        assert served >= 4, f"this plan serves {served}"
    assert plan is None, "not a plan of this instance"


# %% tags=["hide-cell"]
# C and another model load at least 5 + 4 = 9 bytes, and two batches of four requests take 2 + 4 = 6 s: 15 s in all.
# Three models load 12 bytes, and three batches of four requests take 3 + 4 = 7 s: 19 s.
solution_2 = None
check_2(solution_2)
wrong_2 = [[a, b], [partload.Slot("C", ("C.1", "C.2")), a]]

# %% [markdown]
# **3.** By how much may the deadline fall before the optimum of the instance falls to 3? Give the least deadline, in
# seconds, at which four requests can still be served.


# %%
def check_3(deadline_s: float) -> None:
    """Raise AssertionError with a hint unless the deadline is right."""
    import dataclasses

    def optimum(due: float) -> float:
        requests = tuple(dataclasses.replace(request, deadline_s=due) for request in instance.requests)
        return partload.solve(instance.replace(requests=requests)).objective

    assert optimum(deadline_s) >= 4, "at this deadline four are not served any more"
    assert optimum(deadline_s - 1e-6) < 4, "a little less would still do"


# %% tags=["hide-cell"]
solution_3 = 13.0  # A, then B, end at 13 s, and no other order of two models ends sooner.
check_3(solution_3)
wrong_3 = [12.0, 12.99, 13.005, 14.0]

# %% [markdown]
# ## What you can answer now
#
# *A server runs two models that share almost everything. The first has large inputs, the second small ones. Which
# should run first?* The one with the large inputs: its load is long and hides its uploads. The other one's load is
# short, and hides little, but it has little to hide.
#
# In lesson 01 a computer finds the plan: you write the problem as equations, one at a time, and watch the bound fall.
