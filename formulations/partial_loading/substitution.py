r"""How bandwidth leaves the joint problem, step by step, with the numbers of an instance.

The joint problem has products of bandwidth and time. Flat channels with a slotted or pipelined uplink: dividing each
constraint by the time and adding up a slot leaves something linear and loses nothing (problems, fact 1). Power-limited
channels: the same steps leave one convex function of time per request (fact 2), and a MILP can only touch it. Static
uplink: requests of all slots hold their bandwidth at the same time, so no slot can be added up by itself.

Everything is in the problem's own units: hertz, seconds, bits. The formulations divide bandwidths by B and rates by
the request's rate on the whole band, which changes no step.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from functools import cached_property

import numpy as np

from formulations.partial_loading.band_data import BandData
from formulations.partial_loading.slot_data import SlotData
from instances.allocation import constant_bandwidths, least_upload_times
from instances.channels import LN2, rate, upload_time
from instances.partial_loading.instance import Instance

SHOWN = 5
"""Requests of each kind of channel that are printed."""
MOST_IN_EXAMPLE = 3
LATER = 1.25
"""A tangent is also looked at this much later than where it touches."""


def substitution(instance: Instance) -> list[str]:
    """The derivation as lines of LaTeX: ``align*`` blocks, with all text as comments.

    For flat channels and a slotted or pipelined uplink it ends in the linear constraints of the slot formulation; for
    the rest in the tangents of the cone formulation, and says what is exact and what a relaxation.
    """
    case = Case(instance)
    if not case.shown:
        return ["% No request has bits to upload, so bandwidth does not matter: the joint problem is linear as it is."]
    lines = _names(case) + _joint(case) + _solved_for_bandwidth(case)
    if case.static:
        return lines + _static(case) + _tangents(case) + _example(case)
    if case.limited:
        return lines + _root(case) + _tangents(case) + _example(case)
    return lines + _summed(case) + _linear(case) + _example(case)


@dataclasses.dataclass(frozen=True)
class Case:
    """What is printed of an instance: positions of requests in it, and their numbers."""

    instance: Instance

    @property
    def static(self) -> bool:
        """Whether shares are held from time 0 instead of slot by slot."""
        return self.instance.server.uplink == "static"

    @property
    def time(self) -> str:
        """The time that the uploads of slot n may take."""
        return "r_{n}" if self.static else "t_{n}"

    @cached_property
    def data(self) -> SlotData:
        """Numbers that the formulations are made of."""
        return SlotData(self.instance)

    @cached_property
    def uploads(self) -> list[int]:
        """Requests that have bits to upload."""
        return np.flatnonzero(self.instance.arrays.input_bits > 0).tolist()

    @cached_property
    def limited(self) -> list[int]:
        """Those of them on power-limited channels."""
        return [k for k in self.uploads if not self.instance.arrays.channel.flat[k]]

    @cached_property
    def shown(self) -> list[int]:
        """The first few of each kind of channel."""
        flat = [k for k in self.uploads if self.instance.arrays.channel.flat[k]]
        return flat[:SHOWN] + self.limited[:SHOWN]

    @property
    def rest(self) -> str:
        """How many requests are like those shown."""
        left = len(self.uploads) - len(self.shown)
        return f", and {left} more" if left else ""

    @cached_property
    def batch(self) -> list[int]:
        """The cheapest requests of the first model that is asked for with bits to upload, as many as a batch takes."""
        requests = self.instance.requests
        model = requests[min(self.uploads, key=lambda k: self.instance.model_index[requests[k].model])].model
        mine = sorted((k for k in self.uploads if requests[k].model == model), key=self.alone)
        return sorted(mine[: max(1, min(MOST_IN_EXAMPLE, self.data.largest_batch[model]))])

    def alone(self, k: int) -> float:
        """Upload time [s] on the whole band."""
        return self.least_time([k])

    def least_time(self, chosen: list[int]) -> float:
        """Least time [s] in which the band uploads the inputs of some requests."""
        columns, group = self.instance.arrays, np.zeros(len(chosen), dtype=np.int64)
        channel, bits = columns.channel[np.array(chosen)], columns.input_bits[chosen]
        return float(least_upload_times(channel, bits, group, 1, self.instance.server.bandwidth_hz)[0])

    def needed(self, k: int, time_s: float) -> float:
        """f_k: least bandwidth [Hz] that uploads the input of request k within a time [s]."""
        columns, chosen = self.instance.arrays, np.array([k])
        return float(constant_bandwidths(columns.channel[chosen], columns.input_bits[chosen], np.array([time_s]))[0])

    def rate(self, k: int, bandwidth_hz: float) -> float:
        """Rate [bit/s] of request k at a bandwidth."""
        return float(rate(self.instance.arrays.channel[np.array([k])], np.array([bandwidth_hz]))[0])

    def upload(self, k: int, bandwidth_hz: float) -> float:
        """Upload time [s] of request k at a bandwidth."""
        columns, chosen = self.instance.arrays, np.array([k])
        return float(upload_time(columns.channel[chosen], columns.input_bits[chosen], np.array([bandwidth_hz]))[0])

    def tangent(self, k: int, time_s: float) -> tuple[float, float]:
        """Height at time 0 [Hz] and slope [Hz/s] of the tangent to f_k at a time: that of the cone formulation."""
        band, unit = self.instance.server.bandwidth_hz, self.data.unit_s
        height, slope = BandData(self.data).tangent(self.instance.requests[k].id, time_s / unit)
        return height * band, slope * band / unit


def _names(case: Case) -> list[str]:
    """Which request is which number; units."""
    server, named = case.instance.server, sorted({*case.shown, *case.batch})
    requests = [case.instance.requests[k] for k in named]
    return [
        f"% Substitution for {_text(case.instance.name)}: {server.uplink} uplink.",
        "% Bandwidth b and B in Hz, time in s, inputs D in bit, a = D / eta in Hz s. Requests by their number:",
        *(f"% {k + 1} is {_text(request.id)} for {_text(request.model)}" for k, request in zip(named, requests)),
        "",
    ]


def _joint(case: Case) -> list[str]:
    """Step 1: the constraints as the joint problem has them."""
    columns, rows = case.instance.arrays, []
    for k in case.shown:
        quality, b = _tex(columns.channel.quality[k]), f"b_{{{k + 1}}}"
        if columns.channel.flat[k]:
            worth = rf"{quality}\, {b}"
        else:
            worth = rf"{b} \log_2 \left( 1 + {quality} / {b} \right)"
        rows.append(rf"{worth}\, {case.time} \geq {_tex(columns.input_bits[k])}\, y_{{n,{k + 1}}}")
    decision = "z_{k}" if case.static else "y_{n,k}"
    rows.append(rf"\sum_{{k}} b_{{k}} {decision} \leq {_tex(case.instance.server.bandwidth_hz)}")
    text = f"""
        1. The joint problem in slot n: rate times time is no less than the input, for whoever is served{case.rest};
        {"all who are served, in whatever slot, share the band." if case.static else "who is in a slot shares the band."}
        """
    return _step(text, rows)


def _solved_for_bandwidth(case: Case) -> list[str]:
    """Step 2: what each request needs of the band, as a function of time."""
    columns, band, rows = case.instance.arrays, case.instance.server.bandwidth_hz, []
    for k in case.shown:
        b, y = f"b_{{{k + 1}}}", f"y_{{n,{k + 1}}}"
        if columns.channel.flat[k]:
            a = _tex(columns.spectrum_load[k])
            part = rf"\frac{{{_tex(columns.input_bits[k])}}}{{{_tex(columns.channel.quality[k])}}} = {a}"
            rows.append(rf"a_{{{k + 1}}} = {part}, \quad {b} \geq \frac{{{a}}}{{{case.time}}} {y}")
            continue
        alone = case.upload(k, band)
        points = ", \\quad ".join(rf"f_{{{k + 1}}}({_tex(t)}) = {_tex(case.needed(k, t))}" for t in (alone, 2 * alone))
        ceiling = _tex(columns.input_bits[k] * LN2 / columns.channel.quality[k])
        rows.append(rf"{b} \geq f_{{{k + 1}}}({case.time}) {y}, \quad {points}, \quad {case.time} > {ceiling}")
    flat = """
        2. Divide by the time, and by eta: what a flat channel needs of the band. Where the time is 0, step 1 serves nobody.
        """
    limited = """
        2'. Invert the rate: f_k(t) is the bandwidth b at which b log2(1 + c / b) = D / t. The rate is increasing and concave
        in b, so 1 / rate is convex, the b and t with t >= D / rate(b) are a convex set, and f_k, its edge, is convex
        and decreasing. Half the band takes less than twice the time: f_k at twice the time is below B / 2. No bandwidth
        is enough at or before D ln 2 / c.
        """
    return _step((flat if columns.channel.flat[case.shown].any() else "") + (limited if case.limited else ""), rows)


def _summed(case: Case) -> list[str]:
    """Step 3 of flat channels: the slot's least time, and bandwidths that reach it."""
    text = """
        3. Multiply step 2 by y, where y y = y, and add up the slot: no bandwidth is left in what the time must be.
        And back: with that time, b_k = B a_k / (sum of a over the slot) keeps to the band and ends every upload at
        t_n; a request is in one slot at most, so its b_k is set once. A longer t_n never helps. The plans and times of
        the joint problem are therefore those without bandwidth, and so is the optimum (problems, fact 1).
        """
    rows = [
        r"B \geq \sum_{k} b_{k} y_{n,k} \geq \frac{1}{t_{n}} \sum_{k} a_{k} y_{n,k}",
        rf"t_{{n}} \geq \frac{{1}}{{B}} \sum_{{k}} a_{{k}} y_{{n,k}}, \quad B = {_tex(case.instance.server.bandwidth_hz)}",
        r"b_{k} = B \frac{a_{k}}{\sum_{l} a_{l} y_{n,l}}",
    ]
    return _step(text, rows)


