"""The checker of measured runs: when layers arrived and were computed, beside what the clock predicts.

A log is a solution whose users state the times that were measured. Rules of decisions are those of the checker. Layers
have to arrive and to be computed in order, and none is computed before it is there. Deadlines are compared with the
ends measured, and budgets with the energy measured where ``energy_j`` states one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from partload.instances import measured
from partload.instances.errors import InputError
from partload.instances.measured import Cause, MeasuredReport, Row
from partload.instances.numbers import exact
from partload.instances.slide import checker, clock
from partload.instances.slide.instance import Instance
from partload.instances.slide.solution import Solution, UserRecord
from partload.instances.verdict import Violation, check_values, exceeds, identity

CAUSES = ("download", "compute")


def check(instance: Instance, solution: Solution) -> MeasuredReport:
    """Judge a measured run.

    Raises
    ------
    InputError
        When a user does not state a time for each layer.
    """
    report = checker.check_plan(instance, solution.plan())
    stated = {f"users[{n}]" for n, user in enumerate(solution.users) if user.energy_j is not None}
    decisions = [
        violation
        for violation in report.violations
        if violation.rule != "deadline" and not (violation.rule == "energy" and violation.place in stated)
    ]
    violations = [*identity(instance, solution), *decisions]
    if report.times is None or report.objective is None:
        return MeasuredReport(tuple(violations), None, ())
    rows = []
    for n, user in enumerate(solution.users):
        place = f"users[{n}]"
        model = instance.models[instance.model_index[user.model]]
        download = _times(f"{place}.download_end_s", user.download_end_s, len(model.layers))
        compute = _times(f"{place}.compute_end_s", user.compute_end_s, len(model.layers))
        violations += _order(place, download, compute)
        violations += _limits(instance, user, place, compute[-1])
        if not any(violation.rule == "download" for violation in decisions):
            rows.append(_row(place, user, (download, compute), report.times, n))
    violations += check_values(solution, report.objective, empty=not solution.users)
    return MeasuredReport(tuple(violations), report.objective, measured.comparable(tuple(rows)))


def _times(place: str, stated: tuple[float, ...] | None, layers: int) -> tuple[float, ...]:
    if stated is None or len(stated) != layers:
        got = "none" if stated is None else len(stated)
        raise InputError(f"expected the time measured for each of {layers} layers, got {got}", place)
    return stated


def _order(place: str, download: Sequence[float], compute: Sequence[float]) -> Iterator[Violation]:
    for name, times in (("download_end_s", download), ("compute_end_s", compute)):
        for layer, (earlier, time) in enumerate(pairwise(times), 1):
            yield from measured.before(f"{place}.{name}[{layer}]", (), "order", ("the layer before", earlier), time)
    for layer, (here, done) in enumerate(zip(download, compute)):
        yield from measured.before(f"{place}.compute_end_s[{layer}]", (), "order", ("its download ended", here), done)


def _limits(instance: Instance, record: UserRecord, place: str, end: float) -> Iterator[Violation]:
    user = instance.users[instance.user_index[record.id]]
    if exceeds(end, user.deadline_s):
        problem = f"ended at {exact(end)} s, user {user.id!r} was due at {exact(user.deadline_s)} s"
        yield Violation("deadline", place, (user.id,), end - user.deadline_s, problem)
    used, budget = record.energy_j, user.energy_budget_j
    if used is not None and budget is not None and exceeds(used, budget):
        problem = f"{exact(used)} J measured of {exact(budget)}"
        yield Violation("energy", place, (user.id,), used - budget, problem)


def _spent(download: Sequence[float], compute: Sequence[float]) -> list[float]:
    """Seconds that each layer computes, from when it is there and the one before it is done."""
    return [end - max(earlier, here) for earlier, here, end in zip((0.0, *compute), download, compute)]


def _row(
    place: str, user: UserRecord, times: tuple[Sequence[float], Sequence[float]], said: clock.Times, number: int
) -> Row:
    download, compute = times
    arrived, done = said.download_end_s[number].tolist(), said.compute_end_s[number].tolist()
    spent = _spent(arrived, done)
    with_downloads = 0.0
    for here, seconds in zip(download, spent):
        with_downloads = max(with_downloads, here) + seconds
    causes = {
        "download": Cause(arrived[-1], download[-1]),
        "compute": Cause(sum(spent), sum(_spent(download, compute))),
    }
    steps = (done[-1], with_downloads, compute[-1])
    return Row(place, user.id, causes, Cause(done[-1], compute[-1]), measured.shares(steps, CAUSES))
