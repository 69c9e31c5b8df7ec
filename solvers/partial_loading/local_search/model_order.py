"""Local search over the order of models, where the order is all that there is to decide.

Where the method ``sequence`` applies, the best number of requests of each model follows from an order by a price of
time (``sequence.filling``), and the value of an order is a sum over neighbours. So all moves of a kind are valued at
once, and a hundred models with ten thousand requests take about a second. No linear programme is solved.
"""

from __future__ import annotations

from collections.abc import Callable

from partload.instances.features import unsupported
from partload.instances.partial_loading.features import features
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from partload.solvers.partial_loading.methods import ORDERS
from partload.solvers.partial_loading.sequence.incumbent import Incumbent
from partload.solvers.partial_loading.sequence.legs import legs
from partload.solvers.partial_loading.sequence.method import too_large
from partload.solvers.partial_loading.sequence.network import network

PRICE = 0.6
"""Price of time, in units that the first plan serves per deadline. Multiples of it are searched at the same time."""
RESTARTS = 60
"""New starts in a row without a better plan after which the search ends."""
MOST_WORK = 1e8
"""Numbers to compute before the search can begin, at most: about a second."""


def covers(instance: Instance) -> bool:
    """Whether the order of models is all that there is to decide."""
    return not unsupported(features(instance), ORDERS) and not too_large(instance, MOST_WORK)


def search(
    instance: Instance, plan: Plan, seed: int | None, keep: Callable[[Plan], None], stops: Callable[[], bool]
) -> None:
    """Search from the order of a plan.

    Parameters
    ----------
    instance
        An instance that ``covers`` accepts.
    plan
        A feasible plan.
    seed
        Of the random numbers; None for 0.
    keep
        Is given each plan that serves more than all before it; the checker has accepted it.
    stops
        Whether to end now.
    """
    models = network(instance)
    columns = legs(models)
    if not len(columns):
        return
    incumbent = Incumbent(instance, models, columns, seed, lambda: keep(incumbent.plan))
    node = {name: at for at, name in enumerate(models.models)}
    order = list(dict.fromkeys(node[slot.model] for slot in plan))
    incumbent.keep(order)
    price = PRICE * max(incumbent.served, 1)
    incumbent.search(order, price, incumbent.restarts(RESTARTS), stops)
