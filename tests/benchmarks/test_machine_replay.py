"""A plan that is run: the bytes read, what is in memory while a batch runs, and the log."""

import sys
import types
from collections.abc import Iterator, Mapping

import numpy as np
import pytest

from partload.benchmarks.machine import memory, page_cache
from partload.benchmarks.machine.calibration import files_of
from partload.benchmarks.machine.memory import MainMemory
from partload.benchmarks.machine.replay import Settings, replay
from partload.instances import checking
from partload.instances.channels import FlatChannel
from partload.instances.checkpoints.examples import write
from partload.instances.checkpoints.scan import Scan, scan
from partload.instances.errors import InputError
from partload.instances.partial_loading import checker, clock
from partload.instances.partial_loading.instance import Block, Instance, Model, Request, Server
from partload.instances.partial_loading.plan import Plan, Slot
from partload.instances.partial_loading.solution import Solution, records

SIZES = {"shared": 300_000, "x.private": 50_000, "y.private": 80_001, "z.private": 10_000}
CONTENT = {
    name: np.random.default_rng(n).integers(0, 255, size, np.uint8) for n, (name, size) in enumerate(SIZES.items())
}
MODELS = {"x": ("x+y", "x.private"), "y": ("x+y", "y.private"), "z": ("z.private",)}
PLAN = (Slot("x", ("x1", "x2")), Slot("y", ("y1",)), Slot("z", ("z1",)))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Scan:
    folder = tmp_path_factory.mktemp("models")
    for model, blocks in {"x": ("shared", "x.private"), "y": ("shared", "y.private"), "z": ("z.private",)}.items():
        write(folder / model / "model.safetensors", {name: CONTENT[name] for name in blocks})
    return scan([folder / model for model in MODELS])


def instance(uplink: str = "slotted", residency: str = "previous", **changes: object) -> Instance:
    sizes = {"x+y": 300_000.0} | {name: float(size) for name, size in SIZES.items() if name != "shared"}
    server = Server(1e6, 1e9, residency=residency, uplink=uplink)
    models = tuple(Model(name, blocks, 0.01, 0.005) for name, blocks in MODELS.items())
    requests = tuple(Request(name, name[0], 1e4, FlatChannel(1.0), 60.0) for name in ("x1", "x2", "y1", "z1"))
    return Instance("models", server, tuple(Block(*each) for each in sizes.items()), models, requests).replace(
        **changes
    )


def solution(of: Instance, plan: Plan = PLAN) -> Solution:
    objective = checker.objective(of, plan)
    slots = records(of, plan, clock.run(of, plan))
    return Solution(instance=of.name, slots=slots, objective=objective, status="optimal", bound=objective, gap=0.0)


