"""What the study of overlap says: from rows made by hand, and from a study that is small."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from partload.benchmarks import overlap
from partload.benchmarks.gap.rows import parse
from partload.benchmarks.overlap import (
    EXACT,
    FIRST,
    METHODS,
    PARTS,
    Plan,
    by_parameter,
    cells,
    gain,
    need,
    planned,
    relative,
)
from partload.benchmarks.sweep_study import sweep_cases
from partload.instances.channels import FlatChannel
from partload.instances.generators import generate
from partload.instances.slide.instance import Downlink, Instance, Layer, Model, User
from partload.instances.slide.transform import merge_parts
from partload.instances.variations import Sweep
from tests.support.gap_rows import row


def tiny(deadline_s: float = 10.0, users: int = 1) -> Instance:
    """10 bits and 2 s of work in the first layer, 10 bits and 2 s in the second."""
    model = Model("m", (Layer(1.25, 2.0), Layer(1.25, 2.0)))
    asking = tuple(User(f"u{k}", ("m",), FlatChannel(1.0), deadline_s, 1.0) for k in range(users))
    return Instance("tiny", Downlink(10.0), (model,), asking)


def test_what_overlap_saves_by_hand():
    """Needed are max(10 / (10 - 4), 20 / (10 - 2)) bit/s; the conventional scheme needs 20 / (10 - 4)."""
    needed = need(tiny())
    assert needed.in_reach == 1
    assert needed.saved == pytest.approx([1 - (20 / 8) / (20 / 6)])
    assert needed.work == pytest.approx([0.4])
    assert need(tiny(deadline_s=4.0)).in_reach == 0
    assert len(need(tiny(deadline_s=4.0)).saved) == 0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("energy", [None, 1.0])
def test_no_more_is_saved_than_the_part_of_the_deadline_that_work_takes(seed: int, energy: float | None):
    """On flat channels, at one speed: r_min >= 8 sum s / deadline, and the conventional 8 sum s / (deadline - W/f)."""
    instance = generate("slide-synthetic", users=30, seed=seed, energy=energy)
    needed = need(instance)
    assert len(needed.saved) > 3
    assert (needed.saved <= needed.work * (1 + 1e-9)).all()
    assert (needed.saved >= -1e-9).all()
    assert need(merge_parts(instance, 1)).saved == pytest.approx(0.0, abs=1e-9)
    by_layers = need(instance.replace(frequency="per-layer"))
    assert by_layers.work == pytest.approx(needed.work)
    assert (by_layers.saved >= needed.saved - 1e-9).all()


def made_by_hand() -> list:
    found = []
    for name, exact, first in (("a", 4.0, 2.0), ("b", 3.0, 3.0)):
        more = {"swept": (f"of {name}", "deadline", 5.0), "problem": "slide", "sha256": name, "requests": 10}
        found += [row(name, EXACT, exact, exact, **more), row(name, FIRST, first, **more)]
        found += [row(name, method, 1.0, **more) for method in METHODS[2:]]
    return found


def test_a_row_of_the_table():
    cell = cells(made_by_hand(), {"a": tiny(users=10), "b": tiny(deadline_s=4.0, users=10)})
    assert cell == ("35.0%", "25.0%", "10.0%", "10.0%", "10.0%", "10.0%", "40%", "1 of 2", "50%", "40.0%", "25.0%")


def test_a_gain_from_nothing_has_no_number():
    assert [gain(3, 2), gain(2, 2), gain(2, 0), gain(0, 0)] == ["50%", "0%", "from none", ""]


def test_deadlines_are_told_as_multiples():
    found = relative(made_by_hand(), {("of a", 5.0): 0.5})
    assert {key: len(part) for key, part in by_parameter(found).items()} == {"deadline factor": 6, "deadline": 6}
    assert {one.asked.swept.value for one in by_parameter(found)["deadline factor"]} == {0.5}


def test_the_study_covers_every_sweep_and_both_ways_of_setting_speeds():
    plan = planned(range(2), 0.25)
    parameters = {part.sweep.parameter for part in PARTS}
    assert parameters == {"bandwidth", "deadline", "users", "device-speed", "energy-budget", "parts"}
    assert {case.swept.parameter for case in plan.cases if case.swept} == parameters
    assert {case.instance.frequency for case in plan.cases} == {"per-device", "per-layer"}
    assert set(plan.kinds.values()) == {
        *("architectures", "architectures, per-device", "architectures, per-layer"),
        *("synthetic", "synthetic, per-device", "synthetic, per-layer"),
    }
    kinds = {(case.swept.parameter, plan.kinds[case.swept.of], case.swept.of) for case in plan.cases if case.swept}
    assert all(sum(key[:2] == other[:2] for other in kinds) == 2 for key in kinds), "as many as seeds"
    hashes = {(case.swept.of, case.swept.parameter, case.swept.value) for case in plan.cases if case.swept}
    assert len(hashes) == len(plan.cases)
    longest = max(len(model.layers) for case in plan.cases for model in case.instance.models)
    assert longest <= max(PARTS[-1].sweep.values)


def test_a_small_study_from_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    bases = [generate("slide-synthetic", users=8, seed=seed) for seed in range(2)]
    plan = Plan([], {base.name: "synthetic" for base in bases}, {})
    plan.cases.extend(sweep_cases(bases, Sweep("parts", (1, 8)), plan.factors))
    monkeypatch.setattr(overlap, "planned", lambda: plan)
    rows = tmp_path / "rows.jsonl"
    monkeypatch.setattr("sys.argv", ["overlap", "--rows", str(rows), "--figures", str(tmp_path), "--workers", "1"])
    assert overlap.main() == 0
    found = [parse(json.loads(text)) for text in rows.read_text(encoding="utf-8").splitlines()]
    assert len(found) == 4 * len(METHODS)
    by_run = {(one.asked.instance, one.asked.method): one.served for one in found}
    for base in bases:
        whole, parts = f"{base.name} parts=1", f"{base.name} parts=8"
        assert by_run[whole, EXACT] == by_run[whole, FIRST] == by_run[parts, FIRST] <= by_run[parts, EXACT]
    said = capsys.readouterr().out
    assert "### parts" in said
    assert "CONTRADICTION" not in said
    assert sum(text.startswith("| synthetic | ") for text in said.splitlines()) == 2
    assert (tmp_path / "overlap-parts.svg").read_text(encoding="utf-8").startswith("<?xml")
