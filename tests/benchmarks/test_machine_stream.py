"""A plan of SLIDE that is streamed: pieces at their times, and layers that arrive and are computed in order."""

import dataclasses
import math
import time

import pytest

from partload.benchmarks.machine import stream
from partload.benchmarks.machine.run_clock import LONGEST_SLEEP_S, RunClock
from partload.instances import checking
from partload.instances.channels import FlatChannel
from partload.instances.errors import InputError
from partload.instances.slide import clock
from partload.instances.slide.instance import Downlink, Instance, Layer, Model, User
from partload.instances.slide.plan import Served
from partload.instances.slide.solution import Solution, records

LAYERS = (Layer(20_000.0, 4e6), Layer(0.0, 1e6), Layer(30_000.0, 2e6))
INSTANCE = Instance(
    "phones",
    Downlink(1e7),
    (Model("net", LAYERS),),
    tuple(User(name, ("net",), FlatChannel(1.0), 60.0, max_flop_per_s=1e8) for name in ("a", "b")),
)
PLAN = (Served("a", "net", 4e6, 1e8), Served("b", "net", 2e6, 5e7))
SOLUTION = Solution(instance="phones", users=records(INSTANCE, PLAN, clock.run(INSTANCE, PLAN)))


def test_layers_arrive_and_are_computed_as_planned_and_never_sooner():
    log = stream.replay(INSTANCE, SOLUTION)
    report = checking.check_measured(INSTANCE, log)
    assert report.feasible
    for record, planned in zip(log.users, SOLUTION.users):
        assert record.energy_j is None
        for name in ("download_end_s", "compute_end_s"):
            for measured, plan in zip(getattr(record, name), getattr(planned, name), strict=True):
                assert plan <= measured < plan + 1.0
    assert log.provenance is not None
    assert "HTTP" in log.provenance["replayed"]


def test_pieces_lie_in_one_layer_and_end_at_the_rate():
    sent = stream.Stream((10_000, 0, 3), (0.0, 0.0, 0.0), 1e6)
    pieces = list(stream.pieces(sent))
    assert sum(size for size, _ in pieces) == 10_003
    done, ends = 0, []
    for size, arrival in pieces:
        done += size
        ends.append(done)
        assert 0 < size <= 1e6 / 8 * stream.PIECE_S
        assert arrival == pytest.approx(8 * done / 1e6)
    assert 10_000 in ends


@pytest.mark.parametrize("layer", [Layer(0.5, 1.0)])
def test_parts_of_bytes_are_refused(layer: Layer):
    of = INSTANCE.replace(models=(Model("net", (layer,)),))
    with pytest.raises(InputError, match="expected layers of whole bytes"):
        stream.streams(of, Solution(instance="phones", users=records(of, PLAN, clock.run(of, PLAN))))


def test_more_users_than_a_machine_can_stream_to_are_refused():
    many = tuple(dataclasses.replace(INSTANCE.users[0], id=f"u{n}") for n in range(101))
    of = INSTANCE.replace(users=many)
    plan = tuple(Served(user.id, "net", 1e4, 1e8) for user in many)
    with pytest.raises(InputError, match="expected at most 100 users"):
        stream.streams(of, Solution(instance="phones", users=records(of, plan, clock.run(of, plan))))


def test_a_plan_that_breaks_a_rule_is_not_streamed():
    plan = (dataclasses.replace(PLAN[0], bandwidth_hz=2e7),)
    solution = Solution(instance="phones", users=records(INSTANCE, plan, clock.run(INSTANCE, plan)))
    with pytest.raises(InputError, match="expected a plan that keeps the rules"):
        stream.replay(INSTANCE, solution)


def test_rates_and_times_beyond_all_bounds(monkeypatch: pytest.MonkeyPatch):
    """A rate may be infinite, and Python cannot sleep for centuries at once."""
    assert list(stream.pieces(stream.Stream((3,), (0.0,), math.inf))) == [(3, 0.0)]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", sleep)
    with pytest.raises(KeyboardInterrupt):
        RunClock().wait_until(math.inf)
    assert slept == [LONGEST_SLEEP_S] * 2
