"""What each uplink costs: optima against brute force, losses by hand, and nothing unproved or out of order unsaid."""

import sys
from concurrent.futures import ProcessPoolExecutor

import pytest

from partload.benchmarks import disciplines
from partload.benchmarks.disciplines import (
    UPLINKS,
    Answer,
    Case,
    cases,
    over_bands,
    print_rows,
    small,
    summary,
    verdict,
)
from partload.benchmarks.disciplines_picture import draw
from partload.instances.library import load
from tests.support.brute_force import optimum


def case(slotted, pipelined, static, bound=None):
    """A case of 6 requests; a bound is that of the pipelined answer."""
    answers = {uplink: Answer(served, served) for uplink, served in zip(UPLINKS, (slotted, pipelined, static))}
    if bound is not None:
        answers["pipelined"] = Answer(pipelined, bound)
    return Case(load("three-models"), answers)


def test_optima_are_those_of_brute_force():
    instances = [load("three-models"), load("static-band")]
    with ProcessPoolExecutor(2) as pool:
        found = list(cases(instances, 60.0, pool))
    assert [case.instance for case in found] == instances
    for one in found:
        assert one.proved
        assert not one.out_of_order()
        for uplink in UPLINKS:
            assert one.answers[uplink].served == optimum(one.instance.replace(uplink=uplink))[0]


def test_losses_are_relative_to_pipelined():
    assert case(3, 4, 2).loss("slotted") == 0.25
    assert case(3, 4, 2).loss("static") == 0.5
    assert case(0, 0, 0).loss("static") == 0.0
    assert case(3, 4, 2).share("static") == pytest.approx(1 / 3)


def test_work_is_added_up():
    instance = small("general", 5e6)
    loads_s, uploads_s, batches_s = Case(instance, {}).work_s()
    models = {model.id: model for model in instance.models}
    asked = {request.model for request in instance.requests}
    assert loads_s == pytest.approx(sum(block.size_bytes / 12.2e9 for block in instance.blocks))
    uploads = (r.input_bits / (r.channel.spectral_efficiency_bps_per_hz * 5e6) for r in instance.requests)
    assert uploads_s == pytest.approx(sum(uploads))
    per_request = sum(models[request.model].batch_per_request_s for request in instance.requests)
    assert batches_s == pytest.approx(per_request + sum(models[name].batch_setup_s for name in asked))


def test_rows_are_means_over_what_is_proved(capsys):
    found = [case(3, 4, 2), case(4, 4, 4), case(1, 2, 2, bound=3)]
    proved, _, *cells = summary(found)
    assert proved == "2 of 3"
    assert cells[:3] == ["58.3%", "66.7%", "50.0%"]
    assert cells[3:] == ["12.5%", "25.0%", "1", "25.0%", "50.0%", "1"]
    assert print_rows({("made up", 1e6): iter(found)}) == found
    assert "slotted serves more than static in 1, static serves more than slotted in 0" in capsys.readouterr().out
    assert set(summary([case(1, 2, 2, bound=3)])[1:]) == {""}


def test_what_is_not_proved_is_named(capsys):
    assert verdict([case(1, 2, 2, bound=3), case(3, 4, 2)]) == 0
    assert capsys.readouterr().out.strip() == (
        "not proved: three-models, 1e-06 MHz: slotted 1, pipelined 2 of at most 3, static 2"
    )


@pytest.mark.parametrize(("slotted", "static"), [(4, 3), (3, 4)])
def test_what_is_out_of_order_is_an_error(slotted, static, capsys):
    assert verdict([case(slotted, 3, static)]) == 1
    assert "out of order: three-models" in capsys.readouterr().out
    assert verdict([case(slotted, 3, static, bound=4)]) == 0


def test_bands_are_all_that_differs():
    instance = small("general")
    for band, changed in zip(disciplines.BANDS_HZ, over_bands(instance)):
        assert changed == instance.replace(bandwidth_hz=band)
    assert list(disciplines.BANDS_HZ) == sorted(disciplines.BANDS_HZ)


def test_picture_shows_what_is_open_and_is_the_same_every_time(tmp_path):
    by_band = {
        name: [Case(instance, case(3, 4, 2, bound).answers) for instance in over_bands(load("three-models"))]
        for name, bound in (("proved", None), ("open", 6))
    }
    for name in ("first.svg", "second.svg", "picture.png"):
        draw(by_band, tmp_path / name)
    text = (tmp_path / "first.svg").read_text()
    assert text == (tmp_path / "second.svg").read_text()
    assert text.count('id="LineCollection_') == len(disciplines.BANDS_HZ)
    assert (tmp_path / "picture.png").stat().st_size > 0


def test_the_study_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(disciplines, "ROWS", (("general", 5e6),))
    monkeypatch.setattr(disciplines, "SWEPT", ("general",))
    monkeypatch.setattr(disciplines, "BANDS_HZ", (1.25e6, 160e6))
    monkeypatch.setattr(disciplines, "MODELS", 3)
    monkeypatch.setattr(disciplines, "REQUESTS", 5)
    picture = tmp_path / "picture.svg"
    monkeypatch.setattr(sys, "argv", ["disciplines", "--seeds", "1", "--picture", str(picture)])
    assert disciplines.main() == 0
    said = capsys.readouterr().out
    assert "| general | 5 MHz | 1 of 1 |" in said
    assert "| general-3x5-0 | 160 MHz |" in said
    assert picture.exists()
