"""Savings by one speed per layer on published networks, compared with one speed for the device.

    python -m partload.benchmarks.slide_savings

Energy saved: at the same rate and deadline, on a device that is fast enough. It depends only on the network and on the
share of the deadline that the download takes, so no device has to be assumed. Rate saved: with the same energy budget,
a multiple of the energy of the work when it fills the whole deadline. The work of a network is its number of
multiply-accumulates. Prints two tables with versions and date.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from partload.benchmarks.versions import versions
from partload.instances.data import architectures
from partload.instances.slide.instance import LayerArrays
from partload.instances.slide.layer_speeds import Devices, least_rate
from partload.instances.slide.speed_hull import SpeedHull

SHARES = np.array([0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99])
BUDGETS = np.array([1.01, 1.1, 1.5, 2.0, 4.0, 10.0])
FAST_ENOUGH = 1e9


def main() -> int:
    """Compute, print, and return the exit status."""
    energy = Table("network", "layers", *(f"{share:.0%}" for share in SHARES), title="energy saved [%]")
    rate = Table("network", "layers", *(f"{budget:g}" for budget in BUDGETS), title="rate saved [%]")
    energy_saved, rate_saved = [], []
    for name, model, layers in _networks():
        energy_saved.append(_energy_saved(model))
        rate_saved.append(_rate_saved(model))
        energy.add_row(name, str(layers), *(f"{100 * saved:.1f}" for saved in energy_saved[-1]))
        rate.add_row(name, str(layers), *(f"{100 * saved:.1f}" for saved in rate_saved[-1]))
    for table, saved in ((energy, energy_saved), (rate, rate_saved)):
        table.add_row("mean", "", *(f"{100 * part:.1f}" for part in np.mean(saved, axis=0)))
    console = Console()
    console.print("columns: share of the deadline that the download takes", energy)
    console.print("columns: budget over the energy of the work alone", rate)
    console.print(versions(), highlight=False, soft_wrap=True)
    return 0


def _networks() -> list[tuple[str, SpeedHull, int]]:
    """Networks whose work is known: name, speed hull and number of layers."""
    found = []
    for name, network in architectures().items():
        work = [stage.multiply_accumulates for stage in network.stages]
        bits = 8.0 * np.cumsum([stage.parameters * network.bytes_per_parameter for stage in network.stages])
        known = [float(operations) for operations in work if operations is not None]
        if len(known) == len(work):
            found.append((name, SpeedHull.of(LayerArrays(bits, np.array(known))), len(work)))
    return found


def _energy_saved(model: SpeedHull) -> NDArray[np.float64]:
    """Share of the energy with one speed for the device that one speed per layer saves, at each of ``SHARES``."""
    alike = np.max(model.corner_work / (1 - model.corner_bits * SHARES[:, np.newaxis]), axis=1)
    return 1 - model.energy(SHARES, np.zeros(len(SHARES)))[0] / alike**2


def _rate_saved(model: SpeedHull) -> NDArray[np.float64]:
    """Share of the least rate with one speed for the device that one speed per layer saves, at each of ``BUDGETS``."""
    count = len(BUDGETS)
    none, some = np.zeros(count), np.ones(count)
    unit = model.work_flop
    devices = Devices(some, none, np.full(count, FAST_ENOUGH * unit), BUDGETS * unit**3, some)
    per_device = model.bits / model.largest_download_share(np.sqrt(BUDGETS))
    return 1 - least_rate(model, devices) / per_device


if __name__ == "__main__":
    sys.exit(main())