def _linear(case: Case) -> list[str]:
    """Step 4 of flat channels: the constraint of the slot formulation."""
    terms = [rf"{_tex(case.alone(k))}\, y_{{n,{k + 1}}}" for k in case.shown]
    uploads = " + ".join([*terms, *([r"\cdots"] if case.rest else [])])
    rows = [rf"e_{{n}} \geq e_{{n - 1}} + {uploads} + c_{{n}}"]
    if case.instance.server.uplink == "pipelined":
        rows = [rf"v_{{n}} = v_{{n - 1}} + {uploads}", r"e_{n} \geq v_{n} + c_{n}"]
    text = f"""
        4. With u_k = a_k / B, in seconds{case.rest}: the linear constraint of the slot formulation. The products are gone.
        """
    return _step(text, rows)


def _root(case: Case) -> list[str]:
    """Step 3 of power-limited channels: the slot's least time is a root."""
    text = """
        3. Add up the slot (flat channels: f_k(t) = a_k / t). The left side falls with t_n, so the least t_n is where it meets
        B, and b_k = f_k(t_n) reaches it: given the slots, nothing is lost (problems, facts 1 and 2).
        But this time is no sum over the requests of the slot: together they take less than one after another.
        """
    rows = [
        rf"\sum_{{k}} f_{{k}}(t_{{n}}) y_{{n,k}} \leq {_tex(case.instance.server.bandwidth_hz)}",
        *(rf"t(\{{{k + 1}\}}) = {_tex(case.alone(k))}" for k in case.batch),
    ]
    if len(case.batch) > 1:
        everybody = ", ".join(str(k + 1) for k in case.batch)
        after = _tex(sum(case.alone(k) for k in case.batch))
        rows.append(rf"t(\{{{everybody}\}}) = {_tex(case.least_time(case.batch))} \leq {after}")
    return _step(text, rows)


