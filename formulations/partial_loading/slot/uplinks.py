"""When a slot is ready, for each uplink: with its upload time as a variable, or as the closed form on flat channels."""

from __future__ import annotations

import dataclasses

import pyomo.environ as pyo

from partload.formulations.partial_loading.slot.data import HORIZON, SlotData
from partload.instances.features import by_feature


def add_uploads(m: pyo.ConcreteModel, data: SlotData) -> None:
    """Add the times of the instance's uplink on flat channels; raises InputError on one without a closed form."""
    by_feature(UPLOAD_SUMS, "uplink", data.instance.server.uplink)(m)


@dataclasses.dataclass(frozen=True)
class UploadTimes:
    """How long the uploads of each slot may take."""

    available: pyo.Var
    """By slot."""
    from_arrival: bool
    """Whether it counts from time 0, so that a request which arrives later has less of it."""


def add_upload_times(m: pyo.ConcreteModel, data: SlotData) -> UploadTimes:
    """Add the times of the instance's uplink; returns how long the uploads of each slot may take."""
    # Global solvers need bounds: nothing is of use after the last deadline.
    last = data.deadlines[-1] if data.deadlines else HORIZON
    return by_feature(UPLOAD_TIMES, "uplink", data.instance.server.uplink)(m, last)


def _slotted(m: pyo.ConcreteModel, last: float) -> UploadTimes:
    """The uploads of a slot begin when the slot before it ends: the upload time t_n."""
    m.upload_time = pyo.Var(m.SLOTS, bounds=(0, last), doc="time that the uploads of slot n take [u]")
    m.after_upload = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: m.end[n] >= m.end[n - 1] + m.upload_time[n] + m.inference[n],
        doc="inference follows the upload",
    )
    m.after_arrival = pyo.Constraint(
        m.ARRIVING,
        rule=lambda m, n, k: m.end[n] >= m.arrival[k] * m.serve[n, k] + m.upload_time[n] + m.inference[n],
        doc="no upload of a slot begins before its last arrival",
    )
    return UploadTimes(m.upload_time, from_arrival=False)


def _pipelined(m: pyo.ConcreteModel, last: float) -> UploadTimes:
    """Slots upload one after another, from time 0 or the last arrival on: the upload time t_n."""
    m.upload_time = pyo.Var(m.SLOTS, bounds=(0, last), doc="time that the uploads of slot n take [u]")
    m.uploaded = pyo.Var(m.POINTS, bounds=(0, last), doc="end of the upload of slot n [u]")
    m.uploaded[0].fix(0)
    m.upload_end = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: m.uploaded[n] >= m.uploaded[n - 1] + m.upload_time[n],
        doc="slots upload one after another",
    )
    m.after_arrival = pyo.Constraint(
        m.ARRIVING,
        rule=lambda m, n, k: m.uploaded[n] >= m.arrival[k] * m.serve[n, k] + m.upload_time[n],
        doc="no upload of a slot begins before its last arrival",
    )
    m.after_upload = pyo.Constraint(
        m.SLOTS, rule=lambda m, n: m.end[n] >= m.uploaded[n] + m.inference[n], doc="inference follows the upload"
    )
    return UploadTimes(m.upload_time, from_arrival=False)


def _static(m: pyo.ConcreteModel, last: float) -> UploadTimes:
    """All requests upload from their arrival on: the time r_n at which slot n is ready."""
    m.ready = pyo.Var(m.SLOTS, bounds=(0, last), doc="time at which slot n is ready [u]")
    m.loaded = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: m.ready[n] >= m.end[n - 1] + m.loading[n],
        doc="a slot is ready when its model is loaded",
    )
    m.after_arrival = pyo.Constraint(
        m.ARRIVING,
        rule=lambda m, n, k: m.ready[n] >= m.arrival[k] * m.serve[n, k],
        doc="no slot is ready before its last arrival",
    )
    m.after_upload = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: m.end[n] >= m.ready[n] + m.inference[n],
        doc="and its inputs are here; inference follows",
    )
    return UploadTimes(m.ready, from_arrival=True)


UPLOAD_TIMES = {"slotted": _slotted, "pipelined": _pipelined, "static": _static}
"""The constraints of each uplink."""


def _slotted_sums(m: pyo.ConcreteModel) -> None:
    """The uploads of a slot begin when the slot before it ends."""
    m.after_upload = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: (
            m.end[n] >= m.end[n - 1] + sum(m.upload[k] * m.serve[n, k] for k in m.OFFERED[n]) + m.inference[n]
        ),
        doc="inference follows the upload",
    )
    m.after_arrival = pyo.Constraint(
        m.ARRIVING,
        rule=lambda m, n, k: (
            m.end[n]
            >= m.arrival[k] * m.serve[n, k] + sum(m.upload[q] * m.serve[n, q] for q in m.OFFERED[n]) + m.inference[n]
        ),
        doc="no upload of a slot begins before its last arrival",
    )


def _pipelined_sums(m: pyo.ConcreteModel) -> None:
    """Slots upload one after another, from time 0 or the last arrival on."""
    m.uploaded = pyo.Var(m.POINTS, domain=pyo.NonNegativeReals, doc="end of the upload of slot n [u]")
    m.uploaded[0].fix(0)
    m.upload_end = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: m.uploaded[n] >= m.uploaded[n - 1] + sum(m.upload[k] * m.serve[n, k] for k in m.OFFERED[n]),
        doc="slots upload one after another",
    )
    m.after_arrival = pyo.Constraint(
        m.ARRIVING,
        rule=lambda m, n, k: (
            m.uploaded[n] >= m.arrival[k] * m.serve[n, k] + sum(m.upload[q] * m.serve[n, q] for q in m.OFFERED[n])
        ),
        doc="no upload of a slot begins before its last arrival",
    )
    m.after_upload = pyo.Constraint(
        m.SLOTS, rule=lambda m, n: m.end[n] >= m.uploaded[n] + m.inference[n], doc="inference follows the upload"
    )


UPLOAD_SUMS = {"slotted": _slotted_sums, "pipelined": _pipelined_sums}
"""The constraints of each uplink whose upload times have a closed form on flat channels: sums (problems, fact 1)."""
