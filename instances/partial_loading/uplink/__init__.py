"""Uplink disciplines: how the requests of a plan share the band, one file for each and one entry in ``UPLINKS``.

A new discipline is a file here, its entry, and its name in ``instance.Uplink``. What the clock, the checker, the
heuristics and the bounds need to know of it, they ask the object.
"""

from __future__ import annotations

from collections.abc import Mapping

from partload.instances.partial_loading.uplink.discipline import UplinkDiscipline
from partload.instances.partial_loading.uplink.pipelined import PIPELINED
from partload.instances.partial_loading.uplink.slotted import SLOTTED
from partload.instances.partial_loading.uplink.static import STATIC

UPLINKS: Mapping[str, UplinkDiscipline] = {"slotted": SLOTTED, "pipelined": PIPELINED, "static": STATIC}
"""Every uplink discipline, by its name in the file format."""
