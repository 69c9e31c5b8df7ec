r"""Cone formulation of PartialLoading: the bandwidth that an upload needs within a time, cut by tangents.

**Kind.** Relaxation, a MILP: every plan is a point of it, and some points lack bandwidth. A method that adds tangents
where that happens makes it exact. **Covers** everything: flat and power-limited channels; uplink `slotted`, `pipelined`
and `static`; every residency, rule for visits, limit, deadline and weight.

**Idea.** Request k needs the share f_k(t) of the band to be here within t; f_k is convex and decreasing, for flat and
for power-limited channels (problems, fact 2). So the pairs of bandwidth and time that are enough are a convex set, and
a convex set is the intersection of half-planes. Whether a request is served scales the set (its *perspective*), which
makes the pairs (b, t, y) a cone: b >= y f_k(t / y), for flat channels the rotated second-order cone b t >= u_k y^2.
Each tangent to f_k is a half-space of that cone, and linear in all three.

| symbol | name | meaning |
|---|---|---|
| x, w, y, z, ell, c, e | | slots, requests and times as in the slot formulation |
| b_{n,k} | `share` | share of the band that request k has in slot n |
| theta_{n,k} | `window` | time that its upload may take; 0 if slot n does not serve it |
| t_n | `upload_time` | slotted and pipelined: time that the uploads of slot n take |
| v_n | `uploaded` | pipelined: time at which the inputs of the first n slots are here |
| r_n | `ready` | static: time at which slot n is ready |
| phi_{k,p}, -psi_{k,p} | `height`, `fall` | value at time 0 and slope of the p-th tangent to f_k |

**Equations** of the uplink; the rest is that of the slot formulation

    tangents   b_{n,k} >= phi_{k,p} y_{n,k} - psi_{k,p} theta_{n,k}
    windows    u_k y_{n,k} <= theta_{n,k} <= T_k y_{n,k},   theta_{n,k} <= t_n  (static: r_n)
    band       sum_k b_{n,k} <= 1 in every slot,   static: sum_{n,k} b_{n,k} <= 1   (1 and the room)
    times      as in the joint formulation

**What is cut off** when a plan turns out to lack bandwidth. Slotted and pipelined: the tangents at tau, the least time
in which the band uploads the requests of a slot. There sum_k f_k(tau) = 1, so the tangents' sum alone says t_n >= tau.
Static: the tangents at the latest times at which the slots could be ready; the shares needed there are too many, and
tangents fall. Either way what is added is exact for these slots, and true of all.
"""

from __future__ import annotations

import math
from collections.abc import Collection

import pyomo.environ as pyo

from partload.formulations.partial_loading.joint.band_data import MARGIN, BandData, Tangent
from partload.formulations.partial_loading.slot import sequence
from partload.formulations.partial_loading.slot.data import SlotData
from partload.formulations.partial_loading.slot.ready_times import ready_times
from partload.formulations.partial_loading.slot.sequence import extract, served
from partload.formulations.partial_loading.slot.symbols import SYMBOLS
from partload.formulations.partial_loading.slot.tightenings import TIGHTENINGS
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from partload.instances.partial_loading.static import latest_ready_s
from partload.instances.verdict import TOLERANCE

__all__ = ["SYMBOLS", "build", "extract", "forbid", "served"]

RATIO = 1.5
"""Between the shares of two tangents that are there from the start: between them a hyperbola is 4 % above."""
MOST_TANGENTS = 12
"""That a request has from the start, fewer where that would make more than ``MOST_ROWS`` constraints; two at least."""
MOST_ROWS = 100_000
STEEPEST = 1e4
"""Most share of the band for a unit of time (a hundredth of the horizon) in a tangent: a solver's tolerance on times is
worth 1e-5 of the band there, and the room of deadlines all of it."""
LEAST_SHARE = 1e-7
"""Shares below this are not asked for."""
PER_REQUEST = 11
"""Variables and constraints for a request in a slot, with the fewest tangents."""


def build(
    instance: Instance, *, room: float = TOLERANCE, tightenings: Collection[str] = tuple(TIGHTENINGS)
) -> pyo.ConcreteModel:
    """The Pyomo model of an instance.

    Parameters
    ----------
    instance
        Any instance.
    room
        Relative amount by which deadlines are moved, see ``SlotData``.
    tightenings
        Keys of ``TIGHTENINGS`` to use.

    Raises
    ------
    InputError
        When the model would have more than ``MOST_PARTS`` variables and constraints.
    """
    data = SlotData(instance, room, merge="merge" in tightenings, several=False)
    model = sequence.sequence_of_slots(data, tightenings, PER_REQUEST)
    model.channels = BandData(data)
    _shares(model, model.channels)
    model.whole = pyo.Param(mutable=True, initialize=1 + room, doc="the band: 1, and the room")
    _band(model, instance.server.uplink, ready_times(model, data))
    return model


