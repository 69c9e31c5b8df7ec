"""PartialLoading instances small enough to solve on paper; each description gives the solution.

The band has 1 Hz and the server loads 1 byte per second, so sizes and loads on the spectrum are seconds.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from partload.instances.channels import FlatChannel
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server

RequestData = tuple[str, float, float]
"""Model, load on the spectrum a_k [Hz s], deadline [s] of a request."""


def three_models() -> Instance:
    """Sharing doubles the number of requests served."""
    return _instance(
        "three-models",
        "The first lesson. A has block alpha, B has alpha and beta, C shares nothing. A with both its requests takes "
        "max(4, 1 + 2) + 1 + 2 = 7 s; B after it loads beta only, max(3, 1 + 2) + 1 + 2 = 6 s; together 13 s, exactly "
        "the deadline: 4 of 6 requests. B before A serves 3, and with private copies of alpha no order serves more "
        "than 2.",
        {"alpha": 4, "beta": 3, "gamma": 5},
        [_model("A", "alpha", setup=1, each=1), _model("B", "alpha beta", setup=1, each=1), _model("C", "gamma", 1, 1)],
        [("A", 1, 13), ("A", 2, 13), ("B", 1, 13), ("B", 2, 13), ("C", 1, 13), ("C", 3, 13)],
    )


def once_or_any(visits: str) -> Instance:
    """An upload hides a load, so a second visit serves one more request (problems, fact 9)."""
    served = {"once": "A model is visited once here: 3 of 4.", "any": "Any number of visits here: 4 of 4."}[visits]
    return _instance(
        f"visits-{visits}",
        "The two requests for m upload for 7 s each, which hides the load of its blocks P and Q. Visiting m before x "
        "and again before y brings P to x and Q to y for nothing: m, x, m, y ends at 16 s. With one visit a block is "
        f"loaded in sight of the clock and only 3 can be served. {served}",
        {"P": 3, "Q": 3, "X": 1, "Y": 1},
        [_model("m", "P Q"), _model("x", "P X"), _model("y", "Q Y")],
        [("m", 7, 16), ("m", 7, 16), ("x", 0, 16), ("y", 0, 16)],
        visits=visits,
    )


def decimal_tie() -> Instance:
    """Decimals without an exact binary form: 0.1 + 0.2 exceeds 0.3 by the last bit."""
    return _instance(
        "decimal-tie",
        "Two models, each 0.1 s of load and 0.2 s of batch, with deadlines 0.3 and 0.6 s: both are met exactly, "
        "although 0.1 + 0.2 is a last bit above 0.3 in floating point. Both requests can be served.",
        {"P": 0.1, "Q": 0.1},
        [_model("p", "P", setup=0.2), _model("q", "Q", setup=0.2)],
        [("p", 0, 0.3), ("q", 0, 0.6)],
    )


def hidden_backbone() -> Instance:
    """Which model of a cluster pays for the backbone is a choice (problems, fact 6)."""
    return _instance(
        "hidden-backbone",
        "One backbone of 4, two models with it. The request for 'long' uploads for 5 s, which hides the backbone and "
        "its private block: long, then short, then other ends at 5 + 1 + 2 = 8 s, the deadline: 3 of 3. With short "
        "before long the backbone is paid in sight of the clock, 5 + 5 s, and 2 are served.",
        {"backbone": 4, "of-long": 1, "of-short": 1, "of-other": 2},
        [_model("long", "backbone of-long"), _model("short", "backbone of-short"), _model("other", "of-other")],
        [("long", 5, 8), ("short", 0, 8), ("other", 1, 8)],
    )


def full_batch() -> Instance:
    """The largest uploads belong in the first batch, where they hide behind the load (problems, fact 4)."""
    return _instance(
        "full-batch",
        "At most two requests in a batch. The model loads for 6 s; with the uploads 5 and 1 in the first batch and 1 "
        "and 1 in the second it ends at max(6, 6) + 1 + 2 + 1 = 10 s, the deadline: 4 of 5. With the small uploads "
        "first it would end at 6 + 1 + 6 + 1 = 14 s. There is no time for the second model as well.",
        {"P": 6, "Q": 3},
        [_model("p", "P", setup=1, max_batch=2), _model("q", "Q", setup=1)],
        [("p", 5, 10), ("p", 1, 10), ("p", 1, 10), ("p", 1, 10), ("q", 0, 10)],
    )


def tool_switching() -> Instance:
    """Unit blocks and memory for three of them: the job sequencing and tool switching problem (problems, fact 5)."""
    return _instance(
        "tool-switching",
        "Blocks of 1, memory for three, what to keep is a decision. Loading five blocks takes 5 s, the deadline, so "
        "no block may be loaded twice: 13 (load 1 and 3), 34 (load 4, keep 1), 24 (load 2, drop 3), 12 (nothing "
        "missing), 125 (load 5, drop 4) serves 5 of 5. With residency previous only 4 can be served.",
        {"1": 1, "2": 1, "3": 1, "4": 1, "5": 1},
        [_model(name, " ".join(name)) for name in ("12", "34", "13", "24", "125")],
        [(name, 0, 5) for name in ("12", "34", "13", "24", "125")],
        residency="cached",
        memory_bytes=3,
    )


def static_band() -> Instance:
    """With constant shares of the band fewer requests are served than one after another on the whole band."""
    return _instance(
        "static-band",
        "Each request holds a share of the band from time 0 until its slot is ready. One request for a, ready at 2 s, "
        "and that for b, ready at 4 s, need 1/2 + 2/4 = 1 Hz, the whole band: 2 of 3. Slotted or pipelined, all "
        "three are served by 4 s.",
        {"P": 2, "Q": 2},
        [_model("a", "P"), _model("b", "Q")],
        [("a", 1, 4), ("a", 1, 4), ("b", 2, 4)],
        uplink="static",
    )


def _model(name: str, blocks: str, setup: float = 0, each: float = 0, max_batch: int | None = None) -> Model:
    return Model(name, tuple(blocks.split()), setup, each, max_batch=max_batch)


def _instance(
    name: str,
    description: str,
    blocks: dict[str, float],
    models: Sequence[Model],
    requests: Sequence[RequestData],
    **server: Any,
) -> Instance:
    number: dict[str, itertools.count[int]] = {model.id: itertools.count(1) for model in models}
    return Instance(
        name=name,
        server=Server(bandwidth_hz=1, load_rate_bytes_per_s=1, **server),
        blocks=tuple(Block(block, size) for block, size in blocks.items()),
        models=tuple(models),
        requests=tuple(
            Request(f"{model}.{next(number[model])}", model, load, FlatChannel(1), deadline)
            for model, load, deadline in requests
        ),
        description=description,
        provenance={"made": "by hand"},
    )
