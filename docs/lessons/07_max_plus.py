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
# # 07 Download and compute: max-plus algebra
#
# *20 minutes. You need nothing of the lessons before; lesson 02 helps with bandwidths. You need the extras `plot` and
# `convex`: `pip install 'partload[plot,convex]'`.*
#
# The lessons so far were about a server that loads models. In the problem SLIDE *users* download a model, layer by
# layer, and run it on their own devices. A layer can compute as soon as it has arrived and the layer before it is done.
# So a device computes while the next layers arrive.
#
# **A question to begin with.** A model has three layers. At 3.2 bit/s they arrive after 2.5 s, 10 s and 10 s (the third
# is empty), and on the device they compute for 2 s, 1 s and 1 s. The result is ready at 12 s. A better device computes
# the first layer, the largest part of the work, in 1 s instead of 2 s. *When is the result ready now?* Decide before
# you read on.

# %% [markdown]
# ## Words and symbols
#
# | symbol | meaning | unit | in the example |
# |---|---|---|---|
# | $l = 1, \dots, L$ | layers, in the order in which they compute | | $L = 3$ |
# | $p_l$ | time that the download of layer $l$ takes | s | 2.5, 7.5, 0 |
# | $c_l$ | time that layer $l$ computes | s | 2, 1, 1 |
# | $d_l$ | time at which layer $l$ has arrived; $d_0 = 0$ | s | 2.5, 10, 10 |
# | $t_l$ | time at which layer $l$ is computed; $t_0 = 0$ | s | computed below |
# | $T$ | deadline: $t_L \leq T$ is required | s | 12 |
# | $S_l$ | bits of the layers up to $l$ | bit | 8, 32, 32 |
# | $C_l = c_l + \dots + c_L$ | time that the layers from $l$ on compute | s | 4, 2, 1 |
# | $b$, $B$ | bandwidth of the user; the whole band | Hz | 3.2; 11 |
# | $\eta$ | spectral efficiency: the rate is $\eta b$ | bit/s/Hz | 1 |
# | $x \oplus y$, $x \otimes y$ | $\max(x, y)$, and $x + y$ | | |
#
# The layers are downloaded one after another, and each waits for two things, the layer before it and its own arrival:
#
# $$ d_l = d_{l-1} + p_l, \qquad t_l = \max(t_{l-1},\, d_l) + c_l . $$

# %%
import partload
from partload.instances.slide import clock
from partload.instances.slide.instance import Downlink, Instance, Layer, Model, User
from partload.instances.slide.plan import Served

# Layers of so many bytes and so many units of work, of which the device computes one a second.
MODEL = Model("net", (Layer(1, 2), Layer(3, 1), Layer(0, 1)))
ann = User("ann", ("net",), partload.FlatChannel(1.0), deadline_s=12, max_flop_per_s=1)
instance = Instance("one user", Downlink(11.0), (MODEL,), (ann,))
times = clock.run(instance, [Served("ann", "net", 3.2, 1.0)])
print("arrived: ", times.download_end_s[0].tolist())
print("computed:", times.compute_end_s[0].tolist())
assert times.compute_end_s[0].round(9).tolist() == [4.5, 11, 12]

# %% [markdown]
# ## An algebra without subtraction
#
# The recursion has a maximum, so it is not linear. But it only uses the maximum and the sum. Write $\oplus$ for the
# maximum and $\otimes$ for the sum. They obey the rules of arithmetic that we need: $x \otimes (y \oplus z) = (x
# \otimes y) \oplus (x \otimes z)$, because $x + \max(y, z) = \max(x + y, x + z)$. The neutral element of $\oplus$ is
# $-\infty$, that of $\otimes$ is 0. This is the **max-plus algebra**, and in it the recursion *is* linear:
#
# $$ \begin{pmatrix} t_l \\ d_l \end{pmatrix} = M_l \otimes \begin{pmatrix} t_{l-1} \\ d_{l-1} \end{pmatrix}, \qquad
# M_l = \begin{pmatrix} c_l & p_l + c_l \\ -\infty & p_l \end{pmatrix} . $$
#
# Read the first row aloud: $t_l$ is the larger of $t_{l-1} + c_l$ and $d_{l-1} + p_l + c_l$. The product of matrices is
# the usual one, with $\oplus$ for the sum and $\otimes$ for the product. All layers together are one matrix:

