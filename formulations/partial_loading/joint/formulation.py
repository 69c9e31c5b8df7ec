r"""Joint formulation of PartialLoading: schedule and bandwidth together, bandwidth and time as variables.

**Kind.** Exact, a nonconvex MINLP. **Covers** everything: flat and power-limited channels; uplink `slotted`,
`pipelined` and `static`; every residency, rule for visits, limit, deadline and weight.

**Idea.** Nothing is substituted. The schedule is that of the slot formulation, without the valid inequalities that use
the closed form of uploads. The uplink is that of the problem, with products of rate and time and of bandwidth and
decision. When a global solver finds the optimum of the slot formulation, it confirms that solving scheduling first and
bandwidth second loses nothing (problems, fact 1).

| symbol | name | meaning | unit |
|---|---|---|---|
| x, w, y, z, ell, c, e | | slots, requests and times as in the slot formulation | |
| b_k | `share` | bandwidth of request k, as a share of B | B |
| rho_k | `rate` | rate of request k, as a share of its rate on the whole band | rate on B |
| u_k | `upload` | time that the upload of request k takes on the whole band | u |
| gamma_k | `snr` | c_k / B of a power-limited channel | 1 |
| t_n | `upload_time` | slotted and pipelined: time that the uploads of slot n take | u |
| v_n | `uploaded` | pipelined: time at which the inputs of the first n slots are here | u |
| r_n | `ready` | static: time at which slot n is ready | u |

Unit: u is a hundredth of the last deadline; 1 is a pure number.

**Equations** of the uplink; the rest is that of the slot formulation

    rate       flat:           rho_k = b_k
               power-limited:  rho_k = b_k ln(1 + gamma_k / b_k) / ln(1 + gamma_k)
    slotted    rho_k t_n >= u_k y_{n,k},   sum_k b_k y_{n,k} <= 1,   e_n >= e_{n-1} + t_n + c_n
    pipelined  rho_k t_n >= u_k y_{n,k},   sum_k b_k y_{n,k} <= 1,   v_n >= v_{n-1} + t_n,   e_n >= v_n + c_n
    static     rho_k r_n >= u_k y_{n,k},   sum_k b_k z_k <= 1,       r_n >= e_{n-1} + ell_n,   e_n >= r_n + c_n
    arrivals   slotted: e_n >= arr_k y_{n,k} + t_n + c_n,   pipelined: v_n >= arr_k y_{n,k} + t_n,
               static: rho_k theta_{n,k} >= u_k y_{n,k} with theta_{n,k} <= r_n - arr_k y_{n,k}

In the problem's own terms: rho_k t_n >= u_k y_{n,k} is rate_k(b_k) t_n >= D_k y_{n,k}, both sides divided by the rate
on the whole band. Every b_k has a lower bound, below which its upload would take longer than its deadline allows.
"""

from __future__ import annotations

from collections.abc import Collection

import pyomo.environ as pyo

from partload.formulations.partial_loading.joint.band_data import MARGIN, BandData
from partload.formulations.partial_loading.joint.substitution import substitution as derivation
from partload.formulations.partial_loading.slot import features
from partload.formulations.partial_loading.slot.built import SlotModel
from partload.formulations.partial_loading.slot.data import SlotData
from partload.formulations.partial_loading.slot.schedule import grouped, schedule
from partload.formulations.partial_loading.slot.symbols import SYMBOLS
from partload.formulations.partial_loading.slot.uplinks import UploadTimes, add_upload_times
from partload.formulations.partial_loading.slot.valid_inequalities import REFORMULATIONS, TIGHTENINGS
from partload.instances.partial_loading.instance import Instance
from partload.instances.verdict import TOLERANCE

PER_REQUEST = 3
"""Variables and constraints for a request in a slot."""

__all__ = ["REFORMULATIONS", "SYMBOLS", "TIGHTENINGS", "build", "derivation"]


def build(
    instance: Instance, *, slack: float = TOLERANCE, tightenings: Collection[str] = tuple(TIGHTENINGS)
) -> SlotModel:
    """Build the Pyomo model of an instance.

    Parameters
    ----------
    instance
        Any instance.
    slack
        Relative amount by which deadlines are moved, see ``SlotData``.
    tightenings
        Keys of ``TIGHTENINGS`` to use.

    Raises
    ------
    InputError
        When the model would have more than ``MOST_PARTS`` variables and constraints.
    """
    data = SlotData(instance, slack, merge="merge" in tightenings, several=False, closed_form=False)
    model = schedule(data, tightenings, PER_REQUEST)
    _rates(model, BandData(data))
    model.whole = pyo.Param(mutable=True, initialize=1 + slack, doc="the band: 1, and the slack [B]")
    _in_time(model, add_upload_times(model, data))
    _share_band(model, one_by_one=features.uplink(instance.server).one_by_one)
    return SlotModel(model, data)


