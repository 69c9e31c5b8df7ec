"""Pictures: valid files, whatever the solution, and shares of the band that are those of the clock."""

from __future__ import annotations

import dataclasses
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import partload
from partload.benchmarks.palette import INK, PAPER
from partload.cli import run
from partload.instances.partial_loading import clock
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.metrics import metrics
from partload.instances.partial_loading.plan import Plan
from partload.instances.partial_loading.solution import SlotRecord, Solution, records
from partload.plots.partial_loading.spectrum import shares
from tests.support.pages import Page

PNG = b"\x89PNG\r\n\x1a\n"


def stated(instance: Instance, plan: Plan) -> Solution:
    times = clock.run(instance, plan)
    slots, measured = records(instance, plan, times), metrics(instance, plan, times)
    return Solution(instance=instance.name, slots=slots, status="feasible", metrics=measured)


def served_in_turn(instance: Instance, slots: int) -> Solution:
    """Requests one by one, in time or not."""
    return stated(instance, tuple(partload.Slot(request.model, (request.id,)) for request in instance.requests[:slots]))


def model_by_model(instance: Instance) -> Solution:
    """All requests, in time or not, in a slot for each model; with the static uplink in equal shares."""
    shares = None
    if instance.server.uplink == "static":
        shares = {request.id: instance.server.bandwidth_hz / len(instance.requests) for request in instance.requests}
    asked = {
        model.id: tuple(request.id for request in instance.requests if request.model == model.id)
        for model in instance.models
    }
    return stated(
        instance,
        tuple(
            partload.Slot(model, mine, None, shares and {request: shares[request] for request in mine})
            for model, mine in asked.items()
            if mine
        ),
    )


def text_of(path: Path) -> str:
    root = ElementTree.parse(path).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return path.read_text()


@pytest.mark.parametrize("name", ["three-models", "general-small-pipelined", "lora-10x40", "tool-switching"])
@pytest.mark.parametrize("slots", [0, 1, 40])
@pytest.mark.parametrize("what", ["schedule", "spectrum"])
def test_pictures_are_valid(name: str, slots: int, what: str, tmp_path: Path):
    instance = partload.read(name)
    solution = served_in_turn(instance, slots)
    partload.plot(solution, tmp_path / "a.svg", instance, what=what)
    # matplotlib writes each text as a comment beside its glyphs.
    assert f"<!-- {name}: {len(solution.slots)} of {len(instance.requests)} requests served, feasible" in text_of(
        tmp_path / "a.svg"
    )
    partload.plot(solution, tmp_path / "a.png", instance, what=what)
    assert (tmp_path / "a.png").read_bytes().startswith(PNG)


def test_a_schedule_can_do_without_the_instance(tmp_path: Path):
    partload.plot(served_in_turn(partload.read("three-models"), 3), tmp_path / "a.svg")
    assert "<!-- end of uploads -->" in text_of(tmp_path / "a.svg")


def test_dark_mode_exchanges_ink_and_paper(tmp_path: Path):
    instance = partload.read("three-models")
    for what in ("schedule", "spectrum"):
        partload.plot(model_by_model(instance), tmp_path / "a.svg", instance, what=what)
        text = text_of(tmp_path / "a.svg")
        assert text.count("prefers-color-scheme: dark") == 1
        assert f'style="fill: {PAPER}"' in text
        assert f"stroke: {INK}" in text
        assert "stroke: #000000" not in text, "black stays black in the dark"


def test_more_slots_make_a_taller_picture(tmp_path: Path):
    instance = partload.read("lora-10x40")
    heights = []
    for slots in (1, 30):
        partload.plot(served_in_turn(instance, slots), tmp_path / "a.svg", instance)
        heights.append(float(ElementTree.parse(tmp_path / "a.svg").getroot().attrib["height"].removesuffix("pt")))
    assert heights[1] > 3 * heights[0]


def test_same_solution_same_file(tmp_path: Path):
    instance = partload.read("three-models")
    for what in ("schedule", "spectrum"):
        for ending in (".svg", ".html", ".png"):
            written = []
            for name in ("a", "b"):
                file = (tmp_path / name).with_suffix(ending)
                partload.plot(served_in_turn(instance, 3), file, instance, what=what)
                written.append(file.read_bytes())
            assert written[0] == written[1]