# %%
NEVER = float("-inf")


def layer(p, c):
    """The matrix of a layer that takes p to download and c to compute."""
    return [[c, p + c], [NEVER, p]]


def product(a, b):
    """The max-plus product of two matrices."""
    return [[max(x + y for x, y in zip(row, column)) for column in zip(*b)] for row in a]


def whole(layers):
    """The product of the matrices of all layers; the first layer stands on the right."""
    made = layer(*layers[0])
    for p, c in layers[1:]:
        made = product(layer(p, c), made)
    return made


example = [(2.5, 2), (7.5, 1), (0, 1)]
for row in whole(example):
    print(row)
start = [[0], [0]]
assert product(whole(example), start) == [[12], [10]]

# %% [markdown]
# Apply the matrix to the start $(0, 0)$: the result is ready at 12 s, and the download ends at 10 s. The entries say
# more. The left column is what the device needs if everything has arrived: 4 s. The right column is what follows from
# the download.
#
# ## Who decides
#
# Multiply out the entry at the top right. Each of its terms chooses one layer $l$, downloads up to it, and computes
# from it on without a pause:
#
# $$ t_L = \max_l \, (d_l + C_l) . $$
#
# In terms of the device: look for its *last* pause. The pause ends with the arrival of some layer, and from then on the
# device computes without a break. What it did before does not matter.

# %%


def paths(layers):
    """For each layer: its arrival, plus the time that the layers from it on compute."""
    arrive = [sum(p for p, _ in layers[: n + 1]) for n in range(len(layers))]
    return [d + sum(c for _, c in layers[n:]) for n, d in enumerate(arrive)]


print("the three paths:", paths(example))
faster = [(2.5, 1), (7.5, 1), (0, 1)]
print("with the better device:", paths(faster))
assert max(paths(example)) == max(paths(faster)) == 12

# %% [markdown]
# So the answer to the question is **12 s**, not a moment sooner. The device waits for the second layer until 10 s in
# either case. The path of the second layer decides, and the first layer's work is not on it. A second saved *after* the
# last pause counts in full.
#
# ## Bandwidth: a maximum of hyperbolas
#
# With bandwidth $b$ the rate is $\eta b$, and $d_l = S_l / (\eta b)$. So
#
# $$ t_L(b) = \max_l \Big( \frac{S_l}{\eta b} + C_l \Big) . $$
#
# Each path is a hyperbola, which is convex in $b$, and a maximum of convex functions is convex. That is good to know
# before one searches: a local minimum of anything that adds up such ends is the minimum.

# %%
BITS, WORK = [8, 32, 32], [4, 2, 1]  # S and C of the example.


def end(bandwidth, efficiency=1.0):
    """The time at which the result is ready."""
    return max(bits / (efficiency * bandwidth) + work for bits, work in zip(BITS, WORK))


# %% tags=["hide-input"]
from partload.benchmarks import drawing
from partload.benchmarks.palette import BLUE, INK, ORANGE, VERMILION


class Drawing:
    """A figure in the colours of the page."""

    def __init__(self, figure):
        self.html = drawing.inline(drawing.svg(figure))

    def _repr_html_(self):
        return self.html


figure = drawing.blank(7, 3.4)
axes = figure.subplots()
drawing.style_axes(axes)
grid = [2.4 + 0.05 * n for n in range(400)]
for n, colour in enumerate((BLUE, ORANGE, VERMILION)):
    axes.plot(grid, [BITS[n] / b + WORK[n] for b in grid], color=colour, linewidth=2, label=f"wait for layer {n + 1}")
axes.plot(grid, [end(b) for b in grid], color=INK, linewidth=1, linestyle="--", label="the result is ready")
axes.set(xlabel="bandwidth [Hz]", ylabel="time [s]", ylim=(0, 16))
axes.legend(frameon=False, labelcolor=INK)
Drawing(figure)

