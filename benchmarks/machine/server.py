"""The part of an instance that a calibration measures: the load rate and latency, and the times of batches."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from partload.benchmarks.machine.calibration import Loading, Samples
from partload.instances.errors import InputError
from partload.instances.partial_loading.instance import Instance


def document(loads: Mapping[str, Loading], written: str, batches: Mapping[str, Samples]) -> dict[str, object]:
    """What was measured, with the names that an instance has for it; every sample too.

    Parameters
    ----------
    loads
        By the state of the page cache.
    written
        The state whose loading the server has.
    batches
        By model id; empty when no batches were measured.
    """
    chosen = loads[written]
    return {
        "server": {"load_rate_bytes_per_s": chosen.rate_bytes_per_s, "load_latency_s": chosen.latency_s},
        "models": [
            {
                "id": model,
                "batch_setup_s": samples.line.constant,
                "batch_per_request_s": samples.line.slope,
                **_quality(samples, "requests"),
            }
            for model, samples in batches.items()
        ],
        "cache": written,
        "loading": {
            cache: {
                "load_rate_bytes_per_s": loading.rate_bytes_per_s,
                "load_latency_s": loading.latency_s,
                "cached_before_load": loading.kept,
                **_quality(loading.samples, "bytes"),
            }
            for cache, loading in loads.items()
        },
    }


def _quality(samples: Samples, unit: str) -> dict[str, object]:
    return {
        "mean_relative_error": samples.line.mean_error,
        "largest_relative_error": samples.line.largest_error,
        unit: list(samples.x),
        "seconds": [list(column) for column in samples.all_s],
    }


def ensure_models(base: Instance, models: Iterable[str]) -> None:
    """Raise InputError when there is a checkpoint whose model the instance does not have."""
    for model in models:
        if model not in base.model_index:
            known = ", ".join(base.model_index)
            raise InputError(
                f"expected a model {model!r}, as the checkpoint is called; the base has {known}", "--batch"
            )


def applied(base: Instance, loading: Loading, cache: str, batches: Mapping[str, Samples]) -> Instance:
    """The instance with the times of this machine; models without batches of their own keep theirs."""
    models = tuple(
        dataclasses.replace(
            model,
            batch_setup_s=batches[model.id].line.constant,
            batch_per_request_s=batches[model.id].line.slope,
        )
        if model.id in batches
        else model
        for model in base.models
    )
    line = loading.samples.line
    notes = {"loading": f"measured, {cache} page cache, mean relative error {line.mean_error:.3f}"}
    if batches:
        notes["batch_times"] = f"measured for {', '.join(batches)}"
    return base.replace(
        load_rate_bytes_per_s=loading.rate_bytes_per_s,
        load_latency_s=loading.latency_s,
        models=models,
        provenance={**(base.provenance or {}), **notes},
    )
