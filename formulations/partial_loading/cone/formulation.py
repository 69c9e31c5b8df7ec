r"""Cone formulation of PartialLoading: the bandwidth that an upload needs within a time, cut by tangents.

**Kind.** Relaxation, a MILP: every plan is a point of it, and some points need more bandwidth than there is. A method
that adds tangents at such points makes it exact. **Covers** everything: flat and power-limited channels; uplink
`slotted`, `pipelined` and `static`; every residency, rule for visits, limit, deadline and weight.

**Idea.** Request k needs the share f_k(t) of the band to be here within t; f_k is convex and decreasing, for flat and
for power-limited channels (problems, fact 2). So the pairs of bandwidth and time that are enough are a convex set, and
a convex set is the intersection of half-planes. Whether a request is served scales the set (its *perspective*), which
makes the pairs (b, t, y) a cone: b >= y f_k(t / y), for flat channels the rotated second-order cone b t >= u_k y^2.
Each tangent to f_k is a half-space of that cone, and linear in all three. Times count from tau_k on, where a tangent is
near 1 at most: its value at time 0 can be a hundred thousand times as large, too large for a solver's tolerance.

| symbol | name | meaning | unit |
|---|---|---|---|
| x, w, y, z, ell, c, e | | slots, requests and times as in the slot formulation | |
| b_{n,k} | `share` | share of the band that request k has in slot n | B |
| theta_{n,k} | `window` | time that its upload may take beyond tau_k; 0 if slot n does not serve it | u |
| tau_k | `least` | a little less than u_k, the time on the whole band | u |
| t_n | `upload_time` | slotted and pipelined: time that the uploads of slot n take | u |
| v_n | `uploaded` | pipelined: time at which the inputs of the first n slots are here | u |
| r_n | `ready` | static: time at which slot n is ready | u |
| phi_{k,p}, -psi_{k,p} | `height`, `fall` | value at tau_k and slope of the p-th tangent to f_k | B, B/u |

Unit: u is a hundredth of the last deadline; 1 is a pure number.

**Equations** of the uplink; the rest is that of the slot formulation

    tangents   b_{n,k} >= phi_{k,p} y_{n,k} - psi_{k,p} theta_{n,k}
    windows    theta_{n,k} <= (T_k - tau_k) y_{n,k},   theta_{n,k} + tau_k y_{n,k} <= t_n  (static: r_n - arr_k y_{n,k})
    band       sum_k b_{n,k} <= 1 in every slot,   static: sum_{n,k} b_{n,k} <= 1   (1 and the slack)
    times      as in the joint formulation

**Cuts** for a plan that needs more bandwidth than there is. Slotted and pipelined: the tangents at tau, the least time
in which the band uploads the requests of a slot. There sum_k f_k(tau) = 1, so the sum of the tangents gives t_n >= tau.
Static: the tangents at the latest times at which the slots can be ready. The shares needed there exceed the band, and
earlier times need more. Every tangent is valid for all plans, since f_k is convex.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection

import pyomo.environ as pyo

from partload.formulations.cuts import constraint_list
from partload.formulations.partial_loading.joint.band_data import MARGIN, BandData, Tangent
from partload.formulations.partial_loading.slot import features
from partload.formulations.partial_loading.slot.built import SlotModel
from partload.formulations.partial_loading.slot.data import SlotData
from partload.formulations.partial_loading.slot.schedule import grouped, schedule
from partload.formulations.partial_loading.slot.symbols import SYMBOLS
from partload.formulations.partial_loading.slot.uplinks import UploadTimes, add_upload_times
from partload.formulations.partial_loading.slot.valid_inequalities import REFORMULATIONS, TIGHTENINGS
from partload.formulations.templates import constraints_as_templates
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from partload.instances.partial_loading.static import latest_ready_s
from partload.instances.verdict import TOLERANCE

__all__ = ["REFORMULATIONS", "SYMBOLS", "TIGHTENINGS", "build", "derivation"]

derivation = None

RATIO = 1.5
"""Between the shares of two tangents that are there from the start: between them a hyperbola is 4 % above."""
MOST_TANGENTS = 12
"""That a request has from the start, fewer where that would make more than ``MOST_ROWS`` constraints; two at least."""
MOST_ROWS = 100_000
STEEPEST = 1e4
"""Most share of the band for a unit of time (a hundredth of the horizon) in a tangent: a solver's tolerance on times is
worth 1e-5 of the band there, and the slack of deadlines all of it."""
LEAST_SHARE = 1e-7
"""Shares below this are not asked for."""
PER_REQUEST = 11
"""Variables and constraints for a request in a slot, with the fewest tangents."""


def build(
    instance: Instance, *, slack: float = TOLERANCE, tightenings: Collection[str] = tuple(TIGHTENINGS)
) -> ConeModel:
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
    data = SlotData(instance, slack, merge="merge" in tightenings, several=False)
    band = BandData(data)
    with constraints_as_templates():
        model = schedule(data, tightenings, PER_REQUEST)
        _shares(model, band)
        model.whole = pyo.Param(mutable=True, initialize=1 + slack, doc="the band: 1, and the slack [B]")
        _in_time(model, add_upload_times(model, data))
        _share_band(model, one_by_one=features.uplink(instance.server).one_by_one)
    return ConeModel(model, data, band)


@dataclasses.dataclass(frozen=True)
class ConeModel(SlotModel):
    """The Pyomo model of an instance, to which tangents can be added."""

    band: BandData

    def forbid(self, plan: Plan) -> None:
        """Exclude every plan that begins like this one, and add the tangents where it needs too much bandwidth."""
        super().forbid(plan)
        one_by_one = features.uplink(self.data.instance.server).one_by_one
        times = _least_times(self.data, plan) if one_by_one else _latest_times(self.data, plan)
        for slot, requests_times in zip(plan, times):
            for k, time in zip(slot.requests, requests_times):
                self._touch(k, time)

    def _touch(self, k: str, time: float) -> None:
        """Add the tangent to f_k at a time, in every slot, if a solver can make use of it."""
        m = self.model
        share = self.band.needed(k, time) if k in m.UPLOADS and time > 0 else math.inf
        if not LEAST_SHARE <= share <= 1 + MARGIN:
            return
        tangent = self.band.tangent(k, share)
        if tangent.fall > STEEPEST:
            return
        again = constraint_list(m, "touched_again", "tangents where plans need too much bandwidth")
        height = self.band.height_at_least_time(k, tangent)
        for n in m.SLOTS_FOR[k]:
            again.add(m.share[n, k] >= height * m.serve[n, k] - tangent.fall * m.window[n, k])


def _least_times(data: SlotData, plan: Plan) -> list[list[float]]:
    """For the requests of each slot, the least time in which the band uploads all of them."""
    times = (clock.uploads(data.instance, plan)[0] / data.unit_s).tolist()
    return [[time] * len(slot.requests) for slot, time in zip(plan, times)]


def _latest_times(data: SlotData, plan: Plan) -> list[list[float]]:
    """For the requests of each slot, the time from their arrival until the slot is ready at the latest."""
    latest = (latest_ready_s(data.instance, plan) / data.unit_s).tolist()
    return [[ready - data.arrival[k] for k in slot.requests] for slot, ready in zip(plan, latest)]


def _tangents(band: BandData, k: str, most: int) -> list[Tangent]:
    """The tangents to f_k that are there from the start: from the whole band to the least share, in one ratio.

    A tangent that falls by ``STEEPEST`` and more is left out: within the slack of deadlines its time
    hardly changes, while the share runs from nothing to everything. Near the ceiling of a rate all tangents may be so
    steep; then what is left is that the upload takes its time on the whole band.
    """
    last = min(band.needed(k, band.latest[k]), 1.0)
    if last < LEAST_SHARE:
        return []
    count = min(most, 1 + math.ceil(math.log(1 / last) / math.log(RATIO)))
    shares = [last ** (p / max(count - 1, 1)) for p in range(count)]
    return [tangent for tangent in (band.tangent(k, share) for share in shares) if tangent.fall <= STEEPEST]


def _shares(m: pyo.ConcreteModel, band: BandData) -> None:
    """What share of the band an upload needs within its window."""
    uploading = [(n, k) for n, k in m.OFFERS if k in band.latest]
    most = max(2, min(MOST_TANGENTS, MOST_ROWS // max(len(uploading), 1)))
    touched = {(k, p): tangent for k in band.uploads for p, tangent in enumerate(_tangents(band, k, most), start=1)}
    m.UPLOADS = pyo.Set(dimen=1, initialize=band.uploads, doc="requests with an input to upload")
    m.UPLOADING = pyo.Set(dimen=2, initialize=uploading, doc="slots n that can serve request k, which has an input")
    m.UPLOADS_IN = pyo.Set(
        m.SLOTS, dimen=1, initialize=grouped(m.SLOTS, uploading), doc="requests with an input that slot n can serve"
    )
    m.TANGENTS = pyo.Set(
        dimen=2, initialize=list(touched), doc="requests k with the tangents p to their least bandwidth"
    )
    tangents = grouped(band.uploads, touched)
    m.TOUCHES = pyo.Set(
        dimen=3,
        initialize=[(n, k, p) for n, k in uploading for p in tangents[k]],
        doc="slots n that can serve request k, with its tangents p",
    )
    m.height = pyo.Param(
        m.TANGENTS,
        initialize={(k, p): band.height_at_least_time(k, tangent) for (k, p), tangent in touched.items()},
        doc="tangent's value at the least upload time [B]",
    )
    m.fall = pyo.Param(
        m.TANGENTS,
        initialize={at: tangent.fall for at, tangent in touched.items()},
        doc="how steeply a tangent falls [B/u]",
    )
    m.least = pyo.Param(m.UPLOADS, initialize=band.least_time, doc="least time that an upload takes [u]")
    m.longest = pyo.Param(
        m.UPLOADS,
        initialize={k: band.latest[k] - band.least_time[k] for k in band.uploads},
        doc="longest time that it may take beyond that [u]",
    )
    m.share = pyo.Var(m.UPLOADING, bounds=(0, 1 + MARGIN), doc="share of the band of request k in slot n [B]")
    m.window = pyo.Var(
        m.UPLOADING, domain=pyo.NonNegativeReals, doc="time that its upload may take beyond the least one [u]"
    )
    m.tangent = pyo.Constraint(
        m.TOUCHES,
        rule=lambda m, n, k, p: m.share[n, k] >= m.height[k, p] * m.serve[n, k] - m.fall[k, p] * m.window[n, k],
        doc="a shorter time takes a larger share",
    )
    m.window_served = pyo.Constraint(
        m.UPLOADING,
        rule=lambda m, n, k: m.window[n, k] <= m.longest[k] * m.serve[n, k],
        doc="only who is served uploads",
    )


def _in_time(m: pyo.ConcreteModel, times: UploadTimes) -> None:
    """Inputs arrive in the time that the uploads of their slot may take."""
    available = times.available
    m.window_of_slot = pyo.Constraint(
        m.UPLOADING,
        rule=lambda m, n, k: m.window[n, k] + m.least[k] * m.serve[n, k] <= available[n],
        doc="every input of a slot arrives in time",
    )
    if times.from_arrival:
        m.UPLOADING_LATE = pyo.Set(
            dimen=2,
            initialize=[(n, k) for n, k in m.ARRIVING if k in m.UPLOADS],
            doc="slots n that can serve request k, whose input arrives after time 0",
        )
        m.window_from_arrival = pyo.Constraint(
            m.UPLOADING_LATE,
            rule=lambda m, n, k: m.window[n, k] + (m.least[k] + m.arrival[k]) * m.serve[n, k] <= available[n],
            doc="an upload begins at its arrival",
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
        rule=lambda m, n: sum(m.share[n, k] for k in m.UPLOADS_IN[n]) <= m.whole,
        doc="the requests of a slot share the band",
    )


def _band_of_all(m: pyo.ConcreteModel) -> None:
    """All requests that are served share the band."""
    if len(m.UPLOADING):
        m.band = pyo.Constraint(
            rule=lambda m: sum(m.share[n, k] for n, k in m.UPLOADING) <= m.whole,
            doc="all requests that are served share the band",
        )
