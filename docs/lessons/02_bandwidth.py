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
# # 02 Bandwidth is convex
#
# *15 minutes. You need lesson 00, derivatives, and the extra `convex`: `pip install 'partload[convex]'`.*
#
# A slot is given: its requests are known. They share the band while they upload, and the slot waits for the last of
# them. This lesson divides the band, first by hand and then by convex optimization, and asks what a further megahertz
# is worth.
#
# **A question to begin with.** Two slots have two requests each, with the same inputs of 4 Mbit and the same band of
# 20 MHz. In the *near* slot the uploads take 200 ms, in the *far* slot 268 ms. You may give one more megahertz to one
# of them. *Which slot ends earlier by more?* Decide before you read on.

# %% [markdown]
# ## Words and symbols
#
# | symbol | meaning | unit |
# |---|---|---|
# | $k$ | requests of the slot | |
# | $B$ | the band | Hz |
# | $b_k$ | bandwidth of request $k$ | Hz |
# | $D_k$ | input of request $k$ | bit |
# | $\eta_k$ | spectral efficiency of a *flat* channel: the rate is $\eta_k b_k$ | bit/s/Hz |
# | $c_k$ | quality of a *power-limited* channel: the rate is $b_k \log_2(1 + c_k / b_k)$ | Hz |
# | $a_k = D_k / \eta_k$ | load of a request on the spectrum, flat channels | Hz s |
# | $t$ | time in which all inputs of the slot arrive | s |
# | $s = 1/t$ | its reciprocal | 1/s |
# | $\lambda_k, \nu$ | multipliers (prices) of the constraints | |
#
# On a flat channel the *density* of the power is fixed: twice the bandwidth carries twice the bits. On a
# power-limited channel the *power* is fixed, and more bandwidth spreads it thinner.
#
# ## By hand: flat channels
#
# Request $k$ ends after $D_k / (\eta_k b_k) = a_k / b_k$ seconds. All end within $t$ if and only if $b_k \geq a_k /
# t$ for all $k$. These bandwidths fit into the band if and only if
#
# $$ \sum_k \frac{a_k}{t} \leq B, \qquad \text{that is} \qquad t \geq \frac{1}{B} \sum_k a_k . $$
#
# So the least time is $t = \sum_k a_k / B$, with $b_k = B a_k / \sum_l a_l$, and all requests end together. That is
# the rule which lessons 00 and 01 used. Try it on three requests:

# %%
import numpy as np

bits = np.array([2e6, 4e6, 1e6])
efficiency = np.array([4.0, 2.0, 1.0])
band = 20e6
a = bits / efficiency
shares = band * a / a.sum()
print("bandwidths [MHz]:", (shares / 1e6).round(2), " each ends after [ms]:", (1e3 * a / shares).round(1))
equal = np.full(3, band / 3)
print("equal bandwidths end after [ms]:", (1e3 * a / equal).round(1))
assert np.allclose(a / shares, a.sum() / band)
assert max(a / equal) > a.sum() / band

# %% [markdown]
# With equal bandwidths the second request is late, and the others end early for nothing.
#
# ## By a solver: choose the right variable
#
# Now we let a solver find this. Minimise $t$ such that $\eta_k b_k t \geq D_k$ and $\sum_k b_k \leq B$. CVXPY accepts
# a problem only if it can see that it is convex. (The solver works in MHz and Mbit, because numbers near 1 are good
# for it.)

# %%
import cvxpy as cp

b, t, s = cp.Variable(3, nonneg=True), cp.Variable(nonneg=True), cp.Variable()
in_band = cp.sum(b) <= band / 1e6
direct = cp.Problem(cp.Minimize(t), [cp.multiply(efficiency, b) * t >= bits / 1e6, in_band])
print("with t, does CVXPY accept the problem?", direct.is_dcp())

reciprocal = cp.Problem(cp.Maximize(s), [cp.multiply(efficiency, b) >= bits / 1e6 * s, in_band])
print("with s = 1/t?", reciprocal.is_dcp())
assert not direct.is_dcp()
assert reciprocal.is_dcp()

