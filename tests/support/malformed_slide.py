"""Files of SLIDE that must be refused, as data, made like those of ``tests.support.malformed``."""

from __future__ import annotations

from tests.support.malformed import (
    LONG_INTEGER,
    NOT_FINITE,
    Document,
    Malformed,
    Steps,
    at,
    put,
    raw,
    repeated,
    without,
)

INSTANCE: Document = {
    "format": "partload/slide",
    "version": 1,
    "name": "right",
    "description": "nothing is wrong here",
    "provenance": {"source": "made by hand"},
    "frequency": "per-device",
    "downlink": {"bandwidth_hz": 10.0},
    "models": [
        {
            "id": "m",
            "accuracy": 0.75,
            "layers": [
                {"id": "first", "size_bytes": 1.0, "work_flop": 2.0},
                {"size_bytes": 1.0, "work_flop": 2.0},
            ],
        },
        {"id": "n", "layers": [{"size_bytes": 1.0, "work_flop": 2.0}]},
    ],
    "users": [
        {
            "id": "u0",
            "models": ["m", "n"],
            "channel": {"kind": "flat", "spectral_efficiency_bps_per_hz": 2.0},
            "deadline_s": 9.0,
            "max_flop_per_s": 3.0,
            "min_flop_per_s": 1.0,
            "min_accuracy": 0.5,
            "weight": 2.0,
            "energy_budget_j": 100.0,
            "energy_coefficient": 1.0,
        },
        {
            "id": "u1",
            "models": ["n"],
            "channel": {"kind": "power-limited", "snr_hz": 5.0},
            "deadline_s": 9.0,
            "max_flop_per_s": 3.0,
        },
    ],
}
SOLUTION: Document = {
    "format": "partload/slide-solution",
    "version": 1,
    "instance": "right",
    "instance_sha256": None,
    "method": "by-hand",
    "options": {"anything": [1, "goes"]},
    "seed": 3,
    "status": "feasible",
    "termination": "heuristic-end",
    "objective": 1.0,
    "bound": 4.0,
    "gap": 0.75,
    "metrics": {"served": 1},
    "timing": {"build_s": 0.0, "solve_s": 0.0, "total_s": 0.0},
    "provenance": {"python": "3"},
    "users": [
        {
            "id": "u0",
            "model": "m",
            "bandwidth_hz": 10.0,
            "flop_per_s": 2.0,
            "download_end_s": [0.4, 0.8],
            "compute_end_s": [1.4, 2.4],
            "energy_j": 16.0,
        }
    ],
}

DOWNLINK, MODEL, LAYER, USER = ("downlink",), ("models", 0), ("models", 0, "layers", 0), ("users", 0)
CHANNEL, TIMING, SERVED = (*USER, "channel"), ("timing",), ("users", 0)
POSITIVE: tuple[Steps, ...] = (
    (*DOWNLINK, "bandwidth_hz"),
    (*CHANNEL, "spectral_efficiency_bps_per_hz"),
    ("users", 1, "channel", "snr_hz"),
    *((*USER, key) for key in ("deadline_s", "max_flop_per_s", "weight", "energy_budget_j", "energy_coefficient")),
)
NON_NEGATIVE: tuple[Steps, ...] = ((*LAYER, "size_bytes"), (*LAYER, "work_flop"), (*USER, "min_flop_per_s"))
SHARES: tuple[Steps, ...] = ((*MODEL, "accuracy"), (*USER, "min_accuracy"))
NUMBERS = (*POSITIVE, *NON_NEGATIVE, *SHARES)
OPTIONAL_NUMBERS = (*SHARES, (*USER, "energy_budget_j"), (*USER, "energy_coefficient"))
TEXTS: tuple[Steps, ...] = (
    ("name",),
    ("description",),
    ("provenance", "source"),
    (*MODEL, "id"),
    (*LAYER, "id"),
    (*USER, "id"),
    (*USER, "models", 1),
)
LISTS: tuple[Steps, ...] = (("models",), ("users",), (*MODEL, "layers"), (*USER, "models"))
OBJECTS: tuple[Steps, ...] = (DOWNLINK, ("provenance",), MODEL, LAYER, USER, CHANNEL)
REQUIRED: tuple[Steps, ...] = (
    *((key,) for key in ("format", "version", "name", "downlink", "models", "users")),
    (*DOWNLINK, "bandwidth_hz"),
    *((*MODEL, key) for key in ("id", "layers")),
    *((*LAYER, key) for key in ("size_bytes", "work_flop")),
    *((*USER, key) for key in ("id", "models", "channel", "deadline_s", "max_flop_per_s")),
    (*CHANNEL, "spectral_efficiency_bps_per_hz"),
    ("users", 1, "channel", "snr_hz"),
)
NEAR_MISSES: tuple[Steps, ...] = (
    ("downlinks",),
    (*DOWNLINK, "bandwith_hz"),
    (*MODEL, "layer"),
    (*LAYER, "work_flops"),
    (*USER, "max_flops_per_s"),
    (*CHANNEL, "snr_db"),
)

