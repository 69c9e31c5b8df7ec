r"""Joint formulation of SLIDE: who is served with which model, bandwidths, speeds and times, as the problem has them.

**Kind.** Exact, a MINLP. **Covers** everything: flat and power-limited channels, one speed per device or per layer,
energy budgets, accuracy floors, deadlines and weights.

**Idea.** Nothing is substituted: no closed form of a speed, a rate or a bandwidth, no argument about which model is
best or who is admitted first. When a global solver finds the optimum of the admission by least bandwidth, it confirms
that the closed forms lose nothing (problems, SLIDE, facts 2 and 3).

| symbol | name | meaning | unit |
|---|---|---|---|
| x_{k,i} | `provide` | user k is served with model i | 1 |
| b_k | `share` | bandwidth of user k | B0 |
| h_k | `held` | bandwidth by which a power-limited rate is reckoned | B0 |
| rho_k | `rate` | rate of user k | R0 |
| d_{k,l} | `arrived` | time at which layer l is here | T |
| t_{k,l} | `computed` | time at which layer l is computed | T |
| s_{k,l} | `spent` | time that layer l takes | T |
| f_{k,l} | `speed` | speed at layer l | F0 |
| u_{k,i,l} | `download` | time until layer l of model i is here at rate 1 | T |
| c_{k,i,l} | `work` | time that layer l of model i takes at speed 1 | T |
| e_{k,i,l} | `energy` | energy that it takes at speed 1 | E |
| gamma_k | `snr` | signal-to-noise ratio at the bandwidth B0 | 1 |

Units, of each user: B0 is a bandwidth that the user needs at least, R0 the rate there, T the deadline, E the energy
budget, F0 the fastest speed that f_max and the budget allow.

**Equations.** What depends on the model is a sum over the models, of which at most one is chosen:

    rate        flat:           rho_k = b_k
                power-limited:  rho_k ln(1 + gamma_k) <= h_k ln(1 + gamma_k / h_k)
    download    rho_k d_{k,l} >= sum_i u_{k,i,l} x_{k,i}
    compute     t_{k,l} >= t_{k,l-1} + s_{k,l},   t_{k,l} >= d_{k,l} + s_{k,l},   t_{k,0} = 0
                s_{k,l} f_{k,l} >= sum_i c_{k,i,l} x_{k,i}
    energy      sum_l e_{k,i,l} f_{k,l}^2 <= 1      if x_{k,i} = 1
    deadline    t_{k,l} <= 1
    band        sum_k b_k <= B

"compute" is t_l >= max(t_{l-1}, d_l) + c_l / f_l. Where the device has one speed, f_{k,l} = f_{k,l-1}. Somebody with
bits to come has a bandwidth of at least 1, the unit; who has none, needs no bandwidth, and h_k is then free to be 1, so
that the logarithm is always of a number.
"""

from __future__ import annotations

import pyomo.environ as pyo

from partload.formulations.model_size import ensure_size
from partload.formulations.slide.recursion import features
from partload.formulations.slide.recursion.built import RecursionModel
from partload.formulations.slide.recursion.data import RecursionData
from partload.instances.slide.instance import Instance
from partload.instances.verdict import TOLERANCE

SYMBOLS = {
    "USERS": r"k \in \mathcal{K}",
    "PAIRS": r"(k, i) \in \mathcal{A}",
    "TRIPLES": r"(k, i, l) \in \mathcal{T}",
    "SENT": r"(k, i) \in \mathcal{S}",
    "BUDGETED": r"(k, i) \in \mathcal{E}",
    "MODELS_OF": r"i \in \mathcal{I}",
    "LAYERS": r"(k, l) \in \mathcal{L}",
    "LATER": r"(k, l) \in \mathcal{L}'",
    "LAYERS_OF": r"l \in \mathcal{L}",
    "POINTS": r"(k, l) \in \mathcal{L} \cup \mathcal{K} \times \{0\}",
    "SENDING": r"(k, l) \in \mathcal{D}",
    "FLAT": r"k \in \mathcal{F}",
    "LIMITED": r"k \in \mathcal{P}",
    "RECEIVERS": r"k \in \mathcal{R}",
    "provide": "x",
    "share": "b",
    "held": "h",
    "rate": r"\rho",
    "arrived": "d",
    "computed": "t",
    "spent": "s",
    "speed": "f",
    "download": "u",
    "work": "c",
    "energy": "e",
    "excess": "E",
    "snr": r"\gamma",
    "sends": r"\sigma",
    "part": r"\beta",
    "weight": r"\omega",
    "limit": r"\bar 1",
}

__all__ = ["SYMBOLS", "build", "derivation"]

derivation = None