# %% [markdown]
# The product $b_k t$ of two variables is neither convex nor concave. Divide by $t$ and the product is gone:
#
# $$ \max \; s \qquad \text{such that} \qquad \eta_k b_k \geq D_k s, \qquad \sum_k b_k \leq B . $$
#
# The multipliers of the constraints are $\lambda_k$ for the inputs and $\nu$ for the band.
#
# It is the same problem: the largest $s$ is the least $t$. It is even linear, and its solution is the closed form:

# %%
reciprocal.solve(solver=cp.CLARABEL)
print("least time:", round(1e3 / float(s.value), 3), "ms; bandwidths [MHz]:", b.value.round(2))
assert np.isclose(1 / float(s.value), a.sum() / band, rtol=1e-6)

# %% [markdown]
# ## What a megahertz is worth
#
# The multiplier $\nu$ says by how much $s$ grows with one more unit of band. Since $t = 1/s$, the chain rule gives
#
# $$ -\frac{dt}{dB} = t^2 \, \nu . $$
#
# The Lagrangian is $s + \sum_k \lambda_k (\eta_k b_k - D_k s) + \nu (B - \sum_k b_k)$. Its derivatives vanish at the
# solution: $\sum_k \lambda_k D_k = 1$ and $\lambda_k \eta_k = \nu$. Put the second into the first: $\nu \sum_k a_k =
# 1$. So $t^2 \nu = t^2 / \sum_k a_k = t / B$. Three ways to the same number, in ms per MHz:

# %%
time = a.sum() / band
by_multiplier = float(s.value) ** -2 * float(in_band.dual_value) * 1e3
by_formula = time / band * 1e9
by_difference = (time - a.sum() / (band + 1e3)) / 1e3 * 1e9
print(f"multiplier {by_multiplier:.4f}, formula t / B {by_formula:.4f}, difference {by_difference:.4f}")
assert np.isclose(by_multiplier, by_formula, rtol=1e-4)
assert np.isclose(by_difference, by_formula, rtol=1e-3)

# %% [markdown]
# So on flat channels a slow slot gains *more* from a megahertz: the price $t / B$ grows with $t$.
#
# ## Power-limited channels
#
# The rate $r(b) = b \log_2(1 + c/b)$ is concave in $b$. It grows with $b$, but never beyond a ceiling: $\ln(1 + x)
# \leq x$ gives $r(b) \leq c / \ln 2$.

# %%
c = 14e6
for mhz in (1, 10, 100, 1000):
    print(f"{mhz:5d} MHz carry {mhz * np.log2(1 + c / (mhz * 1e6)):6.2f} Mbit/s; ceiling {c / np.log(2) / 1e6:.2f}")

# %% [markdown]
# A concave function that must be *at least* something linear is a convex constraint. So the problem in $s$ stays
# convex, and only the rate changes: $r_k(b_k) \geq D_k s$. CVXPY knows $b \log(1 + c/b)$ as `-rel_entr(b, b + c)`.
# There is no closed form with which all requests could be added up. partload solves the same problem, and verifies
# the optimality conditions of the solution itself:

# %%
from partload import FlatChannel, PowerLimitedChannel
from partload.instances.channels import ChannelArrays
from partload.solvers.partial_loading.bandwidth.convex import least_upload

quality = np.array([14.0, 400.0])  # MHz
b, s = cp.Variable(2), cp.Variable()
rate = -cp.rel_entr(b, b + quality) / np.log(2)
in_band = cp.sum(b) <= 20
cp.Problem(cp.Maximize(s), [rate >= 4 * s, in_band]).solve(solver=cp.CLARABEL)
far_time, far_price = 1 / float(s.value), float(s.value) ** -2 * float(in_band.dual_value)
print(f"far slot:  {1e3 * far_time:.1f} ms, one more MHz saves {1e3 * far_price:.2f} ms; bandwidths {b.value.round(2)}")