def test_command_says_whether_deadlines_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd):
    monkeypatch.chdir(tmp_path)
    instance = partload.read("three-models")
    partload.write(served_in_turn(instance, 2), "solution.json")
    assert run(["plot", "solution.json", "-o", "a.svg"]) == 0
    assert capfd.readouterr().out == "wrote a.svg\n"
    assert "<!-- deadline -->" in text_of(Path("a.svg"))

    other = instance.replace(name="mine")
    partload.write(other, "mine.json")
    partload.write(served_in_turn(other, 2), "solution.json")
    assert run(["plot", "solution.json", "-o", "a.svg"]) == 0
    assert "--instance" in capfd.readouterr().out
    assert "<!-- deadline -->" not in text_of(Path("a.svg"))
    assert run(["plot", "solution.json", "-o", "a.svg", "--instance", "mine.json"]) == 0
    assert "<!-- deadline -->" in text_of(Path("a.svg"))


def test_solution_without_times_is_refused(tmp_path: Path):
    slots = (SlotRecord(model="A", requests=("A.1",)),)
    with pytest.raises(partload.InputError, match="times"):
        partload.plot(Solution(instance="three-models", slots=slots), tmp_path / "a.svg")


def test_missing_matplotlib_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    instance = partload.read("three-models")
    with pytest.raises(partload.InputError, match=r"pictures: needs matplotlib: pip install 'partload\[plot\]'"):
        partload.plot(served_in_turn(instance, 1), tmp_path / "a.svg", instance)


BANDS = [
    "edge-demo",
    "general-small-pipelined",
    "general-small-power",
    "static-band",
    "general-small-static",
    "fleet-40x400",
]


@pytest.mark.parametrize("name", BANDS)
def test_shares_are_those_of_the_clock(name: str):
    instance = partload.read(name)
    solution = model_by_model(instance)
    band, static = instance.server.bandwidth_hz, instance.server.uplink == "static"
    drawn = list(shares(solution, instance))
    assert {share.name for share in drawn} == set(instance.request_index)
    for n, slot in enumerate(solution.slots, 1):
        mine = [share for share in drawn if share.slot == n]
        ends = [share.start_s + share.sent_s for share in mine if share.bandwidth_hz > 0]
        assert max(ends, default=slot.upload_end_s) == pytest.approx(slot.upload_end_s)
        assert all(share.start_s + share.held_s == pytest.approx(slot.ready_s) for share in mine if static)
    area = sum(share.sent_s * share.bandwidth_hz for share in drawn if share.bandwidth_hz > 0)
    assert area / band == pytest.approx(solution.metrics["uplink_utilisation"] * solution.metrics["makespan_s"])


@pytest.mark.parametrize("name", BANDS)
def test_shares_do_not_overlap_and_stay_within_the_band(name: str):
    instance = partload.read(name)
    drawn = list(shares(model_by_model(instance), instance))
    room = 1e-9
    for number, one in enumerate(drawn):
        assert one.bottom_hz >= 0
        assert one.bottom_hz + one.bandwidth_hz <= instance.server.bandwidth_hz * (1 + room)
        for other in drawn[:number]:
            together = min(one.start_s + one.held_s, other.start_s + other.held_s) - max(one.start_s, other.start_s)
            if together > room * max(one.held_s, other.held_s):
                top, bottom = sorted((one, other), key=lambda share: -share.bottom_hz)
                assert bottom.bottom_hz + bottom.bandwidth_hz <= top.bottom_hz + room * instance.server.bandwidth_hz


def test_shares_held_beyond_their_upload_are_told_apart(tmp_path: Path):
    """In equal shares the smaller input is there first, and its share is held until the slot is ready."""
    instance = partload.read("general-small-static")
    solution = model_by_model(instance)
    waiting = [share for share in shares(solution, instance) if share.held_s > share.sent_s]
    partload.plot(solution, tmp_path / "a.svg", instance, what="spectrum")
    assert waiting
    assert len(hovers(text_of(tmp_path / "a.svg"))) == len(instance.requests) + len(waiting)


def hovers(svg: str) -> list[str]:
    return [title.text or "" for title in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}title")]


