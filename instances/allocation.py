"""Dividing a band among uploads, in closed form or by a root: what is least in time, and what is least in bandwidth.

The functions work on whole columns of requests, with flat and power-limited channels mixed as they come.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from instances.channels import ChannelArrays, bandwidth_for_rate

Floats = NDArray[np.float64]


def constant_bandwidths(channel: ChannelArrays, input_bits: Floats, ready_s: Floats) -> Floats:
    """Least constant bandwidth [Hz] with which each input [bit], sent from time 0, is there at its time [s].

    All of shape (K,). No bits need no bandwidth, whatever the time. The bandwidth is infinite where none is enough:
    bits with no time to send them (``ready_s`` not above 0), or a rate at or above the ceiling of the channel.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        needed_rate = np.where(ready_s > 0, input_bits / np.maximum(ready_s, 0.0), np.inf)
    return bandwidth_for_rate(channel, np.where(input_bits > 0, needed_rate, 0.0))