def forbid(model: pyo.ConcreteModel, plan: Plan) -> None:
    """Exclude every plan that begins like this one, and add the tangents that show why it lacks bandwidth, if so."""
    sequence.forbid(model, plan)
    data: SlotData = model.data
    if data.instance.server.uplink == "static":
        times = latest_ready_s(data.instance, plan)
    else:
        flowing = clock.run(data.instance.replace(uplink="slotted"), plan)
        times = flowing.upload_end_s - flowing.start_s
    for slot, time in zip(plan, (times / data.unit_s).tolist()):
        for k in slot.requests:
            _touch(model, k, time)


def _touch(m: pyo.ConcreteModel, k: str, time: float) -> None:
    """Add the tangent to f_k at a time, in every slot, if a solver can make use of it."""
    band: BandData = m.channels
    share = band.needed(k, time) if k in m.UPLOADS and time > 0 else math.inf
    if not LEAST_SHARE <= share <= 1 + MARGIN:
        return
    tangent = band.tangent(k, share)
    if tangent.fall > STEEPEST:
        return
    if m.component("touched_again") is None:
        m.touched_again = pyo.ConstraintList(doc="tangents where plans lacked bandwidth")
    for n in m.SLOTS:
        m.touched_again.add(m.share[n, k] >= tangent.height * m.serve[n, k] - tangent.fall * m.window[n, k])


def _tangents(band: BandData, k: str, most: int) -> list[Tangent]:
    """The tangents to f_k that are there from the start: from the whole band to the least share, in one ratio.

    A tangent that falls by ``STEEPEST`` and more is left out: within the room that deadlines have anyway its time
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
    most = max(2, min(MOST_TANGENTS, MOST_ROWS // max(len(m.SLOTS) * len(band.uploads), 1)))
    touched = {(k, p): tangent for k in band.uploads for p, tangent in enumerate(_tangents(band, k, most), start=1)}
    m.UPLOADS = pyo.Set(initialize=band.uploads)
    m.TANGENTS = pyo.Set(dimen=2, initialize=list(touched))
    m.height = pyo.Param(
        m.TANGENTS, initialize={at: tangent.height for at, tangent in touched.items()}, doc="tangent's value at time 0"
    )
    m.fall = pyo.Param(
        m.TANGENTS, initialize={at: tangent.fall for at, tangent in touched.items()}, doc="how steeply a tangent falls"
    )
    m.longest = pyo.Param(m.UPLOADS, initialize=band.latest, doc="longest time that an upload may take")
    m.share = pyo.Var(m.SLOTS, m.UPLOADS, bounds=(0, 1 + MARGIN), doc="share of the band of request k in slot n")
    m.window = pyo.Var(m.SLOTS, m.UPLOADS, domain=pyo.NonNegativeReals, doc="time that its upload may take")
    m.tangent = pyo.Constraint(
        m.SLOTS,
        m.TANGENTS,
        rule=lambda m, n, k, p: m.share[n, k] >= m.height[k, p] * m.serve[n, k] - m.fall[k, p] * m.window[n, k],
        doc="a shorter time takes a larger share",
    )
    m.whole_band = pyo.Constraint(
        m.SLOTS,
        m.UPLOADS,
        rule=lambda m, n, k: m.window[n, k] >= (1 - MARGIN) * m.upload[k] * m.serve[n, k],
        doc="an upload takes its time on the whole band",
    )
    m.window_served = pyo.Constraint(
        m.SLOTS,
        m.UPLOADS,
        rule=lambda m, n, k: m.window[n, k] <= m.longest[k] * m.serve[n, k],
        doc="only who is served uploads",
    )


def _band(m: pyo.ConcreteModel, uplink: str, available: pyo.Var) -> None:
    """Inputs arrive in time, and who uploads at one time shares the band."""
    m.window_of_slot = pyo.Constraint(
        m.SLOTS,
        m.UPLOADS,
        rule=lambda m, n, k: m.window[n, k] <= available[n],
        doc="every input of a slot arrives in time",
    )
    if not len(m.UPLOADS):
        return
    if uplink == "static":
        m.band = pyo.Constraint(
            rule=lambda m: sum(m.share[n, k] for n in m.SLOTS for k in m.UPLOADS) <= m.whole,
            doc="all who are served share the band",
        )
        return
    m.band = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: sum(m.share[n, k] for k in m.UPLOADS) <= m.whole,
        doc="the requests of a slot share the band",
    )
