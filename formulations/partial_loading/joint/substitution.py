r"""How bandwidth leaves the joint problem, step by step, with the numbers of an instance.

The joint problem has products of bandwidth and time. Flat channels with a slotted or pipelined uplink: dividing each
constraint by the time and adding up a slot leaves something linear and loses nothing (problems, fact 1). Power-limited
channels: the same steps leave one convex function of time per request (fact 2), which a MILP can only touch. Static
uplink: requests of all slots hold their bandwidth at the same time, so no slot can be added up by itself.

Everything is in the problem's own units: hertz, seconds, bits. The formulations divide bandwidths by B and rates by
the request's rate on the whole band, which changes no step.
"""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap

from partload.formulations.partial_loading.joint.substitution_data import Numbers
from partload.formulations.partial_loading.slot import features
from partload.instances.partial_loading.instance import Instance

LATER = 1.25
"""A tangent is also evaluated this much later than where it touches."""
COLUMNS = 118
"""Width of the text, without the sign that makes it a comment."""


def substitution(instance: Instance) -> list[str]:
    """The derivation as lines of LaTeX: ``align*`` blocks, with all text as comments.

    For flat channels and a slotted or pipelined uplink it ends in the linear constraints of the slot formulation; for
    the rest in the tangents of the cone formulation. It says what is exact and what a relaxation.
    """
    numbers = Numbers(instance)
    if not numbers.uploads:
        return [
            "% No request that can be in time has bits to upload: the joint problem has no bandwidth, and is linear."
        ]
    if numbers.static:
        steps = (_joint, _needed, _cones, _tangents, _example)
    elif numbers.limited:
        steps = (_joint, _needed, _root, _tangents, _example)
    else:
        steps = (_joint, _needed, _summed, _linear, _example)
    return [*_names(numbers), *(line for step in steps for line in step(numbers))]


def _names(numbers: Numbers) -> list[str]:
    """Which request has which number; units."""
    server, requests = numbers.instance.server, numbers.instance.requests
    return [
        f"% How bandwidth leaves the joint problem: {_text(numbers.instance.name)}, {server.uplink} uplink.",
        "% b, B, c in Hz; t, r, e, u in s; D in bit; eta in bit/s/Hz; a in Hz s. Requests that are printed:",
        *(f"% {k + 1}: {_text(requests[k].id)}" for k in sorted({*numbers.printed, *numbers.batch})),
        "",
    ]


def _joint(numbers: Numbers) -> list[str]:
    """Step 1: the constraints as the joint problem has them."""
    rows = []
    for k in numbers.printed:
        quality, b = _tex(numbers.quality(k)), f"b_{{{k + 1}}}"
        flat = k in numbers.flat
        worth = rf"{quality}\, {b}" if flat else rf"{b} \log_2 \left( 1 + {quality} / {b} \right)"
        rows.append(rf"{worth}\, {_time(numbers)} \geq {_tex(numbers.bits(k))}\, y_{{n,{k + 1}}}")
    decision = "z_{k}" if numbers.static else "y_{n,k}"
    rows += [*_more(numbers), rf"\sum_{{k}} b_{{k}} {decision} \leq {_tex(numbers.band)}"]
    text = "1. The joint problem in slot n: rate times time covers the input of whoever is served, and the band covers "
    text += "all who are served, in whatever slot." if numbers.static else "whoever is in the slot."
    return _step([text], rows)


def _needed(numbers: Numbers) -> list[str]:
    """Step 2: what each request needs of the band, as a function of time."""
    rows, text, time = [], [], _time(numbers)
    for k in numbers.printed:
        b, y, f = f"b_{{{k + 1}}}", f"y_{{n,{k + 1}}}", f"f_{{{k + 1}}}"
        if k in numbers.flat:
            a, bits, quality = (_tex(value) for value in (numbers.load(k), numbers.bits(k), numbers.quality(k)))
            rows.append(
                rf"a_{{{k + 1}}} = \frac{{{bits}}}{{{quality}}} = {a}, \quad {b} \geq \frac{{{a}}}{{{time}}} {y}"
            )
            continue
        alone = numbers.least_time([k])
        points = (f"{f}({_tex(t)}) = {_tex(numbers.needed(k, t))}" for t in (alone, 2 * alone))
        known = r",\quad ".join((*points, f"{time} > {_tex(numbers.ceiling(k))}"))
        rows.append(rf"{b} \geq {f}({time}) {y}, \quad {known}")
    if numbers.flat:
        text.append(
            "2. Flat channels: divide by eta and by the time. This is what a request needs of the band. (Where the "
            "time is 0, step 1 serves nobody who has bits.)"
        )
    if numbers.limited:
        text.append(
            "2'. Power-limited channels: invert the rate. f_k(t) is the bandwidth b at which b log2(1 + c / b) = D "
            "/ t. The rate is increasing and concave in b, so D / rate(b) is convex, the pairs with t >= D / "
            "rate(b) are a convex set, and f_k, its edge, is convex and decreasing. Half the band takes less than "
            "twice the time, so f_k at twice the time is below B / 2. No bandwidth is enough for D ln 2 / c or less."
        )
    return _step(text, [*rows, *_more(numbers)])


