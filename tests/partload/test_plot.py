"""Pictures: valid files, whatever the solution."""

from __future__ import annotations

import builtins
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import partload
from instances.partial_loading import clock
from instances.partial_loading.instance import Instance
from instances.partial_loading.solution import SlotRecord, Solution, records
from partload.cli import run

PNG = b"\x89PNG\r\n\x1a\n"


def served_in_turn(instance: Instance, slots: int) -> Solution:
    """Requests one by one, in time or not."""
    plan = tuple(partload.Slot(request.model, (request.id,)) for request in instance.requests[:slots])
    times = clock.run(instance, plan)
    return Solution(instance=instance.name, slots=records(instance, plan, times), status="feasible")


def text_of(path: Path) -> str:
    root = ElementTree.parse(path).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return path.read_text()


@pytest.mark.parametrize("name", ["three-models", "general-small-pipelined", "lora-10x40", "tool-switching"])
@pytest.mark.parametrize("slots", [0, 1, 40])
def test_pictures_are_valid(name: str, slots: int, tmp_path: Path):
    instance = partload.read(name)
    solution = served_in_turn(instance, slots)
    partload.plot(solution, tmp_path / "a.svg", instance)
    # matplotlib writes each text as a comment beside its glyphs.
    assert f"<!-- {name}: {len(solution.slots)} of {len(instance.requests)} requests served, feasible -->" in text_of(
        tmp_path / "a.svg"
    )
    partload.plot(solution, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(PNG)


def test_more_slots_make_a_taller_picture(tmp_path: Path):
    instance = partload.read("lora-10x40")
    heights = []
    for slots in (1, 40):
        partload.plot(served_in_turn(instance, slots), tmp_path / "a.svg", instance)
        heights.append(float(ElementTree.parse(tmp_path / "a.svg").getroot().attrib["height"].removesuffix("pt")))
    assert heights[1] > 3 * heights[0]


def test_same_solution_same_file(tmp_path: Path):
    instance = partload.read("three-models")
    for name in ("a.svg", "b.svg"):
        partload.plot(served_in_turn(instance, 3), tmp_path / name, instance)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_command_says_whether_deadlines_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.chdir(tmp_path)
    instance = partload.read("three-models")
    partload.write(served_in_turn(instance, 2), "solution.json")
    assert run(["plot", "solution.json", "-o", "a.svg"]) == 0
    assert capsys.readouterr().out == "wrote a.svg\n"
    assert "<!-- deadline -->" in text_of(Path("a.svg"))

    other = instance.replace(name="mine")
    partload.write(other, "mine.json")
    partload.write(served_in_turn(other, 2), "solution.json")
    assert run(["plot", "solution.json", "-o", "a.svg"]) == 0
    assert "--instance" in capsys.readouterr().out
    assert "<!-- deadline -->" not in text_of(Path("a.svg"))
    assert run(["plot", "solution.json", "-o", "a.svg", "--instance", "mine.json"]) == 0
    assert "<!-- deadline -->" in text_of(Path("a.svg"))


def test_solution_without_times_is_refused(tmp_path: Path):
    slots = (SlotRecord(model="A", requests=("A.1",)),)
    with pytest.raises(partload.InputError, match="times"):
        partload.plot(Solution(instance="three-models", slots=slots), tmp_path / "a.svg")


def test_missing_matplotlib_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    real = builtins.__import__

    def without(name, *rest, **more):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    instance = partload.read("three-models")
    with pytest.raises(partload.InputError, match=r"pip install 'partload\[plot\]'"):
        partload.plot(served_in_turn(instance, 1), tmp_path / "a.svg", instance)
