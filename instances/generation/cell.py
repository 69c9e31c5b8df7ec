"""A cell: users placed uniformly on a ring, and their channels from path loss and noise.

A power-limited link has a fixed power, c = P g / N0. A flat one spreads the same power over the reference bandwidth, so
eta = log2(1 + c / reference bandwidth). Uplink and downlink have the same channels. Transmit power and radius are
assumptions; path loss and noise come from the profiles.
"""

from __future__ import annotations

import numpy as np

from partload.instances.channels import Channel, FlatChannel, PowerLimitedChannel
from partload.instances.data import radio
from partload.instances.generation.draws import significant
from partload.instances.generation.options import Options

RADIUS_M = 500.0
NEAREST_M = 35.0
TRANSMIT_POWER_DBM = 23.0
REFERENCE_BANDWIDTH_HZ = 20e6
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
    model = radio()
    area = rng.random(count)
    distance_m = np.sqrt(NEAREST_M**2 + area * (RADIUS_M**2 - NEAREST_M**2))
    loss_db = model.path_loss_at_1_km_db + model.path_loss_per_decade_db * np.log10(distance_m / 1000)
    snr_hz = 10 ** ((TRANSMIT_POWER_DBM - loss_db - model.noise_dbm_per_hz) / 10)
    if options.channel == "power-limited":
        return [PowerLimitedChannel(significant(c)) for c in snr_hz.tolist()]
    efficiency = np.log2(1 + snr_hz / REFERENCE_BANDWIDTH_HZ)
    return [FlatChannel(significant(eta)) for eta in efficiency.tolist()]
