r"""Sequence formulation of PartialLoading: which model is loaded right after which.

**Kind.** Exact. **Covers** flat channels, residency `previous`, visits `once`, uplink `slotted`, one deadline for all;
weights; memory, batch limits, blocks resident at time 0, load latency.

**Idea.** With visits `once` and residency `previous` a visit takes a time that depends on the model before it and on
whom it serves, and on nothing else. With one deadline for all, only the sum of these times counts. So slots are not
needed: the variables are *arcs* from a model to the next one. Only pairs that share blocks have an arc. Every other
visit is entered from the *hub* at a full load, and the hub may be left any number of times (`network.py`). The *start*
stands for the blocks resident at time 0.

| symbol | name | meaning | unit |
|---|---|---|---|
| x_{i,j} | `arc` | 1 if model j is loaded right after i, which is a model, the hub or the start | 1 |
| y_j | `visited` | 1 if model j is visited | 1 |
| z_k | `served` | 1 if request k is served | 1 |
| f_{i,j} | `flow` | visits that are still to come on a path after i | 1 |
| T_j | `visit_time` | time that the visit of model j takes | u |
| kappa_j | `batches` | batches of model j, where batches are limited | 1 |
| z^_k | `later` | there: 1 if request k is not in the first batch | 1 |

Unit: u is a hundredth of the deadline; 1 is a pure number.

**Equations** (without batch limits)

    max   sum_k omega_k z_k
    s.t.  y_j = sum_i x_{i,j},     sum_l x_{j,l} <= y_j,     sum_j x_{start,j} <= 1
          z_k <= y_{m(k)},     y_j <= sum_{k asks for j} z_k
          sum_i f_{i,j} - sum_l f_{j,l} = y_j,     f_{i,j} <= n x_{i,j}
          T_j >= sum_i L_{i,j} x_{i,j} + alpha_j y_j + sum_k beta_k z_k
          T_j >= sum_k u_k z_k         + alpha_j y_j + sum_k beta_k z_k      with u_k = a_k / B
          sum_j T_j <= D

**No circles.** Each visit consumes one unit of a flow that comes from the hub or the start, so models that follow one
another in a circle are left without. That takes one variable for each arc, where rows for all sets of models, as in
the method `sequence`, are exponentially many and stronger.

**Valid inequalities** (`valid_inequalities`). Whoever visits a model of a set S enters S from outside; in a circle
nobody does. These rows are there for two kinds of sets: two models, and the models that have a block in common. Of two
requests of a model, the better one is served first (`SlotData.better`).

**LP value.** Where whole families share their blocks it is that of the slot formulation. Where any models may share it
is a little above: 17.74 against 17.69 on `general-9x30`, 23.37 against 23.21 on `general-12x40`. A flow of its own for
each visited model, which is as strong as the rows for all sets, has 17.26 and 23.00 there. It has as many variables as
there are pairs of an arc and a model, and took HiGHS three times as long on `general-20x100`.
"""

from __future__ import annotations

from collections.abc import Collection

import pyomo.environ as pyo

from partload.formulations.model_size import ensure_size
from partload.formulations.partial_loading.request_model import (
    add_better,
    add_requests,
    add_uploads_of_requests,
    maximise_weight_served,
)
from partload.formulations.partial_loading.sequence.built import SequenceModel
from partload.formulations.partial_loading.sequence.network import Network, network
from partload.formulations.partial_loading.sequence.symbols import SYMBOLS
from partload.formulations.partial_loading.sequence.valid_inequalities import CUTS, TIGHTENINGS, add_entries
from partload.formulations.partial_loading.slot.data import SlotData
from partload.formulations.templates import constraints_as_templates
from partload.instances.partial_loading.instance import Instance
from partload.instances.verdict import TOLERANCE

__all__ = ["CUTS", "SYMBOLS", "TIGHTENINGS", "build", "derivation"]

derivation = None


