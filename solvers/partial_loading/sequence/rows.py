"""Rows that the master LP gets as it goes: cuts and branching rows, each a coefficient for every arc and two limits."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from partload.solvers.partial_loading.sequence.legs import Flags
from partload.solvers.partial_loading.sequence.network import Floats, Network


@dataclasses.dataclass(frozen=True)
class Row:
    """lower <= sum over arcs of coefficient x <= upper, where x says how often each arc is used."""

    coefficient: Floats
    """Shape (A,)."""
    lower: float
    upper: float


def subtour_cut(network: Network, inside: Flags, node: int) -> Row:
    """Generalised subtour elimination for a set S of models, shape (N,), and one of them, k.

    Whoever visits k comes into S from outside, so x(arcs into S) >= x(arcs into k). Arcs from outside into k are on
    both sides, which leaves

        x(arcs from S into k) - x(arcs from outside into S without k) <= 0.
    """
    member = np.concatenate((inside, [False, False]))
    into, out_of = member[network.head], ~member[network.tail]
    at_node = network.head == node
    coefficient = np.where(at_node & ~out_of, 1.0, 0.0) - np.where(into & out_of & ~at_node, 1.0, 0.0)
    return Row(coefficient, -math.inf, 0.0)


def blossom_cut(network: Network, inside: Flags, teeth: Flags) -> Row:
    """Blossom inequality for a set H of models, shape (N,), and an odd set T of arcs and their opposites, shape (A,).

    Each arc of T has one end in H. Arcs between models use each model twice at most, once in and once out, and not at
    all if it is not visited: with y_i the visits of i, 2 x(E(H)) + x(T) <= 2 y(H). Pairs of models follow each other at
    most once, so x(T) <= |T|, |T| being the number of pairs. Half of the sum, rounded down, is

        x(E(H)) + x(T) - y(H) <= (|T| - 1) / 2.
    """
    member = np.concatenate((inside, [False, False]))
    into = member[network.head]
    coefficient = (into & member[network.tail]).astype(float) + teeth - into
    ends = np.sort(np.stack((network.tail[teeth], network.head[teeth])), axis=0)
    pairs = len(set(zip(*ends.tolist())))
    return Row(coefficient, -math.inf, (pairs - 1) / 2)


def pair_row(network: Network, one: int, other: int) -> Row:
    """How often one of two models follows the other: 0 or 1."""
    tail, head = network.tail, network.head
    between = ((tail == one) & (head == other)) | ((tail == other) & (head == one))
    return Row(between.astype(float), 0.0, 1.0)