def build(instance: Instance, *, slack: float = TOLERANCE) -> RecursionModel:
    """Build the Pyomo model of an instance.

    Parameters
    ----------
    instance
        Any instance.
    slack
        Relative amount by which deadlines, energy budgets and the band are moved.

    Raises
    ------
    InputError
        When the model would be too large.
    """
    data = RecursionData(instance, slack)
    ensure_size(instance, sum(4 * data.depth[k] for k, _ in data.pairs))
    model = pyo.ConcreteModel(name=instance.name)
    _sets_and_parameters(model, data)
    _provisioning(model, data)
    _rates(model, data)
    _times(model, data)
    _energy(model, data)
    return RecursionModel(model, data)


def _sets_and_parameters(m: pyo.ConcreteModel, data: RecursionData) -> None:
    m.USERS = pyo.Set(dimen=1, initialize=list(data.models_of), doc="users whom a model can serve")
    m.PAIRS = pyo.Set(dimen=2, initialize=data.pairs, doc="users k with the models i that can serve them")
    m.MODELS_OF = pyo.Set(m.USERS, dimen=1, initialize=data.models_of, doc="models that can serve user k")
    m.LAYERS_OF = pyo.Set(
        m.USERS,
        dimen=1,
        initialize={k: range(1, depth + 1) for k, depth in data.depth.items()},
        doc="layers of the deepest model of user k",
    )
    layers = [(k, layer) for k, depth in data.depth.items() for layer in range(1, depth + 1)]
    m.LAYERS = pyo.Set(dimen=2, initialize=layers, doc="users k with these layers l")
    m.LATER = pyo.Set(
        dimen=2,
        initialize=[(k, layer) for k, layer in layers if layer > 1],
        doc="these pairs but the first layer of each user",
    )
    m.POINTS = pyo.Set(
        dimen=2,
        initialize=[(k, layer) for k, depth in data.depth.items() for layer in range(depth + 1)],
        doc="users k with layers l, and 0 for the time before the first",
    )
    m.limit = pyo.Param(mutable=True, initialize=1 + data.slack, doc="a deadline, a budget, the band: 1, and the slack")
    m.weight = pyo.Param(m.USERS, initialize=data.weight, doc="weight of a user, in units of their grid")
    m.TRIPLES = pyo.Set(dimen=3, initialize=list(data.work), doc="users k, models i that can serve them, and layers l")
    m.download = pyo.Param(m.TRIPLES, initialize=data.download, doc="time to download up to a layer at rate 1 [T]")
    m.work = pyo.Param(m.TRIPLES, initialize=data.work, doc="time to compute a layer at speed 1 [T]")


def _provisioning(m: pyo.ConcreteModel, data: RecursionData) -> None:
    m.provide = pyo.Var(m.PAIRS, domain=pyo.Binary, doc="user k is served with model i")
    m.weight_served = pyo.Objective(
        rule=lambda m: sum(m.weight[k] * sum(m.provide[k, i] for i in m.MODELS_OF[k]) for k in m.USERS),
        sense=pyo.maximize,
        doc="the weight of the users served",
    )
    m.one_model = pyo.Constraint(
        m.USERS, rule=lambda m, k: sum(m.provide[k, i] for i in m.MODELS_OF[k]) <= 1, doc="one model a user, or none"
    )


def _rates(m: pyo.ConcreteModel, data: RecursionData) -> None:
    """What bandwidth is worth to those who may have bits to come, and that they share the band."""
    m.RECEIVERS = pyo.Set(dimen=1, initialize=list(data.unit_bps), doc="users who may have bits to come")
    m.FLAT = pyo.Set(
        dimen=1, initialize=[k for k in data.unit_bps if k not in data.snr], doc="of these, users with flat channels"
    )
    m.LIMITED = pyo.Set(dimen=1, initialize=list(data.snr), doc="of these, users with power-limited channels")
    m.part = pyo.Param(
        m.RECEIVERS, initialize=data.unit_share, doc="unit of the bandwidth, as a part of the band [B/B0]"
    )
    m.snr = pyo.Param(m.LIMITED, initialize=data.snr, doc="received power over noise in the unit of the bandwidth")
    sends = {(k, i): float(data.download[k, i, data.depth[k]] > 0) for k, i in data.pairs if k in data.unit_bps}
    m.SENT = pyo.Set(dimen=2, initialize=list(sends), doc="users who may have bits to come, with their models")
    m.sends = pyo.Param(m.SENT, initialize=sends, doc="1 if the model has bits to send")
    m.share = pyo.Var(m.RECEIVERS, bounds=lambda m, k: (0, data.widest[k]), doc="bandwidth of user k [B0]")
    m.rate = pyo.Var(m.RECEIVERS, bounds=lambda m, k: (0, data.fastest[k]), doc="rate of user k [R0]")
    m.flat_rate = pyo.Constraint(m.FLAT, rule=lambda m, k: m.rate[k] == m.share[k], doc="flat: in proportion")
    m.held = pyo.Var(
        m.LIMITED, bounds=lambda m, k: (1, 1 + data.widest[k]), doc="bandwidth for the rate of user k [B0]"
    )
    m.limited_rate = pyo.Constraint(
        m.LIMITED,
        rule=lambda m, k: m.rate[k] * pyo.log(1 + m.snr[k]) <= m.held[k] * pyo.log(1 + m.snr[k] / m.held[k]),
        doc="power-limited: every further hertz buys less",
    )
    m.bandwidth_held = pyo.Constraint(
        m.LIMITED,
        rule=lambda m, k: m.held[k] <= m.share[k] + 1 - sum(m.sends[k, i] * m.provide[k, i] for i in m.MODELS_OF[k]),
        doc="who is sent bits has bandwidth",
    )
    if len(m.RECEIVERS):
        m.band = pyo.Constraint(
            rule=lambda m: sum(m.part[k] * m.share[k] for k in m.RECEIVERS) <= m.limit,
            doc="all who are served share it",
        )


