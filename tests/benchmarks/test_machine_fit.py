"""The line through measured times, and a calibration whose loads take times that are known."""

import numpy as np
import pytest

from partload.benchmarks.machine import calibration, fit, server
from partload.benchmarks.machine.memory import MainMemory, Range
from partload.instances.checkpoints.examples import write
from partload.instances.checkpoints.scan import Scan, scan
from partload.instances.errors import InputError
from partload.instances.partial_loading.instance import Block, Instance, Model, Server


def cost(line: fit.Line, x: np.ndarray, times: np.ndarray) -> float:
    return float((((line.constant + line.slope * x) / times - 1) ** 2).sum())


def test_a_line_without_noise_is_found():
    x = [1e5, 1e6, 1e7, 1e8]
    found = fit.line(x, [0.002 + size / 2e9 for size in x])
    assert (found.constant, 1 / found.slope) == pytest.approx((0.002, 2e9))
    assert found.largest_error < 1e-9
    assert found.at(0.0) == pytest.approx(0.002)


@pytest.mark.parametrize("seed", range(20))
def test_no_line_without_negative_parts_has_smaller_relative_errors(seed: int):
    random = np.random.default_rng(seed)
    x = np.sort(random.uniform(1, 10, 6))
    times = random.uniform(0.1, 1, 6) * (random.uniform(-1, 1) + random.uniform(0, 1) * x).clip(0.05)
    found = fit.line(x.tolist(), times.tolist())
    assert found.constant >= 0
    assert found.slope >= 0
    best = cost(found, x, times)
    for constant in found.constant * np.linspace(0.5, 1.5, 21) + np.linspace(0, 0.02, 21):
        for slope in found.slope * np.linspace(0.5, 1.5, 21) + np.linspace(0, 0.02, 21):
            assert cost(fit.Line(constant, slope, 0, 0), x, times) >= best - 1e-12
    assert found.mean_error == pytest.approx((best / 6) ** 0.5)


@pytest.fixture
def found(tmp_path) -> Scan:
    random = np.random.default_rng(0)
    for name, size in (("small", 20_000), ("large", 200_000)):
        write(tmp_path / name / "model.safetensors", {"w": random.integers(0, 255, size, np.uint8)})
    return scan([tmp_path / "small", tmp_path / "large"])


@pytest.mark.parametrize("cache", calibration.CACHES)
def test_rate_and_latency_are_those_of_the_loads(found: Scan, cache: str, monkeypatch: pytest.MonkeyPatch):
    sizes = []

    def load_s(ranges: tuple[Range, ...], device: object) -> float:
        size = sum(count for _, _, count in ranges)
        sizes.append(size)
        outlier = 10.0 if len(sizes) % 8 == 3 and len(sizes) < 9 else 1.0  # The median of three does not see it.
        return (0.001 + size / 1e6) * outlier

    monkeypatch.setattr(calibration, "_load_s", load_s)
    loading = calibration.loading(found, cache, 3, MainMemory())
    assert (loading.latency_s, loading.rate_bytes_per_s) == pytest.approx((0.001, 1e6))
    assert max(sizes) == 200_000
    assert min(sizes) == pytest.approx(200_000 / 64, rel=0.01)


def test_loads_that_take_no_longer_for_more_bytes_are_refused(found: Scan, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(calibration, "_load_s", lambda ranges, device: 1.0)
    with pytest.raises(InputError, match="expected larger model files"):
        calibration.loading(found, "warm", 1, MainMemory())


def test_batches_run_with_the_blocks_of_their_model(found: Scan):
    seen = []
    times = calibration.batch_times(
        found, lambda *call: seen.append((call[0], call[1], dict(call[2]))), [1, 3], 2, MainMemory()
    )
    assert set(times) == {"small", "large"}
    assert [(model, size) for model, size, _ in seen if model == "small"] == [("small", u) for u in (1, 1, 3, 1, 3)]
    assert all(
        sum(block.nbytes for block in blocks.values()) == 20_000 for model, _, blocks in seen if model == "small"
    )


def samples(constant: float, slope: float) -> calibration.Samples:
    return calibration.Samples((1.0,), (1.0,), ((1.0,),), fit.Line(constant, slope, 0.01, 0.02))


def test_an_instance_takes_the_times_of_the_machine():
    base = Instance(
        "base", Server(1e6, 1.0), (Block("b", 1.0),), (Model("x", ("b",), 9.0, 9.0), Model("y", ("b",), 9.0, 9.0)), ()
    )
    made = server.applied(base, calibration.Loading(samples(0.5, 0.25), None), "cold", {"x": samples(0.1, 0.2)})
    assert (made.server.load_latency_s, made.server.load_rate_bytes_per_s) == (0.5, 4.0)
    assert [(m.batch_setup_s, m.batch_per_request_s) for m in made.models] == [(0.1, 0.2), (9.0, 9.0)]
    assert made.provenance is not None
    assert made.provenance["loading"].startswith("measured, cold page cache")
    with pytest.raises(InputError, match="expected a model 'z'"):
        server.ensure_models(base, ["x", "z"])