inputs = np.array([4e6, 4e6])
far = least_upload(ChannelArrays.of([PowerLimitedChannel(14e6), PowerLimitedChannel(400e6)]), inputs, 20e6)
near = least_upload(ChannelArrays.of([FlatChannel(2.0), FlatChannel(2.0)]), inputs, 20e6)
print(f"near slot: {1e3 * near.time_s:.1f} ms, one more MHz saves {near.price_s_per_hz * 1e9:.2f} ms")
assert np.isclose(far.time_s, far_time, rtol=1e-5)
assert np.isclose(far.price_s_per_hz * 1e6, far_price, rtol=1e-3)
assert far.time_s > near.time_s
assert far.price_s_per_hz < near.price_s_per_hz

# %% [markdown]
# That is the answer to the question: the *near* slot gains 10 ms, the far slot 3.4 ms, although it takes longer. The
# first request of the far slot is close to its ceiling. It lacks power, and bandwidth is no cure for that. A slow
# upload is no sign that bandwidth is what is missing; the multiplier is.
#
# ## Exercises
#
# **1.** Three requests on flat channels have $a = (3, 1, 2)$ MHz s and share 12 MHz. Give the bandwidths [MHz] with
# which the slot is ready first.


# %%
def check_1(mhz) -> None:
    """Raise AssertionError with a hint unless the division is the best."""
    assert len(mhz) == 3, "three requests, three bandwidths"
    assert min(mhz) > 0, "each of them needs some band"
    assert sum(mhz) <= 12 + 1e-9, "more than the band"
    ready = max(load / share for load, share in zip((3, 1, 2), mhz, strict=True))
    assert ready <= 0.5 + 1e-9, f"the last upload ends after {ready:.2f} s; somebody else ends earlier and has too much"


# %% tags=["hide-cell"]
solution_1 = (6, 2, 4)
check_1(solution_1)
wrong_1 = [(4, 4, 4), (6, 3, 4), (5.1, 2.9, 4.0), (7, -1, 6)]

# %% [markdown]
# **2.** The same slot gets a little more band. How much earlier is it ready, in ms per MHz, to first order?


# %%
def check_2(ms_per_mhz: float) -> None:
    """Raise AssertionError with a hint unless the price is right."""
    assert ms_per_mhz > 0, "more band never delays a slot"
    assert abs(ms_per_mhz - 500) > 1, "that is the time itself, 500 ms, and not what a MHz changes"
    assert abs(ms_per_mhz - 500 / 12) < 0.1, "the price is t / B; mind the units"


# %% tags=["hide-cell"]
solution_2 = 500 / 12  # t / B = 0.5 s / 12 MHz
check_2(solution_2)
wrong_2 = [500, 0.0417, -41.7]

# %% [markdown]
# **3.** A power-limited request has $c = 14$ MHz and an input of 4 Mbit. The band is as wide as you like. Below which
# time [s] can its upload never be, however wide the band?


# %%
def check_3(seconds: float) -> None:
    """Raise AssertionError with a hint unless the time is the limit."""
    wide = least_upload(ChannelArrays.of([PowerLimitedChannel(14e6)]), np.array([4e6]), 14e9).time_s
    assert seconds < wide, f"with 14 GHz the upload takes {wide:.6f} s, which is less"
    assert seconds > wide * 0.999, f"that is never reached: even with 14 GHz the upload takes {wide:.6f} s"


# %% tags=["hide-cell"]
solution_3 = 4e6 * np.log(2) / 14e6  # the input over the ceiling of the rate
check_3(solution_3)
wrong_3 = [0.0, 4 / 14, 0.18]

# %% [markdown]
# ## What you can answer now
#
# *An operator buys more spectrum, because uploads are slow. What do you look at first?* At the multiplier of the
# band, not at the times: it says how many seconds a hertz saves, and near the ceiling of a rate it says almost none.
#
# The band was divided here for a slot that is given. In lesson 03 the slot is not given: the schedule and the
# bandwidths are decided together, and you see whether that changes anything.