def _times(m: pyo.ConcreteModel, data: RecursionData) -> None:
    """The recursion."""
    last = 1 + abs(data.slack)
    sending = [(k, layer) for k, layer in m.LAYERS if any(data.download[k, i, layer] for i in data.models_of[k])]
    m.SENDING = pyo.Set(dimen=2, initialize=sending, doc="users k and layers l by which bits have to be here")
    m.arrived = pyo.Var(m.LAYERS, bounds=(0, last), doc="time at which layer l is with user k [T]")
    m.computed = pyo.Var(m.POINTS, bounds=(0, last), doc="time at which user k has computed layer l [T]")
    m.spent = pyo.Var(m.LAYERS, bounds=(0, last), doc="time that user k spends on layer l [T]")
    m.speed = pyo.Var(m.LAYERS, bounds=lambda m, k, n: (data.slowest[k, n], 1), doc="speed of user k at layer l [F0]")
    for k in m.USERS:
        m.computed[k, 0].fix(0)
    m.arrives = pyo.Constraint(
        m.SENDING,
        rule=lambda m, k, n: (
            m.rate[k] * m.arrived[k, n] >= sum(m.download[k, i, n] * m.provide[k, i] for i in m.MODELS_OF[k])
        ),
        doc="a layer is here when all bits up to it are",
    )
    m.takes = pyo.Constraint(
        m.LAYERS,
        rule=lambda m, k, n: (
            m.spent[k, n] * m.speed[k, n] >= sum(m.work[k, i, n] * m.provide[k, i] for i in m.MODELS_OF[k])
        ),
        doc="the time that a layer takes",
    )
    m.after_layer = pyo.Constraint(
        m.LAYERS,
        rule=lambda m, k, n: m.computed[k, n] >= m.computed[k, n - 1] + m.spent[k, n],
        doc="a layer computes after the one before it",
    )
    m.after_download = pyo.Constraint(
        m.LAYERS,
        rule=lambda m, k, n: m.computed[k, n] >= m.arrived[k, n] + m.spent[k, n],
        doc="and when it is here",
    )
    m.in_time = pyo.Constraint(m.LAYERS, rule=lambda m, k, n: m.computed[k, n] <= m.limit, doc="by the deadline")


def _energy(m: pyo.ConcreteModel, data: RecursionData) -> None:
    """Budgets; and one speed throughout where the device has one."""
    totals: dict[tuple[str, str], float] = {}
    for (k, i, _), part in data.energy.items():
        totals[k, i] = totals.get((k, i), 0.0) + part
    limit = 1 + data.slack
    binding = {pair: total - limit for pair, total in totals.items() if total > limit}
    m.BUDGETED = pyo.Set(
        dimen=2, initialize=list(binding), doc="users k and models i whose greatest speeds exceed the energy budget"
    )
    m.excess = pyo.Param(m.BUDGETED, initialize=binding, doc="by how much the greatest speeds exceed the budget [E]")
    m.energy = pyo.Param(m.TRIPLES, initialize=data.energy, default=0.0, doc="energy of a layer at speed 1 [E]")
    m.in_budget = pyo.Constraint(
        m.BUDGETED,
        rule=lambda m, k, i: (
            sum(m.energy[k, i, n] * m.speed[k, n] ** 2 for n in m.LAYERS_OF[k])
            <= m.limit + m.excess[k, i] * (1 - m.provide[k, i])
        ),
        doc="the model chosen takes no more than the budget",
    )
    if features.frequency(data.instance).one_speed:
        m.one_speed = pyo.Constraint(
            m.LATER, rule=lambda m, k, n: m.speed[k, n] == m.speed[k, n - 1], doc="one speed for the device"
        )
