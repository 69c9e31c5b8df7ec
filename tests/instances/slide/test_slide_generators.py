"""Generators of SLIDE: what a family promises of its models, what options promise of the users, what is refused."""

import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partload.instances import files, generators, serialisation
from partload.instances.data import architectures
from partload.instances.errors import InputError
from partload.instances.partial_loading.generators import FAMILIES as OF_PARTIAL_LOADING
from partload.instances.slide.generators import FAMILIES, generate
from partload.instances.slide.generators.devices import CLASSES
from partload.instances.slide.transform import merge_parts
from tests.support.brute_force_slide import least_bandwidth

PINNED = {
    ("slide-architectures", "flat", False): "c28344b52a3482c610e453a108702ccc9511cda561b2b8b33773c601a30bf8c8",
    ("slide-architectures", "power-limited", False): "5bdba5f7addf487f34fd4c3c40c7a30dcb60c3b07a3d6d0de4dc9c578267cfb9",
    ("slide-synthetic", "flat", False): "2b8074f551323d008a733d0cbea5ba468f9b149255be6655110639150ae4a1e5",
    ("slide-synthetic", "flat", True): "0124bd592bebc19da2375295112dc3c80cfd1bf517e299eb4d70bdc14f213b9c",
}
seeds = st.integers(0, 10**6)
counts = st.integers(1, 8)


def served_share(instance) -> float:
    """The part of the users who can be served at once, by least bandwidth, found by bisection of the recursion."""
    known = {model.id: model for model in instance.models}
    least = [
        min(least_bandwidth(instance, user, known[name]) for name in instance.allowed(user)) for user in instance.users
    ]
    band = instance.downlink.bandwidth_hz * (1 + 1e-9)
    return sum(used <= band for used in np.cumsum(sorted(least))) / len(least)


@pytest.mark.parametrize(("family", "channel", "integer"), PINNED)
def test_seed_gives_the_same_instance_on_every_machine(family, channel, integer):
    options = {"users": 25, "seed": 3, "deadlines": "individual", "weights": "random", "energy": 1.0}
    instance = generate(family, integer=integer, channel=channel, **options)
    assert serialisation.sha256(instance) == PINNED[family, channel, integer]


@pytest.mark.parametrize("family", FAMILIES)
def test_seeds_differ_and_files_round_trip(family):
    one, other = generate(family, seed=1, energy=0.7), generate(family, seed=2, energy=0.7)
    assert serialisation.sha256(one) != serialisation.sha256(other)
    assert files.parse(serialisation.render(one)) == one
    assert one.provenance["generator"] == family
    options = json.loads(one.provenance["options"])
    assert (options["seed"], options["energy"]) == (1, 0.7)
    assert serialisation.sha256(generate(family, **options)) == serialisation.sha256(one)


def test_names_are_those_of_one_problem():
    assert not set(FAMILIES) & set(OF_PARTIAL_LOADING)
    assert set(generators.FAMILIES) == {*FAMILIES, *OF_PARTIAL_LOADING}
    assert generators.generate("slide-synthetic", seed=3) == generate("slide-synthetic", seed=3)
    assert generators.generate("lora", seed=3).name == "lora-6x20-3"


@pytest.mark.parametrize("inputs", [1, 3])
def test_architectures_have_exact_sizes_and_work(inputs):
    networks = [name for name in architectures() if name != "llama_7b"]
    instance = generate("slide-architectures", networks=",".join(networks), inputs=inputs)
    assert [model.id for model in instance.models] == networks
    for model in instance.models:
        published = architectures()[model.id]
        assert len(model.layers) == len(published.stages)
        for layer, stage in zip(model.layers, published.stages):
            assert (layer.id, layer.size_bytes) == (stage.id, 4 * stage.parameters)
            assert layer.work_flop == 2 * inputs * stage.multiply_accumulates
    sizes = {model.id: model.size_bytes for model in instance.models}
    assert sizes["resnet50"] == 4 * 25_557_032
    assert sizes["gpt2"] == 4 * 124_439_808
    work = {model.id: model.work_flop / inputs for model in instance.models}
    assert work["resnet50"] == 2 * 4_089_184_256
    assert work["vit_b_16"] == 2 * 17_563_828_224


