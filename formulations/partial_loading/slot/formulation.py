r"""Slot formulation of PartialLoading: what runs in the first slot, in the second, in the third.

**Kind.** Exact. **Covers** flat channels; residency `previous` and `cached`; visits `once` and `any`; uplink `slotted`
and `pipelined`; arrivals, deadlines and weights of each request; memory, batch limits, blocks resident at time 0, load
latency.

**Idea.** Given the slots, the best division of the band is known in closed form (problems, fact 1), so bandwidth
disappears and what remains is linear. With residency `previous` a slot finds the blocks of the model before it, so the
variables are *moves* from one model to the next, and each move has a known load. A formulation with a variable per
block would have weaker loads: a fractional point could load half of each block. With residency `cached` and visits
`any` nothing depends on moves, and there are none.

| symbol | name | meaning | unit |
|---|---|---|---|
| x_{n,i} | `run` | 1 if slot n runs model i; slot 0 is the state before time 0 | 1 |
| w_{n,i,j} | `move` | 1 if slot n runs model j and the slot before it ran i | 1 |
| y_{n,k} | `serve` | 1 if slot n serves request k | 1 |
| z_k | `served` | 1 if request k is served | 1 |
| ell_n | `loading` | time slot n spends loading | u |
| c_n | `inference` | time slot n spends on inference | u |
| e_n | `end` | end of slot n | u |
| v_n | `uploaded` | pipelined: time at which the inputs of the first n slots are here | u |
| h_{n,p} | `urgent` | 1 if slot n serves a request due at or before the p-th deadline | 1 |
| kappa_{n,i} | `batches` | batches of model i in slot n, where a slot stands for a whole visit | 1 |
| y^_{n,k} | `later` | there: 1 if request k is not in the first batch | 1 |
| T_i | `visit_time` | slotted: time spent on model i | u |
| R_{n,b} | `resident` | cached: 1 if block b is in memory during slot n | 1 |
| f_{n,b} | `fetched` | cached: 1 if slot n loads block b | 1 |
| g_n | `touched` | cached: 1 if slot n loads anything | 1 |

Unit: u is a hundredth of the last deadline; 1 is a pure number.

**Equations** (slotted, previous; the others exchange one part each, see `partload explain slot INSTANCE`)

    max   sum_k omega_k z_k
    s.t.  z_k = sum_n y_{n,k},     y_{n,k} <= x_{n,m(k)},     sum_k y_{n,k} >= sum_i x_{n,i}
          sum_i w_{n,i,j} = x_{n,j},     sum_j w_{n,i,j} <= x_{n-1,i},     once: sum_n (x_{n,i} - w_{n,i,i}) <= 1
          ell_n = sum_{i,j} L_{i,j} w_{n,i,j},     c_n = sum_i alpha_i x_{n,i} + sum_k beta_k y_{n,k}
          e_n >= e_{n-1} + ell_n + c_n,     e_n >= e_{n-1} + sum_k u_k y_{n,k} + c_n  with u_k = a_k / B
          e_n >= r_k y_{n,k} + sum_q u_q y_{n,q} + c_n  for r_k > 0
          e_n + sum_p (D_{p+1} - D_p) h_{n,p} <= D_last,     h_{n,p} >= y_{n,k} for d_k <= D_p

**How many slots.** Every slot serves a request and takes time; N is the largest n for which n slots can end by the
last deadline. `SlotData.soonest_end` has the bound and its proof; y_{n,k} exists only where slot n can end by d_k.

**Valid inequalities.** Some optimal plan satisfies all of them. Their proofs are beside the constraints in
`valid_inequalities`, or with the property of `SlotData` from which they are made.

- Requests of a model in their order: exchanging two requests never hurts (`SlotData.better`).
- One slot for a whole visit, where slots in a row can be one (`SlotData.mergeable`).
- The time spent on each model covers its loads and its uploads, and all visits end by the last deadline.
- No move from i to j and back, with visits `once`.
- Blocks of a visited model were loaded, or resident at time 0.
- Requests due by a deadline take no more time than there is until then.
"""

from __future__ import annotations

from collections.abc import Collection

from partload.formulations.partial_loading.slot.built import SlotModel
from partload.formulations.partial_loading.slot.data import SlotData
from partload.formulations.partial_loading.slot.schedule import schedule
from partload.formulations.partial_loading.slot.symbols import SYMBOLS
from partload.formulations.partial_loading.slot.uplinks import add_uploads
from partload.formulations.partial_loading.slot.valid_inequalities import REFORMULATIONS, TIGHTENINGS
from partload.formulations.templates import constraints_as_templates
from partload.instances.partial_loading.instance import Instance
from partload.instances.verdict import TOLERANCE

__all__ = ["REFORMULATIONS", "SYMBOLS", "TIGHTENINGS", "build", "derivation"]

derivation = None


def build(
    instance: Instance, *, slack: float = TOLERANCE, tightenings: Collection[str] = tuple(TIGHTENINGS)
) -> SlotModel:
    """Build the Pyomo model of an instance.

    Parameters
    ----------
    instance
        An instance whose features the formulation supports.
    slack
        Relative amount by which deadlines are moved, see ``SlotData``.
    tightenings
        Keys of ``TIGHTENINGS`` to use.

    Raises
    ------
    InputError
        When the model would have more than ``MOST_PARTS`` variables and constraints, or a feature is not supported.
    """
    data = SlotData(instance, slack, merge="merge" in tightenings)
    with constraints_as_templates():
        model = schedule(data, tightenings)
        add_uploads(model, data)
    return SlotModel(model, data)
