"""The numbers of the worked examples of SLIDE in the reference are those that the code computes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from partload.instances.channels import FlatChannel
from partload.instances.slide import clock
from partload.instances.slide.frequency import least_bandwidths
from partload.instances.slide.instance import Downlink, Instance, Layer, LayerArrays, Model, User
from partload.instances.slide.layer_speeds import Devices, least_energy_speeds, least_rate
from partload.instances.slide.provisioning import plan_of
from partload.instances.slide.rate_envelope import RateEnvelope
from partload.instances.slide.speed_hull import SpeedHull
from partload.solvers.slide.baselines import download_first

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def page(name: str) -> str:
    return " ".join((REFERENCE / name).read_text(encoding="utf-8").split())


def one_user(layers: tuple[Layer, ...], efficiency: float, deadline: float, speed: float, band: float) -> Instance:
    user = User("u", ("m",), FlatChannel(efficiency), deadline_s=deadline, max_flop_per_s=speed)
    return Instance("example", Downlink(band), (Model("m", layers),), (user,))


def recursion() -> Instance:
    return one_user((Layer(1, 2), Layer(3, 1), Layer(0, 1)), 1.0, 12, 1, 10.0)


def test_the_recursion():
    instance = recursion()
    times = clock.run(instance, plan_of(instance, [("u", "m")]))
    assert times.compute_end_s[0].round(9).tolist() == [4.5, 11, 12]
    text = page("slide.md")
    assert all(f"= {end} |" in text for end in ("4.5", "11", "12"))
    assert "max(8/8, 32/10, 32/11) = 3.2" in text
    assert round(float(least_bandwidths(instance).rate_bps[0]), 9) == 3.2
    assert round(float(download_first.METHOD.need(instance).rate_bps[0]), 9) == 4


@pytest.mark.long
def test_the_price_of_the_recursion():
    from partload.solvers.slide.bandwidth.rederivation import rederived

    instance = recursion()
    plan = plan_of(instance, [("u", "m")])
    found = rederived(instance, plan, clock.run(instance, plan))[0]
    assert round(found.closed, 9) == round(found.convex, 9) == 3.2
    assert round(found.price_hz_per_s, 6) == 0.32, "32 / (T - 2) falls by 32 / 10^2 a second"
    assert "that is 0.32 Hz a second" in page("slide.md")
    assert found.price_hz_per_j == 0


def test_the_least_rate():
    layers = (Layer(1e6, 3e9), Layer(2e6, 1e9), Layer(2e6, 1e9))
    instance = one_user(layers, 4.0, 0.8, 10e9, 20e6)
    envelope = RateEnvelope.of(instance.layers[0])
    assert envelope.bits.tolist() == [8e6, 40e6]
    assert envelope.breakpoints.tolist() == [6e9]
    assert round(float(least_bandwidths(instance).rate_bps[0]) / 1e6, 1) == 57.1
    assert round(float(download_first.METHOD.need(instance).rate_bps[0]) / 1e6) == 133
    text = page("slide-methods.md")
    assert "10 * 40 / (8 - 1) = 57.1 Mbit/s" in text
    assert "40 Mbit: 133 Mbit/s" in text


def device(budget: float) -> Devices:
    columns = {"deadline_s": 10.0, "min_flop_per_s": 0.0, "max_flop_per_s": 2.0, "energy_coefficient": 1.0}
    arrays = {name: np.array([value]) for name, value in columns.items()}
    return Devices(**arrays, energy_budget_j=np.array([budget]))


def test_the_speeds_of_layers():
    layers = LayerArrays(bits=np.array([2.0, 4.0, 9.0]), work_flop=np.array([3.0, 2.0, 1.0]))
    model = SpeedHull.of(layers)
    speeds = least_energy_speeds(model, device(np.inf), np.array([1.0]))
    assert np.allclose(speeds, [5 / 7, 5 / 7, 1])
    text = page("slide-speeds.md")
    assert "1 / 1.4 = 5/7" in text
    assert round(float((layers.work_flop * speeds**2).sum()), 2) == 3.55
    assert "the energy is 5 (5/7)^2 + 1 = 3.55" in text
    assert np.allclose(least_energy_speeds(model, device(np.inf), np.array([2.0])), 2 / 3), "nothing to wait for"
    with_one_speed = 9 / (10 - 1 / np.sqrt(4 / 6))  # The last layer decides.
    assert round(float(with_one_speed), 4) == 1.0256
    assert round(float(least_rate(model, device(4.0))[0]), 4) == 0.9784
    assert "the least rate is 0.9784 in place of 1.0256" in text
    assert np.isinf(least_rate(model, device(2.15))), "the work alone takes 6^3 / 10^2 = 2.16"
