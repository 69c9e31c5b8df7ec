"""The link budget: from the distance of a user, or an SNR, to a channel.

    path loss [dB] = loss at 1 km [dB] + loss per decade [dB] * log10(distance [m] / 1000)
    c [Hz]         = 10 ^ ((transmit power [dBm] - path loss [dB] - noise density [dBm/Hz]) / 10)
    eta [bit/s/Hz] = log2(1 + c / reference bandwidth)

c = P g / N0 is the ``snr_hz`` of a power-limited channel, whose power does not depend on its bandwidth. A flat channel
spreads the same power over the reference bandwidth. An SNR in decibels is that over the reference bandwidth W, so that
c = W * 10 ^ (SNR / 10) and eta = log2(1 + 10 ^ (SNR / 10)), whatever W is.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from partload.instances.data import radio

TRANSMIT_POWER_DBM = 23.0
REFERENCE_BANDWIDTH_HZ = 20e6
Floats = NDArray[np.float64]


def _radio(name: str) -> float:
    return float(getattr(radio(), name))


@dataclasses.dataclass(frozen=True, kw_only=True)
class LinkBudget:
    """The parameters of a cell; the defaults are those of all generated instances, a macro cell without fading."""

    transmit_power_dbm: float = TRANSMIT_POWER_DBM
    path_loss_at_1_km_db: float = dataclasses.field(default_factory=lambda: _radio("path_loss_at_1_km_db"))
    path_loss_per_decade_db: float = dataclasses.field(default_factory=lambda: _radio("path_loss_per_decade_db"))
    noise_dbm_per_hz: float = dataclasses.field(default_factory=lambda: _radio("noise_dbm_per_hz"))
    reference_bandwidth_hz: float = REFERENCE_BANDWIDTH_HZ
    """Bandwidth over which a flat channel spreads its power."""

    def snr_hz(self, distance_m: Floats) -> Floats:
        """The SNR in hertz, c, at each distance [m] above 0."""
        loss_db = self.path_loss_at_1_km_db + self.path_loss_per_decade_db * np.log10(distance_m / 1000)
        snr_hz: Floats = 10 ** ((self.transmit_power_dbm - loss_db - self.noise_dbm_per_hz) / 10)
        return snr_hz

    def spectral_efficiency(self, snr_hz: Floats) -> Floats:
        """Eta [bit/s/Hz] of a flat channel, given c [Hz]."""
        efficiency: Floats = np.log2(1 + snr_hz / self.reference_bandwidth_hz)
        return efficiency
