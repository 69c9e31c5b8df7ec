"""Least bandwidths of the static uplink: by hand, never beaten by another division, accepted whenever any can be."""

import dataclasses
import math
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partload.instances.channels import ChannelArrays, FlatChannel, PowerLimitedChannel, rate
from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.instances.partial_loading.plan import Plan, Slot
from partload.instances.partial_loading.static import latest_ready_s, with_least_bandwidths
from tests.support.own_rules import broken_by_plan
from tests.support.random_instances import instances

FLAT = FlatChannel(1.0)


def static(
    requests: tuple[Request, ...], band: float, models: tuple[Model, ...] | None = None, blocks: tuple[Block, ...] = ()
) -> Instance:
    models = models or (Model("m", (), 0.0, 0.0),)
    return Instance("static", Server(band, 1.0, uplink="static"), blocks, models, requests)


# Loads 2 s and 3 s, batches 1 s each.
BLOCKS = (Block("p", 2.0), Block("q", 3.0))
MODELS = (Model("x", ("p",), 1.0, 0.0), Model("y", ("q",), 0.0, 1.0))
PLAN = (Slot("x", ("x1",)), Slot("y", ("y1",)))


def two_slots(x_bits: float, y_bits: float, x_due: float, y_due: float, band: float) -> Instance:
    asked = (Request("x1", "x", x_bits, FLAT, x_due), Request("y1", "y", y_bits, FLAT, y_due))
    return static(asked, band, MODELS, BLOCKS)


def shares(plan: Plan) -> dict[str, float]:
    return {name: share for slot in plan for name, share in (slot.bandwidth_hz or {}).items()}


def test_the_later_slot_holds_the_earlier_one_back():
    """y is due at 9, so ready at 8 at the latest and loading from 5: x is ready at 4, though it is due at 7 only."""
    instance = two_slots(8.0, 16.0, 7.0, 9.0, band=4.0)
    assert latest_ready_s(instance, PLAN).tolist() == [4, 8]
    decided = with_least_bandwidths(instance, PLAN)
    assert shares(decided) == {"x1": 2.0, "y1": 2.0}
    report = check_plan(instance, decided)
    assert report.feasible
    assert report.times is not None
    assert report.times.end_s.tolist() == [5, 9]
    assert {v.rule for v in check_plan(instance.replace(bandwidth_hz=3.999), decided).violations} == {"bandwidth"}


def test_an_own_deadline_counts_too():
    instance = two_slots(8.0, 16.0, 4.0, 9.0, band=5.0)
    assert latest_ready_s(instance, PLAN).tolist() == [3, 8]
    assert shares(with_least_bandwidths(instance, PLAN)) == pytest.approx({"x1": 8 / 3, "y1": 2.0}, rel=1e-15)


def test_the_empty_plan():
    assert latest_ready_s(two_slots(1.0, 1.0, 9.0, 9.0, 1.0), ()).shape == (0,)
    assert with_least_bandwidths(two_slots(1.0, 1.0, 9.0, 9.0, 1.0), ()) == ()


def test_without_bits_ready_at_time_0_is_early_enough():
    instance = static((Request("r", "m", 0.0, FLAT, 3.0),), 1.0, (Model("m", (), 3.0, 0.0),))
    decided = with_least_bandwidths(instance, (Slot("m", ("r",)),))
    assert latest_ready_s(instance, decided).tolist() == [0]
    assert shares(decided) == {"r": 0}
    assert check_plan(instance, decided).feasible


def test_bits_with_no_time_to_send_them_are_rejected():
    instance = static((Request("r", "m", 1.0, FLAT, 3.0),), 1.0, (Model("m", (), 3.0, 0.0),))
    decided = with_least_bandwidths(instance, (Slot("m", ("r",)),))
    assert shares(decided) == {"r": math.inf}
    assert {v.rule for v in check_plan(instance, decided).violations} == {"bandwidth"}


def test_a_rate_above_the_ceiling_is_rejected():
    instance = static((Request("r", "m", 10.0, PowerLimitedChannel(1.0), 3.0),), 1e12)
    decided = with_least_bandwidths(instance, (Slot("m", ("r",)),))
    assert shares(decided) == {"r": math.inf}
    assert "bandwidth" in {v.rule for v in check_plan(instance, decided).violations}


def test_loads_that_are_too_long_are_rejected_by_the_deadline():
    instance = two_slots(0.0, 0.0, 9.0, 6.5, band=1.0)
    decided = with_least_bandwidths(instance, PLAN)
    assert [v.rule for v in check_plan(instance, decided).violations] == ["deadline"]


def test_durations_beyond_all_doubles_are_rejected_too():
    instance = two_slots(1.0, 1.0, 9.0, 9.0, band=1.0).replace(load_rate_bytes_per_s=1e-320)
    decided = with_least_bandwidths(instance, PLAN)
    assert not check_plan(instance, decided).feasible
    assert not check_plan(instance, with_least_bandwidths(instance, (*PLAN, Slot("x", ())))).feasible


def test_a_small_time_left_by_large_ones_keeps_its_digits():
    """x may be ready at 1e-6: the difference of much larger times, each of which ends in a tie with its deadline."""
    count = 1000
    models = (Model("x", (), 0.0, 0.0), *(Model(f"m{n}", (), 0.1, 0.0) for n in range(count)))
    due = float(Fraction(1, 10**6) + count * Fraction(0.1))
    asked = (Request("x", "x", 1e-6, FLAT, due), *(Request(f"r{n}", f"m{n}", 0.0, FLAT, due) for n in range(count)))
    plan = (Slot("x", ("x",)), *(Slot(f"m{n}", (f"r{n}",)) for n in range(count)))
    instance = static(asked, 1.0, models)
    exact = Fraction(due) - count * Fraction(0.1)
    assert Fraction(latest_ready_s(instance, plan)[0]) == pytest.approx(exact, rel=1e-15)
    decided = with_least_bandwidths(instance, plan)
    assert check_plan(instance.replace(bandwidth_hz=float(Fraction(1e-6) / exact)), decided).feasible


