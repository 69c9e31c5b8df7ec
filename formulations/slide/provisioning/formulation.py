r"""Provisioning of SLIDE when the least bandwidths are known: a knapsack with a choice of models for each user.

**Kind.** Exact. **Covers** everything: flat and power-limited channels, one speed per device or per layer, energy
budgets, accuracy floors, deadlines and weights.

**Idea.** What a user needs of the band with a model depends on nobody else: the energy budget fixes the speeds, speeds
and deadline fix the least rate, the channel turns it into the least bandwidth (problems, SLIDE, facts 2, 3 and 5). So
times, speeds and rates leave the problem, and one number for each pair of a user and a model is left of them.

| symbol | name | meaning | unit |
|---|---|---|---|
| x_{k,i} | `provide` | user k is served with model i | 1 |
| b_{k,i} | `share` | least bandwidth of user k with model i, as a share of B | B |
| omega_k | `weight` | weight of a user | 1 |

**Equations.**

    max   sum_k omega_k sum_i x_{k,i}
    s.t.  sum_i x_{k,i} <= 1               for every user
          sum_k sum_i b_{k,i} x_{k,i} <= 1

A multiple-choice knapsack. All models of a user are worth the same here, so the one that needs least would do, and what
remains is a plain knapsack (`partload.solvers.slide.knapsack_dynamic`); a solver finds that out by itself, and would
not be told wrong if models were worth different things. With equal weights it is solved by sorting (problems, SLIDE,
fact 3).
"""

from __future__ import annotations

import pyomo.environ as pyo

from partload.formulations.model_size import ensure_size
from partload.formulations.slide.built import ProvisionModel
from partload.formulations.slide.provisioning.data import ProvisioningData
from partload.instances.slide.instance import Instance
from partload.instances.verdict import TOLERANCE

SYMBOLS = {
    "USERS": r"k \in \mathcal{K}",
    "PAIRS": r"(k, i) \in \mathcal{A}",
    "MODELS_OF": r"i \in \mathcal{I}",
    "provide": "x",
    "share": "b",
    "weight": r"\omega",
    "limit": r"\bar 1",
}

__all__ = ["SYMBOLS", "build", "derivation"]

derivation = None


def build(instance: Instance, *, slack: float = TOLERANCE) -> ProvisionModel[ProvisioningData]:
    """Build the Pyomo model of an instance.

    Parameters
    ----------
    instance
        Any instance.
    slack
        Relative amount by which the band is widened or narrowed, see ``ProvisioningData``.

    Raises
    ------
    InputError
        When the model would be too large.
    """
    data = ProvisioningData(instance, slack)
    ensure_size(instance, 2 * sum(len(user.models) for user in instance.users))
    m = pyo.ConcreteModel(name=instance.name)
    m.USERS = pyo.Set(dimen=1, initialize=list(data.models_of), doc="users whom a model can serve")
    m.PAIRS = pyo.Set(dimen=2, initialize=list(data.share), doc="users k with the models i that can serve them")
    m.MODELS_OF = pyo.Set(m.USERS, dimen=1, initialize=data.models_of, doc="models that can serve user k")
    m.weight = pyo.Param(m.USERS, initialize=data.weight, doc="weight of a user, in units of their grid")
    m.share = pyo.Param(m.PAIRS, initialize=data.share, doc="least share of the band of a user with a model [B]")
    m.limit = pyo.Param(mutable=True, initialize=1 + slack, doc="the band: 1, and the slack [B]")
    m.provide = pyo.Var(m.PAIRS, domain=pyo.Binary, doc="user k is served with model i")
    m.weight_served = pyo.Objective(
        rule=lambda m: sum(m.weight[k] * sum(m.provide[k, i] for i in m.MODELS_OF[k]) for k in m.USERS),
        sense=pyo.maximize,
        doc="the weight of the users served",
    )
    m.one_model = pyo.Constraint(
        m.USERS, rule=lambda m, k: sum(m.provide[k, i] for i in m.MODELS_OF[k]) <= 1, doc="one model a user, or none"
    )
    if data.share:
        m.band = pyo.Constraint(
            rule=lambda m: sum(m.share[k, i] * m.provide[k, i] for k, i in m.PAIRS) <= m.limit,
            doc="the least bandwidths fit into the band",
        )
    return ProvisionModel(m, data)
