"""The derivation that is printed: its numbers, read back from the LaTeX, are those of the clock."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
from collections.abc import Iterator

import numpy as np
import pytest

import partload
from partload.formulations.partial_loading.joint.substitution import substitution
from partload.instances.allocation import constant_bandwidths
from partload.instances.channels import FlatChannel, PowerLimitedChannel, upload_time
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.instance import Instance, Uplink
from partload.instances.partial_loading.plan import Slot

PRINTED = 2e-5
"""Relative rounding of numbers with six digits, with room for sums of a few."""
NUMBER = r"(-?[\d.]+(?: \\cdot 10\^\{-?\d+\})?)"
LINEAR = ["three-models", "edge-demo", "general-small-pipelined", "lora-10x40"]
CURVED = ["general-small-power", "fleet-40x400", "mixed", "power-pipelined"]
STATIC = ["static-band", "general-small-static", "mixed-static", "power-static"]
ALL = LINEAR + CURVED + STATIC


def load(name: str) -> Instance:
    """An instance of the library, or one with other channels and another uplink."""
    changed: dict[str, tuple[str, Uplink]] = {
        "mixed": ("edge-demo", "slotted"),
        "mixed-static": ("edge-demo", "static"),
        "power-pipelined": ("general-small-power", "pipelined"),
        "power-static": ("general-small-power", "static"),
    }
    if name not in changed:
        return partload.read(name)
    source, uplink = changed[name]
    instance = partload.read(source).replace(uplink=uplink)
    return every_second_limited(instance) if source == "edge-demo" else instance


def every_second_limited(instance: Instance) -> Instance:
    requests = tuple(
        dataclasses.replace(request, channel=PowerLimitedChannel(3e8)) if k % 2 else request
        for k, request in enumerate(instance.requests)
    )
    return instance.replace(requests=requests)


def value(text: str) -> float:
    return float(text.replace(r" \cdot 10^{", "e").replace("}", ""))


def values(pattern: str, text: str) -> Iterator[tuple[float, ...]]:
    """Numbers at the places marked # in a pattern, and numbers of requests at those marked @."""
    expression = re.escape(pattern).replace(r"\#", NUMBER).replace("@", r"(\d+)")
    for match in re.finditer(expression, text):
        yield tuple(value(group) for group in match.groups())


def steps(instance: Instance) -> dict[str, str]:
    """The text of each step, by its number."""
    parts = re.split(r"^% (\d)'?\. ", "\n".join(substitution(instance)), flags=re.MULTILINE)
    found: dict[str, str] = {}
    for number, text in zip(parts[1::2], parts[2::2]):  # 2 and 2' are one step.
        found[number] = found.get(number, "") + text
    return found


def printed_batch(instance: Instance) -> dict[str, float]:
    """Bandwidth by request of the example, in the order of the instance."""
    text = steps(instance)["5"]
    return {instance.requests[int(k) - 1].id: b for k, b in values(r"b_{@} = #, \quad", text)}


def example(instance: Instance) -> tuple[Slot, float]:
    """The slot of the example, and its printed upload time."""
    shares = printed_batch(instance)
    first = next(iter(shares))
    model = instance.requests[instance.request_index[first]].model
    own = shares if instance.server.uplink == "static" else None
    (line,) = re.findall(r"^ & [tr] = (.*) \\\\$", steps(instance)["5"], flags=re.MULTILINE)
    return Slot(model, tuple(shares), None, own), value(line.rpartition(" = ")[2] or line)


def close(number: float):
    return pytest.approx(number, rel=PRINTED)


@pytest.mark.parametrize("name", ALL)
def test_example_is_what_the_clock_says(name: str):
    instance = load(name)
    slot, time = example(instance)
    times = clock.run(instance, (slot,))
    assert 2 <= len(slot.requests) <= 3
    assert {instance.requests[instance.request_index[k]].model for k in slot.requests} == {slot.model}
    assert times.upload_end_s[0] - times.start_s[0] == close(time)
    assert list(printed_batch(instance).values()) == close(times.bandwidth_hz.tolist())
    ((total, band),) = values(r"\sum_{k} b_{k} = # \leq #", steps(instance)["5"])
    assert total == close(band)
    assert band == close(instance.server.bandwidth_hz)


@pytest.mark.parametrize("name", ALL)
def test_every_upload_of_the_example_ends_at_its_time(name: str):
    instance = load(name)
    _, time = example(instance)
    ends = list(values(r", \quad \frac{#}{#} = #", steps(instance)["5"]))
    assert ends
    for bits, rate, end in ends:
        assert bits / rate == close(end)
        assert end == close(time)


