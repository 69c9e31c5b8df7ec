"""When a slot is ready, in formulations that keep the time of its uploads as a variable."""

from __future__ import annotations

import pyomo.environ as pyo

from partload.formulations.partial_loading.slot.data import HORIZON, SlotData


def ready_times(m: pyo.ConcreteModel, data: SlotData) -> pyo.Var:
    """Add the times of the instance's uplink; returns how long the uploads of each slot may take.

    Slotted and pipelined: the upload time t_n, which the slots take one after another. Static: the time r_n at which
    slot n is ready, since all upload from time 0.
    """
    # A time after which nothing is of use: global solvers need bounds.
    last = data.deadlines[-1] if data.deadlines else HORIZON
    if data.instance.server.uplink == "static":
        return _ready(m, last)
    m.upload_time = pyo.Var(m.SLOTS, bounds=(0, last), doc="time that the uploads of slot n take")
    if data.instance.server.uplink == "slotted":
        m.after_upload = pyo.Constraint(
            m.SLOTS,
            rule=lambda m, n: m.end[n] >= m.end[n - 1] + m.upload_time[n] + m.inference[n],
            doc="inference follows the upload",
        )
        return m.upload_time
    m.uploaded = pyo.Var(m.POINTS, bounds=(0, last), doc="end of the upload of slot n")
    m.uploaded[0].fix(0)
    m.arrival = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: m.uploaded[n] == m.uploaded[n - 1] + m.upload_time[n],
        doc="slots upload one after another",
    )
    m.after_upload = pyo.Constraint(
        m.SLOTS, rule=lambda m, n: m.end[n] >= m.uploaded[n] + m.inference[n], doc="inference follows the upload"
    )
    return m.upload_time


def _ready(m: pyo.ConcreteModel, last: float) -> pyo.Var:
    m.ready = pyo.Var(m.SLOTS, bounds=(0, last), doc="time at which slot n is ready")
    m.loaded = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: m.ready[n] >= m.end[n - 1] + m.loading[n],
        doc="a slot is ready when its model is loaded",
    )
    m.after_upload = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: m.end[n] >= m.ready[n] + m.inference[n],
        doc="and its inputs are here; inference follows",
    )
    return m.ready
