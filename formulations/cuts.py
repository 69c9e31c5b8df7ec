"""What the exact driver adds to a model while it solves: sets that cannot be served, plans it knows, a cutoff.

These constraints speak only of who is served, so they are the same for every formulation of every problem. ``Served``
maps each id to its expression in the model, 1 where it is served. Weights are in units, as in the objective.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping

import pyomo.environ as pyo

Served = Mapping[str, pyo.Expression]
"""From the id of a request or user to the Pyomo expression that is 1 if it is served, else 0."""


def constraint_list(model: pyo.ConcreteModel, name: str, doc: str) -> pyo.ConstraintList:
    """The list of constraints of that name in a model, which is added when it is first asked for."""
    if model.component(name) is None:
        model.add_component(name, pyo.ConstraintList(doc=doc))
    return model.component(name)


def forbid_plan(model: pyo.ConcreteModel, differences: Iterable[pyo.Expression]) -> None:
    """Exclude every plan that differs nowhere from one that only seemed feasible.

    Parameters
    ----------
    model
        A model.
    differences
        Expressions that are 1 where a plan differs from that one, else 0 or less.
    """
    constraint_list(model, "forbidden", "plans that only seemed feasible").add(pyo.quicksum(differences) >= 1)


def forbid_together(model: pyo.ConcreteModel, served: Served, ids: Collection[str]) -> None:
    """Exclude every plan that serves all of these. Valid where no plan serves them all, whatever else it does."""
    never = constraint_list(model, "never_together", "requests that no plan serves together")
    never.add(pyo.quicksum(1 - served[k] for k in ids) >= 1)


def forbid_dominated(
    model: pyo.ConcreteModel, served: Served, weight: Mapping[str, float], ids: Collection[str]
) -> bool:
    """Exclude every plan that serves, of each weight, no more than a known plan serves of it.

    Such a plan is worth no more than the known one. All others serve more of some weight c: n_c >= n*_c + 1. With one
    request for each weight that says that somebody else is served.

        sum_c u_c >= 1,    n_c >= (n*_c + 1) u_c,    u_c binary

    Returns
    -------
    Whether any other plan is left: not so where the known one serves everybody.
    """
    classes: dict[float, list[str]] = defaultdict(list)
    for k in served:
        classes[weight[k]].append(k)
    known = Counter(weight[k] for k in ids)
    known_plans = constraint_list(model, "known_plans", "plans other than those already known")
    if model.component("more_of") is None:
        model.more_of = pyo.VarList(domain=pyo.Binary)
    choices = []
    for value, members in classes.items():
        if known[value] == len(members):
            continue  # Nobody else has this weight.
        if len(members) == 1:
            choices.append(served[members[0]])
            continue
        more = model.more_of.add()
        known_plans.add(pyo.quicksum(served[k] for k in members) >= (known[value] + 1) * more)
        choices.append(more)
    if choices:
        known_plans.add(pyo.quicksum(choices) >= 1)
    return bool(choices)


def demand(model: pyo.ConcreteModel, served: Served, weight: Mapping[str, float], least: float) -> None:
    """Ask for plans worth at least so much, in units; a later call with another value replaces the one before."""
    if model.component("cutoff") is None:
        model.least_weight = pyo.Param(mutable=True, initialize=least)
        model.cutoff = pyo.Constraint(
            expr=pyo.quicksum(weight[k] * term for k, term in served.items()) >= model.least_weight,
            doc="plans worth at least so much",
        )
    model.least_weight.set_value(least)
