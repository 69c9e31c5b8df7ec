"""``partload calibrate`` and ``partload replay`` as a person calls them."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from partload.cli import run
from partload.instances.checkpoints.examples import write
from partload.instances.files import read


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models of 4 and 5 MB that share 3 MB; base.json, an instance of them; plans."""
    folder = tmp_path_factory.mktemp("models")
    random = np.random.default_rng(0)
    shared = random.integers(0, 255, 3_000_000, np.uint8)
    for name, size in (("x", 1_000_000), ("y", 2_000_000)):
        weights = {"backbone": shared, "head": random.integers(0, 255, size, np.uint8)}
        write(folder / name / "model.safetensors", weights)
    given = "--bandwidth 1e6 --load-rate 1e9 --batch-setup 0.01 --batch-per-request 0.001 --requests 2 --bits 1e4"
    base, models = str(folder / "base.json"), [str(folder / name) for name in ("x", "y")]
    assert run(["scan", *models, "-o", base, *given.split(), "--efficiency", "2", "--deadline", "60"]) == 0
    for name, plan in ((base, "plan"), ("three-models", "three"), ("slide-overlap", "slide")):
        assert run(["solve", name, "-o", str(folder / f"{plan}.json")]) == 0
    return folder


@pytest.fixture
def models(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """That folder, as the current one."""
    monkeypatch.chdir(folder)
    capsys.readouterr()
    return folder


def failed(capsys: pytest.CaptureFixture[str], *call: str) -> str:
    assert run(call) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    return line


def test_calibrate_applies_what_was_measured_to_a_base(models: Path, capsys: pytest.CaptureFixture[str]):
    Path("own.py").write_text(
        "def batch(model, requests, blocks):\n    sum(block.sum() for block in blocks.values())\n"
    )
    call = [
        "calibrate",
        "x",
        "y",
        "--base",
        "base.json",
        "-o",
        "here.json",
        "--batch",
        "own:batch",
        "--batch-sizes",
        "1,2",
    ]
    assert run([*call, "--repeats", "2", "--cache", "cold", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    made, base = read("here.json"), read("base.json")
    assert made.server.load_rate_bytes_per_s == found["loading"]["cold"]["load_rate_bytes_per_s"] != 1e9
    assert made.server.load_latency_s == found["server"]["load_latency_s"]
    assert [model.batch_setup_s for model in made.models] == [one["batch_setup_s"] for one in found["models"]]
    assert max(found["loading"]["warm"]["bytes"]) == 5_000_000
    assert all(len(column) == 2 for column in found["loading"]["warm"]["seconds"])
    assert (made.requests, made.blocks) == (base.requests, base.blocks)


def test_calibrate_prints_both_states_of_the_cache_and_writes_the_server(
    models: Path, capsys: pytest.CaptureFixture[str]
):
    pytest.importorskip("matplotlib")
    assert run(["calibrate", "x", "y", "-o", "server.json", "--picture", "lines.svg", "--repeats", "1"]) == 0
    out = capsys.readouterr().out
    assert "warm" in out
    assert "cold" in out
    assert "wrote server.json, with warm loading" in out
    assert json.loads(Path("server.json").read_text())["server"]["load_rate_bytes_per_s"] > 0
    assert "megabytes" in Path("lines.svg").read_text()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--base", "base.json"], "--base: expected -o beside it"),
        (["--cache", "hot"], "--cache: expected one of warm, cold"),
        (["--batch-sizes", "1"], "--batch-sizes: expected two or more numbers"),
        (["--batch-sizes", f"1,{'9' * 5000}"], "--batch-sizes: expected two or more numbers"),
        (["--batch", "nothing"], "--batch: expected module:function"),
        (["--batch", "no_such_module:run"], "--batch: cannot import 'no_such_module'"),
        (["--device", "tpu"], "--device: expected one of cpu, cuda"),
        (["--base", "base.json", "-o", "base.json"], "base.json: expected another file"),
        (["--picture", "lines.gif"], "lines.gif: expected a file ending in"),
    ],
)
def test_calibrate_refuses(models: Path, capsys: pytest.CaptureFixture[str], options: list[str], problem: str):
    assert failed(capsys, "calibrate", "x", "y", *options).startswith(f"partload: {problem}")


def test_calibrate_refuses_a_model_without_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    write(tmp_path / "none" / "model.safetensors", {"nothing": np.empty((0, 3), np.float32)})
    assert "the largest has 0 bytes" in failed(capsys, "calibrate", str(tmp_path / "none"))


@pytest.mark.parametrize("call", [["calibrate", "x"], ["replay", "base.json", "plan.json"]], ids=lambda call: call[0])
def test_a_file_of_a_model_is_not_written_over(models: Path, capsys: pytest.CaptureFixture[str], call: list[str]):
    before = Path("x/model.safetensors").read_bytes()
    problem = "x/model.safetensors: expected another file: the output would overwrite a file of a model"
    assert problem in failed(capsys, *call, "-o", "x/model.safetensors")
    assert Path("x/model.safetensors").read_bytes() == before


def test_a_replay_writes_a_log_that_check_accepts(models: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["replay", "base.json", "plan.json", "-o", "log.json", "--repeats", "3"]) == 0
    out = capsys.readouterr().out
    assert "feasible as measured, objective 4" in out
    assert "read 6000000 bytes (6 MB), as planned" in out
    assert "last end of 3 runs" in out
    assert run(["check", "base.json", "log.json", "--measured"]) == 0
    assert run(["check", "base.json", "log.json"]) == 1


def test_without_sharing_each_slot_reads_its_whole_model(models: Path, capsys: pytest.CaptureFixture[str]):
    call = ["replay", "base.json", "plan.json", "--no-sharing", "--cache", "cold", "-o", "log.json"]
    assert run([*call, "--checkpoints", "x", "--checkpoints", "y"]) == 0
    assert "read 9000000 bytes (9 MB), as planned" in capsys.readouterr().out
    assert run(["check", "base.json", "log.json", "--measured", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert sorted(row["load"]["predicted_s"] for row in rows) == pytest.approx([4e-3, 5e-3])


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (["three-models", "three.json"], "--checkpoints: expected the model files of 'three-models'"),
        (["base.json", "three.json"], "three.json: slots[0]: expected a plan that keeps the rules"),
        (["slide-overlap", "plan.json"], "plan.json: expected a solution of slide"),
        (["base.json", "plan.json", "--checkpoints", "x"], "--checkpoints: expected block"),
        (["base.json", "plan.json", "--cache", "hot"], "--cache: expected one of warm, cold"),
        (["slide-overlap", "slide.json", "--no-sharing"], "--no-sharing: expected a plan of PartialLoading"),
    ],
)
def test_replay_refuses(models: Path, capsys: pytest.CaptureFixture[str], call: list[str], problem: str):
    assert failed(capsys, "replay", *call).startswith(f"partload: {problem}")


def test_a_plan_of_slide_is_streamed(models: Path, capsys: pytest.CaptureFixture[str]):
    document = {
        "format": "partload/slide", "version": 1, "name": "phones", "downlink": {"bandwidth_hz": 1e7},
        "models": [{"id": "net", "layers": [{"size_bytes": 10000, "work_flop": 1e6}] * 3}],
        "users": [
            {"id": "u", "models": ["net"], "channel": {"kind": "flat", "spectral_efficiency_bps_per_hz": 1.0},
             "deadline_s": 60, "max_flop_per_s": 1e8},
        ],
    }  # fmt: skip
    Path("phones.json").write_text(json.dumps(document))
    user = {"id": "u", "model": "net", "bandwidth_hz": 5e6, "flop_per_s": 1e8}
    plan = {"format": "partload/slide-solution", "version": 1, "instance": "phones", "users": [user]}
    Path("phones.plan.json").write_text(json.dumps(plan))
    assert run(["replay", "phones.json", "phones.plan.json", "-o", "phones.log.json"]) == 0
    assert "feasible as measured, objective 1" in capsys.readouterr().out
    assert run(["check", "phones.json", "phones.log.json", "--measured"]) == 0


def test_ctrl_c_keeps_the_runs_that_were_done(models: Path, capsys: pytest.CaptureFixture[str]):
    Path("stopping.py").write_text(
        "calls = []\n\n\ndef batch(model, requests, blocks):\n    calls.append(model)\n"
        "    if len(calls) > 5:\n        raise KeyboardInterrupt\n"
    )
    call = ["replay", "base.json", "plan.json", "--batch", "stopping:batch", "--repeats", "9", "-o", "kept.json"]
    assert run(call) == 130
    assert "interrupted after 2 of 9 runs" in capsys.readouterr().out
    assert run(["check", "base.json", "kept.json", "--measured"]) == 0


def test_what_was_measured_is_compressed_where_the_name_says_so(models: Path):
    assert run(["calibrate", "x", "-o", "measured.json.gz", "--repeats", "1"]) == 0
    assert "loading" in json.loads(gzip.decompress(Path("measured.json.gz").read_bytes()))