@pytest.mark.parametrize("ready_s", [1.0, 0.1, 1 / 3, 12345.6])
@pytest.mark.parametrize("snr_hz", [10.0**n for n in range(-6, 8)])
def test_the_whole_band_in_a_tie_just_below_the_ceiling(snr_hz, ready_s):
    """Three requests on 9 MHz that can just be served, at up to 1 - 1e-13 of their ceilings.

    There the rate in doubles does not say the bandwidth within 1e-9 any more.
    """
    shares = [2e6, 3e6, 4e6]
    channel = PowerLimitedChannel(snr_hz)
    rates = rate(ChannelArrays.of([channel] * 3), np.array(shares))
    requests = tuple(Request(f"r{k}", "m", bits, channel, ready_s) for k, bits in enumerate((rates * ready_s).tolist()))
    instance = static(requests, 9e6)
    report = check_plan(instance, with_least_bandwidths(instance, (Slot("m", ("r0", "r1", "r2")),)))
    assert report.violations == ()


def test_a_channel_60_db_worse_takes_what_it_needs():
    """Both just in time; the weak one 0.01 % below its ceiling on nearly the whole band."""
    weak, strong = PowerLimitedChannel(1e3), PowerLimitedChannel(1e9)
    bits = rate(ChannelArrays.of([weak, strong]), np.array([5e6, 1e5]))
    requests = tuple(Request(f"r{k}", "m", d, c, 1.0) for k, (d, c) in enumerate(zip(bits.tolist(), (weak, strong))))
    instance = static(requests, 5.1e6)
    decided = with_least_bandwidths(instance, (Slot("m", ("r0", "r1")),))
    assert shares(decided) == {"r0": pytest.approx(5e6, rel=1e-9), "r1": pytest.approx(1e5, rel=1e-12)}
    assert check_plan(instance, decided).feasible


def test_a_thousand_requests_hold_a_thousandth_each():
    requests = tuple(Request(f"r{k}", "m", 0.01 * (k + 1), FLAT, float(k + 1)) for k in range(1000))
    instance = static(requests, 10.0)
    decided = with_least_bandwidths(instance, tuple(Slot("m", (f"r{k}",)) for k in range(1000)))
    assert list(shares(decided).values()) == pytest.approx([0.01] * 1000, rel=1e-15)
    assert check_plan(instance, decided).feasible


def any_slots(instance: Instance, random: Random) -> Plan:
    """Batches of some requests, one after another."""
    slots = []
    for model in random.sample(instance.models, len(instance.models)):
        asked = [request.id for request in instance.requests if request.model == model.id and random.random() < 0.6]
        while asked:
            size = random.randint(1, len(asked))
            slots.append(Slot(model.id, tuple(asked[:size])))
            asked = asked[size:]
    return tuple(slots)


def breaks_memory(instance: Instance, plan: Plan) -> bool:
    """Whether the slots break a rule that bandwidths have nothing to do with."""
    return bool({violation.rule for violation in check_plan(instance, plan).violations} & {"memory", "max-batch"})


@given(instances(uplinks=("static",), channels=("flat", "power-limited", "mixed")), st.randoms(use_true_random=False))
def test_just_the_band_that_is_needed_is_enough(instance, random):
    """With B the very sum of the least bandwidths, so on ties: only loads that are too long are left to object to."""
    decided = with_least_bandwidths(instance, any_slots(instance, random))
    needed = math.fsum(shares(decided).values())
    if breaks_memory(instance, decided) or not 0 < needed < math.inf:
        return
    just_enough = instance.replace(bandwidth_hz=needed)
    loaded = check_plan(instance.replace(uplink="slotted"), decided).times.load_end_s[0]
    too_late = loaded > latest_ready_s(instance, decided)[0] + 1e-9
    broken = {violation.rule for violation in check_plan(just_enough, decided).violations}
    assert broken == ({"deadline"} if too_late else set())
    if instance.arrays.channel.flat.all():
        assert broken == broken_by_plan(just_enough, decided)


@given(instances(uplinks=("static",), channels=("flat", "power-limited", "mixed")), st.randoms(use_true_random=False))
def test_no_request_can_do_with_less(instance, random):
    """Half of any one bandwidth makes some slot late, whatever the band."""
    decided = with_least_bandwidths(instance, any_slots(instance, random)) if instance.requests else ()
    endless = instance.replace(bandwidth_hz=1e300)
    if breaks_memory(instance, decided) or not decided or latest_ready_s(instance, decided).min() < 1e-6:
        return
    if max(shares(decided).values()) > 1e3 * instance.server.bandwidth_hz:
        return  # At the ceiling of a rate half of the bandwidth is nearly as good.
    for n, slot in enumerate(decided):
        for name, share in slot.bandwidth_hz.items():
            if share > 0:
                less = dataclasses.replace(slot, bandwidth_hz={**slot.bandwidth_hz, name: share / 2})
                report = check_plan(endless, (*decided[:n], less, *decided[n + 1 :]))
                assert {violation.rule for violation in report.violations} == {"deadline"}
