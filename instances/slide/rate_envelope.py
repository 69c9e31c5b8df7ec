"""The rate envelope: the least rate of one model, as a function of deadline times speed (problems, SLIDE, facts 1, 2).

A device at speed f computes T = deadline f [FLOP] until its deadline. Let b_l = 8 (s_1 + .. + s_l) be the bits that
have to arrive before layer l can compute, and C_l = c_l + .. + c_L the work that is left then. The model is in time if

    b_l / r + C_l / f <= deadline  for all l,     so  r_min = f max_l b_l / (T - C_l)

over the layers with b_l > 0; the layers before the first of them only need W = C_1 <= T. The reciprocal f / r_min is
the lower envelope of the L lines (T - C_l) / b_l in T. Their slopes 1 / b_l decrease from layer to layer, so each line
is on the envelope on one interval at most, and the intervals are in the order of the layers. Two lines i < j cross at

    X_ij = C_i + b_i (C_i - C_j) / (b_j - b_i),

and line i is the lower one up to there. Layers are added one at a time, and a line whose interval becomes empty is
removed. This finds the breakpoints in O(L); each user then costs one binary search among them, O(log L).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from partload.instances.slide.instance import LayerArrays

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class RateEnvelope:
    """The V layers of a model whose lines are on the envelope, in their order."""

    bits: Floats
    """b_l of these layers, shape (V,); a single 0 where there is nothing to download."""
    work_left: Floats
    """C_l of these layers [FLOP], shape (V,)."""
    breakpoints: Floats
    """T [FLOP] up to which each layer but the last is binding, ascending, shape (V - 1,)."""
    work_flop: float
    """W, the work of all layers."""

    @classmethod
    def of(cls, layers: LayerArrays) -> RateEnvelope:
        """The envelope of a model with these layers."""
        with np.errstate(over="ignore"):
            left = np.cumsum(layers.work_flop[::-1])[::-1]
        kept: list[tuple[float, float]] = []
        breakpoints: list[float] = []
        for layer in zip(layers.bits.tolist(), left.tolist()):
            if layer[0] == 0 or (kept and kept[-1][0] == layer[0]):
                continue  # It has no bits, or no more than the layer before, which has more work left.
            while breakpoints and _crossing(kept[-1], layer) <= breakpoints[-1]:
                kept.pop()
                breakpoints.pop()
            if kept:
                breakpoints.append(_crossing(kept[-1], layer))
            kept.append(layer)
        bits, work_left = np.array(kept or [(0.0, 0.0)]).T
        return cls(bits, work_left, np.array(breakpoints), float(left[0]))

    @classmethod
    def of_single_layer(cls, layers: LayerArrays) -> RateEnvelope:
        """The envelope of the same model as a single layer, which computes only when all of it has arrived."""
        return cls.of(LayerArrays(layers.bits[-1:], layers.work_flop.sum(keepdims=True)))

    @property
    def computes_before_download(self) -> bool:
        """Whether there is work before the first layer with bits."""
        return self.work_flop > float(self.work_left[0])

    def binding_layer(self, deadline_flop: Floats) -> tuple[Floats, Floats]:
        """b_l and C_l of the binding layer at each T, both of the shape of ``deadline_flop``.

        Where no rate is sufficient, that is the first layer with bits, and T <= C_l.
        """
        at = np.searchsorted(self.breakpoints, deadline_flop)
        return self.bits[at], self.work_left[at]


def _crossing(one: tuple[float, float], other: tuple[float, float]) -> float:
    """X_ij, from (b_i, C_i) and (b_j, C_j)."""
    return one[1] + one[0] / (other[0] - one[0]) * (one[1] - other[1])
