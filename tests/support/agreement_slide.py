"""Whether the exact methods of SLIDE agree with the oracle on an instance, and closed forms with convex problems."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.slide import clock
from partload.instances.slide.checker import check_plan, objective
from partload.instances.slide.instance import Downlink, Frequency, Instance, Layer, Model, User
from partload.instances.slide.provisioning import plan_of
from partload.solvers.methods import method as registered
from partload.solvers.registry import Limits, Outcome
from partload.solvers.slide import admission, knapsack_dynamic
from partload.solvers.slide.bandwidth.rederivation import rederived
from partload.solvers.slide.exact import milp
from tests.support import blind
from tests.support.agreement import WITHIN, Comparison
from tests.support.brute_force_slide import optimum


def compared(instance: Instance) -> Comparison:
    """Every exact method on an instance of the oracle's size, held against the oracle and the checker.

    The MINLP, and once the MILP too, are given no bound and no plan to begin with.
    """
    best, _ = optimum(instance)
    difference, problems = 0.0, []
    for name, outcome in _outcomes(instance):
        value, bound = objective(instance, outcome.plan), outcome.bound or 0.0
        off = max(abs(value - best), abs(bound - best)) / max(best, 1.0)
        difference = max(difference, off)
        report = check_plan(instance, outcome.plan)
        if not report.feasible:
            problems.append(f"{instance.name}: {name}: infeasible: {report.violations[0]}")
        if off > WITHIN or outcome.termination != "proved":
            said = f"objective {value:.17g}, bound {bound:.17g}, {outcome.termination}, optimum {best:.17g}"
            problems.append(f"{instance.name}: {name}: {said}")
    return Comparison(difference, tuple(problems))


def _outcomes(instance: Instance) -> Iterator[tuple[str, Outcome]]:
    if not registered("slide", "admission").unsupported(instance, Limits()):
        yield "admission", admission.run(instance, Limits())
    yield "knapsack-dynamic", knapsack_dynamic.run(instance, Limits())
    yield "milp highs", milp.run(instance, Limits())
    yield "milp scip", blind.outcome(blind.blindly(instance, "provisioning", "scip"))
    yield "minlp scip", blind.outcome(blind.blindly(instance, "recursion", "scip"))


class Derivation(NamedTuple):
    """The least bandwidth of one random user, derived both ways."""

    relative_difference: float
    kkt: float


def derivation(seed: int, frequency: Frequency, most_layers: int = 30) -> Derivation:
    """Least bandwidth of the random user of a seed: closed form against CVXPY."""
    instance = random_user(seed, frequency, most_layers)
    plan = plan_of(instance, [("u", "m")])
    found = rederived(instance, plan, clock.run(instance, plan))[0]
    return Derivation(found.difference, found.kkt)


def random_user(seed: int, frequency: Frequency, most_layers: int = 30) -> Instance:
    """A user who can be served: up to so many layers, a budget that binds in most, signal-to-noise from 1e-2 to 1e4."""
    random = Random(f"user {frequency} {seed}")
    sizes = [10 ** random.uniform(4, 7) for _ in range(random.randint(1, most_layers))]
    works = [10 ** random.uniform(8, 10) * random.choice((1.0, 1.0, 1.0, 0.0)) for _ in sizes]
    works[-1] = works[-1] or 1e9
    most = 10 ** random.uniform(10, 11)
    speed = random.uniform(0.3, 1.2) * most
    deadline = sum(works) / min(speed, most) * random.uniform(1.1, 5)
    coefficient = 10 ** random.uniform(-29, -27)
    budget = coefficient * sum(works) * speed**2
    rate = 8 * sum(sizes) / deadline
    channel = random.choice(
        (FlatChannel(random.uniform(0.5, 8)), PowerLimitedChannel(rate * 10 ** random.uniform(1.3, 4)))
    )
    least = random.choice((0.0, 0.0, random.uniform(0.1, 0.9) * min(speed, most)))
    user = User("u", ("m",), channel, deadline, most, least, energy_budget_j=budget, energy_coefficient=coefficient)
    layers = tuple(Layer(size, work) for size, work in zip(sizes, works))
    return Instance(f"user-{seed}", Downlink(1e9), (Model("m", layers),), (user,), frequency)