def _rates(m: pyo.ConcreteModel, band: BandData) -> None:
    """What a share of the band is worth to each request."""
    m.UPLOADS = pyo.Set(dimen=1, initialize=band.uploads, doc="requests with an input to upload")
    m.FLAT = pyo.Set(
        dimen=1, initialize=[k for k in band.uploads if k not in band.snr], doc="requests with flat channels"
    )
    m.LIMITED = pyo.Set(dimen=1, initialize=list(band.snr), doc="requests with power-limited channels")
    m.snr = pyo.Param(m.LIMITED, initialize=band.snr, doc="received power over noise in the whole band")
    m.share = pyo.Var(
        m.UPLOADS, bounds=lambda m, k: (band.least_share[k], 1 + MARGIN), doc="share of the band of request k [B]"
    )
    m.rate = pyo.Var(
        m.UPLOADS, bounds=(0, 1 + MARGIN), doc="rate of request k, as a share of that on the whole band [rate on B]"
    )
    m.flat_rate = pyo.Constraint(m.FLAT, rule=lambda m, k: m.rate[k] == m.share[k], doc="flat: in proportion")
    m.limited_rate = pyo.Constraint(
        m.LIMITED,
        rule=lambda m, k: m.rate[k] <= m.share[k] * (pyo.log(1 + m.snr[k] / m.share[k]) / pyo.log(1 + m.snr[k])),
        doc="power-limited: every further hertz buys less",
    )


def _in_time(m: pyo.ConcreteModel, times: UploadTimes) -> None:
    """Inputs arrive in the time that the uploads of their slot may take."""
    available = times.available
    m.UPLOADING = pyo.Set(
        dimen=2,
        initialize=[(n, k) for n, k in m.OFFERS if k in m.UPLOADS],
        doc="slots n that can serve request k, which has an input",
    )
    m.UPLOADS_IN = pyo.Set(
        m.SLOTS, dimen=1, initialize=grouped(m.SLOTS, m.UPLOADING), doc="requests with an input that slot n can serve"
    )
    m.uploads_in_time = pyo.Constraint(
        m.UPLOADING,
        rule=lambda m, n, k: m.rate[k] * available[n] >= m.upload[k] * m.serve[n, k],
        doc="every input of a slot arrives in time",
    )
    if times.from_arrival:
        m.UPLOADING_LATE = pyo.Set(
            dimen=2,
            initialize=[(n, k) for n, k in m.ARRIVING if k in m.UPLOADS],
            doc="slots n that can serve request k, whose input arrives after time 0",
        )
        last = available[1].ub if len(m.UPLOADING_LATE) else None
        m.window = pyo.Var(m.UPLOADING_LATE, bounds=(0, last), doc="time from an arrival until slot n is ready [u]")
        m.window_from_arrival = pyo.Constraint(
            m.UPLOADING_LATE,
            rule=lambda m, n, k: m.window[n, k] <= available[n] - m.arrival[k] * m.serve[n, k],
            doc="an upload begins at its arrival",
        )
        m.late_uploads_in_time = pyo.Constraint(
            m.UPLOADING_LATE,
            rule=lambda m, n, k: m.rate[k] * m.window[n, k] >= m.upload[k] * m.serve[n, k],
            doc="and its input arrives in time all the same",
        )


def _share_band(m: pyo.ConcreteModel, one_by_one: bool) -> None:
    """Who shares the band: the requests of a slot where slots upload one by one, else all requests."""
    if one_by_one:
        _band_of_slots(m)
    else:
        _band_of_all(m)


def _band_of_slots(m: pyo.ConcreteModel) -> None:
    """The requests of a slot share the band."""
    m.SENDING = pyo.Set(dimen=1, initialize=[n for n in m.SLOTS if m.UPLOADS_IN[n]], doc="slots with inputs to upload")
    m.band = pyo.Constraint(
        m.SENDING,
        rule=lambda m, n: sum(m.share[k] * m.serve[n, k] for k in m.UPLOADS_IN[n]) <= m.whole,
        doc="the requests of a slot share the band",
    )


def _band_of_all(m: pyo.ConcreteModel) -> None:
    """All requests that are served share the band."""
    if len(m.UPLOADS):
        m.band = pyo.Constraint(
            rule=lambda m: sum(m.share[k] * m.served[k] for k in m.UPLOADS) <= m.whole,
            doc="all requests that are served share the band",
        )