class Seen:
    """A batch that notes what is in memory."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int, dict[str, object]]] = []

    def __call__(self, model: str, requests: int, blocks: Mapping[str, object]) -> None:
        self.calls.append((model, requests, {name: np.array(block) for name, block in blocks.items()}))


LOADED = {
    ("previous", True): [["x+y", "x.private"], ["y.private"], ["z.private"]],
    ("previous", False): [["x+y", "x.private"], ["x+y", "y.private"], ["z.private"]],
    ("cached", True): [["x+y", "x.private"], ["y.private"], ["z.private"]],
}


@pytest.mark.parametrize("cold", [False, True])
@pytest.mark.parametrize(("residency", "sharing"), LOADED)
def test_exactly_the_blocks_of_the_plan_are_read_and_kept(found: Scan, residency: str, sharing: bool, cold: bool):
    seen, of = Seen(), instance(residency=residency)
    ran = replay(of, solution(of), found, Settings(MainMemory(), cold, sharing, seen))
    loaded = LOADED[residency, sharing]
    assert [list(slot.loaded_blocks) for slot in ran.solution.slots] == loaded
    assert ran.bytes_read == sum(of.size_of(blocks) for blocks in loaded)
    if sharing and residency == "previous":
        assert ran.bytes_read == sum(SIZES.values())
    assert [(model, requests) for model, requests, _ in seen.calls] == [("x", 2), ("y", 1), ("z", 1)]
    for n, (model, _, blocks) in enumerate(seen.calls):
        resident = clock.run(of, PLAN).resident[n] if sharing else frozenset(MODELS[model])
        assert set(blocks) == resident
        for name, content in blocks.items():
            assert np.array_equal(content, CONTENT[name if name != "x+y" else "shared"])
    assert checking.check_measured(of, ran.solution).feasible


@pytest.mark.parametrize("uplink", ["slotted", "pipelined"])
def test_uploads_are_waited_for_and_batches_take_as_long_as_the_model_says(found: Scan, uplink: str):
    of = instance(uplink)
    report = checking.check_measured(of, replay(of, solution(of), found, Settings(MainMemory())).solution)
    assert report.feasible
    for row in report.rows:
        assert row.causes["upload"].error_s == pytest.approx(0, abs=1e-9)
        assert row.causes["batch"].error_s >= 0
        assert row.end.measured_s >= row.end.predicted_s - sum(one.causes["load"].predicted_s for one in report.rows)


def test_the_log_claims_nothing_of_the_plan_that_the_run_did_not_show(found: Scan):
    of = instance()
    log = replay(of, solution(of), found, Settings(MainMemory())).solution
    assert (log.status, log.bound, log.gap, log.metrics, log.timing) == (None,) * 5
    assert log.provenance == {"replayed": "warm page cache, with sharing, batches are waits"}


def test_what_is_resident_at_time_0_is_no_part_of_the_run(found: Scan):
    of = instance(resident_blocks=("x+y",))
    ran = replay(of, solution(of), found, Settings(MainMemory()))
    assert ran.bytes_read == sum(SIZES.values()) - SIZES["shared"]
    assert checking.check_measured(of, ran.solution).feasible


def test_a_static_uplink_uploads_from_time_0(found: Scan):
    of = instance("static")
    plan = tuple(Slot(s.model, s.requests, bandwidth_hz=dict.fromkeys(s.requests, 2.5e5)) for s in PLAN)
    report = checking.check_measured(of, replay(of, solution(of, plan), found, Settings(MainMemory())).solution)
    assert report.feasible
    assert [row.causes["upload"].measured_s for row in report.rows] == pytest.approx([0.04] * 3)


def test_files_of_other_sizes_are_refused(found: Scan):
    of = instance(blocks=(Block("x+y", 300_001.0), *instance().blocks[1:]))
    with pytest.raises(InputError, match="block 'x\\+y' has 300000 bytes in the checkpoints, expected 300001"):
        replay(of, solution(of), found, Settings(MainMemory()))


def test_files_without_a_block_are_refused(found: Scan):
    few = Scan(found.models[:1], found.blocks[:1], found.hash)
    with pytest.raises(InputError, match=r"expected block 'x.private' of the instance in the checkpoints"):
        replay(instance(), solution(instance()), few, Settings(MainMemory()))


def test_a_plan_that_breaks_a_rule_is_not_run(found: Scan):
    plan = (Slot("x", ("y1",)),)
    with pytest.raises(InputError, match="expected a plan that keeps the rules: request 'y1' asks for model 'y'"):
        replay(instance(), solution(instance(), plan), found, Settings(MainMemory()))


def test_a_batch_that_fails_is_one_line(found: Scan):
    def fail(model: str, requests: int, blocks: Mapping[str, object]) -> None:
        raise ValueError("no such weights")

    with pytest.raises(InputError, match=r"the batch of 2 for model 'x' .*no such weights"):
        replay(instance(), solution(instance()), found, Settings(MainMemory(), batch=fail))


def test_a_batch_that_exits_or_only_makes_a_generator_is_one_line(found: Scan):
    def leave(model: str, requests: int, blocks: Mapping[str, object]) -> None:
        sys.exit(0)

    def lazy(model: str, requests: int, blocks: Mapping[str, object]) -> Iterator[int]:
        yield requests

    async def later(model: str, requests: int, blocks: Mapping[str, object]) -> None:
        pass

    for batch, problem in ((leave, "SystemExit"), (lazy, "it returns a generator"), (later, "or a coroutine")):
        with pytest.raises(InputError, match=problem):
            replay(instance(), solution(instance()), found, Settings(MainMemory(), batch=batch))


def test_what_a_batch_prints_stays_out_of_standard_output(found: Scan, capsys: pytest.CaptureFixture[str]):
    settings = Settings(MainMemory(), batch=lambda model, requests, blocks: print(model))
    replay(instance(), solution(instance()), found, settings)
    assert capsys.readouterr() == ("", "x\ny\nz\n")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the page cache of Linux")
def test_the_page_cache_is_looked_at_and_filled(found: Scan):
    files = files_of(found)
    page_cache.warm(files)
    assert page_cache.cached(files) == 1.0
    page_cache.drop(files)  # A file system that keeps its files in memory does not obey, and is seen not to.
    after = page_cache.cached(files)
    assert after is not None
    assert 0.0 <= after <= 1.0
    page_cache.warm(files)
    assert page_cache.cached(files) == 1.0


def test_without_pytorch_a_gpu_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(InputError, match="expected PyTorch") as caught:
        memory.device("cuda")
    assert caught.value.source == "--device" or caught.value.path == "--device"


def test_a_gpu_gets_every_block_and_is_waited_for(found: Scan, monkeypatch: pytest.MonkeyPatch):
    """A stand-in for PyTorch: what is asked of it, in order."""
    asked: list[str] = []

    class Tensor:
        def __init__(self, content: np.ndarray) -> None:
            self.content = content

        def to(self, place: str) -> bytes:
            asked.append(place)
            return self.content.tobytes()

    torch = types.ModuleType("torch")
    torch.from_numpy = Tensor
    torch.cuda = types.SimpleNamespace(is_available=lambda: True, synchronize=lambda: asked.append("wait"))
    monkeypatch.setitem(sys.modules, "torch", torch)
    held: list[Mapping[str, object]] = []
    settings = Settings(memory.device("cuda"), batch=lambda model, requests, blocks: held.append(dict(blocks)))
    replay(instance(), solution(instance(), PLAN[:1]), found, settings)
    assert asked == ["cuda", "cuda", "wait", "wait"]
    assert held == [{"x+y": CONTENT["shared"].tobytes(), "x.private": CONTENT["x.private"].tobytes()}]
    torch.cuda.is_available = lambda: False
    with pytest.raises(InputError, match="expected a GPU"):
        memory.device("cuda")
