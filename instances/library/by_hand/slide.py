"""SLIDE instances small enough to solve on paper; each description gives the solution.

Unless a channel says otherwise, 1 Hz carries 8 bit/s, which is a byte per second, and a device computes 1 FLOP per
second. So bytes are hertz seconds and FLOP are seconds.
"""

from __future__ import annotations

from typing import Any

from partload.instances.channels import Channel, FlatChannel, PowerLimitedChannel
from partload.instances.slide.instance import Downlink, Frequency, Instance, Layer, Model, User

BYTE_A_SECOND = FlatChannel(8)


def overlap() -> Instance:
    """Computing while layers arrive triples the number of users served."""
    return _instance(
        "slide-overlap",
        "The first lesson. The model is a layer of 2 bytes and 4 FLOP, then one of 6 bytes and 2 FLOP, due at 8 s. The "
        "first layer has to be here by 2 s, the second by 6 s: at 4/3 byte per second they are, by 1.5 and 6 s. The "
        "band of 4 Hz serves 3 of 4 users, who fill it exactly. To download the model first and then compute for 6 s "
        "takes 4 Hz for a single user.",
        4,
        [_model("m", (2, 4), (6, 2))],
        [_user(f"u{k}", "m", 8) for k in range(1, 5)],
    )


def decimal_tie() -> Instance:
    """Decimals without an exact binary form, and work that takes the whole deadline."""
    return _instance(
        "slide-decimal-tie",
        "Downloading for 0.1 s on the whole band and computing for 0.2 s is on time for 0.3 s, although 0.1 + 0.2 is a "
        "last bit above 0.3 in floating point. The second user has nothing to download and computes until the very "
        "deadline, without bandwidth. The third computes as long, but has a byte to download first and cannot be "
        "served. 2 of 3.",
        1,
        [_model("both", (0.1, 0.2)), _model("work", (0, 0.3)), _model("late", (1, 0.3))],
        [_user("tie", "both", 0.3), _user("idle", "work", 0.3), _user("never", "late", 0.3)],
    )


def power_ceiling() -> Instance:
    """A power-limited user who cannot be served at any bandwidth."""
    users = [("near", 12.0), ("middle", 8.0), ("edge", 5.6), ("far", 5.0)]
    return _instance(
        "slide-power-ceiling",
        "All need 8 bit/s: 8 bits, 1 FLOP, 2 s. With c = 12 Hz that takes 4 Hz, 4 log2(1 + 12/4) = 8; with c = 8 Hz it "
        "takes 8 Hz; together they fill the band of 12 Hz. With c = 5.6 Hz the rate stays below c / ln 2 = 8.08 bit/s, "
        "and 8 bit/s would take hundreds of hertz. With c = 5 Hz it stays below 7.22 bit/s: that user cannot be served "
        "at any bandwidth. 2 of 4.",
        12,
        [_model("m", (1, 1))],
        [_user(name, "m", 2, PowerLimitedChannel(snr)) for name, snr in users],
    )


def energy_budget() -> Instance:
    """The energy budget determines the speed, and the speed determines the bandwidth."""
    budget: dict[str, Any] = {"max_flop_per_s": 4.0, "energy_budget_j": 4.0, "energy_coefficient": 1.0}
    return _instance(
        "slide-energy",
        "4 FLOP at speed f take 4 f^2 J of the 4 J there are, so devices that could do 4 FLOP/s do 1: 4 s of 6 are for "
        "computing, 2 bytes in the other 2 s take 1 Hz, and the band of 1.2 Hz serves one. The third device cannot run "
        "slower than 2 FLOP/s, which takes 16 J. 1 of 3; without budgets each would take 0.4 Hz, and all three fill "
        "the band.",
        1.2,
        [_model("m", (2, 4))],
        [
            _user("a", "m", 6, **budget),
            _user("b", "m", 6, **budget),
            _user("fast", "m", 6, min_flop_per_s=2.0, **budget),
        ],
    )


def accuracy_floor() -> Instance:
    """A higher least accuracy costs bandwidth."""
    return _instance(
        "slide-accuracy",
        "With 1 s left for the download, the small model takes 1 Hz and the large one 4 Hz. Two users want an accuracy "
        "of at least 0.9, which the large model just has; one wants 0.95, which no model has; one takes either. 1 + 4 "
        "of 6 Hz serve 2 of 4; without floors the small model would serve all.",
        6,
        [_model("small", (1, 1), accuracy=0.7), _model("large", (4, 1), accuracy=0.9)],
        [
            _user("any", "large small", 2),
            _user("good", "small large", 2, min_accuracy=0.9),
            _user("also-good", "small large", 2, min_accuracy=0.9),
            _user("best", "small large", 2, min_accuracy=0.95),
        ],
    )


def weights() -> Instance:
    """Neither the order by least bandwidth nor the order by weight per hertz is optimal."""
    users = [("a", 6, 7), ("b", 5, 5), ("c", 5, 5), ("d", 3, 1)]
    return _instance(
        "slide-weights",
        "The users need 6, 5, 5 and 3 Hz of 10 and weigh 7, 5, 5 and 1. By least bandwidth d and b are served, 6; by "
        "weight per hertz a and d, 8; b and c fill the band and weigh 10 of 18.",
        10,
        [_model(name, (need, 1)) for name, need, _ in users],
        [_user(name, name, 2, weight=float(weight)) for name, _, weight in users],
    )


def layer_speeds() -> Instance:
    """Layer speeds that are slow while the download arrives and fast at the end."""
    budget: dict[str, Any] = {"max_flop_per_s": 9.0, "energy_budget_j": 1.25, "energy_coefficient": 1.0}
    return _instance(
        "slide-layer-speeds",
        "The first layer is here at once, the second is a byte; both take 1 FLOP, due at 3 s. On 0.5 Hz the byte is "
        "here after 2 s: speed 1/2 until then and 1 after it take 1/4 + 1 = 1.25 J, the budget. Two users fill the "
        "band: 2 of 2. One speed for the device is at most sqrt(1.25 / 2), takes 0.576 Hz, and serves one.",
        1,
        [_model("m", (0, 1), (1, 1))],
        [_user("a", "m", 3, **budget), _user("b", "m", 3, **budget)],
        frequency="per-layer",
    )


def _model(name: str, *layers: tuple[float, float], accuracy: float | None = None) -> Model:
    return Model(name, tuple(Layer(size, work) for size, work in layers), accuracy)


def _user(name: str, models: str, deadline: float, channel: Channel = BYTE_A_SECOND, **changes: Any) -> User:
    return User(name, tuple(models.split()), channel, deadline, **({"max_flop_per_s": 1.0} | changes))


def _instance(
    name: str,
    description: str,
    band: float,
    models: list[Model],
    users: list[User],
    frequency: Frequency = "per-device",
) -> Instance:
    return Instance(
        name=name,
        downlink=Downlink(band),
        models=tuple(models),
        users=tuple(users),
        frequency=frequency,
        description=description,
        provenance={"made": "by hand"},
    )