def _summed(numbers: Numbers) -> list[str]:
    """Step 3 of flat channels: the slot's least time, and bandwidths that reach it."""
    there = (
        "3. There: multiply step 2 by y, where y y = y, and add up the slot. What is left is a bound on the time, "
        "without bandwidth."
    )
    back = (
        "And back: at that time, b_k = B a_k / (sum of a over the slot) adds up to B and ends every upload at t_n. "
        "A request is in one slot at most, so its b_k is set once; a longer t_n never helps. So the joint problem "
        "has the same plans and times as the one without bandwidth, and the same optimum (problems, fact 1)."
    )
    rows = [
        r"B \geq \sum_{k} b_{k} y_{n,k} \geq \frac{1}{t_{n}} \sum_{k} a_{k} y_{n,k}",
        rf"t_{{n}} \geq \frac{{1}}{{B}} \sum_{{k}} a_{{k}} y_{{n,k}}, \quad B = {_tex(numbers.band)}",
        r"b_{k} = B \frac{a_{k}}{\sum_{l} a_{l} y_{n,l}}",
    ]
    return _step([there, back], rows)


def _linear(numbers: Numbers) -> list[str]:
    """Step 4 of flat channels: the constraint of the slot formulation."""
    terms = [rf"{_tex(numbers.least_time([k]))}\, y_{{n,{k + 1}}}" for k in numbers.printed]
    uploads = " + ".join([*terms, *([r"\cdots"] if _more(numbers) else [])])
    rows = [rf"v_{{n}} = v_{{n - 1}} + {uploads}", r"e_{n} \geq v_{n} + c_{n}"]
    if features.uplink(numbers.instance.server).within_slot:
        rows = [rf"e_{{n}} \geq e_{{n - 1}} + {uploads} + c_{{n}}"]
    text = "4. With u_k = a_k / B the time of a slot's uploads is linear, as the slot formulation has it."
    return _step([text], [*rows, *_more(numbers)])


def _root(numbers: Numbers) -> list[str]:
    """Step 3 of power-limited channels: the slot's least time is a root."""
    too = " (f_k(t) = a_k / t on flat channels)" if numbers.flat else ""
    text = [
        f"3. Add up the slot{too}. The left side falls with t_n, so the least t_n is where it meets B, and "
        "b_k = f_k(t_n) reaches it: given the slots, nothing is lost (problems, facts 1 and 2)."
    ]
    rows = [rf"\sum_{{k}} f_{{k}}(t_{{n}}) y_{{n,k}} \leq {_tex(numbers.band)}"]
    if len(numbers.batch) > 1:
        text.append(
            "But this time is no sum over the requests of the slot: together they take no longer than in turn, and "
            "less once a channel is power-limited."
        )
        alone = [numbers.least_time([k]) for k in numbers.batch]
        rows += [rf"t(\{{{k + 1}\}}) = {_tex(time)}" for k, time in zip(numbers.batch, alone)]
        together = _tex(numbers.least_time(numbers.batch))
        rows.append(rf"t(\{{{_listed(numbers.batch)}\}}) = {together} \leq {_tex(sum(alone))}")
    return _step(text, rows)


def _cones(numbers: Numbers) -> list[str]:
    """Step 3 of the static uplink: a cone for each request, one band for all."""
    coupled = (
        "3. Who is not served needs nothing, so all b_k together are at most B. Slots cannot be added up one by "
        "one: all hold their bandwidth at once, and a slot that is ready later leaves band to the others."
    )
    kinds = []
    if numbers.flat:
        kinds.append("of flat channels these are rotated second-order cones")
    if numbers.limited:
        kinds.append("of power-limited channels b >= y f(r/y), a cone too")
    cones = (
        "Since y y = y, the constraints can be written without losing anything so that y scales them: "
        f"{'; '.join(kinds)}. That is convex but for y being 0 or 1; linear it is not."
    )
    band = _tex(numbers.band)
    rows = [rf"\sum_{{k}} b_{{k}} \leq {band}", rf"\sum_{{n}} \sum_{{k}} f_{{k}}(r_{{n}}) y_{{n,k}} \leq {band}"]
    for k in numbers.printed:
        b, y = f"b_{{{k + 1}}}", f"y_{{n,{k + 1}}}"
        if k in numbers.flat:
            rows.append(rf"{b} r_{{n}} \geq {_tex(numbers.load(k))}\, {y}^2, \quad {b}, r_{{n}} \geq 0")
        else:
            rows.append(rf"{b} \geq {y} f_{{{k + 1}}} \left( r_{{n}} / {y} \right)")
    return _step([coupled, cones], [*rows, *_more(numbers)])


