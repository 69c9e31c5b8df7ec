"""The clock: examples computed by hand, the equations written once more slowly, and the division of the band."""

import math
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partload.instances.channels import FlatChannel, PowerLimitedChannel
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.checker import check_plan
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.instances.partial_loading.plan import Plan, Slot
from tests.support.own_channels import least_upload_time, rate
from tests.support.own_rules import timeline
from tests.support.random_instances import instances, random_instance

TIMES = ("start_s", "load_end_s", "upload_end_s", "ready_s", "end_s")

# Blocks a 4, b 6, c 2 bytes; 2 bytes/s, 1 s of latency. Loads: a and b 6 s, c alone 2 s, a alone 3 s, b alone 4 s.
INSTANCE = Instance(
    "by hand",
    Server(bandwidth_hz=2.0, load_rate_bytes_per_s=2.0, load_latency_s=1.0),
    (Block("a", 4.0), Block("b", 6.0), Block("c", 2.0), Block("nothing", 0.0)),
    (
        Model("x", ("a", "b"), 1.0, 0.5),
        Model("y", ("a", "c"), 2.0, 0.0),
        Model("z", ("b",), 0.0, 1.0),
        Model("empty", (), 0.5, 0.5),
        Model("weightless", ("a", "nothing"), 0.0, 0.0),
    ),
    (
        Request("x1", "x", 16.0, FlatChannel(2.0), 99.0),  # a_k = 8 Hz s: 4 s on the whole band
        Request("x2", "x", 4.0, FlatChannel(0.5), 99.0),  # a_k = 8: 4 s
        Request("y1", "y", 2.0, FlatChannel(1.0), 99.0),  # a_k = 2: 1 s
        Request("z1", "z", 10.0, FlatChannel(1.0), 99.0),  # a_k = 10: 5 s
        Request("e1", "empty", 0.0, FlatChannel(1.0), 99.0),  # nothing to upload
        Request("w1", "weightless", 0.0, FlatChannel(1.0), 99.0),
    ),
)
X, Y, Z = Slot("x", ("x1", "x2")), Slot("y", ("y1",)), Slot("z", ("z1",))