# %% [markdown]
# The second layer decides up to 12 Hz, and the first one beyond. The third never does: it arrives with the second, and
# less work follows it. Twice the bandwidth does not halve the time, since the work after the last pause stays:

# %%
print("at 3.2 Hz:", end(3.2), " at 6.4 Hz:", end(6.4))
assert (end(3.2), end(6.4)) == (12, 7)

# %% [markdown]
# ## The least bandwidth for a deadline
#
# $t_L(b) \leq T$ says that *every* path ends by $T$. Each of them is solved for $b$ by itself:
#
# $$ b_{\min} = \max_l \; \frac{S_l}{\eta \, (T - C_l)} , $$
#
# provided that $T > C_l$: nobody computes for longer than the deadline.
#
# Whoever downloads first and computes afterwards needs $S_L / (\eta (T - C_1))$: all bits in what the work leaves.


# %%
def least(deadline, efficiency=1.0):
    """The least bandwidth with which the result is ready by the deadline."""
    return max(bits / (efficiency * (deadline - work)) for bits, work in zip(BITS, WORK))


def download_first(deadline, efficiency=1.0):
    """The same if the device starts when the whole model has arrived."""
    return BITS[-1] / (efficiency * (deadline - WORK[0]))


for deadline in (12, 6, 4.5):
    print(f"{deadline:4} s: {least(deadline):.2f} Hz; download first {download_first(deadline):.2f} Hz")
assert (least(12), download_first(12)) == (3.2, 4)

# %% [markdown]
# ## Two users
#
# Ann has a deadline of 12 s and $\eta = 1$. Bob runs the same model with a deadline of 6 s and $\eta = 2$. Together
# they have $B = 11$ Hz. What a user needs does not depend on the others, so a *provisioning* is possible if and only if
# the least bandwidths fit into the band:

# %%
bob = User("bob", ("net",), partload.FlatChannel(2.0), deadline_s=6, max_flop_per_s=1)
pair = Instance("two users", Downlink(11.0), (MODEL,), (ann, bob))
print("with overlap:  ", least(12), "+", least(6, 2.0), "Hz")
print("download first:", download_first(12), "+", download_first(6, 2.0), "Hz")
solution = partload.solve(pair)
assert solution.objective == 2
assert partload.solve(pair, "download-first").objective == 1
solution

# %% [markdown]
# The overlap decides whether Bob is served besides Ann. In the picture a download stands above the computation of its
# layer, and both users end at their deadlines.
#
# There are 3.8 Hz left. Who should have them? The sum of the two ends is convex in the division of the band, so a
# search that always keeps the better two thirds finds the best division:

# %%


def both(b):
    """The sum of the ends if Ann has b and Bob the rest."""
    return end(b) + end(11 - b, 2.0)


low, high = least(12), 11 - least(6, 2.0)
while high - low > 1e-9:
    third = (high - low) / 3
    low, high = (low, high - third) if both(low + third) <= both(high - third) else (low + third, high)
best = partload.solve(pair, bandwidth="weighted")
given = {user.id: user.bandwidth_hz for user in best.users}
print(f"search:   Ann {low:.4f} Hz, Bob {11 - low:.4f} Hz")
print(f"partload: Ann {given['ann']:.4f} Hz, Bob {given['bob']:.4f} Hz")
assert abs(low - given["ann"]) < 1e-4

# %% [markdown]
# partload has all of this in two forms. The formulation `recursion` replaces the maximum by two inequalities,
# $t_l \geq t_{l-1} + s_l$ and $t_l \geq d_l + s_l$, where $s_l$ is the time that layer $l$ computes, and leaves
# bandwidths and times to a solver. The methods use the maximum over the layers, as here. Both find the same optima
# ([the problem SLIDE](../reference/slide.md)).
#
# ## Exercises
#
# **1.** Layers arrive compressed. A chip beside the processor unpacks layer $l$ within $z_l$ seconds after its arrival,
# also while other layers arrive or compute, so $t_l = \max(t_{l-1},\, d_l + z_l) + c_l$. Write the matrix of a layer: a
# function `matrix(p, c, z)`.


