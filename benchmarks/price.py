"""The price of not knowing: what online policies serve in time, and the gap to the optimum or to a proven bound.

A policy is judged twice. Its plan has only requests in time, and drops the others; that is what its gap is of. Run on a
server that drops nobody, it serves some requests late: how late, the median and the 95th percentile tell.
"""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterable

import numpy as np

from partload import solvers
from partload.instances.errors import InputError
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan
from partload.instances.solution import relative_gap
from partload.instances.verdict import TOLERANCE
from partload.solvers.bounds import upper_bound, without_contradiction
from partload.solvers.methods import METHODS
from partload.solvers.partial_loading.policies.policy import Policy
from partload.solvers.registry import Limits, Method
from partload.solvers.selection import EXACT

POLICIES = tuple(method for method in METHODS if ".partial_loading.policies." in method.module)
SEARCH = "local-search"
SEARCH_S = 1.0
"""Time limit of the local search."""


@dataclasses.dataclass(frozen=True)
class Lateness:
    """A policy on a server that drops nobody."""

    in_time: int
    late: int
    never: int
    """Requests that are not served at all: their model was left and may not be visited again, or does not fit."""
    median_s: float | None
    """Of those that are late, by how much; None without any."""
    percentile_95_s: float | None


@dataclasses.dataclass(frozen=True)
class Line:
    """A method."""

    method: str
    requests_served: int
    weight_served: float
    gap: float | None
    """(bound - weight served) / bound; 0 when the bound is 0."""
    loaded_bytes: float
    lateness: Lateness | None
    """None for methods that are no online policies: what they leave out, they know not to serve."""


@dataclasses.dataclass(frozen=True)
class Price:
    """A table of policies."""

    instance: str
    requests: int
    weight: float
    bound: float
    """The least proven upper bound on the weight served; the optimum where ``optimum`` says so."""
    optimum: bool
    lines: tuple[Line, ...]
    refused: tuple[str, ...]
    """Methods that do not cover the instance, and why."""
    interrupted: bool = False
    """Whether Ctrl-C ended it: the methods left did not run, and the last one has the best plan that it had found."""


def price(instance: Instance, *, time_limit: float | None = None, seed: int | None = None) -> Price:
    """Run every online policy that covers an instance, a local search, and an exact method; Ctrl-C ends them all.

    Parameters
    ----------
    instance
        An instance of PartialLoading, such as ``partload trace`` makes.
    time_limit
        Seconds for the exact method.
    seed
        For the local search and the exact method.
    """
    if not isinstance(instance, Instance):
        raise InputError("expected an instance of partial-loading, whose requests arrive", source="price")
    Limits(time_limit=time_limit, seed=seed)  # Refuses what is out of range.
    limits, refused, lines, interrupted = Limits(), [], [], False
    bounds = [upper_bound(instance)]
    for method in POLICIES:
        missing = method.unsupported(instance, limits)
        if missing:
            refused.append(f"{method.name} does not cover {', '.join(missing)}")
            continue
        found = solvers.solve(instance, method.name)
        if interrupted := found.termination == "interrupted":
            break  # A policy that has not ended says nothing.
        lines.append(_line(instance, method.name, found.plan(), _late(instance, method)))
    for name, limit in ((SEARCH, SEARCH_S), (EXACT, time_limit)):
        if interrupted:
            break
        try:
            found = solvers.solve(instance, name, time_limit=limit, seed=seed)
        except InputError as error:  # Too large for every exact method: the bound is that of the knapsacks.
            refused.append(f"{name}: {str(error).partition(';')[0]}")  # Behind it stands advice for other commands.
            continue
        lines.append(_line(instance, name, found.plan(), None))
        bounds += [] if found.bound is None else [found.bound]
        interrupted = found.termination == "interrupted"
    best = max((line.weight_served for line in lines), default=0.0)
    bound = without_contradiction(min(bounds), best)
    if bound is None:
        raise InputError(f"expected no plan above the bound {min(bounds)!r}, one serves {best!r}", source="price")
    judged = (dataclasses.replace(line, gap=relative_gap(line.weight_served, bound)) for line in lines)
    total = float(instance.arrays.weight.sum())
    reached = bound - best <= TOLERANCE * bound
    return Price(
        instance.name, len(instance.requests), total, bound, reached, tuple(judged), tuple(refused), interrupted
    )


def _line(instance: Instance, name: str, plan: Plan, lateness: Lateness | None) -> Line:
    served = [request for slot in plan for request in slot.requests]
    weight = float(instance.arrays.weight[instance.positions(served)].sum())
    return Line(name, len(served), weight, None, _bytes(instance, clock.loads(instance, plan).loaded), lateness)


def _bytes(instance: Instance, loaded: Iterable[frozenset[str]]) -> float:
    return float(sum(instance.size_of(blocks) for blocks in loaded))


def _late(instance: Instance, method: Method) -> Lateness:
    """How late a policy serves those that its plan would drop."""
    policy: Policy = importlib.import_module(method.module).METHOD
    late, served = [np.empty(0)], 0
    for dispatch in policy.serve_late(instance):
        if dispatch.end_s == np.inf:
            break  # Its input takes longer than all doubles, and the others wait behind it.
        due = instance.arrays.deadline_s[dispatch.rows]
        late.append((dispatch.end_s - due)[dispatch.end_s > due * (1 + TOLERANCE)])
        served += len(dispatch.rows)
    by = np.concatenate(late)
    median, most = (float(np.percentile(by, percent)) if len(by) else None for percent in (50, 95))
    return Lateness(served - len(by), len(by), len(instance.requests) - served, median, most)