BY_HAND: dict[str, tuple[Instance, Plan, list[tuple[float, ...]]]] = {
    # Upload 8 s hides the load of 6; 8 + 1 + 2 * 0.5 = 10. Then c (2 s) hides the upload of 1 s: 12 + 2 = 14.
    # b was dropped by y: 4 s to load, 5 s to upload, 19 + 1 = 20.
    "previous, slotted": (
        INSTANCE,
        (X, Y, Z),
        [(0, 6, 8, 8, 10), (10, 12, 11, 12, 14), (14, 18, 19, 19, 20)],
    ),
    # All of the uplink is done at 8 + 1 + 5 = 14. Loads: 6; 10 + 2 = 12; 14 + 4 = 18.
    "previous, pipelined": (
        INSTANCE.replace(uplink="pipelined"),
        (X, Y, Z),
        [(0, 6, 8, 8, 10), (10, 12, 9, 12, 14), (14, 18, 14, 18, 19)],
    ),
    # b is still there: nothing to load, and no latency.
    "cached, slotted": (
        INSTANCE.replace(residency="cached"),
        (X, Y, Z),
        [(0, 6, 8, 8, 10), (10, 12, 11, 12, 14), (14, 14, 19, 19, 20)],
    ),
    "cached, b given up": (
        INSTANCE.replace(residency="cached"),
        (X, Slot("y", ("y1",), frozenset("ac")), Z),
        [(0, 6, 8, 8, 10), (10, 12, 11, 12, 14), (14, 18, 19, 19, 20)],
    ),
    "cached, pipelined": (
        INSTANCE.replace(residency="cached", uplink="pipelined"),
        (X, Y, Z),
        [(0, 6, 8, 8, 10), (10, 12, 9, 12, 14), (14, 14, 14, 14, 15)],
    ),
    # From time 0: x1 has 1 Hz (8 s), x2 half (16 s), z1 a quarter (40 s), y1 a quarter (8 s).
    "previous, static": (
        INSTANCE.replace(uplink="static"),
        (
            Slot("x", ("x1", "x2"), bandwidth_hz={"x1": 1.0, "x2": 0.5}),
            Slot("y", ("y1",), bandwidth_hz={"y1": 0.25}),
            Slot("z", ("z1",), bandwidth_hz={"z1": 0.25}),
        ),
        [(0, 6, 16, 16, 18), (18, 20, 8, 20, 22), (22, 26, 40, 40, 41)],
    ),
    # x1 alone on half the band: 8 s; the bandwidth of slot 0 is free again for slot 1.
    "slotted, bandwidth stated": (
        INSTANCE,
        (Slot("x", ("x1",), bandwidth_hz={"x1": 1.0}), Slot("y", ("y1",), bandwidth_hz={"y1": 0.5})),
        [(0, 6, 8, 8, 9.5), (9.5, 11.5, 13.5, 13.5, 15.5)],
    ),
    "pipelined, bandwidth stated": (
        INSTANCE.replace(uplink="pipelined"),
        (Slot("x", ("x1",), bandwidth_hz={"x1": 1.0}), Slot("y", ("y1",), bandwidth_hz={"y1": 0.5})),
        [(0, 6, 8, 8, 9.5), (9.5, 11.5, 12, 12, 14)],
    ),
    # a is there at time 0: b alone is 4 s.
    "resident at time 0": (
        INSTANCE.replace(resident_blocks=("a",)),
        (Slot("x", ("x1",)),),
        [(0, 4, 4, 4, 5.5)],
    ),
    # No blocks, no bits: ready at once. Running it forgets a under "previous".
    "a model without blocks": (
        INSTANCE.replace(resident_blocks=("a",)),
        (Slot("empty", ("e1",)), Slot("x", ("x1",))),
        [(0, 0, 0, 0, 1), (1, 7, 5, 7, 8.5)],
    ),
    "two slots of one model": (
        INSTANCE,
        (Slot("x", ("x1",)), Slot("x", ("x2",))),
        [(0, 6, 4, 6, 7.5), (7.5, 7.5, 11.5, 11.5, 13)],
    ),
    # A block of no size has to be loaded all the same, and costs the latency.
    "a block of no bytes": (
        INSTANCE.replace(resident_blocks=("a",)),
        (Slot("weightless", ("w1",)),),
        [(0, 1, 0, 1, 1)],
    ),
    "the empty plan": (INSTANCE, (), []),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_by_hand(name):
    instance, plan, expected = BY_HAND[name]
    times = clock.run(instance, plan)
    rows = [tuple(float(getattr(times, column)[n]) for column in TIMES) for n in range(len(plan))]
    assert rows == expected


def test_what_is_loaded_and_what_stays():
    times = clock.run(INSTANCE, (X, Y, Z))
    assert times.loaded == (frozenset("ab"), frozenset("c"), frozenset("b"))
    assert times.resident == (frozenset("ab"), frozenset("ac"), frozenset("b"))
    times = clock.run(INSTANCE.replace(residency="cached"), (X, Y, Z))
    assert times.loaded == (frozenset("ab"), frozenset("c"), frozenset())
    assert times.resident == (frozenset("ab"), frozenset("abc"), frozenset("abc"))


def test_without_bandwidth_nothing_arrives():
    times = clock.run(INSTANCE, (Slot("x", ("x1",), bandwidth_hz={}), Y))
    assert times.upload_end_s.tolist() == [math.inf, math.inf]
    assert times.end_s.tolist() == [math.inf, math.inf]
    assert times.load_end_s[0] == 6


def test_an_id_that_is_not_there_is_a_key_error():
    with pytest.raises(KeyError):
        clock.run(INSTANCE, (Slot("nobody", ("x1",)),))
    with pytest.raises(KeyError):
        clock.run(INSTANCE, (Slot("x", ("nobody",)),))


@st.composite
def instances_with_plans(draw) -> tuple[Instance, Plan]:
    """Any instance with any plan, good or bad, as long as its ids are there."""
    instance = draw(instances(uplinks=("slotted", "pipelined", "static")))
    random: Random = draw(st.randoms(use_true_random=False))
    names = [request.id for request in instance.requests]
    slots = []
    for _ in range(random.randint(0, 5)):
        asked = tuple(random.choice(names) for _ in range(random.randint(0, 3)))
        kept = frozenset(block.id for block in instance.blocks if random.random() < 0.5)
        # Nothing so small that its double has fewer digits than others.
        some = {name: random.uniform(1e-6, 1.0) for name in asked}
        shares = {name: random.choice((0.0, 1.0, some[name])) for name in asked if random.random() < 0.9}
        model = random.choice(instance.models).id
        slots.append(Slot(model, asked, random.choice((None, kept)), random.choice((None, shares))))
    return instance, tuple(slots)


@given(instances_with_plans())
def test_the_columns_say_what_the_equations_say(case):
    """The vectorised clock against the equations in exact arithmetic, on any plan."""
    instance, plan = case
    times = clock.run(instance, plan)
    slowly = timeline(instance, plan)
    for column in TIMES:
        expected = [float(getattr(row, column)) for row in slowly]
        assert getattr(times, column).tolist() == pytest.approx(expected, rel=1e-12)
    assert list(times.loaded) == [row.loaded for row in slowly]
    if instance.server.residency == "previous" or all(slot.resident_blocks is not None for slot in plan):
        assert list(times.resident) == [row.resident for row in slowly]
    expected = [float(row.bandwidth_hz[name]) for slot, row in zip(plan, slowly) for name in slot.requests]
    assert times.bandwidth_hz.tolist() == pytest.approx(expected, rel=1e-12)


@given(
    st.lists(
        st.tuples(
            st.one_of(
                st.floats(0.1, 10).map(FlatChannel),
                st.floats(1, 1e9).map(PowerLimitedChannel),
            ),
            st.one_of(st.just(0.0), st.floats(1, 1e7)),
        ),
        min_size=1,
        max_size=8,
    ),
    st.floats(1e4, 1e8),
    st.sampled_from(("slotted", "pipelined")),
)
def test_the_bandwidths_decided_use_the_band_and_give_the_least_time(items, band, uplink):
    """They sum to B, every upload ends together, and stated in a file they give the same times."""
    requests = tuple(Request(f"r{k}", "m", bits, channel, 1e300) for k, (channel, bits) in enumerate(items))
    server = Server(bandwidth_hz=band, load_rate_bytes_per_s=1.0, uplink=uplink)
    instance = Instance("band", server, (), (Model("m", (), 0.0, 0.0),), requests)
    names = tuple(request.id for request in requests)
    times = clock.run(instance, (Slot("m", names),))
    busy = np.array([bits > 0 for _, bits in items])
    assert (times.bandwidth_hz[~busy] == 0).all()
    if not busy.any():
        assert times.end_s[0] == 0
        return
    assert times.bandwidth_hz.sum() <= band * (1 + 2e-12)
    if all(isinstance(channel, FlatChannel) for channel, _ in items):
        assert times.bandwidth_hz.sum() == pytest.approx(band, rel=1e-12)
    stated = (Slot("m", names, bandwidth_hz=dict(zip(names, times.bandwidth_hz.tolist()))),)
    assert check_plan(instance, stated).feasible
    assert clock.run(instance, stated).end_s[0] == pytest.approx(times.end_s[0], rel=1e-10)


@pytest.mark.parametrize("snr_hz", [10.0**-n for n in range(-9, 7)])
def test_the_band_is_kept_by_a_user_at_the_ceiling_of_its_rate(snr_hz):
    """A band far wider than c: the last bit of the rate is worth more than 1e-9 of the band."""
    requests = tuple(
        Request(f"r{k}", "m", 1e5 / (k + 3), PowerLimitedChannel(snr_hz / (k + 1)), 1e300) for k in range(3)
    )
    server = Server(bandwidth_hz=1e9, load_rate_bytes_per_s=1.0)
    instance = Instance("weak", server, (), (Model("m", (), 0.0, 0.0),), requests)
    plan = (Slot("m", ("r0", "r1", "r2")),)
    shares = clock.run(instance, plan).bandwidth_hz
    assert 0 < shares.sum() <= 1e9 * (1 + 2e-12)
    assert check_plan(instance, plan).feasible


@pytest.mark.parametrize("uplink", ["slotted", "pipelined", "static"])
@pytest.mark.parametrize("channels", [("power-limited",), ("mixed",)])
def test_uploads_on_power_limited_channels(uplink, channels):
    """Upload ends against bisection in plain Python, with the band divided by the clock and with shares stated."""
    for seed in range(60):
        random, instance = Random(seed), random_instance(seed, (uplink,), channels)
        slots, uploads = [], []
        for model in instance.models:
            asking = [request for request in instance.requests if request.model == model.id]
            stated = uplink == "static" or random.random() < 0.3
            shares = {request.id: random.uniform(0.1, 1) * instance.server.bandwidth_hz for request in asking}
            slots.append(Slot(model.id, tuple(shares), bandwidth_hz=shares if stated else None))
            alone = (request.input_bits / rate(request.channel, shares[request.id]) for request in asking)
            together = least_upload_time(asking, instance.server.bandwidth_hz) if asking else 0.0
            uploads.append(max(alone, default=0.0) if stated else together)
        times = clock.run(instance, tuple(slots))
        since = {"slotted": times.start_s, "pipelined": np.cumsum([0.0, *uploads[:-1]]), "static": 0.0}[uplink]
        assert times.upload_end_s.tolist() == pytest.approx((since + np.array(uploads)).tolist(), rel=1e-12), seed


def one_model(requests: tuple[Request, ...], uplink: str, band: float) -> Instance:
    return Instance("one model", Server(band, 1.0, uplink=uplink), (), (Model("m", (), 0.0, 0.0),), requests)


@pytest.mark.parametrize("uplink", ["slotted", "pipelined"])
@pytest.mark.parametrize("channel", [FlatChannel(2.0), PowerLimitedChannel(6.0)])
def test_a_thousand_requests_and_slots_with_nothing_to_upload(channel, uplink):
    """2000 requests of 4 bits in two slots, 2 Hz for each: 2 * 2 = 2 log2(1 + 6 / 2) = 4 bit/s, so a second a slot."""
    count = 1000
    requests = tuple(Request(f"r{k}", "m", 4.0, channel, 9.0) for k in range(2 * count))
    silent = Request("silent", "m", 0.0, channel, 9.0)
    instance = one_model((*requests, silent), uplink, 2.0 * count)
    names = [request.id for request in requests]
    plan = (Slot("m", ()), Slot("m", tuple(names[:count])), Slot("m", ("silent",)), Slot("m", tuple(names[count:])))
    times = clock.run(instance, plan)
    assert times.upload_end_s.tolist() == pytest.approx([0, 1, 1, 2], rel=1e-12)
    assert times.bandwidth_hz.tolist() == pytest.approx([*[2.0] * count, 0.0, *[2.0] * count], rel=1e-9)


@pytest.mark.parametrize("uplink", ["slotted", "pipelined"])
def test_a_channel_60_db_worse_holds_up_its_slot_and_no_other(uplink):
    """At c = 10 Hz a megabit takes 1e6 ln 2 / 10 s however wide the band; the others of its slot wait with it."""
    weak = Request("weak", "m", 1e6, PowerLimitedChannel(10.0), 1e6)
    strong = tuple(Request(f"r{k}", "m", 1e6, PowerLimitedChannel(1e7), 1e6) for k in range(3))
    instance = one_model((weak, *strong), uplink, 1e7)
    times = clock.run(instance, (Slot("m", ("r0",)), Slot("m", ("weak", "r1")), Slot("m", ("r2",))))
    took = np.diff(times.upload_end_s, prepend=0.0)
    assert took.tolist() == pytest.approx([0.1, 1e5 * math.log(2), 0.1], rel=1e-5)
    assert took[1] > 1e5 * math.log(2)
    assert check_plan(instance, (Slot("m", ("weak", "r1")),)).feasible


def test_a_demand_above_the_ceiling_is_late_whatever_the_bandwidth():
    """At 1 / ln 2 bit/s ten bits take 6.93 s, with all the band in the world."""
    request = Request("r", "m", 10.0, PowerLimitedChannel(1.0), 6.9)
    for uplink, shares in (
        ("slotted", None),
        ("pipelined", None),
        ("static", {"r": 1e300}),
        ("static", {"r": math.inf}),
    ):
        report = check_plan(one_model((request,), uplink, 1e300), (Slot("m", ("r",), bandwidth_hz=shares),))
        assert "deadline" in {violation.rule for violation in report.violations}
        assert report.times.end_s[0] == pytest.approx(10 * math.log(2), rel=1e-12)
