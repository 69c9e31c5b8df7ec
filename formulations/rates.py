r"""The rate of a channel inside a convex problem: rho_k <= rate_k(b_k), in cones that a solver can work with.

Requests stand in three blocks, because no single form of the power-limited rate is accurate everywhere. With
bandwidths and rates in units near their expected size (``Scale``), x = b / unit, p = c / unit (the signal-to-noise
ratio at that bandwidth) and rho the rate in units of the rate there:

    flat                    rho <= x
    power-limited, p high   ln(1 + p) (rho - x) + relentr(x, 1 + (x - 1) / (1 + p)) <= 0,   relentr(x, y) = x ln(x / y)
    power-limited, p low    rho ln(1 + p) / p = 1 - p delta,   delta >= sum_i w_i tau_i v_i,   v_i >= 1 / (x + p tau_i)

The second line is b log2(1 + c / b) = -relentr(b, b + c) / ln 2, moved so that the relative entropy is 0 at x = 1.
Close to the ceiling c / ln 2 of the rate, x is large beside p and the relative entropy has no digits left for the
small distance to the ceiling. There, ln(1 + y) is the integral of y / (1 + tau y) over tau in [0, 1], so the rate in
units of its ceiling falls short of 1 by the integral of tau p / (x + p tau). Gauss quadrature with ``NODES`` points
makes of it the third line, a sum of hyperbolas, with an error below 2e-9 of the rate wherever the signal-to-noise ratio
p / x is at most 0.28 (Gauss' remainder). Nobody has to trust that: solutions are verified with the rate itself.

CVXPY keeps all of it parametrised, so that the next requests in blocks of the same size cost a solve only.
"""

from __future__ import annotations

import dataclasses

import cvxpy as cp
import numpy as np
from numpy.typing import NDArray

from partload.instances.channels import LN2, ChannelArrays, rate

Floats = NDArray[np.float64]
Shape = tuple[int, int, int]
"""Number of requests in each block: flat, power-limited with high and with low signal-to-noise ratio."""

LOW_SNR = 0.2
"""Signal-to-noise ratio at the expected bandwidth below which the rate is written as hyperbolas."""
NODES = 4
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(NODES)
TAU: Floats = (_POINTS + 1) / 2
GAUSS: Floats = _WEIGHTS / 2
"""Weights w_i of the Gauss points tau_i in [0, 1]."""


@dataclasses.dataclass(frozen=True)
class Scale:
    """K requests in the order of the blocks, with the units in which their numbers are near 1."""

    order: NDArray[np.int64]
    """Where each of them stood before, shape (K,)."""
    channel: ChannelArrays
    unit_hz: Floats
    """A power of two times the band, near the expected bandwidth, shape (K,)."""
    unit_bps: Floats
    """Rate at that bandwidth, shape (K,)."""
    shape: Shape

    @classmethod
    def of(cls, channel: ChannelArrays, expected_hz: Floats, band_hz: float) -> Scale:
        """Units for K channels with bandwidths [Hz] near ``expected_hz``, finite and above 0, shape (K,)."""
        unit = band_hz * np.exp2(np.round(np.log2(expected_hz / band_hz)))
        block = np.where(channel.flat, 0, np.where(channel.quality >= LOW_SNR * unit, 1, 2))
        order = np.argsort(block, kind="stable").astype(np.int64)
        channel, unit = channel[order], unit[order]
        flat, high, low = np.bincount(block, minlength=3).tolist()
        return cls(order, channel, unit, rate(channel, unit), (flat, high, low))

    @property
    def snr(self) -> Floats:
        """P, the signal-to-noise ratio of power-limited channels at the unit, shape (K,); no meaning for flat ones."""
        return self.channel.quality / self.unit_hz

    def rate(self, share: Floats) -> Floats:
        """Rate at bandwidths x, both in units, shape (K,)."""
        return rate(self.channel, share * self.unit_hz) / self.unit_bps

    def slope(self, share: Floats) -> Floats:
        """Derivative of ``rate``, shape (K,): that of b log2(1 + y), y = c / b, is (ln(1 + y) - y / (1 + y)) / ln 2."""
        y = self.channel.quality / (share * self.unit_hz)
        limited = (np.log1p(y) - y / (1 + y)) / LN2
        return np.where(self.channel.flat, self.channel.quality, limited) * self.unit_hz / self.unit_bps

    def curvature(self, share: Floats) -> Floats:
        """Second derivative of ``rate``, shape (K,): that of b log2(1 + c / b) is -c^2 / (b (b + c)^2 ln 2)."""
        bandwidth, snr_hz = share * self.unit_hz, self.channel.quality
        limited = -((snr_hz / (bandwidth + snr_hz)) ** 2) / bandwidth / LN2
        return np.where(self.channel.flat, 0.0, limited) * self.unit_hz**2 / self.unit_bps

    def back(self, values: Floats) -> Floats:
        """A column, shape (K,), in the order in which the requests stood before."""
        column = np.empty(len(self.order))
        column[self.order] = values
        return column