def test_users_want_images_or_text():
    instance = generate("slide-architectures", networks="resnet18,resnet50,vit_b_16,gpt2", users=200)
    assert {user.models for user in instance.users} == {("resnet18", "resnet50", "vit_b_16"), ("gpt2",)}
    assert {user.min_accuracy for user in instance.users if user.models == ("gpt2",)} == {None}
    floors = {user.min_accuracy for user in instance.users if user.models != ("gpt2",)}
    assert floors == {0.69758, 0.7613, 0.81072}


@given(
    family=st.sampled_from(list(FAMILIES)),
    options=st.fixed_dictionaries(
        {"seed": seeds, "users": counts},
        optional={
            "energy": st.sampled_from([0.01, 0.5, 1.0]),
            "channel": st.sampled_from(["flat", "power-limited"]),
            "deadlines": st.sampled_from(["common", "individual"]),
            "floors": st.sampled_from(["none", "random"]),
            "parts": counts,
        },
    ),
)
@settings(max_examples=40)
def test_every_user_has_a_model_that_will_do(family, options):
    instance = generate(family, **options)
    assert len(instance.users) == options["users"]
    for user in instance.users:
        assert instance.allowed(user)
        assert (user.energy_budget_j is None) == ("energy" not in options)
        assert CLASSES[0].slowest_flop_per_s <= user.max_flop_per_s <= CLASSES[-1].fastest_flop_per_s
        assert user.min_flop_per_s == pytest.approx(0.1 * user.max_flop_per_s, rel=1e-5)
        assert user.channel.kind == options.get("channel", "flat")


def test_devices_draw_the_power_of_their_kind():
    instance = generate("slide-synthetic", users=300, energy=1.0)
    power = {kind: [] for kind in CLASSES}
    for user in instance.users:
        kind = next(kind for kind in CLASSES if user.max_flop_per_s < kind.fastest_flop_per_s)
        power[kind].append(user.energy_coefficient * user.max_flop_per_s**3)
    for kind, drawn in power.items():
        assert len(drawn) > 60
        assert drawn == pytest.approx([kind.power_w] * len(drawn), rel=1e-4)


@given(
    options=st.fixed_dictionaries(
        {"seed": seeds},
        optional={
            "models": counts,
            "layers": counts,
            "users": counts,
            "parts": counts,
            "energy": st.sampled_from([1.0, 2.0]),
            "deadlines": st.sampled_from(["common", "individual"]),
            "weights": st.sampled_from(["equal", "random"]),
            "bandwidth": st.sampled_from([7.0, 40.0]),
        },
    )
)
def test_integer_variant_is_whole_throughout(options):
    instance = generate("slide-synthetic", integer=True, **options)
    columns = instance.arrays
    whole = [columns.channel.quality, columns.deadline_s, columns.weight, columns.max_flop_per_s]
    whole += [[layer.size_bytes, layer.work_flop] for model in instance.models for layer in model.layers]
    whole += [[user.energy_budget_j or 0, instance.downlink.bandwidth_hz] for user in instance.users]
    assert all(float(value).is_integer() for values in whole for value in values)
    assert max(layer.size_bytes for model in instance.models for layer in model.layers) <= 3 * options.get("layers", 8)


def test_whole_budgets_are_met_exactly_at_whole_speeds():
    instance = generate("slide-synthetic", integer=True, energy=1.0, users=100)
    models = {model.id: model for model in instance.models}
    exact = 0
    for user in instance.users:
        work = min(models[name].work_flop for name in instance.allowed(user))
        exact += work > 0 and math.sqrt(user.energy_budget_j / work).is_integer()
    assert exact > 80


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("options", [{}, {"energy": 0.6}, {"channel": "power-limited"}, {"floors": "none"}])
def test_half_to_two_thirds_can_be_served(family, options):
    for seed in range(2):
        assert 0.5 <= served_share(generate(family, seed=seed, **options)) <= 0.67


def test_half_to_two_thirds_of_whole_numbers_too():
    shares = [served_share(generate("slide-synthetic", seed=seed, integer=True)) for seed in range(10)]
    assert min(shares) >= 0.4
    assert max(shares) <= 0.75
    assert 0.5 <= sum(shares) / len(shares) <= 0.67