def _static(case: Case) -> list[str]:
    """Step 3 of the static uplink: a cone for each request, one band for all."""
    text = """
        3. Who is not served needs nothing, so the b_k themselves add up to B at most. Slots cannot be added up one by one:
        those of all slots hold their bandwidth at once, and a later r_n of one slot leaves band to the others.
        Since y y = y, a flat channel's constraint is a rotated second-order cone: exact, and convex where y may be a
        fraction.
        """
    band = _tex(case.instance.server.bandwidth_hz)
    rows = [rf"\sum_{{k}} b_{{k}} \leq {band}", rf"\sum_{{n}} \sum_{{k}} f_{{k}}(r_{{n}}) y_{{n,k}} \leq {band}"]
    for k in case.shown:
        if case.instance.arrays.channel.flat[k]:
            a = _tex(case.instance.arrays.spectrum_load[k])
            rows.append(rf"b_{{{k + 1}}} r_{{n}} \geq {a}\, y_{{n,{k + 1}}}^2, \quad b_{{{k + 1}}}, r_{{n}} \geq 0")
    return _step(text, rows)


def _tangents(case: Case) -> list[str]:
    """Step 4 where the function of time is not linear: what a MILP can say of it."""
    tau = case.least_time(case.batch)
    rows = [
        rf"{_share(case, 'k')} \geq \left( f_{{k}}(\tau) - \tau f_{{k}}'(\tau) \right) y_{{n,k}}"
        rf" + f_{{k}}'(\tau) {case.time}",
        r"\text{flat:}\quad f_{k}(\tau) = \frac{a_{k}}{\tau}, \quad"
        rf" {_share(case, 'k')} \geq \frac{{a_{{k}} \left( 2 \tau y_{{n,k}} - {case.time} \right)}}{{\tau^2}}",
        rf"\tau = {_tex(tau)}",
    ]
    for k in case.batch:
        height, slope = case.tangent(k, tau)
        bound = rf"{_tex(height)}\, y_{{n,{k + 1}}} - {_tex(-slope)}\, {case.time}"
        rows.append(rf"{_share(case, k + 1)} \geq {bound}")
        late = LATER * tau
        there = rf"f_{{{k + 1}}}({_tex(late)}) = {_tex(case.needed(k, late))}"
        rows.append(rf"{there} \geq {_tex(height + slope * late)}")
    own = "" if case.static else ", with b_{n,k} for b_k y_{n,k} and sum_k b_{n,k} <= B in every slot"
    closing = (
        """
        Flat: they are short of a_k / r by the part (1 - r / tau)^2. Every plan satisfies them, but a plan that satisfies
        finitely many may lack band: a relaxation. It is checked with f_k itself and, where it fails, touched again.
        """
        if case.static
        else """
        If tau is the least time of a batch, the tangents of its requests there add up to B + slope (t_n - tau) <= B
        with a slope below 0, so t_n >= tau: exact for this batch. Every batch has a tau of its own, and there are more
        batches than can be listed: which tangents a MILP needs is known only as its plans are found. With those of any
        list made in advance it is a relaxation, whose times may be too short for batches that are not in the list.
        """
    )
    text = f"""
        4. Tangents at any time tau{own}. True of every plan: where y = 1 because f_k is convex, where y = 0 because its slope
        is below 0 and bandwidth is not.{closing}
        Here: tau is the least time of the batch of step 5; below each tangent, what is needed {LATER:g} times later, and
        what the tangent says there.
        """
    return _step(text, rows)