# %%
def check_1(matrix) -> None:
    """Raise AssertionError with a hint unless the product of the matrices is the recursion."""
    import random

    draw = random.Random(7)
    for _ in range(50):
        layers = [(draw.randint(0, 5), draw.randint(0, 5), draw.randint(0, 5)) for _ in range(3)]
        state, t, d = [[0], [0]], 0, 0
        for p, c, z in layers:
            state = product(matrix(p, c, z), state)
            d += p
            t = max(t, d + z) + c
            assert state[1][0] <= d, "unpacking a layer must not delay the download of the next one"
            assert state[0][0] <= t, "too late: a layer that was unpacked long ago does not wait for z once more"
            assert state[0][0] >= t, "too early: who waits for the arrival waits for z as well"


# %% tags=["hide-cell"]
def solution_1(p, c, z):
    """The first row: t + c, and d + p + z + c. The second row: the download goes on."""
    return [[c, p + z + c], [NEVER, p]]


check_1(solution_1)
wrong_1 = [
    lambda p, c, z: layer(p, c),
    lambda p, c, z: [[z + c, p + z + c], [NEVER, p]],
    lambda p, c, z: [[c, p + z + c], [NEVER, p + z]],
]

# %% [markdown]
# **2.** Ann's deadline becomes 4.5 s. What is her least bandwidth, and the path of which layer decides? Answer with the
# pair of a number and a layer.


# %%
def check_2(answer: tuple[float, int]) -> None:
    """Raise AssertionError with a hint unless bandwidth and layer are right."""
    bandwidth, decides = answer
    assert bandwidth > 0, "Ann needs some band"
    assert end(bandwidth) <= 4.5 + 1e-9, f"at this bandwidth the result is ready at {end(bandwidth):.2f} s"
    assert bandwidth <= least(4.5) + 1e-9, "less is enough: does the device have to wait for the whole model?"
    assert decides == 1, "put the bandwidth into the three paths: which of them ends at the deadline?"


# %% tags=["hide-cell"]
solution_2 = (16.0, 1)  # 8 / (4.5 - 4) = 16, 32 / (4.5 - 2) = 12.8, 32 / (4.5 - 1) = 9.1
check_2(solution_2)
wrong_2 = [(12.8, 2), (64.0, 3), (16.0, 2), (-1.0, 1)]

# %% [markdown]
# **3.** Divide the 11 Hz between Ann and Bob so that both meet their deadlines and the *later* of the two ends comes as
# soon as possible. Answer with the pair of their bandwidths.


# %%
def check_3(bandwidths: tuple[float, float]) -> None:
    """Raise AssertionError with a hint unless the division is the best one."""
    of_ann, of_bob = bandwidths
    assert min(bandwidths) > 0, "both need some band"
    assert of_ann + of_bob <= 11 + 1e-9, "the band has 11 Hz"
    assert end(of_ann) <= 12 + 1e-9, f"Ann ends at {end(of_ann):.2f} s, after 12 s"
    assert end(of_bob, 2.0) <= 6 + 1e-9, f"Bob ends at {end(of_bob, 2.0):.2f} s, after 6 s"
    later = max(end(of_ann), end(of_bob, 2.0))
    assert later <= 2 + 32 / 7 + 1e-6, (
        f"the later end is at {later:.2f} s: who is later, and who has more than the deadline takes?"
    )


# %% tags=["hide-cell"]
# With equal ends both would be ready at 6.36 s, too late for Bob. So Bob has what his deadline takes, and Ann the rest.
solution_3 = (7.0, 4.0)
check_3(solution_3)
wrong_3 = [(22 / 3, 11 / 3), (3.2, 7.8), (6.44, 4.56), (7.5, 4.0), (-5.0, 16.0)]

# %% [markdown]
# ## What you can answer now
#
# *A vendor offers a device that computes twice as fast. By how much sooner is the result ready?* Ask for the layer
# behind the last pause. If it is the last layer of the model, which is common where the network is slow, only the work
# of that layer is halved, and nothing else changes. If it is the first, all the work is halved, until the path of
# another layer takes over.
#
# Lesson 08 asks what a proof is worth if the solver computes with tolerances.
