"""The clock: all times of a plan, and its energy. It defines the problem; all methods and bounds agree with it.

    d_l = 8 (s_1 + .. + s_l) / rate_k(b_k)             layer l is here
    t_l = max(t_{l-1}, d_l) + c_l / f_l,  t_0 = 0      layer l is computed
    E   = kappa_k sum_l c_l f_l^2                      energy

The clock accepts plans that violate rules and repairs none; the checker names the violations. A time that never comes
is infinite. It takes O(L) for each user served, over columns.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from partload.instances.channels import rate
from partload.instances.slide.instance import Instance
from partload.instances.slide.plan import Plan, Served

Floats = NDArray[np.float64]
TINY = float(np.finfo(float).tiny)
"""The smallest normal double; smaller ones lose digits."""


@dataclasses.dataclass(frozen=True)
class Times:
    """Times and energy of a plan that serves K users, whose models have L_k layers."""

    download_end_s: tuple[Floats, ...]
    """d_l of each user, K arrays of shape (L_k,)."""
    compute_end_s: tuple[Floats, ...]
    """t_l of each user, K arrays of shape (L_k,)."""
    energy_j: Floats
    """Energy of each user, shape (K,); 0 for a user without a budget, who has no coefficient."""

    @property
    def end_s(self) -> Floats:
        """t_L, when the last layer of each user is computed, shape (K,)."""
        return np.array([ends[-1] for ends in self.compute_end_s])


def run(instance: Instance, plan: Plan) -> Times:
    """Times of a plan; its user and model ids must be those of the instance.

    Raises
    ------
    KeyError
        On an id that the instance does not have.
    ValueError
        When a user has a list of speeds without one for each layer.
    """
    users = np.fromiter((instance.user_index[served.user] for served in plan), np.int64, len(plan))
    bandwidth = np.fromiter((served.bandwidth_hz for served in plan), float, len(plan))
    rates = rate(instance.arrays.channel[users], bandwidth)
    coefficient = instance.arrays.energy_coefficient[users]
    groups: dict[str, list[int]] = {}
    for n, served in enumerate(plan):
        groups.setdefault(served.model, []).append(n)
    download: list[Floats] = [np.empty(0)] * len(plan)
    compute: list[Floats] = [np.empty(0)] * len(plan)
    energy = np.zeros(len(plan))
    for model, members in groups.items():
        layers = instance.layers[instance.model_index[model]]
        arrived = download_ends(layers.bits, rates[members])
        speed = speed_matrix([plan[n] for n in members], len(layers.bits))
        computed = compute_ends(arrived, layers.work_flop, speed)
        energy[members] = energies(coefficient[members], layers.work_flop, speed)
        for row, n in enumerate(members):
            download[n], compute[n] = arrived[row], computed[row]
    return Times(tuple(download), tuple(compute), energy)


def download_ends(bits: Floats, rate_bps: Floats) -> Floats:
    """d_l [s] of K users, shape (K, L), from the bits up to each layer, shape (L,), and their rates, shape (K,).

    A layer with no bits up to it arrives at time 0 at any rate; at rate 0 no other layer ever arrives.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ends = bits / rate_bps[:, np.newaxis]
    return np.where(bits > 0, np.where(np.isinf(bits), np.inf, ends), 0.0)


def compute_ends(download_end_s: Floats, work_flop: Floats, flop_per_s: Floats) -> Floats:
    """t_l [s] of K users, shape (K, L), from d_l, shape (K, L), c_l, shape (L,), and f_l, shape (K, L).

    No work takes no time at any speed; at speed 0 other work never ends.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        spent = np.where(work_flop > 0, work_flop / flop_per_s, 0.0)
        ends = np.empty_like(download_end_s)
        before = np.zeros(len(ends))
        for layer in range(ends.shape[1]):
            before = np.maximum(before, download_end_s[:, layer]) + spent[:, layer]
            ends[:, layer] = before
    return ends


def energies(coefficient: Floats, work_flop: Floats, flop_per_s: Floats) -> Floats:
    """E [J] of K users, shape (K,), from kappa, shape (K,), c_l, shape (L,), and f_l, shape (K, L).

    No work takes no energy at any speed. A coefficient of 0 means that energy does not matter.
    """
    kappa = coefficient[:, np.newaxis]
    (of_kappa, e_kappa), (of_speed, e_speed), (of_work, e_work) = map(np.frexp, (kappa, flop_per_s, work_flop))
    with np.errstate(invalid="ignore", over="ignore", under="ignore"):
        # Mantissas and exponents are multiplied apart, so that no intermediate product overflows or underflows.
        taken = np.ldexp(of_kappa * of_speed * of_work * of_speed, e_kappa + e_work + 2 * e_speed)
        return np.where((kappa > 0) & (work_flop > 0) & (flop_per_s > 0), taken, 0.0).sum(axis=1)


def affordable_speeds(budget_j: Floats, coefficient: Floats, work_flop: float | Floats) -> Floats:
    """The speeds [FLOP/s] at which work W takes the whole of K budgets, sqrt(E / (kappa W)), shape (K,).

    ``work_flop`` is one number, or has shape (K,). Infinite without a budget, a coefficient or work. Where the quotient
    overflows, or is so small that it loses digits, the root of each factor is taken.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        squares = budget_j / (coefficient * work_flop)
        of_factors = np.sqrt(budget_j) / np.sqrt(coefficient) / np.sqrt(work_flop)
        inexact = (squares < TINY) | np.isinf(squares) | (coefficient * work_flop < TINY)
        found = np.where(inexact, of_factors, np.sqrt(squares))
    return np.where(np.isinf(budget_j) | (coefficient == 0) | (work_flop == 0), np.inf, found)


def speed_matrix(served: Sequence[Served], layers: int) -> Floats:
    """f_l of K users whose models have L layers, shape (K, L).

    Raises
    ------
    ValueError
        When a user has a list of speeds without one for each layer.
    """
    matrix = np.empty((len(served), layers))
    for row, user in enumerate(served):
        if isinstance(user.flop_per_s, tuple) and len(user.flop_per_s) != layers:
            raise ValueError(f"{user.user}: expected {layers} speeds, got {len(user.flop_per_s)}")
        matrix[row] = user.flop_per_s
    return matrix