def build(
    instance: Instance, *, slack: float = TOLERANCE, tightenings: Collection[str] = tuple(TIGHTENINGS)
) -> SequenceModel:
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
    ensure_size(instance, 4 * len(data.models) ** 2 + 5 * len(data.requests), "the sequence formulation")
    arcs = network(data)
    m = pyo.ConcreteModel(name=instance.name)
    _sets_and_parameters(m, data, arcs)
    with constraints_as_templates():
        _service(m, ordered="order" in tightenings)
        _paths(m)
        _times(m, _batches(m, data))
        add_entries(m, data, tightenings)
    maximise_weight_served(m)
    return SequenceModel(m, data, arcs)


def _sets_and_parameters(m: pyo.ConcreteModel, data: SlotData, arcs: Network) -> None:
    """The network, and the data of models and requests."""
    out_of = arcs.out_of((arcs.hub, arcs.start, *data.models))
    begin = (arcs.start,) if out_of[arcs.start] else ()
    m.MODELS = pyo.Set(dimen=1, initialize=data.models, doc="models that can serve a request")
    m.ARCS = pyo.Set(
        dimen=2,
        initialize=list(arcs.load),
        doc="models j, each with what can come before it: models i that share blocks with it, the hub, the start",
    )
    m.INTO = pyo.Set(m.MODELS, dimen=1, initialize=arcs.into(data.models), doc="where model j can be entered from")
    m.START = pyo.Set(dimen=1, initialize=begin, doc="the start, if blocks are resident at time 0")
    m.OUT_OF = pyo.Set(
        m.MODELS | m.START,
        dimen=1,
        initialize={i: out_of[i] for i in (*data.models, *begin)},
        doc="models that can follow i",
    )
    add_requests(m, data)
    add_better(m, data)
    m.load_time = pyo.Param(m.ARCS, initialize=arcs.load, doc="time to load model j right after i [u]")
    add_uploads_of_requests(m, data)
    m.most_visits = pyo.Param(mutable=True, initialize=len(data.models), doc="number of models")
    m.last = pyo.Param(mutable=True, initialize=data.deadlines[-1] if data.deadlines else 0.0, doc="the deadline [u]")


def _service(m: pyo.ConcreteModel, ordered: bool) -> None:
    """Who is served; a visit serves somebody."""
    m.visited = pyo.Var(m.MODELS, bounds=(0, 1), doc="model j is visited")
    m.served = pyo.Var(m.REQUESTS, domain=pyo.Binary, doc="request k is served")
    m.by_its_model = pyo.Constraint(
        m.ASKS, rule=lambda m, k, j: m.served[k] <= m.visited[j], doc="by the model it asks for"
    )
    m.not_empty = pyo.Constraint(
        m.MODELS,
        rule=lambda m, j: m.visited[j] <= sum(m.served[k] for k in m.REQUESTS_OF[j]),
        doc="a visit serves somebody",
    )
    if ordered:
        m.better_first = pyo.Constraint(
            m.BETTER, rule=lambda m, p, k: m.served[p] >= m.served[k], doc="the better of two requests is served first"
        )


def _paths(m: pyo.ConcreteModel) -> None:
    """Visits form paths that begin at the hub or the start; a flow that each visit consumes excludes circles."""
    m.arc = pyo.Var(m.ARCS, domain=pyo.Binary, doc="model j is loaded right after i")
    m.flow = pyo.Var(m.ARCS, domain=pyo.NonNegativeReals, doc="visits still to come on a path after i")
    m.entered = pyo.Constraint(
        m.MODELS,
        rule=lambda m, j: m.visited[j] == sum(m.arc[i, j] for i in m.INTO[j]),
        doc="a visited model is entered once",
    )
    m.left = pyo.Constraint(
        m.MODELS,
        rule=lambda m, j: sum(m.arc[j, after] for after in m.OUT_OF[j]) <= m.visited[j],
        doc="and left once at most",
    )
    m.start_left = pyo.Constraint(
        m.START,
        rule=lambda m, i: sum(m.arc[i, after] for after in m.OUT_OF[i]) <= 1,
        doc="the start is left once at most",
    )
    m.consumed = pyo.Constraint(
        m.MODELS,
        rule=lambda m, j: (
            sum(m.flow[i, j] for i in m.INTO[j]) - sum(m.flow[j, after] for after in m.OUT_OF[j]) == m.visited[j]
        ),
        doc="each visit consumes a unit of flow",
    )
    m.along_arcs = pyo.Constraint(
        m.ARCS, rule=lambda m, i, j: m.flow[i, j] <= m.most_visits * m.arc[i, j], doc="which flows along arcs"
    )


