"""What the formulations over slots know of each residency, rule for visits and uplink, in tables.

A value that has no entry here is not supported: ``partload.formulations`` takes the supported features from these
tables, and everything that depends on a feature looks it up. Nothing here imports Pyomo.
"""

from __future__ import annotations

import dataclasses

from partload.instances.features import by_feature
from partload.instances.partial_loading.instance import Server


@dataclasses.dataclass(frozen=True)
class Residency:
    """What a slot finds in memory."""

    keeps_blocks: bool
    """Whether which blocks to keep is a decision. If not, the model before a slot alone says what the slot finds."""


@dataclasses.dataclass(frozen=True)
class Visits:
    """How often a model may be visited."""

    limited: bool
    """Whether a model is entered once at most."""


@dataclasses.dataclass(frozen=True)
class Uplink:
    """When the requests of a slot upload."""

    within_slot: bool
    """Whether a slot uploads between the end of the slot before it and its own inference, on the whole band."""
    one_by_one: bool
    """Whether slots upload one after another, so that the times of their uploads add up."""


RESIDENCIES = {"previous": Residency(keeps_blocks=False), "cached": Residency(keeps_blocks=True)}
VISITS = {"once": Visits(limited=True), "any": Visits(limited=False)}
UPLINKS = {
    "slotted": Uplink(within_slot=True, one_by_one=True),
    "pipelined": Uplink(within_slot=False, one_by_one=True),
    "static": Uplink(within_slot=False, one_by_one=False),
}


def residency(server: Server) -> Residency:
    """The residency of a server; raises InputError on one without an entry."""
    return by_feature(RESIDENCIES, "residency", server.residency)


def visits(server: Server) -> Visits:
    """The rule for visits of a server; raises InputError on one without an entry."""
    return by_feature(VISITS, "visits", server.visits)


def uplink(server: Server) -> Uplink:
    """The uplink of a server; raises InputError on one without an entry."""
    return by_feature(UPLINKS, "uplink", server.uplink)
