"""The columns of a table that state a channel: each row states its channel in one of them.

``partload.instances.link_budget`` has the formulas, with their units.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Literal, TypedDict, get_args

import numpy as np

from partload.instances.channels import Channel, FlatChannel, PowerLimitedChannel
from partload.instances.errors import InputError, expected_one_of
from partload.instances.generation.draws import significant
from partload.instances.importing.csv_table import Column, Row
from partload.instances.link_budget import LinkBudget
from partload.instances.numbers import exact

Kind = Literal["flat", "power-limited"]
EFFICIENCY, SNR_HZ, SNR_DB, DISTANCE = "spectral_efficiency_bps_per_hz", "snr_hz", "snr_db", "distance_m"
CHANNEL_COLUMNS = {
    EFFICIENCY: Column("the spectral efficiency of a flat channel in bit/s/Hz", least=0, above=True),
    SNR_HZ: Column("received power over noise density of a power-limited channel in Hz", least=0, above=True),
    SNR_DB: Column("the SNR over the reference bandwidth in dB"),
    DISTANCE: Column("the distance in metres", least=0, above=True),
}
DIGITS = 12
"""Significant digits of a channel that is computed: the last bits of a logarithm differ between machines."""
POSITIVE = ("path_loss_per_decade_db", "reference_bandwidth_hz")


class ChannelOptions(TypedDict, total=False):
    """What an SNR in decibels or a distance becomes; options that are left out are as in generated instances."""

    channel: str | None
    """``flat``, which is the default, or ``power-limited``."""
    transmit_power_dbm: float | None
    path_loss_at_1_km_db: float | None
    path_loss_per_decade_db: float | None
    noise_dbm_per_hz: float | None
    reference_bandwidth_hz: float | None


class Conversion:
    """The rule by which the channels of a table are made.

    Raises
    ------
    InputError
        On a value that is out of range.
    """

    def __init__(self, options: ChannelOptions) -> None:
        self.given = {name: value for name, value in options.items() if value is not None}
        kind = str(self.given.pop("channel", "flat"))
        if kind not in get_args(Kind):
            raise InputError(expected_one_of(get_args(Kind), kind), "channel")
        self.flat = kind == "flat"
        self.kind_given = options.get("channel") is not None
        known = {field.name for field in dataclasses.fields(LinkBudget)}
        cell: dict[str, float] = {}
        for name, value in self.given.items():
            if name not in known:
                raise InputError(expected_one_of(("channel", *sorted(known)), name), "option")
            if not isinstance(value, int | float) or not math.isfinite(value) or (name in POSITIVE and value <= 0):
                raise InputError(f"expected a number{' above 0' if name in POSITIVE else ''}, got {value!r}", name)
            cell[name] = float(value)
        self.link = LinkBudget(**cell)

    def channels(self, rows: Sequence[Row]) -> list[Channel]:
        """The channel of each row.

        Raises
        ------
        InputError
            On a row with no channel or more than one, and on an option that no row makes use of.
        """
        self._check_options({name for row in rows for name in row.numbers})
        return [self._channel(row) for row in rows]

    def note(self, rows: Sequence[Row]) -> str:
        """How the channels were made, for the provenance."""
        link, used = self.link, {name for row in rows for name in row.numbers}
        kind = "flat" if self.flat else "power-limited"
        parts = [name for name in (EFFICIENCY, SNR_HZ) if name in used]
        over = "" if self.flat else f" over {exact(link.reference_bandwidth_hz)} Hz"
        parts += [f"{SNR_DB}{over}, {kind}"] if SNR_DB in used else []
        if DISTANCE in used:
            reference = f", over {exact(link.reference_bandwidth_hz)} Hz" if self.flat else ""
            parts.append(
                f"{DISTANCE}: path loss {exact(link.path_loss_at_1_km_db)} dB at 1 km and "
                f"{exact(link.path_loss_per_decade_db)} dB per decade, {exact(link.transmit_power_dbm)} dBm, "
                f"noise {exact(link.noise_dbm_per_hz)} dBm/Hz{reference}, {kind}"
            )
        return "; ".join(parts)

    def _check_options(self, used: set[str]) -> None:
        """Raise InputError on an option without effect, or on one that is missing."""
        if self.kind_given and not used & {SNR_DB, DISTANCE}:
            raise InputError(f"expected a value of {SNR_DB} or {DISTANCE} in the table beside it", "channel")
        reference = "reference_bandwidth_hz"
        for name in self.given:
            if name != reference and DISTANCE not in used:
                raise InputError(f"expected a value of {DISTANCE} in the table beside it", name)
        matters = (SNR_DB in used and not self.flat) or (DISTANCE in used and self.flat)
        if reference in self.given and not matters:
            raise InputError(
                f"expected a value of {DISTANCE} for a flat channel or of {SNR_DB} for a power-limited one beside it",
                reference,
            )
        if SNR_DB in used and not self.flat and reference not in self.given:
            problem = f"expected the bandwidth over which {SNR_DB} was measured, for power-limited channels"
            raise InputError(problem, reference)

    def _channel(self, row: Row) -> Channel:
        stated = [name for name in CHANNEL_COLUMNS if name in row.numbers]
        if len(stated) != 1:
            which = f"got {' and '.join(stated)}" if stated else "all are missing or empty"
            problem = f"expected a value in exactly one of {', '.join(CHANNEL_COLUMNS)}, {which}"
            raise InputError(problem, f"line {row.line}")
        (name,) = stated
        value = row.numbers[name]
        if name == EFFICIENCY:
            return FlatChannel(value)
        if name == SNR_HZ:
            return PowerLimitedChannel(value)
        quality = self._computed(name, value)
        if not (quality > 0 and math.isfinite(quality)):
            what = "spectral efficiency" if self.flat else "SNR in Hz"
            raise row.error(name, f"expected {CHANNEL_COLUMNS[name].meaning}, {value:g} makes a {what} of {quality:g}")
        return FlatChannel(quality) if self.flat else PowerLimitedChannel(quality)

    def _computed(self, name: str, value: float) -> float:
        """Eta of a flat channel, c of a power-limited one; see ``partload.instances.link_budget``."""
        with np.errstate(over="ignore", under="ignore"):
            if name == DISTANCE:
                snr_hz = self.link.snr_hz(np.array([value]))
            else:
                snr_hz = self.link.reference_bandwidth_hz * 10 ** (np.array([value]) / 10)
            quality = self.link.spectral_efficiency(snr_hz) if self.flat else snr_hz
        return significant(float(quality[0]), DIGITS)