def _batches(m: pyo.ConcreteModel, data: SlotData) -> pyo.Var:
    """The number of batches of each model: one a visit, unless batches are limited."""
    if all(data.most_batches[j] == 1 for j in data.models):
        return m.visited
    m.largest_batch = pyo.Param(
        m.MODELS, initialize={j: data.largest_batch[j] for j in data.models}, doc="most requests in one batch"
    )
    m.most_batches = pyo.Param(
        m.MODELS, initialize={j: data.most_batches[j] for j in data.models}, doc="most batches of a visit"
    )
    m.batches = pyo.Var(m.MODELS, domain=pyo.NonNegativeIntegers, doc="batches of model j")
    m.some_batch = pyo.Constraint(m.MODELS, rule=lambda m, j: m.batches[j] >= m.visited[j], doc="a visit has a batch")
    m.few_batches = pyo.Constraint(
        m.MODELS,
        rule=lambda m, j: m.batches[j] <= m.most_batches[j] * m.visited[j],
        doc="and no more than can be filled",
    )
    m.batch = pyo.Constraint(
        m.MODELS,
        rule=lambda m, j: sum(m.served[k] for k in m.REQUESTS_OF[j]) <= m.largest_batch[j] * m.batches[j],
        doc="no batch is larger than its model and memory allow",
    )
    return m.batches


def _times(m: pyo.ConcreteModel, batches: pyo.Var) -> None:
    """A visit takes its load or its uploads, whichever is longer, and its inference (problems, fact 1).

    Where batches are limited, only the uploads of the first batch hide behind the load (problems, fact 4).
    """
    m.visit_time = pyo.Var(m.MODELS, domain=pyo.NonNegativeReals, doc="time that the visit of model j takes [u]")
    limited = batches is not m.visited
    if limited:
        m.later = pyo.Var(m.REQUESTS, bounds=(0, 1), doc="request k is not in the first batch")
        m.later_served = pyo.Constraint(
            m.REQUESTS,
            rule=lambda m, k: m.later[k] <= m.served[k],
            doc="only who is served is served later",
        )
        m.first_batch = pyo.Constraint(
            m.MODELS,
            rule=lambda m, j: (
                sum(m.served[k] - m.later[k] for k in m.REQUESTS_OF[j]) <= m.largest_batch[j] * m.visited[j]
            ),
            doc="the first batch is no larger either",
        )
    m.after_load = pyo.Constraint(
        m.MODELS,
        rule=lambda m, j: (
            m.visit_time[j]
            >= sum(m.load_time[i, j] * m.arc[i, j] for i in m.INTO[j])
            + (sum(m.upload[k] * m.later[k] for k in m.REQUESTS_OF[j]) if limited else 0.0)
            + m.setup[j] * batches[j]
            + sum(m.per_request[k] * m.served[k] for k in m.REQUESTS_OF[j])
        ),
        doc="inference follows the load",
    )
    m.after_upload = pyo.Constraint(
        m.MODELS,
        rule=lambda m, j: (
            m.visit_time[j]
            >= sum(m.upload[k] * m.served[k] for k in m.REQUESTS_OF[j])
            + m.setup[j] * batches[j]
            + sum(m.per_request[k] * m.served[k] for k in m.REQUESTS_OF[j])
        ),
        doc="inference follows the uploads",
    )
    m.in_time = pyo.Constraint(
        rule=lambda m: sum(m.visit_time[j] for j in m.MODELS) <= m.last, doc="all visits end by the deadline"
    )
