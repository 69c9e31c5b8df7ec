"""``partload scan``: its tables, the instances that it writes, and what it says when something is missing."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import partload
from partload.cli import run
from partload.instances.checkpoints import examples
from partload.instances.checkpoints.again import scan_again
from partload.instances.errors import InputError
from partload.instances.slide.instance import Instance as SlideInstance

SERVER = ("--bandwidth", "2e7", "--load-rate", "1e9", "--batch-setup", "0.01", "--batch-per-request", "0.001")
REQUESTS = ("--requests", "2", "--bits", "1e6", "--efficiency", "2", "--deadline", "1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("examples")
    examples.write_all(made)
    return made


@pytest.fixture
def lora(folder: Path) -> list[str]:
    return [str(folder / "lora" / name) for name in ("base", "code", "poems")]


def test_the_tables_say_who_shares_what(lora: list[str], capsys: pytest.CaptureFixture[str]):
    assert run(["scan", *lora]) == 0
    printed = capsys.readouterr().out
    assert "522 kB in all, 187.6 kB when each block is kept once" in printed
    assert [line.split() for line in printed.splitlines() if line.strip().startswith("base ")][-1] == [
        *("base", "0", "B", "10.24", "kB", "10.24", "kB")
    ]


def test_json_has_the_same(lora: list[str], capsys: pytest.CaptureFixture[str]):
    assert run(["scan", *lora, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    base, adapter = 167168, 10240
    assert document["shared_bytes"] == [[base] * 3, [base, base + adapter, base], [base, base, base + adapter]]
    assert document["switch_bytes"] == [[0, adapter, adapter], [0, 0, adapter], [0, adapter, 0]]
    assert [model["base"] for model in document["models"]] == [None, "base", "base"]


def test_an_instance_of_a_scan_can_be_solved(lora: list[str], tmp_path: Path):
    output = tmp_path / "adapters.json"
    assert run(["scan", *lora, "-o", str(output), *SERVER, *REQUESTS]) == 0
    instance = partload.read(output, partload.Instance)
    assert instance.name == "adapters"
    assert instance.block_sizes == {"all": 167168, "code.private": 10240, "poems.private": 10240}
    assert [request.id for request in instance.requests[:3]] == ["base-1", "base-2", "code-1"]
    solution = partload.solve(instance)
    assert solution.objective == 6
    assert partload.check(instance, solution).feasible


def test_options_give_the_rules_of_the_server(lora: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    output = tmp_path / "a.json"
    rules = ["--memory", "1e6", "--residency", "cached", "--visits", "any", "--uplink", "pipelined"]
    assert run(["scan", *lora, "-o", str(output), *SERVER, *rules]) == 0
    server = partload.read(output, partload.Instance).server
    assert (server.memory_bytes, server.residency, server.visits, server.uplink) == (1e6, "cached", "any", "pipelined")
    again = tmp_path / "b.json"
    assert run(["scan", *lora, "-o", str(again), "--like", str(output), "--visits", "once"]) == 0
    made = partload.read(again, partload.Instance)
    assert made.server == dataclasses.replace(server, visits="once")
    assert made.provenance is not None
    assert made.provenance["server"] == f"{output}; --visits once"
    assert run(["scan", *lora, "-o", str(again), *SERVER, "--residency", "cashed"]) == 2
    assert "--residency: expected 'previous' or 'cached', got 'cashed'" in capsys.readouterr().err


def test_without_requests_the_instance_is_a_catalogue(lora: list[str], tmp_path: Path):
    output = tmp_path / "a.json"
    assert run(["scan", *lora, "-o", str(output), *SERVER, "--name", "mine"]) == 0
    instance = partload.read(output, partload.Instance)
    assert (instance.name, instance.requests) == ("mine", ())
    assert instance.provenance is not None
    assert instance.provenance["requests"] == "none: a catalogue of models"
    assert instance.provenance["checkpoint code"] == lora[1]


def test_an_instance_may_be_called_as_the_system_allows(lora: list[str], tmp_path: Path):
    output = os.fsdecode(os.fsencode(tmp_path) + b"/ad\xffpters.json")
    assert run(["scan", *lora, "-o", output, *SERVER]) == 0
    assert partload.read(output, partload.Instance).name == "ad\\xffpters"


def test_another_instance_gives_limits_and_activations(lora: list[str], tmp_path: Path):
    base, output = tmp_path / "base.json", tmp_path / "like.json"
    assert run(["scan", *lora[:2], "-o", str(base), *SERVER]) == 0
    made = partload.read(base, partload.Instance)
    limited = dataclasses.replace(made.models[1], max_batch=3, activation_bytes_per_request=7.0)
    server = dataclasses.replace(made.server, memory_bytes=1e9, resident_blocks=("all",))
    partload.write(made.replace(models=(made.models[0], limited), server=server), base)
    assert run(["scan", *lora, "-o", str(output), "--like", str(base), *SERVER[4:]]) == 0
    found = partload.read(output, partload.Instance)
    assert [(model.max_batch, model.activation_bytes_per_request) for model in found.models] == [
        (None, 0),
        (3, 7),
        (None, 0),
    ]
    assert found.server == dataclasses.replace(server, resident_blocks=())
    assert found.provenance is not None
    assert found.provenance["server"] == f"{base}, without its resident blocks"


def test_the_blocks_of_an_instance_are_found_again(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    models, output = tmp_path / "models", tmp_path / "a.json"
    shutil.copytree(folder / "backbone", models)
    monkeypatch.chdir(tmp_path)
    assert run(["scan", "models/food", "models/birds", "-o", str(output), *SERVER]) == 0
    instance = partload.read(output, partload.Instance)
    monkeypatch.chdir(folder)
    found = scan_again(instance.provenance, instance.block_sizes, folder=tmp_path)
    assert {block.id: sum(size for *_, size in block.ranges) for block in found.blocks} == instance.block_sizes
    examples.write(models / "birds" / "model.safetensors", examples.network(9))
    with pytest.raises(InputError, match="expected block 'all' of 165888 bytes in the checkpoints: scan them again"):
        scan_again(instance.provenance, instance.block_sizes, folder=tmp_path)
    with pytest.raises(InputError, match="it names no checkpoints"):
        scan_again(None, {})


def test_a_terminal_shows_the_progress(folder: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stderr.isatty", lambda: True)
        assert run(["scan", *(str(folder / "backbone" / name) for name in ("birds", "cars"))]) == 0
    said = capsys.readouterr().err
    assert "compared 327.7 kB of 327.7 kB" in said
    assert said.endswith("\r\x1b[K")
    assert "\n" not in said


def test_another_instance_gives_server_and_batch_times(lora: list[str], tmp_path: Path):
    base, output = tmp_path / "base.json", tmp_path / "like.json"
    assert run(["scan", *lora, "-o", str(base), *SERVER]) == 0
    assert run(["scan", *lora[:2], "-o", str(output), "--like", str(base), "--batch-setup", "0.5"]) == 0
    first, second = (partload.read(path, partload.Instance) for path in (base, output))
    assert first.server == second.server
    assert [(model.batch_setup_s, model.batch_per_request_s) for model in second.models] == [(0.5, 0.001)] * 2
    assert second.provenance is not None
    assert second.provenance["batch_times"] == f"models of the same id in {base}; --batch-setup 0.5"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["-o", "x.json"],
            "scan: an instance needs --bandwidth, --load-rate, --batch-setup and --batch-per-request too",
        ),
        (["-o", "x.json", *SERVER[2:]], "scan: an instance needs --bandwidth too, or --like INSTANCE, which has them"),
        (["-o", "x.json", "--like", "three-models"], "three-models: expected a model 'base' with its batch times"),
        (["-o", "x.json", "--like", "slide-overlap"], "expected a file of format partload/partial-loading"),
        (["-o", "x.json", *SERVER, "--requests", "2"], "--requests: expected --bits, --efficiency and --deadline"),
        (["-o", "x.json", *SERVER, "--bits", "2"], "--bits: expected --requests beside it"),
        (["-o", "x.json", *SERVER, *REQUESTS, "--deadline", "0"], "--deadline: expected greater than 0"),
        (["-o", "x.json", *SERVER, "--load-rate", "nan"], "--load-rate: expected"),
        (["-o", "x.json", *SERVER, *REQUESTS, "--requests", "10000001"], "--requests: expected at most 10000000"),
        (
            ["-o", "x.json", *SERVER, *REQUESTS, "--requests", "5000000"],
            "--requests: expected at most 10000000 in all 3",
        ),
        (["--bandwidth", "2"], "--bandwidth: expected -o beside it, the file for the instance"),
        (["--name", "a"], "--name: expected -o beside it"),
        (["--hash", "md5"], "expected one of sha256, blake3"),
        (["--picture", "x.gif"], "x.gif: expected a file ending in .svg, .png or .html"),
        (["-o", "no/where.json", *SERVER], "no/where.json: cannot write here"),
    ],
)
def test_a_wrong_call_is_one_line(
    lora: list[str], options: list[str], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert run(["scan", *lora, *options]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert message in said.err
    assert not list(tmp_path.iterdir())


def test_the_output_is_not_a_checkpoint(lora: list[str], capsys: pytest.CaptureFixture[str]):
    weights = str(Path(lora[0]) / "model.safetensors")
    assert run(["scan", weights, "-o", weights, *SERVER]) == 2
    assert "the output would overwrite the input" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["base/model.safetensors", "code/adapter_config.json", "link.safetensors"])
def test_the_output_is_no_file_in_the_folder_of_a_checkpoint(
    folder: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
):
    models = Path(shutil.copytree(folder / "lora", tmp_path / "lora"))
    (models / "link.safetensors").hardlink_to(models / "base" / "model.safetensors")
    before = (models / name).read_bytes()
    assert run(["scan", str(models / "base"), str(models / "code"), "-o", str(models / name), *SERVER]) == 2
    assert "the output would overwrite a file of a model" in capsys.readouterr().err
    assert (models / name).read_bytes() == before


def test_a_picture_of_many_models_and_of_few(folder: Path, tmp_path: Path):
    families = [str(path) for family in ("lora", "unrelated") for path in (folder / family).iterdir()]
    for paths in (families, [str(folder / "backbone" / "cars")]):
        for ending in (".svg", ".html"):
            picture = tmp_path / f"{len(paths)}{ending}"
            assert run(["scan", *paths, "--picture", str(picture)]) == 0
            assert "<svg" in picture.read_text()


def test_ctrl_c_ends_in_one_line(tmp_path: Path):
    for name in "ab":
        path = tmp_path / f"{name}.safetensors"
        size = 4_000_000_000
        examples.write(path, {"w": np.zeros(8, dtype=np.uint8)})
        header = json.dumps({"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
        with path.open("wb") as file:
            file.write(len(header).to_bytes(8, "little") + header)
            file.truncate(8 + len(header) + size)  # A hole in the file system: no disk is used.
    call = [sys.executable, "-m", "partload", "scan", *map(str, sorted(tmp_path.iterdir()))]
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(1.0)
        os.kill(process.pid, signal.SIGINT)
        out, error = process.communicate(timeout=30)
    assert (process.returncode, out, error) == (130, "", "partload: interrupted\n")


USERS = ("--bandwidth", "1e7", "--users", "3", "--efficiency", "2", "--deadline", "0.5", "--speed", "1e9")


def test_slide_has_the_layers_in_order_and_their_work(lora: list[str], tmp_path: Path):
    output = tmp_path / "phones.json"
    assert run(["scan", *lora[:2], "--slide", "-o", str(output), *USERS, "--tokens", "16"]) == 0
    instance = partload.read(output, SlideInstance)
    plain, adapted = instance.models
    assert [layer.id for layer in plain.layers] == ["embed", "layers.0", "layers.1", "layers.2", "layers.3", "head"]
    assert [layer.work_flop for layer in plain.layers] == [0, *[2 * 16 * 256 * 64] * 4, 2 * 16 * 10 * 64]
    assert adapted.layers[1].size_bytes - plain.layers[1].size_bytes == 2 * (4 * 64 + 256 * 4)
    assert instance.provenance is not None
    assert instance.provenance["work"].startswith("estimate: ")
    assert partload.solve(instance).objective == 3


def test_slide_takes_users_of_another_instance_and_measured_times(lora: list[str], tmp_path: Path):
    output = tmp_path / "phones.json"
    times = ("--measured", "0.5", "--measured", "0.25", "--speed", "4e9")
    assert run(["scan", *lora[:2], "--slide", "-o", str(output), "--like", "slide-overlap", *times]) == 0
    instance, base = partload.read(output, SlideInstance), partload.read("slide-overlap", SlideInstance)
    assert [user.deadline_s for user in instance.users] == [user.deadline_s for user in base.users]
    assert {user.models for user in instance.users} == {("base", "code")}
    assert [model.work_flop for model in instance.models] == pytest.approx([2e9, 1e9])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--slide"], "--slide: expected -o beside it"),
        (["--slide", "-o", "x.json"], "scan: an instance needs --bandwidth and --users too, or --like INSTANCE"),
        (["--slide", "-o", "x.json", *USERS], "the work of its layers needs --tokens, or --measured and --speed"),
        (["--slide", "-o", "x.json", *USERS, "--load-rate", "1"], "--load-rate: expected none beside --slide"),
        (["-o", "x.json", *SERVER, "--tokens", "1"], "--tokens: expected --slide beside it"),
        (["--slide", "-o", "x.json", *USERS[:4]], "--users: expected --efficiency, --deadline and --speed beside it"),
        (["--slide", "-o", "x.json", *USERS, "--measured", "1"], "--measured: expected it once for each of the 3"),
        (["--slide", "-o", "x.json", *USERS, "--measured", "1", "--tokens", "2"], "one of --tokens and --measured"),
        (["--slide", "-o", "x.json", *USERS, "--like", "slide-overlap"], "--users: expected one of --users and --like"),
        (["--slide", "-o", "x.json", "--like", "slide-accuracy", "--tokens", "1"], "min_accuracy: expected none"),
        (["--slide", "-o", "x.json", "--like", "three-models"], "expected a file of format partload/slide"),
        (["--slide", "-o", "x.json", *USERS, "--users", "10000001"], "--users: expected at most 10000000"),
        (["--slide", "-o", "x.json", *USERS, "--tokens", "9" * 400], "--tokens: expected at most 10000000"),
        (
            ["--slide", "-o", "x.json", *USERS, "--speed", "1e308", *["--measured", "1e308"] * 3],
            "expected --measured times --speed to be a number that a double can hold",
        ),
        (["--slide", "-o", "x.json", *USERS, "--tokens", "1", "--order", "any"], "--order: expected 'names' or 'file'"),
    ],
)
def test_a_wrong_call_of_slide_is_one_line(
    lora: list[str], options: list[str], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert run(["scan", *lora, *options]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert message in said.err
