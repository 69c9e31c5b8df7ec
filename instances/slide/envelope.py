"""The least rate of one model as a function of one number, deadline times speed (problems, SLIDE, facts 1 and 2).

A device at speed f does T = deadline f [FLOP] until its deadline. Let b_l = 8 (s_1 + .. + s_l) be the bits that have to
be here before layer l can compute, and C_l = c_l + .. + c_L the work that is left then. The model is in time if

    b_l / r + C_l / f <= deadline  for all l,     so  r_min = f max_l b_l / (T - C_l)

over the layers with bits to wait for; those before the first of them only need W = C_1 <= T. Turned over, the maximum
is the least of L straight lines in T, (T - C_l) / b_l. Their slopes 1 / b_l fall from layer to layer, so each line is
least on one interval at most, and the intervals follow one another in the order of the layers. Two lines i < j cross at

    X_ij = C_i + b_i (C_i - C_j) / (b_j - b_i),

line i being the lower one up to there. Adding a layer at a time, a line whose interval would be empty is dropped: the
breakpoints are there after L steps, and a look-up among them is all that a user costs.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from partload.instances.slide.instance import LayerArrays

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Envelope:
    """The V layers of a model that decide for some T, in their order."""

    bits: Floats
    """b_l of these layers, shape (V,); a single 0 where there is nothing to download."""
    work_left: Floats
    """C_l of these layers [FLOP], shape (V,)."""
    breaks: Floats
    """T [FLOP] up to which each but the last decides, ascending, shape (V - 1,)."""
    work_flop: float
    """W, the work of all layers."""

    @classmethod
    def of(cls, layers: LayerArrays) -> Envelope:
        """The envelope of a model with these layers."""
        with np.errstate(over="ignore"):
            left = np.cumsum(layers.work_flop[::-1])[::-1]
        kept: list[tuple[float, float]] = []
        breaks: list[float] = []
        for layer in zip(layers.bits.tolist(), left.tolist()):
            if layer[0] == 0 or (kept and kept[-1][0] == layer[0]):
                continue  # No bits to wait for, or none more than before, with more work left.
            while breaks and _crossing(kept[-1], layer) <= breaks[-1]:
                kept.pop()
                breaks.pop()
            if kept:
                breaks.append(_crossing(kept[-1], layer))
            kept.append(layer)
        bits, work_left = np.array(kept or [(0.0, 0.0)]).T
        return cls(bits, work_left, np.array(breaks), float(left[0]))

    @classmethod
    def of_whole(cls, layers: LayerArrays) -> Envelope:
        """The envelope of the same model in one piece, which only begins when all of it is here."""
        return cls.of(LayerArrays(layers.bits[-1:], layers.work_flop.sum(keepdims=True)))

    @property
    def begins_at_once(self) -> bool:
        """Whether there is work before the first bit to wait for."""
        return self.work_flop > float(self.work_left[0])

    def deciding(self, reach_flop: Floats) -> tuple[Floats, Floats]:
        """b_l and C_l of the layer that decides at each T, all of the shape of ``reach_flop``.

        Where T is too short for any rate, it is the first layer with bits to wait for, and T <= C_l.
        """
        at = np.searchsorted(self.breaks, reach_flop)
        return self.bits[at], self.work_left[at]


def _crossing(one: tuple[float, float], other: tuple[float, float]) -> float:
    """X_ij."""
    return one[1] + one[0] / (other[0] - one[0]) * (one[1] - other[1])
