"""Generators: what a family promises of its sharing, what options promise of requests and server, what is refused."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partload.instances import files, serialisation
from partload.instances.data import architectures, measured_server
from partload.instances.errors import InputError
from partload.instances.partial_loading.generators import FAMILIES, generate

PINNED = {
    ("backbone", False): "a55670b0bf8bba29e1fde8afa454c75cdba0c3b6fe03a7c085252dec82413909",
    ("nested", True): "0478ceb674e2da94ab286db20309709a1914dc9bf5a3ed04d608df459a654d95",
    ("general", False): "6242042a4fcf87015cb8507d49566d0a5e7e5412a72f28f10c7117bcb3aa5657",
    ("lora", True): "667dc2d476bece9f8cacfdca96b391adef94ecb64907b146d71dcde58e69772d",
    ("architectures", False): "964a149e49af371f642c59143fd0f6e4d0fb02e2d995692e58fcca7f82da300a",
}
SYNTHETIC = ("backbone", "nested", "general", "lora")
seeds = st.integers(0, 10**6)
counts = st.integers(1, 12)


def small(**options):
    return st.fixed_dictionaries(
        {"seed": seeds, "models": counts, "requests": counts, "integer": st.booleans()}, optional=options
    )


def shared(instance, one, other):
    return instance.block_sets[one.id] & instance.block_sets[other.id]


@pytest.mark.parametrize(("family", "integer"), PINNED)
def test_seed_gives_the_same_instance_on_every_machine(family, integer):
    options = {"models": 7, "requests": 25, "seed": 3, "popularity": "zipf", "deadlines": "individual"}
    assert serialisation.sha256(generate(family, integer=integer, **options)) == PINNED[family, integer]


def test_power_limited_instance_is_pinned():
    assert (
        serialisation.sha256(generate("general", seed=3, channel="power-limited", weights="random"))
        == "94a7e8c4f4be2709980ff49ea8684b77e501f150be6c365f39494e1dc14ed424"
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_seeds_differ_and_files_round_trip(family):
    one, other = generate(family, seed=1), generate(family, seed=2)
    assert serialisation.sha256(one) != serialisation.sha256(other)
    assert files.parse(serialisation.render(one)) == one
    assert one.provenance["generator"] == f"partial-loading/{family}"
    assert '"seed": 1' in one.provenance["options"]


@given(small(clusters=counts))
def test_backbone_clusters_share_exactly_the_backbone(options):
    instance = generate("backbone", **options)
    clusters = options.get("clusters") or math.ceil(options["models"] / 3)
    for (i, one), (j, other) in combinations(enumerate(instance.models), 2):
        backbone = {block for block in one.blocks if block.startswith(f"c{i % clusters}.")}
        assert backbone
        assert shared(instance, one, other) == (backbone if i % clusters == j % clusters else set())


@given(small(clusters=counts, layers=st.integers(1, 10)))
def test_nested_models_share_a_prefix(options):
    instance = generate("nested", **options)
    layers = options.get("layers", 8)
    clusters = options.get("clusters") or math.ceil(options["models"] / 4)
    for i, model in enumerate(instance.models):
        assert len(model.blocks) == layers + 1
        assert model.blocks[0] == f"c{i % clusters}.layer0"
    for (i, one), (j, other) in combinations(enumerate(instance.models), 2):
        common = shared(instance, one, other)
        assert common == set(one.blocks[: len(common)]) == set(other.blocks[: len(common)])
        assert bool(common) == (i % clusters == j % clusters)


@given(small(shared_blocks=counts))
def test_general_blocks_have_several_owners_or_are_private(options):
    instance = generate("general", **options)
    for block in instance.blocks:
        owners = [model.id for model in instance.models if block.id in model.blocks]
        if block.id.startswith("s"):
            assert min(2, options["models"]) <= len(owners) <= 6
        else:
            assert [f"{owner}.private" for owner in owners] == [block.id]


def test_general_sharing_is_neither_clustered_nor_nested():
    instance = generate("general", models=12, seed=1)
    overlaps = [shared(instance, *pair) for pair in combinations(instance.models, 2)]
    assert any(one & other and not one <= other and not other <= one for one, other in combinations(overlaps, 2))


@given(small(bases=st.integers(1, 3)))
def test_lora_models_of_a_base_differ_in_their_adapter_only(options):
    instance = generate("lora", **options)
    bases = options.get("bases", 2)
    for (i, one), (j, other) in combinations(enumerate(instance.models), 2):
        common = shared(instance, one, other)
        assert common == (set(one.blocks[:-1]) if i % bases == j % bases else set())
    for model in instance.models:
        assert instance.block_sizes[model.blocks[-1]] <= instance.size_of(model.blocks[:-1]) / 4


@given(seed=seeds, networks=st.lists(st.sampled_from([*architectures(), "llama_7b_lora"]), min_size=1, max_size=5))
@settings(max_examples=30)
def test_architectures_have_exact_sizes_below_the_head(seed, networks):
    instance = generate("architectures", models=6, requests=4, seed=seed, networks=",".join(networks))
    for i, model in enumerate(instance.models):
        network = networks[i % len(networks)]
        published = architectures()[network.removesuffix("_lora")]
        sizes = [stage.parameters * published.bytes_per_parameter for stage in published.stages]
        own = [instance.block_sizes[block] for block in model.blocks]
        frozen = [block.startswith(f"{network}.") for block in model.blocks]
        assert frozen == sorted(frozen, reverse=True)
        if network.endswith("_lora"):
            assert own[:-1] == sizes
            assert sum(frozen) == len(sizes)
            assert own[-1] / 2 in published.adapter_parameters.values()
        else:
            assert own[:-1] == sizes[:-1]
            assert (len(sizes) - 1) // 2 <= sum(frozen) <= len(sizes) - 1
            classes = (own[-1] / published.bytes_per_parameter - published.head_normalisation_parameters) / (
                published.head_features + 1
            )
            assert classes in range(2, 1001)


def test_profiles_agree_with_the_published_totals():
    known = architectures()
    for network, total in {"resnet50": 25_557_032, "vit_b_16": 86_567_656, "llama_7b": 6_738_415_616}.items():
        assert sum(stage.parameters for stage in known[network].stages) == total
    for network in ("resnet18", "resnet50", "vit_b_16", "vit_l_16"):
        head = 1000 * (known[network].head_features + 1) + known[network].head_normalisation_parameters
        assert known[network].stages[-1].parameters == head


def test_resnet50_has_the_measured_batch_times():
    instance = generate("architectures", networks="resnet50", models=2)
    assert instance.server.load_rate_bytes_per_s == 12.2e9
    for model in instance.models:
        assert (model.batch_setup_s, model.batch_per_request_s) == (0.002575, 0.001206)
        assert instance.size_of(model.blocks) == pytest.approx(measured_server().load_bytes, rel=0.1)


@given(
    family=st.sampled_from(SYNTHETIC),
    options=st.fixed_dictionaries(
        {"seed": seeds},
        optional={
            "models": counts,
            "requests": counts,
            "memory": st.sampled_from([1.25, 1.5]),
            "deadlines": st.sampled_from(["common", "individual"]),
            "weights": st.sampled_from(["equal", "random"]),
            "load_latency": st.sampled_from([0.0, 2.0]),
        },
    ),
)
def test_integer_variant_is_whole_throughout(family, options):
    instance = generate(family, integer=True, **options)
    columns = instance.arrays
    whole = [columns.spectrum_load, columns.deadline_s, columns.weight, list(instance.block_sizes.values())]
    whole += [[m.batch_setup_s, m.batch_per_request_s, m.activation_bytes_per_request] for m in instance.models]
    whole.append([instance.server.load_latency_s, instance.server.memory_bytes or 0])
    assert all(float(value).is_integer() for values in whole for value in values)
    assert (instance.server.bandwidth_hz, instance.server.load_rate_bytes_per_s) == (1, 1)
    assert max(instance.block_sizes.values()) <= 15


def test_zipf_is_uneven_and_uniform_is_even():
    uneven, even = (
        np.sort(np.bincount(generate("general", models=10, requests=20_000, popularity=p).arrays.model))[::-1] / 20_000
        for p in ("zipf", "uniform")
    )
    share = np.arange(1, 11) ** -0.8
    assert uneven == pytest.approx(share / share.sum(), abs=0.015)
    assert even == pytest.approx(0.1, abs=0.015)


def test_options_reach_the_instance():
    instance = generate(
        "general", seed=4, memory=1.5, max_batch=3, load_latency=0.25, residency="cached", visits="any",
        uplink="pipelined", channel="power-limited", bandwidth=1e7, deadline=2.0, deadlines="individual",
        deadline_spread=0.25, weights="random",
    )  # fmt: skip
    server = instance.server
    largest = max(instance.size_of(model.blocks) for model in instance.models)
    assert server.memory_bytes == math.ceil(1.5 * largest)
    assert (server.load_latency_s, server.bandwidth_hz) == (0.25, 1e7)
    assert (server.residency, server.visits, server.uplink) == ("cached", "any", "pipelined")
    assert {model.max_batch for model in instance.models} == {3}
    assert {request.channel.kind for request in instance.requests} == {"power-limited"}
    deadlines = instance.arrays.deadline_s
    assert len(set(deadlines)) > 10
    assert 1.5 <= min(deadlines) < 1.7 < 2.3 < max(deadlines) <= 2.5
    assert set(instance.arrays.weight) == {1, 2, 3, 4, 5}


def test_an_option_leaves_the_other_draws_alone():
    plain = generate("general", seed=4, deadline=1.0)
    other = generate("general", seed=4, deadline=1.0, weights="random", popularity="zipf")
    assert plain.blocks == other.blocks
    assert plain.models == other.models
    assert [(r.input_bits, r.channel) for r in plain.requests] == [(r.input_bits, r.channel) for r in other.requests]
    assert [r.model for r in plain.requests] != [r.model for r in other.requests]


def test_flat_efficiency_follows_from_the_power():
    flat, limited = (generate("general", seed=4, channel=kind).requests for kind in ("flat", "power-limited"))
    snr = np.array([request.channel.snr_hz for request in limited]) / 20e6
    efficiency = [request.channel.spectral_efficiency_bps_per_hz for request in flat]
    assert efficiency == pytest.approx(np.log2(1 + snr), rel=1e-4)
    assert 10 ** ((23 - 128.1 - 37.6 * np.log10(0.5) + 174) / 10) / 20e6 <= min(snr) * (1 + 1e-5)


@pytest.mark.parametrize(
    ("family", "options", "message"),
    [
        ("trees", {}, "family: expected one of backbone, nested, general, lora, architectures, got 'trees'"),
        ("lora", {"model": 3}, "model: unknown option, did you mean 'models'? lora has seed, deadline, deadlines,"),
        ("lora", {"clusters": 3}, "clusters: unknown option, lora has seed"),
        ("lora", {"models": 0}, "models: expected greater than or equal to 1, got 0"),
        ("lora", {"models": "3"}, "models: expected a whole number, got '3'"),
        ("lora", {"seed": -1}, "seed: expected greater than or equal to 0, got -1"),
        ("lora", {"memory": 1.0}, "memory: expected greater than 1, got 1.0"),
        ("lora", {"deadline": math.nan}, "deadline: expected a finite number, got nan"),
        ("lora", {"residency": "none"}, "residency: expected 'previous' or 'cached', got 'none'"),
        ("lora", {"integer": True, "deadline": 1.5}, "deadline: expected a whole number in the integer variant"),
        ("lora", {"integer": True, "bandwidth": 1.0}, "bandwidth: expected none in the integer variant"),
        ("lora", {"integer": True, "channel": "power-limited"}, "channel: expected flat in the integer variant"),
        ("lora", {"zipf_exponent": 1.0}, "zipf_exponent: expected popularity zipf beside it"),
        ("lora", {"deadline_spread": 0.1}, "deadline_spread: expected deadlines individual beside it"),
        ("architectures", {"integer": True}, "integer: expected false"),
        ("architectures", {"networks": "resnet50,alexnet"}, "networks: expected some of resnet18, "),
        ("architectures", {"networks": ""}, "networks: expected some of resnet18, "),
        ("architectures", {"networks": ("gpt2",)}, "networks: expected a valid string, got ('gpt2',)"),
    ],
)
def test_bad_calls_are_refused(family, options, message):
    with pytest.raises(InputError) as caught:
        generate(family, **options)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_option_has_a_type_a_default_and_a_line_of_help(family):
    for field in FAMILIES[family].options.__pydantic_fields__.values():
        assert field.annotation is not None
        assert not field.is_required()
        assert field.description
        assert "\n" not in field.description
