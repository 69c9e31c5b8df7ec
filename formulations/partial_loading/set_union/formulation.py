r"""Set-union formulation of PartialLoading: which blocks are loaded, each once.

**Kind.** Exact. **Covers** flat channels, residency `cached`, visits `once`, uplink `slotted`, one deadline for all;
weights; blocks resident at time 0. Memory holds all blocks of the models asked for, and a batch; there are no uploads,
no load latency and no batch limits (``conditions``).

**Idea.** With memory for everything, nothing is dropped, so a plan loads the union of the blocks of its models, each
block once, whatever the order. Without uploads nothing hides these loads, so the time of a plan is a sum: this is the
set-union knapsack problem (problems, fact 5).

| symbol | name | meaning | unit |
|---|---|---|---|
| x_j | `loaded` | 1 if block j is loaded | 1 |
| y_i | `visited` | 1 if model i is visited | 1 |
| z_k | `served` | 1 if request k is served | 1 |

    max   sum_k omega_k z_k
    s.t.  z_k <= y_{m(k)},     y_i <= x_j for j in J_i
          sum_j L_j x_j + sum_i alpha_i y_i + sum_k beta_k z_k <= D

Blocks that the same models use are one block here. **Fewer binaries.** Where inference takes no time, only x has to be
binary: given x, the best z are 0 and 1 by themselves. Branching on a block decides on all models that use it.

**Why no uploads.** Uploads of the first batch of a visit hide its own load, so it matters which visit loads a block.
A MILP that chooses for each block the visit that loads it, without an order, is not exact but a relaxation. Two models
with the same blocks P and Q, 1 s each, and uploads of 1 s for each: if the one loads P and the other Q, both loads are
hidden and all ends at 2 s. No order does that: the model that comes first loads both, and all ends at 3 s.

**LP value.** Weak: x_j = D / (sum of all loads) serves that share of everything.
"""

from __future__ import annotations

from collections.abc import Collection

import pyomo.environ as pyo

from partload.formulations.model_size import ensure_size
from partload.formulations.partial_loading.request_model import add_better, add_requests, maximise_weight_served
from partload.formulations.partial_loading.set_union.built import SetUnionModel
from partload.formulations.partial_loading.set_union.symbols import SYMBOLS
from partload.formulations.partial_loading.slot.data import NEVER, SlotData
from partload.formulations.templates import constraints_as_templates
from partload.instances.partial_loading.instance import Instance
from partload.instances.verdict import TOLERANCE

__all__ = ["SYMBOLS", "TIGHTENINGS", "build", "derivation"]

TIGHTENINGS = {"order": "serve the better of two requests of a model first"}
"""What can be added to the plain formulation."""
derivation = None


def build(
    instance: Instance, *, slack: float = TOLERANCE, tightenings: Collection[str] = tuple(TIGHTENINGS)
) -> SetUnionModel:
    """Build the Pyomo model of an instance.

    Parameters
    ----------
    instance
        An instance whose features the formulation supports.
    slack
        Relative amount by which the deadline is moved, see ``SlotData``.
    tightenings
        Keys of ``TIGHTENINGS`` to use.

    Raises
    ------
    InputError
        When the model would have more than ``MOST_PARTS`` variables and constraints.
    """
    data = SlotData(instance, slack)
    uses = sum(len(instance.block_sets[i]) for i in data.models)
    ensure_size(instance, uses + 5 * len(data.requests), "the set-union formulation")
    m = pyo.ConcreteModel(name=instance.name)
    _sets_and_parameters(m, data)
    instant = not any(m.setup.values()) and not any(m.per_request.values())
    with constraints_as_templates():
        _choices(m, instant)
        if "order" in tightenings:
            _order(m)
        m.in_time = pyo.Constraint(
            rule=lambda m: (
                sum(m.load_time[j] * m.loaded[j] for j in m.BLOCKS)
                + sum(m.setup[i] * m.visited[i] for i in m.MODELS)
                + sum(m.per_request[k] * m.served[k] for k in m.REQUESTS)
                <= m.last
            ),
            doc="all visits end by the deadline",
        )
    maximise_weight_served(m)
    return SetUnionModel(m, data)


def _sets_and_parameters(m: pyo.ConcreteModel, data: SlotData) -> None:
    """Blocks, models and requests, and their times."""
    instance, sets = data.instance, data.instance.block_sets
    initial = frozenset(instance.server.resident_blocks)
    groups = {first: group for first, group in data.blocks.items() if first not in initial}
    rate = instance.server.load_rate_bytes_per_s * data.unit_s
    load = {j: min(instance.size_of(group) / rate if rate else NEVER, NEVER) for j, group in groups.items()}
    m.MODELS = pyo.Set(dimen=1, initialize=data.models, doc="models that can serve a request")
    m.BLOCKS = pyo.Set(
        dimen=1,
        initialize=tuple(groups),
        doc="blocks that are not resident at time 0; those that always occur together are one",
    )
    m.USES = pyo.Set(
        dimen=2,
        initialize=[(i, j) for i in data.models for j in groups if j in sets[i]],
        doc="models i with the blocks j that they use",
    )
    add_requests(m, data)
    add_better(m, data)
    m.load_time = pyo.Param(m.BLOCKS, initialize=load, doc="time to load block j [u]")
    m.last = pyo.Param(mutable=True, initialize=data.deadlines[-1] if data.deadlines else 0.0, doc="the deadline [u]")


def _choices(m: pyo.ConcreteModel, instant: bool) -> None:
    """Who is served, by which models, with which blocks; with instant inference only blocks need be binary."""
    m.loaded = pyo.Var(m.BLOCKS, domain=pyo.Binary, doc="block j is loaded")
    m.visited = pyo.Var(m.MODELS, bounds=(0, 1), doc="model i is visited")
    m.served = pyo.Var(
        m.REQUESTS, domain=pyo.NonNegativeReals if instant else pyo.Binary, bounds=(0, 1), doc="request k is served"
    )
    m.by_its_model = pyo.Constraint(
        m.ASKS, rule=lambda m, k, i: m.served[k] <= m.visited[i], doc="by the model it asks for"
    )
    m.with_its_blocks = pyo.Constraint(
        m.USES, rule=lambda m, i, j: m.visited[i] <= m.loaded[j], doc="all blocks of which are loaded"
    )


def _order(m: pyo.ConcreteModel) -> None:
    """Of two requests of a model, the better one is served first (see ``SlotData.better``; problems, fact 3)."""
    m.better_first = pyo.Constraint(
        m.BETTER, rule=lambda m, p, k: m.served[p] >= m.served[k], doc="the better of two requests is served first"
    )
