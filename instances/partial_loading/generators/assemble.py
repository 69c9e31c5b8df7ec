"""From a family's blocks and models to an instance: the server, and requests that are drawn alike for all families.

Each kind of choice has random numbers of its own, so that changing one option leaves all the others' draws alone.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from partload.instances.channels import ChannelArrays
from partload.instances.data import measured_server
from partload.instances.generation import cell, draws
from partload.instances.generation.draws import significant
from partload.instances.partial_loading.generators.catalogue import Catalogue
from partload.instances.partial_loading.generators.deadline import typical_deadline
from partload.instances.partial_loading.generators.options import BANDWIDTH_HZ, ZIPF_EXPONENT, Options
from partload.instances.partial_loading.instance import Instance, Request, Server

INTEGER_UPLOAD = 4
"""Greatest load on the spectrum, a_k, in the integer variant; the least is 1."""
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def assemble(family: str, options: Options, catalogue: Catalogue, streams: list[np.random.Generator]) -> Instance:
    """The instance with this catalogue; ``streams`` are six generators of random numbers, used for nothing else."""
    of_popularity, of_places, of_inputs, of_deadlines, of_weights, of_arrivals = streams
    server = _server(options, catalogue)
    model = _asked_models(options, of_popularity)
    channels = cell.channels(options, options.requests, of_places)
    arrays = ChannelArrays.of(channels)
    bits = _input_bits(options, catalogue, model, arrays, of_inputs)
    centre = options.deadline
    if centre is None:
        centre = typical_deadline(catalogue, server, model, arrays, bits)
        centre = max(1.0, float(round(centre))) if options.integer else significant(centre)
    deadlines = draws.deadlines(options, centre, options.requests, of_deadlines)
    weights = draws.weights(options, options.requests, of_weights)
    arrivals = _arrivals(options, deadlines, of_arrivals)
    names = [model.id for model in catalogue.models]
    rows = zip(model.tolist(), bits.tolist(), channels, deadlines.tolist(), weights.tolist(), arrivals.tolist())
    return Instance(
        name=f"{family}-{options.models}x{options.requests}-{options.seed}",
        server=server,
        blocks=catalogue.blocks,
        models=catalogue.models,
        requests=tuple(Request(f"r{k}", names[i], *values) for k, (i, *values) in enumerate(rows)),
        provenance=_provenance(family, options, catalogue),
    )


def _server(options: Options, catalogue: Catalogue) -> Server:
    sizes = {block.id: block.size_bytes for block in catalogue.blocks}
    largest = max(sum(sizes[block] for block in model.blocks) for model in catalogue.models)
    return Server(
        bandwidth_hz=1.0 if options.integer else options.bandwidth or BANDWIDTH_HZ,
        load_rate_bytes_per_s=1.0 if options.integer else measured_server().load_rate_bytes_per_s,
        load_latency_s=options.load_latency,
        memory_bytes=math.ceil(options.memory * largest) if options.memory else None,
        residency=options.residency,
        visits=options.visits,
        uplink=options.uplink,
    )


def _asked_models(options: Options, rng: np.random.Generator) -> Integers:
    """Position of the model that each request asks for; with zipf, a random order of the models is their ranking."""
    if options.popularity == "uniform":
        return rng.integers(0, options.models, options.requests)
    rank = np.arange(1, options.models + 1)
    share = rank ** -(options.zipf_exponent or ZIPF_EXPONENT)
    below = np.round(np.cumsum(share) / share.sum(), 9)
    ranking = np.argsort(rng.random(options.models), kind="stable")
    return ranking[np.searchsorted(below[:-1], rng.random(options.requests), side="right")]


def _input_bits(
    options: Options, catalogue: Catalogue, model: Integers, channel: ChannelArrays, rng: np.random.Generator
) -> Floats:
    if options.integer:
        return rng.integers(1, INTEGER_UPLOAD, options.requests, endpoint=True) * channel.quality
    least, greatest = np.array(catalogue.input_bytes)[model].T
    return 8.0 * rng.integers(least, greatest, endpoint=True)


def _arrivals(options: Options, deadlines: Floats, rng: np.random.Generator) -> Floats:
    """Arrivals [s]: all 0, or uniform in a first part of the time to each deadline."""
    if options.arrivals is None:
        return np.zeros(len(deadlines))
    drawn = options.arrivals * rng.random(len(deadlines)) * deadlines
    return np.floor(drawn) if options.integer else np.array([significant(arrival) for arrival in drawn.tolist()])


def _provenance(family: str, options: Options, catalogue: Catalogue) -> dict[str, str]:
    facts = draws.origin(f"partial-loading/{family}", options)
    if not options.integer:
        facts["load_rate"] = f"measured: {measured_server().source}"
        facts["channels"] = cell.NOTE
    return facts | dict(catalogue.notes)