def test_of_many_users_the_deadline_is_that_of_some():
    many = generate("slide-synthetic", users=2500, seed=1)
    assert 0.55 <= served_share(many.replace(users=many.users[:200], bandwidth_hz=200e6 * 200 / 2500)) <= 0.65


def test_options_reach_the_instance():
    instance = generate(
        "slide-synthetic", seed=4, models=3, layers=5, users=40, bandwidth=1e7, channel="power-limited", deadline=2.0,
        deadlines="individual", deadline_spread=0.25, weights="random", energy=0.5, frequency="per-layer",
        floors="none",
    )  # fmt: skip
    assert (instance.downlink.bandwidth_hz, instance.frequency) == (1e7, "per-layer")
    assert [len(model.layers) for model in instance.models] == [5, 5, 5]
    deadlines = instance.arrays.deadline_s
    assert len(set(deadlines)) > 20
    assert 1.5 <= min(deadlines) < 1.7 < 2.3 < max(deadlines) <= 2.5
    assert set(instance.arrays.weight) == {1, 2, 3, 4, 5}
    assert {user.min_accuracy for user in instance.users} == {None}
    assert {user.channel.kind for user in instance.users} == {"power-limited"}


def test_larger_models_are_more_accurate():
    models = generate("slide-synthetic", models=6, seed=2).models
    by_size = sorted(models, key=lambda model: model.size_bytes)
    assert [model.accuracy for model in by_size] == [0.6, 0.66, 0.72, 0.78, 0.84, 0.9]


@pytest.mark.parametrize("family", FAMILIES)
def test_an_option_leaves_the_other_draws_alone(family):
    plain = generate(family, seed=4, energy=1.0)
    other = generate(family, seed=4, energy=2.0, weights="random", deadlines="individual", frequency="per-layer")
    assert plain.models == other.models
    for one, two in zip(plain.users, other.users):
        assert two.energy_budget_j == pytest.approx(2 * one.energy_budget_j, rel=1e-5)
        changed = dataclasses.replace(
            two, weight=one.weight, deadline_s=one.deadline_s, energy_budget_j=one.energy_budget_j
        )
        assert changed == one


@pytest.mark.parametrize("family", FAMILIES)
def test_parts_change_the_models_alone(family):
    whole, merged = generate(family, seed=5), generate(family, seed=5, parts=3)
    assert merged.users == whole.users
    assert merged.models == merge_parts(whole, 3).models
    assert {len(model.layers) for model in merged.models} == {3}


@pytest.mark.parametrize(
    ("family", "options", "message"),
    [
        ("slide-synthetc", {}, "family: expected one of slide-architectures, slide-synthetic, got 'slide-synthetc'"),
        ("slide-synthetic", {"model": 3}, "model: unknown option, did you mean 'models'? slide-synthetic has seed, "),
        ("slide-synthetic", {"requests": 3}, "requests: unknown option, "),
        ("slide-synthetic", {"users": 0}, "users: expected greater than or equal to 1, got 0"),
        ("slide-synthetic", {"parts": 0}, "parts: expected greater than or equal to 1, got 0"),
        ("slide-synthetic", {"energy": math.inf}, "energy: expected a finite number, got inf"),
        ("slide-synthetic", {"frequency": "none"}, "frequency: expected 'per-device' or 'per-layer', got 'none'"),
        ("slide-synthetic", {"integer": True, "energy": 0.5}, "energy: expected a whole number in the integer variant"),
        ("slide-synthetic", {"integer": True, "bandwidth": 0.5}, "bandwidth: expected a whole number in the integer "),
        ("slide-synthetic", {"integer": True, "channel": "power-limited"}, "channel: expected flat in the integer"),
        ("slide-synthetic", {"deadline_spread": 0.1}, "deadline_spread: expected deadlines individual beside it"),
        ("slide-architectures", {"integer": True}, "integer: expected false"),
        ("slide-architectures", {"networks": "llama_7b"}, "networks: expected some of resnet18, "),
        ("slide-architectures", {"networks": "gpt2,gpt2"}, "networks: expected no network twice"),
        ("slide-architectures", {"networks": ""}, "networks: expected some of resnet18, "),
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
