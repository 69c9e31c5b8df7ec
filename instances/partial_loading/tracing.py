"""Requests from a log: server and models from a base instance, arrivals from the log, the rest by rules that are given.

What the log does not say is asked for. Nothing is guessed, and the provenance names every rule.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from partload.instances import files
from partload.instances.channels import FlatChannel
from partload.instances.errors import InputError, expected_one_of
from partload.instances.importing.csv_table import place
from partload.instances.logs.reading import ALL, Entry, Log, Window, read_log
from partload.instances.numbers import exact
from partload.instances.partial_loading.instance import Instance, Request
from partload.instances.reading import instance_of
from partload.instances.serialisation import path_text, sha256

FREQUENCY = "frequency"
"""In place of models by name: the names in the log, by falling frequency, are given the models of the base in turn."""


@dataclasses.dataclass(frozen=True)
class Rules:
    """What a log does not say of its requests."""

    slo_s: Mapping[str | None, float]
    """Time [s] from arrival to deadline by class or model, as the log or the base calls it; None for all others."""
    models: Mapping[str | None, str] | str | None = None
    """Model of the base by the name in the log, None for all others; or ``frequency``."""
    input_bits: float | None = None
    bits_per_token: float | None = None
    spectral_efficiency_bps_per_hz: float | None = None

    def __post_init__(self) -> None:
        if not self.slo_s:
            raise InputError("expected the time from arrival to deadline in seconds, such as 2.0 or chat=1.5", "slo")
        above_zero = [
            ("bits_per_token", self.bits_per_token),
            ("spectral_efficiency", self.spectral_efficiency_bps_per_hz),
            *(("slo", value) for value in self.slo_s.values()),
        ]
        for name, value in above_zero:
            if value is not None and not 0 < value < math.inf:
                raise InputError(f"expected a number above 0, got {exact(value)}", name)
        if self.input_bits is not None and not 0 <= self.input_bits < math.inf:
            raise InputError(f"expected a number of at least 0, got {exact(self.input_bits)}", "input_bits")
        if self.input_bits is not None and self.bits_per_token is not None:
            raise InputError("expected one of input_bits and bits_per_token, not both", "bits_per_token")


def trace(
    base: Instance | str | Path,
    log: str | Path,
    rules: Rules,
    *,
    window: Window = ALL,
    format: str | None = None,
    name: str | None = None,
) -> Instance:
    """Make an instance from a base instance and a log, whose requests replace those of the base.

    Parameters
    ----------
    base
        An instance of PartialLoading, a file, or the name of an instance of the library.
    log
        A log in one of the formats of ``partload.instances.logs.formats``.
    rules
        What the log does not say.
    window
        Start and end [s] of what is taken, on the clock of the log. Arrivals count from the start or, where that is
        not finite, from the first request.
    format
        The format of the log; None recognises it.
    name
        Name of the new instance; None for the names of base and log.

    Raises
    ------
    InputError
        When the log is not exactly right, or does not say what no rule says either.
    """
    record = instance_of(base)
    if not isinstance(record, Instance):
        raise InputError("expected an instance of partial-loading", source=record.name)
    found = read_log(log, window, format)
    if not found.entries:
        raise InputError(f"expected requests in the window, all {found.lines} are outside of it", "window")
    try:
        requests = _requests(record, found, rules, window)
    except InputError as error:
        raise error.within(files.source_name(log)) if error.path.startswith("line") else error from None
    stem = "log" if Path(log) == files.STANDARD_INPUT else path_text(Path(Path(log).name)).partition(".")[0]
    return record.replace(
        requests=requests,
        name=f"{record.name}-{stem}" if name is None else name,
        description=None,
        provenance=_provenance(record, log, found, rules, window),
    )


def _requests(base: Instance, log: Log, rules: Rules, window: Window) -> tuple[Request, ...]:
    start = window[0] if math.isfinite(window[0]) else log.entries[0].arrival_s
    model_of = _models(base, log.entries, rules)
    ids: dict[str, int] = {}
    made, used = [], set()
    for entry in log.entries:
        model = model_of[entry.model]
        key = next((key for key in (entry.group, entry.model, model) if key in rules.slo_s and key is not None), None)
        if key is None and None not in rules.slo_s:
            problem = f"expected a time to the deadline for {model!r}; give it by option slo"
            raise InputError(problem, place(entry.line))
        used.add(key)
        slo, weight = rules.slo_s[key], entry.numbers.get("weight", 1.0)
        identity = entry.texts.get("id", f"line-{entry.line}")
        if identity in ids:
            raise InputError(f"expected each id once, it is on line {ids[identity]} too", place(entry.line, "id"))
        ids[identity] = entry.line
        arrival = entry.arrival_s - start
        if not arrival < arrival + slo < math.inf:
            raise InputError(f"expected an arrival that {exact(slo)} s are added to", place(entry.line))
        channel = FlatChannel(_efficiency(entry, rules))
        made.append(Request(identity, model, _bits(entry, rules), channel, arrival + slo, weight, arrival))
    named = {name for entry in log.entries for name in (entry.group, entry.model, model_of[entry.model])}
    for key in rules.slo_s:
        if key is not None and key not in used:
            hidden = f"every request of {key!r} has a class or a name that comes before it"
            why = hidden if key in named else f"{key!r} is none"
            raise InputError(f"expected a class or model of a request, {why}", "slo")
    return tuple(made)


def _models(base: Instance, entries: Sequence[Entry], rules: Rules) -> dict[str | None, str]:
    """Model of each name in the log."""
    named = Counter(entry.model for entry in entries)
    if rules.models == FREQUENCY:
        if None in named:
            raise InputError("expected a log that names models; give one model for all", "model")
        ranked = sorted(named, key=lambda name: (-named[name], str(name)))
        return {name: base.models[n % len(base.models)].id for n, name in enumerate(ranked)}
    given: Mapping[str | None, str]
    given = {None: rules.models} if isinstance(rules.models, str) else rules.models or {}
    for name, model in given.items():
        if model not in base.model_index:
            raise InputError(expected_one_of(base.model_index, model), "model")
        if name is not None and name not in named:
            raise InputError(f"expected the name of a model in the log, {name!r} is none", "model")
    found: dict[str | None, str] = {}
    for name in named:
        otherwise = name if name in base.model_index else given.get(None)
        chosen: str | None = given.get(name) or otherwise
        if chosen is None:
            line = next(entry.line for entry in entries if entry.model == name)
            what = "the log names none" if name is None else f"{name[:60]!r} is no model of the base"
            raise InputError(f"expected a model: {what}; give one by option model", place(line))
        found[name] = chosen
    return found


def _bits(entry: Entry, rules: Rules) -> float:
    if "input_bits" in entry.numbers:
        return entry.numbers["input_bits"]
    if entry.tokens is not None and rules.bits_per_token is not None:
        return entry.tokens * rules.bits_per_token
    if rules.input_bits is None:
        tokens = "" if entry.tokens is None else " or option bits_per_token"
        raise InputError(f"expected the size of the input; give it by option input_bits{tokens}", place(entry.line))
    return rules.input_bits


def _efficiency(entry: Entry, rules: Rules) -> float:
    found = entry.numbers.get("spectral_efficiency_bps_per_hz", rules.spectral_efficiency_bps_per_hz)
    if found is None:
        raise InputError("expected a channel; give it by option spectral_efficiency", place(entry.line))
    return found


def _provenance(base: Instance, path: str | Path, log: Log, rules: Rules, window: Window) -> dict[str, str]:
    """Where everything comes from: the log, the base, and each rule that is not of the log."""
    source = Path(path)
    facts = {
        "requests": f"{len(log.entries)} of {log.lines} lines of {path_text(Path(files.source_name(source.name)))}",
        "log_format": log.format,
        "window_s": f"{exact(window[0])}:{exact(window[1])}",
        "rule_deadline_s": "arrival + " + _listed(rules.slo_s),
    }
    if source.is_file():  # A pipe, such as the standard input, can be read only once.
        with source.open("rb") as stream:
            facts["requests_sha256"] = hashlib.file_digest(stream, "sha256").hexdigest()
    if rules.models is not None:
        facts["rule_model"] = rules.models if isinstance(rules.models, str) else _listed(rules.models)
    for name in ("input_bits", "bits_per_token", "spectral_efficiency_bps_per_hz"):
        value = getattr(rules, name)
        if value is not None:
            facts[f"rule_{name}"] = f"{exact(value)} where the log has none"
    facts["base"], facts["base_sha256"] = base.name, sha256(base)
    return facts | {f"base_{key}": value for key, value in (base.provenance or {}).items()}


def _listed(rule: Mapping[str | None, float] | Mapping[str | None, str]) -> str:
    return ", ".join(f"{key if key is not None else 'others'}: {value}" for key, value in rule.items())