def _example(case: Case) -> list[str]:
    """Step 5: one batch, from its inputs to the end of its uploads."""
    columns, band, batch = case.instance.arrays, case.instance.server.bandwidth_hz, case.batch
    least = case.least_time(batch)
    if columns.channel.flat[batch].all():
        loads = [_tex(columns.spectrum_load[k]) for k in batch]
        time = rf"\frac{{{' + '.join(loads)}}}{{{_tex(band)}}} = {_tex(least)}"
    else:
        time = _tex(least)
    symbol = "r" if case.static else "t"
    rows = [f"{symbol} = {time}"]
    total = 0.0
    for k in batch:
        needed = case.needed(k, least)
        total += needed
        upload = (
            rf"\frac{{{_tex(columns.input_bits[k])}}}{{{_tex(case.rate(k, needed))}}} = {_tex(case.upload(k, needed))}"
        )
        rows.append(rf"b_{{{k + 1}}} = {_tex(needed)}, \quad {upload}")
    rows.append(rf"\sum_{{k}} b_{{k}} = {_tex(total)} \leq {_tex(band)}")
    everybody = ", ".join(str(k + 1) for k in batch)
    alone = ", ready as soon as the band allows if nobody else is served" if case.static else ""
    text = f"""
        5. The batch of {everybody}{alone}: the time, each bandwidth, the upload time that follows (input over rate), the sum.
        """
    return _step(text, rows)


def _share(case: Case, k: int | str) -> str:
    return f"b_{{{k}}}" if case.static else f"b_{{n,{k}}}"


def _step(text: str, rows: Iterable[str]) -> list[str]:
    """Text as comments, then a row of LaTeX for each formula, and an empty line."""
    said = [f"% {line.strip()}" for line in text.splitlines() if line.strip()]
    return [*said, r"\begin{align*}", *(rf" & {row} \\" for row in rows), r"\end{align*}", ""]


def _text(name: str) -> str:
    """A name on one line, whatever it holds."""
    return name if name.isprintable() else repr(name)


def _tex(value: float) -> str:
    r"""A number in LaTeX: ``8 \cdot 10^{5}``."""
    digits, _, exponent = f"{value:.6g}".partition("e")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}" if exponent else digits