class Rates:
    """Variables and constraints for the rates of one shape."""

    def __init__(self, shape: Shape) -> None:
        flat, high, low = shape
        self.shape = shape
        self.share = cp.Variable(sum(shape), name="x")
        """Bandwidths in units, shape (K,)."""
        self.constraints: list[cp.Constraint] = []
        self._high, self._low = slice(flat, flat + high), slice(flat + high, None)
        parts: list[cp.Expression] = []
        if flat:
            parts.append(cp.Variable(flat, name="rho flat"))
            self.constraints.append(parts[-1] <= self.share[:flat])
        if high:
            parts.append(cp.Variable(high, name="rho high"))
            self._entropy(parts[-1], self.share[self._high])
        if low:
            self.shortfall = cp.Variable(low, name="delta")
            """By how much the rates of the last block stay below their ceiling, in units of p times it."""
            parts.append(self._hyperbolas(self.shortfall, self.share[self._low]))
        self.rate = cp.hstack(parts)
        """Rates in units, shape (K,)."""

    def _entropy(self, rho: cp.Expression, x: cp.Expression) -> None:
        self._worth = cp.Parameter(x.size, nonneg=True, name="ln(1+p)")
        self._noise = cp.Parameter(x.size, nonneg=True, name="1/(1+p)")
        entropy = cp.rel_entr(x, 1 + cp.multiply(self._noise, x - 1))
        self.constraints.append(cp.multiply(self._worth, rho - x) + entropy <= 0)

    def _hyperbolas(self, delta: cp.Expression, x: cp.Expression) -> cp.Expression:
        """The rates, as what is left of the ceilings."""
        self._ceiling = cp.Parameter(x.size, nonneg=True, name="p/ln(1+p)")
        self._step = cp.Parameter(x.size, nonneg=True, name="p^2/ln(1+p)")
        self._snr = cp.Parameter(x.size, nonneg=True, name="p")
        v = cp.Variable((x.size, NODES), name="v")
        shifted = cp.reshape(x, (x.size, 1), order="C") @ np.ones((1, NODES))
        shifted += cp.reshape(self._snr, (x.size, 1), order="C") @ TAU[None, :]
        self.constraints += [v @ (GAUSS * TAU) <= delta, cp.inv_pos(shifted) <= v]
        return self._ceiling - cp.multiply(self._step, delta)

    def set(self, scale: Scale) -> None:
        """Give the parameters their values."""
        high, low = scale.snr[self._high], scale.snr[self._low]
        if len(high):
            self._worth.value, self._noise.value = np.log1p(high), 1 / (1 + high)
        if len(low):
            ceiling = low / np.log1p(low)
            self._ceiling.value, self._step.value, self._snr.value = ceiling, ceiling * low, low