@pytest.mark.parametrize("name", ALL)
def test_joint_constraints_have_the_data_of_the_instance(name: str):
    instance, text = load(name), steps(load(name))["1"]
    flat = list(values(r"& #\, b_{@}\, ", text))
    limited = list(values(r"\left( 1 + # / b_{@} \right)", text))
    bits = {int(k): d for d, k in values(r"\geq #\, y_{n,@}", text)}
    assert len(flat) + len(limited) == len(bits)
    for kind, found in ((FlatChannel, flat), (PowerLimitedChannel, limited)):
        of_kind = [k for k, r in enumerate(instance.requests, 1) if isinstance(r.channel, kind) and r.input_bits > 0]
        assert [int(k) for _, k in found] == of_kind[:5]
    for quality, k in flat:
        assert quality == close(instance.requests[int(k) - 1].channel.spectral_efficiency_bps_per_hz)
    for quality, k in limited:
        assert quality == close(instance.requests[int(k) - 1].channel.snr_hz)
    for k, d in bits.items():
        assert d == close(instance.requests[k - 1].input_bits)
    left = sum(request.input_bits > 0 for request in instance.requests) - len(bits)
    assert (f"% and {left} more" in text) == (left > 0)
    assert next(values(r" \leq #", text))[0] == close(instance.server.bandwidth_hz)


@pytest.mark.parametrize("name", ALL)
def test_what_is_needed_uploads_in_that_time(name: str):
    """Step 2: a_k / t Hz of a flat channel, f_k(t) Hz of a power-limited one, take the time t."""
    instance, text = load(name), steps(load(name))["2"]
    columns = instance.arrays
    points = [(int(k), t, b) for k, t, b in values(r"f_{@}(#) = #", text)]
    points += [(int(k), t, a / t) for k, _, _, a in values(r"a_{@} = \frac{#}{#} = #,", text) for t in (0.01, 3.0)]
    assert points
    for k, t, b in points:
        channel, bits = columns.channel[np.array([k - 1])], columns.input_bits[[k - 1]]
        # Near the ceiling of a rate, bandwidth means little: compare times.
        assert upload_time(channel, bits, np.array([b]))[0] == close(t)


@pytest.mark.parametrize("name", ["general-small-power", "mixed", "power-static"])
def test_no_bandwidth_is_enough_for_the_ceiling(name: str):
    instance, text = load(name), steps(load(name))["2"]
    columns = instance.arrays
    ceilings = [(int(k), t) for k, t in re.findall(rf"b_\{{(\d+)\}} \\geq f_.*_\{{n\}} > {NUMBER}", text)]
    assert ceilings
    for k, t in ceilings:
        channel, bits = columns.channel[np.array([k - 1])], columns.input_bits[[k - 1]]
        for factor, enough in ((1 - PRINTED, False), (1 + PRINTED, True)):
            needed = constant_bandwidths(channel, bits, np.array([value(t) * factor]))[0]
            assert math.isfinite(needed) == enough


@pytest.mark.parametrize("name", LINEAR)
def test_linear_times_are_those_of_the_clock(name: str):
    """Step 4: any of the requests shown, in one slot, take the sum of their coefficients."""
    instance, text = load(name), steps(load(name))["4"]
    upload = {int(k): u for u, k in values(r"#\, y_{n,@}", text)}
    assert len(upload) >= 5
    for size in range(1, 6):
        for chosen in itertools.combinations(list(upload)[:5], size):
            requests = tuple(instance.requests[k - 1].id for k in chosen)
            times = clock.run(instance, (Slot(instance.requests[chosen[0] - 1].model, requests),))
            assert sum(upload[k] for k in chosen) == close(times.upload_end_s[0] - times.start_s[0])


@pytest.mark.parametrize("name", CURVED)
def test_power_limited_times_are_no_sums(name: str):
    """Step 3: alone and together, as the clock has it; together is less."""
    instance, text = load(name), steps(load(name))["3"]
    found = {
        tuple(int(k) for k in chosen.split(", ")): value(time)
        for chosen, time in re.findall(rf"t\(\\\{{([\d, ]+)\\\}}\) = {NUMBER}", text)
    }
    together = max(found, key=len)
    assert len(together) >= 2
    assert len(found) == len(together) + 1
    for chosen, time in found.items():
        requests = tuple(instance.requests[k - 1].id for k in chosen)
        times = clock.run(instance, (Slot(instance.requests[chosen[0] - 1].model, requests),))
        assert times.upload_end_s[0] == close(time)
    in_turn = sum(time for chosen, time in found.items() if len(chosen) == 1)
    ((_, printed),) = values(r"\}) = # \leq #", text)
    assert printed == close(in_turn)
    limited = any(isinstance(instance.requests[k - 1].channel, PowerLimitedChannel) for k in together)
    assert (found[together] < in_turn * (1 - PRINTED)) == limited


