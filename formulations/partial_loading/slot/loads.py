"""The slot formulation's loads: how long slot n spends loading, for each residency.

With ``previous`` a slot finds the blocks of the model before it, so each move from model to model has a known load.
With ``cached`` it finds what was kept, so each block has variables of its own: resident, and fetched.
"""

from __future__ import annotations

import pyomo.environ as pyo

from partload.formulations.partial_loading.slot.data import NEVER, SlotData

MEMORY = 1000.0
"""The memory, in the formulation's unit of size."""


def load_previous(m: pyo.ConcreteModel, data: SlotData) -> None:
    """A slot finds the blocks of the model before it: the load of a move is known."""
    sets = data.instance.block_sets
    before = {data.start: frozenset(data.instance.server.resident_blocks)} | {i: sets[i] for i in data.models}
    m.load_time = pyo.Param(
        m.STATES,
        m.MODELS,
        initialize={(i, j): data.load(before[i], j) for i in before for j in data.models},
        doc="time to load model j when the blocks of i are resident [u]",
    )
    m.loading = pyo.Var(m.SLOTS, domain=pyo.NonNegativeReals, doc="time slot n spends loading [u]")
    m.loading_time = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: m.loading[n] == sum(m.load_time[i, j] * m.move[n, i, j] for i in m.STATES for j in m.MODELS),
        doc="time to load what is missing",
    )


def load_cached(m: pyo.ConcreteModel, data: SlotData) -> None:
    """A slot finds what was kept; it loads the blocks of its model that are not in memory."""
    instance, server = data.instance, data.instance.server
    m.BLOCKS = pyo.Set(dimen=1, initialize=tuple(data.blocks), doc="blocks; those that always occur together are one")
    users = {b: [i for i in data.models if b in instance.block_sets[i]] for b in data.blocks}
    per_byte = 1 / (server.load_rate_bytes_per_s * data.unit_s)
    size = {first: instance.size_of(group) for first, group in data.blocks.items()}
    m.USERS_OF = pyo.Set(m.BLOCKS, dimen=1, initialize=users, doc="models that use block b")
    m.block_time = pyo.Param(
        m.BLOCKS, initialize={b: min(size[b] * per_byte, NEVER) for b in size}, doc="time to load a block [u]"
    )
    m.latency = pyo.Param(
        mutable=True,
        initialize=min(server.load_latency_s / data.unit_s, NEVER),
        doc="time lost by loading anything [u]",
    )
    m.resident = pyo.Var(m.POINTS, m.BLOCKS, domain=pyo.Binary, doc="block b is in memory during slot n")
    m.fetched = pyo.Var(m.SLOTS, m.BLOCKS, bounds=(0, 1), doc="slot n loads block b")
    m.touched = pyo.Var(m.SLOTS, bounds=(0, 1), doc="slot n loads anything")
    m.loading = pyo.Var(m.SLOTS, domain=pyo.NonNegativeReals, doc="time slot n spends loading [u]")
    for b in m.BLOCKS:
        m.resident[0, b].fix(int(b in server.resident_blocks))
    m.needed = pyo.Constraint(
        m.SLOTS,
        m.BLOCKS,
        rule=lambda m, n, b: m.resident[n, b] >= sum(m.run[n, i] for i in m.USERS_OF[b]),
        doc="the blocks of the model that runs are resident",
    )
    m.origin = pyo.Constraint(
        m.SLOTS,
        m.BLOCKS,
        rule=lambda m, n, b: m.resident[n, b] <= m.resident[n - 1, b] + sum(m.run[n, i] for i in m.USERS_OF[b]),
        doc="what is resident was so before or belongs to the model that runs",
    )
    m.missing = pyo.Constraint(
        m.SLOTS,
        m.BLOCKS,
        rule=lambda m, n, b: m.fetched[n, b] >= sum(m.run[n, i] for i in m.USERS_OF[b]) - m.resident[n - 1, b],
        doc="what was not resident is loaded",
    )
    m.COSTLY = pyo.Set(
        dimen=1,
        initialize=tuple(data.blocks) if server.load_latency_s > 0 else (),
        doc="blocks whose loading costs the latency",
    )
    m.touch = pyo.Constraint(
        m.SLOTS,
        m.COSTLY,
        rule=lambda m, n, b: m.touched[n] >= m.fetched[n, b],
        doc="loading anything costs the latency",
    )
    m.loading_time = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: (
            m.loading[n] == m.latency * m.touched[n] + sum(m.block_time[b] * m.fetched[n, b] for b in m.BLOCKS)
        ),
        doc="time to load what is missing",
    )
    if data.memory_bytes is None:
        # Without a limit on memory a plan gains nothing by dropping a block.
        m.keep = pyo.Constraint(
            m.SLOTS,
            m.BLOCKS,
            rule=lambda m, n, b: m.resident[n, b] >= m.resident[n - 1, b],
            doc="without a limit on memory everything is kept",
        )
        return
    activation = {model.id: model.activation_bytes_per_request for model in instance.models}
    # The solver's tolerance becomes a relative 1e-12: single bytes count up to hundreds of gigabytes.
    scale = data.memory_bytes / MEMORY
    m.block_size = pyo.Param(
        m.BLOCKS,
        initialize={b: size[b] / scale for b in size},
        doc="size of a block, in thousandths of the memory [M/1000]",
    )
    m.activation = pyo.Param(
        m.REQUESTS,
        initialize={k: activation[data.model_of[k]] / scale for k in data.requests},
        doc="activations of a request, in thousandths of the memory [M/1000]",
    )
    m.memory = pyo.Constraint(
        m.SLOTS,
        rule=lambda m, n: (
            sum(m.block_size[b] * m.resident[n, b] for b in m.BLOCKS)
            + sum(m.activation[k] * m.serve[n, k] for k in m.OFFERED[n])
            <= MEMORY
        ),
        doc="resident blocks and activations fit into memory",
    )


LOADS = {"previous": load_previous, "cached": load_cached}
"""The constraints of each residency."""