BY_SCHEMA: tuple[Malformed, ...] = (
    *(put(INSTANCE, 0, *steps) for steps in POSITIVE),
    *(put(INSTANCE, -1.5, *steps) for steps in NUMBERS),
    *(put(INSTANCE, "3", *steps) for steps in NUMBERS),
    *(put(INSTANCE, True, *steps) for steps in NUMBERS),
    *(put(INSTANCE, [1], *steps) for steps in (POSITIVE[0], NON_NEGATIVE[0], SHARES[0])),
    *(put(INSTANCE, {}, *steps) for steps in (POSITIVE[0], NON_NEGATIVE[0], SHARES[0])),
    *(put(INSTANCE, None, *steps) for steps in NUMBERS if steps not in OPTIONAL_NUMBERS),
    *(put(INSTANCE, value, *steps) for steps in SHARES for value in (1.01, 75, -1e-9)),
    *(put(INSTANCE, 3, *steps) for steps in TEXTS),
    *(put(INSTANCE, None, *steps) for steps in TEXTS if steps not in (("description",), (*LAYER, "id"))),
    *(put(INSTANCE, {}, *steps) for steps in LISTS),
    *(put(INSTANCE, "a", *steps) for steps in LISTS),
    *(put(INSTANCE, [], *steps) for steps in ((*MODEL, "layers"), (*USER, "models"))),
    *(put(INSTANCE, [], *steps) for steps in OBJECTS),
    *(put(INSTANCE, 3, *steps) for steps in OBJECTS),
    *(put(INSTANCE, value, "frequency") for value in ("per-user", 1, None)),
    *(without(INSTANCE, *steps) for steps in REQUIRED),
    without(INSTANCE, *CHANNEL, "kind")._replace(path=at(CHANNEL)),
    put(INSTANCE, "round", *CHANNEL, "kind", path=at(CHANNEL)),
    *(put(INSTANCE, 1, *steps) for steps in NEAR_MISSES),
    *(put(INSTANCE, value, "version") for value in (0, 2, 1.5, "1", True, None)),
    put(INSTANCE, "partload/slides", "format"),
)
"""Wrong in a way that the JSON Schema of instances can tell too."""

BEYOND_SCHEMA: tuple[Malformed, ...] = (
    *(raw(INSTANCE, text, *steps) for text in NOT_FINITE for steps in (POSITIVE[0], NON_NEGATIVE[0], SHARES[0])),
    *(raw(INSTANCE, "1e999", *steps) for steps in NUMBERS),
    raw(INSTANCE, LONG_INTEGER, *USER, "deadline_s", name="an integer of 5000 digits", path=""),
    put(INSTANCE, "m", "models", 1, "id", name="model id twice"),
    put(INSTANCE, "u0", "users", 1, "id", name="user id twice"),
    put(INSTANCE, "nowhere", *USER, "models", 1, name="a user's model is not there"),
    put(INSTANCE, ["m", "n", "m"], *USER, "models", name="a model twice for a user", path="users[0].models[2]"),
    put(INSTANCE, 3.5, *USER, "min_flop_per_s", name="a least speed above the greatest"),
    put(INSTANCE, None, *USER, "energy_coefficient", name="a budget without its coefficient"),
    put(INSTANCE, None, *USER, "energy_budget_j", name="a coefficient without its budget"),
    without(INSTANCE, *USER, "energy_coefficient")._replace(name="a budget, and no key for its coefficient"),
    put(
        INSTANCE,
        [{**user, "weight": 1e308} for user in INSTANCE["users"]],
        "users",
        name="weights whose sum is beyond all doubles",
    ),
    repeated(INSTANCE, "frequency"),
    repeated(INSTANCE, *DOWNLINK, "bandwidth_hz"),
    repeated(INSTANCE, *LAYER, "size_bytes"),
    repeated(INSTANCE, *USER, "deadline_s"),
    repeated(INSTANCE, *CHANNEL, "kind"),
)
"""Wrong in a way that only reading tells."""

INSTANCES: tuple[Malformed, ...] = (*BY_SCHEMA, *BEYOND_SCHEMA)

SOLUTIONS: tuple[Malformed, ...] = (
    *(without(SOLUTION, *steps) for steps in (("instance",), ("users",))),
    *(without(SOLUTION, *SERVED, key) for key in ("id", "model", "bandwidth_hz", "flop_per_s")),
    *(put(SOLUTION, 3, *steps) for steps in (("instance",), ("method",), ("users",), SERVED, (*SERVED, "id"))),
    *(put(SOLUTION, "1", *steps) for steps in (("objective",), ("bound",), ("seed",), (*SERVED, "bandwidth_hz"))),
    *(put(SOLUTION, -1, *steps) for steps in (("objective",), ("gap",), (*SERVED, "bandwidth_hz"))),
    *(put(SOLUTION, -1, *SERVED, key) for key in ("energy_j", "flop_per_s")),
    *(put(SOLUTION, value, *SERVED, "flop_per_s") for value in ("2", None, {}, True)),
    put(SOLUTION, [2.0, -2.0], *SERVED, "flop_per_s", name="a speed below zero among those of the layers"),
    *(put(SOLUTION, 0.4, *SERVED, key) for key in ("download_end_s", "compute_end_s")),
    *(put(SOLUTION, [0.4, None], *SERVED, key, name=f"null in {key}") for key in ("download_end_s", "compute_end_s")),
    *(put(SOLUTION, "nearly", name) for name in ("status", "termination")),
    *(raw(SOLUTION, "NaN", *SERVED, key) for key in ("bandwidth_hz", "energy_j", "flop_per_s")),
    *(raw(SOLUTION, "1e999", *steps) for steps in (("objective",), ("metrics", "served"), (*TIMING, "solve_s"))),
    *(put(SOLUTION, 1, *owner, "status_s") for owner in ((), SERVED, TIMING)),
    repeated(SOLUTION, *SERVED, "bandwidth_hz"),
    put(SOLUTION, 2, "version"),
)