@pytest.mark.parametrize("name", CURVED + STATIC)
def test_tangents_touch_and_never_ask_for_too_much(name: str):
    """Step 4: no more than what is needed at any time, just that at tau, nothing of who is not served."""
    instance, text = load(name), steps(load(name))["4"]
    columns = instance.arrays
    ((tau,),) = values(r"& \tau = #", text)
    _, least = example(instance)
    assert tau == close(least)
    b, t = ("b_{@}", "r_{n}") if instance.server.uplink == "static" else ("b_{n,@}", "t_{n}")
    tangents = list(values(rf"{b} \geq #\, y_{{n,@}} - #\, {t}, \quad f_{{@}}(#) = # \geq #", text))
    assert [instance.requests[int(k) - 1].id for k, *_ in tangents] == list(example(instance)[0].requests)
    for k, height, same, fall, again, late, there, said in tangents:
        assert k == same == again
        channel, bits = columns.channel[np.array([int(k) - 1])], columns.input_bits[[int(k) - 1]]
        rounding = PRINTED * height
        for time in [*(tau * 2.0**p for p in range(-6, 7)), tau * 0.99, tau * 1.01]:
            needed = constant_bandwidths(channel, bits, np.array([time]))[0]
            assert height - fall * time <= needed + rounding
        assert height - fall * tau == pytest.approx(
            constant_bandwidths(channel, bits, np.array([tau]))[0], abs=rounding
        )
        assert fall > 0
        assert there == close(constant_bandwidths(channel, bits, np.array([late]))[0])
        assert said == pytest.approx(height - fall * late, abs=rounding)
        if columns.channel.flat[int(k) - 1]:
            assert said / there == pytest.approx(1 - (1 - late / tau) ** 2, rel=10 * PRINTED)


@pytest.mark.parametrize("name", ["general-small-power", "mixed", "fleet-40x400"])
def test_tangents_at_the_least_time_of_a_batch_prove_it(name: str):
    """The least t at which the batch's tangents together fit into the band is tau."""
    instance, text = load(name), steps(load(name))["4"]
    ((tau,),) = values(r"& \tau = #", text)
    lines = list(values(r"\geq #\, y_{n,@} - #\, t_{n},", text))
    heights, falls = sum(h for h, _, _ in lines), sum(f for _, _, f in lines)
    assert (heights - instance.server.bandwidth_hz) / falls == pytest.approx(tau, rel=10 * PRINTED)


@pytest.mark.parametrize("name", STATIC)
def test_cones_have_the_loads_of_flat_channels(name: str):
    instance, text = load(name), steps(load(name))["3"]
    cones = list(values(r"b_{@} r_{n} \geq #\, y_{n,@}^2", text))
    flat = [k for k, r in enumerate(instance.requests, 1) if isinstance(r.channel, FlatChannel) and r.input_bits > 0]
    assert [int(k) for k, _, _ in cones] == flat[:5]
    for k, load_, _ in cones:
        assert load_ == close(float(instance.arrays.spectrum_load[int(k) - 1]))


@pytest.mark.parametrize("name", ALL)
def test_the_latex_is_in_balance(name: str):
    lines = substitution(load(name))
    inside = False
    for line in lines:
        assert "\n" not in line
        if line == r"\begin{align*}":
            assert not inside
            inside = True
        elif line == r"\end{align*}":
            assert inside
            inside = False
        elif not line.startswith("%"):
            assert bool(line) == inside
            if inside:
                assert line.startswith(" & ")
                assert line.endswith(r" \\")
                assert line.count("{") == line.count("}")
                assert line.count("(") == line.count(")")
                assert line.count(r"\left") == line.count(r"\right")
                assert not set("#%$~") & set(line.replace(r"\#", ""))
    assert not inside
    assert "\n\n\\end" not in "\n".join(lines)
    assert list(steps(load(name))) == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("name", ALL)
def test_what_is_said_is_what_applies(name: str):
    text = " ".join(line.removeprefix("% ") for line in substitution(load(name)))
    kinds = {type(request.channel) for request in load(name).requests}
    assert ("power-limited" in text.lower()) == (PowerLimitedChannel in kinds)
    assert ("flat" in text.lower()) == (FlatChannel in kinds)
    assert ("relaxation" in text) == (name not in LINEAR)
    assert ("rotated second-order cones" in text) == (name in STATIC and FlatChannel in kinds)
    assert ("v_{n - 1}" in text) == (name == "general-small-pipelined")


def test_ids_stay_on_their_line():
    instance = partload.read("three-models")
    odd = dataclasses.replace(instance.requests[0], id="two\nlines")
    lines = substitution(instance.replace(requests=(odd, *instance.requests[1:])))
    assert r"% 1: 'two\nlines'" in lines


def test_nothing_to_upload():
    instance = partload.read("three-models")
    requests = tuple(dataclasses.replace(request, input_bits=0.0) for request in instance.requests)
    for empty in (requests, ()):
        (line,) = substitution(instance.replace(requests=empty))
        assert line.startswith("% No request that can be in time has bits to upload")


@pytest.mark.parametrize("name", ["three-models", "general-small-power"])
def test_requests_that_do_not_upload_are_left_out(name: str):
    """Those without bits, and those that no plan can serve in time."""
    instance = partload.read(name)
    empty = dataclasses.replace(instance.requests[0], input_bits=0.0)
    late = dataclasses.replace(instance.requests[1], deadline_s=1e-9)
    text = "\n".join(substitution(instance.replace(requests=(empty, late, *instance.requests[2:]))))
    assert "b_{1}" not in text
    assert "b_{2}" not in text
    assert "b_{3}" in text
