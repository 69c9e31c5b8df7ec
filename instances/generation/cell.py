"""A cell: users placed uniformly on a ring, and their channels from path loss and noise.

``partload.instances.link_budget`` has the formulas. Uplink and downlink have the same channels. Transmit power and
radius are assumptions; path loss and noise come from the profiles.
"""

from __future__ import annotations

import numpy as np

from partload.instances.channels import Channel, FlatChannel, PowerLimitedChannel
from partload.instances.generation.draws import significant
from partload.instances.generation.options import Options
from partload.instances.link_budget import TRANSMIT_POWER_DBM, LinkBudget

RADIUS_M = 500.0
NEAREST_M = 35.0
INTEGER_EFFICIENCIES = 2
"""Spectral efficiencies of the integer variant: 1 to this."""
NOTE = (
    f"users uniform between {NEAREST_M:g} and {RADIUS_M:g} m, {TRANSMIT_POWER_DBM:g} dBm, "
    "macro-cell path loss and thermal noise, no fading"
)


def channels(options: Options, count: int, rng: np.random.Generator) -> list[Channel]:
    """A channel for each of ``count`` users."""
    if options.integer:
        efficiency = rng.integers(1, INTEGER_EFFICIENCIES, count, endpoint=True)
        return [FlatChannel(float(eta)) for eta in efficiency.tolist()]
    link = LinkBudget()
    area = rng.random(count)
    distance_m = np.sqrt(NEAREST_M**2 + area * (RADIUS_M**2 - NEAREST_M**2))
    snr_hz = link.snr_hz(distance_m)
    if options.channel == "power-limited":
        return [PowerLimitedChannel(significant(c)) for c in snr_hz.tolist()]
    return [FlatChannel(significant(eta)) for eta in link.spectral_efficiency(snr_hz).tolist()]