def test_parts_say_what_they_are(tmp_path: Path):
    instance = partload.read("three-models")
    solution = model_by_model(instance)
    partload.plot(solution, tmp_path / "a.svg", instance, what="spectrum")
    said = hovers(text_of(tmp_path / "a.svg"))
    for share in shares(solution, instance):
        assert sum(share.name in text and f"slot {share.slot}, {share.model}" in text for text in said) == 1
    partload.plot(solution, tmp_path / "b.svg", instance)
    said = hovers(text_of(tmp_path / "b.svg"))
    assert len(said) == 3 * len(solution.slots)
    assert f"slot 2, B: inference from {solution.slots[1].ready_s:.4g} to {solution.slots[1].end_s:.4g} s" in said


@pytest.mark.parametrize("what", ["schedule", "spectrum"])
def test_pages_stand_alone(what: str, tmp_path: Path):
    instance = partload.read("three-models").replace(name="a <b> & $c$")
    solution = model_by_model(instance)
    partload.plot(solution, tmp_path / "a.html", instance, what=what)
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    page = Page(text)
    assert text.startswith("<!DOCTYPE html>")
    assert page.open == []
    assert page.seen.count("svg") == 1
    assert page.seen.count("script") == 1
    assert not {"link", "img", "iframe", "image"} & set(page.seen)
    assert not re.search(r"fetch\(|XMLHttpRequest|import\(", text)
    assert all(address.startswith("#") for address in page.fetched)
    assert not re.search(r"@import|url\((?!#)", text)
    assert page.texts["title"][0].startswith("a <b> & $c$: 6 of 6 requests served, feasible")
    assert f"makespan {solution.slots[-1].end_s:.4g} s" in "".join(page.texts["p"])
    svg = text[text.index("<svg") : text.index("</svg>") + len("</svg>")]
    assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert 'viewBox="' in svg


def test_names_that_look_like_formulas_are_set_as_they_stand(tmp_path: Path):
    instance = partload.read("three-models")
    model, request = r"$\frac$", r"$\none$"
    odd = instance.replace(
        models=(dataclasses.replace(instance.models[0], id=model),),
        requests=(dataclasses.replace(instance.requests[0], id=request, model=model),),
    )
    for what in ("schedule", "spectrum"):
        partload.plot(model_by_model(odd), tmp_path / "a.svg", odd, what=what)
        assert model in "".join(hovers(text_of(tmp_path / "a.svg")))


def test_spectrum_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd):
    monkeypatch.chdir(tmp_path)
    other = partload.read("three-models").replace(name="mine")
    partload.write(other, "mine.json")
    partload.write(model_by_model(other), "solution.json")
    assert run(["plot", "solution.json", "-o", "a.svg", "--what", "spectrum"]) == 2
    assert "--instance" in capfd.readouterr().err
    assert not Path("a.svg").exists()
    assert run(["plot", "solution.json", "-o", "a.html", "--what", "spectrum", "--instance", "mine.json"]) == 0
    assert capfd.readouterr().out == "wrote a.html\n"
    assert "<!-- whole band -->" in Path("a.html").read_text(encoding="utf-8")


def test_what_a_spectrum_needs_is_named(tmp_path: Path):
    instance = partload.read("three-models")
    solution = model_by_model(instance)
    for missing in ({"bandwidth_hz": None}, {"bandwidth_hz": {}}, {"upload_end_s": None}):
        slots = (dataclasses.replace(solution.slots[0], **missing), *solution.slots[1:])
        with pytest.raises(partload.InputError, match="bandwidths"):
            partload.plot(dataclasses.replace(solution, slots=slots), tmp_path / "a.svg", instance, what="spectrum")
    with pytest.raises(partload.InputError, match="schedule or spectrum"):
        partload.plot(solution, tmp_path / "a.svg", instance, what="spectra")


@pytest.mark.parametrize("changed", [{"model": "Z"}, {"requests": ("Z.1",)}, {"loaded_blocks": ("omega",)}])
def test_ids_that_the_instance_does_not_have_are_named(changed: dict, tmp_path: Path):
    """A solution of another instance with the same name."""
    instance = partload.read("three-models")
    slots = (dataclasses.replace(served_in_turn(instance, 1).slots[0], **changed),)
    with pytest.raises(partload.InputError, match="three-models") as refused:
        partload.plot(Solution(instance=instance.name, slots=slots), tmp_path / "a.svg", instance)
    assert refused.value.path == f"slots[0].{next(iter(changed))}"