def _tangents(numbers: Numbers) -> list[str]:
    """Step 4 where what is needed is not linear in time: what a MILP can say of it."""
    time, tau = _time(numbers), numbers.least_time(numbers.batch)
    rows = [
        rf"{_b(numbers, 'k')} \geq \left( f_{{k}}(\tau) - \tau f_{{k}}'(\tau) \right) y_{{n,k}} + f_{{k}}'(\tau) {time}"
    ]
    if numbers.flat:
        bound = rf"\frac{{a_{{k}} \left( 2 \tau y_{{n,k}} - {time} \right)}}{{\tau^2}}"
        rows.append(
            rf"\text{{flat:}}\quad f_{{k}}(\tau) = \frac{{a_{{k}}}}{{\tau}}, \quad {_b(numbers, 'k')} \geq {bound}"
        )
    rows.append(rf"\tau = {_tex(tau)}")
    late = LATER * tau
    for k in numbers.batch:
        height, slope = numbers.tangent(k, tau)
        own = rf"{_tex(height)}\, y_{{n,{k + 1}}} - {_tex(-slope)}\, {time}"
        there, touching = _tex(numbers.needed(k, late)), _tex(height + slope * late)
        rows.append(rf"{_b(numbers, k + 1)} \geq {own}, \quad f_{{{k + 1}}}({_tex(late)}) = {there} \geq {touching}")
    here = (
        f"Here tau is the least time of the batch of step 5. Beside each tangent: what is needed {LATER:g} times "
        "later, and what the tangent says of it."
    )
    return _step([_why_tangents(numbers), _how_far_tangents(numbers), here], rows)


def _why_tangents(numbers: Numbers) -> str:
    own = "" if numbers.static else " b_{n,k} stands for b_k y_{n,k}, and adds up to B at most in every slot."
    return (
        f"4. Tangents at times tau > 0.{own} They hold for every plan: where y = 1 because f_k is convex, where y = "
        "0 because its slope is below 0 and bandwidth is not."
    )


def _how_far_tangents(numbers: Numbers) -> str:
    """What finitely many tangents prove, and what not."""
    if numbers.static:
        short = (
            "On a flat channel a tangent is short by the part (1 - r / tau)^2 of what is needed. "
            if numbers.flat
            else ""
        )
        return (
            f"{short}A plan that satisfies finitely many may still need more than the band: this is a relaxation. "
            "Its plans are checked with f_k itself, and where one fails, tangents at its own times are added."
        )
    return (
        "If tau is the least time of a batch, the tangents of its requests there add up to B + s (t_n - tau) with s "
        "< 0, which is at most B only if t_n >= tau: exact for this batch. But every batch has a tau of its own, "
        "and there are too many to list: which tangents give a MILP with the same optimum is not known in advance. "
        "With fewer it is a relaxation, whose times may be too short; it becomes exact as the tangents of the "
        "batches it finds are added."
    )


def _example(numbers: Numbers) -> list[str]:
    """Step 5: one batch, from its inputs to the end of its uploads."""
    batch, band = numbers.batch, _tex(numbers.band)
    least = numbers.least_time(batch)
    sum_of_loads = ""
    if set(batch) <= set(numbers.flat):
        loads = " + ".join(_tex(numbers.load(k)) for k in batch)
        sum_of_loads = rf"\frac{{{loads}}}{{{band}}} = "
    rows = [f"{'r' if numbers.static else 't'} = {sum_of_loads}{_tex(least)}"]
    shares = [numbers.needed(k, least) for k in batch]
    for k, share in zip(batch, shares):
        upload = (
            rf"\frac{{{_tex(numbers.bits(k))}}}{{{_tex(numbers.rate(k, share))}}} = {_tex(numbers.upload(k, share))}"
        )
        rows.append(rf"b_{{{k + 1}}} = {_tex(share)}, \quad {upload}")
    rows.append(rf"\sum_{{k}} b_{{k}} = {_tex(sum(shares))} \leq {band}")
    alone = " and nobody else" if numbers.static else ""
    text = (
        f"5. For example a batch of {_listed(batch)}{alone}: its least time; the bandwidth of each, and input over "
        "rate, which is the time again; the bandwidths together."
    )
    return _step([text], rows)


def _time(numbers: Numbers) -> str:
    """The time that the uploads of slot n may take."""
    return "r_{n}" if numbers.static else "t_{n}"


def _b(numbers: Numbers, k: int | str) -> str:
    return f"b_{{{k}}}" if numbers.static else f"b_{{n,{k}}}"


def _more(numbers: Numbers) -> list[str]:
    left = len(numbers.uploads) - len(numbers.printed)
    return [f"% and {left} more"] if left else []


def _listed(batch: list[int]) -> str:
    return ", ".join(str(k + 1) for k in batch)


def _step(text: Iterable[str], rows: Iterable[str]) -> list[str]:
    """Paragraphs as comments, then a row of LaTeX for each formula, and an empty line."""
    said = [f"% {line}" for paragraph in text for line in wrap(paragraph, COLUMNS)]
    set_out = (row if row.startswith("%") else rf" & {row} \\" for row in rows)
    return [*said, r"\begin{align*}", *set_out, r"\end{align*}", ""]


def _text(name: str) -> str:
    """A name on one line, whatever it holds."""
    return name if name.isprintable() else repr(name)


def _tex(value: float) -> str:
    r"""A number in LaTeX: ``8 \cdot 10^{5}``."""
    digits, _, exponent = f"{value:.6g}".partition("e")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}" if exponent else digits
