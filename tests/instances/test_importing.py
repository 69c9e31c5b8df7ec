"""Instances from CSV tables: what is read, what is computed, and every mistake in one line with line and column."""

from __future__ import annotations

import csv
import gzip
import math
from pathlib import Path

import pytest

import partload
from partload.instances.generation import cell
from partload.instances.generation.draws import significant
from partload.instances.link_budget import LinkBudget

HEAD = "id,model,input_bits,spectral_efficiency_bps_per_hz,deadline_s\n"
USERS = "id,models,max_flop_per_s,snr_hz,deadline_s\n"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)


def table(text: str | bytes, name: str = "requests.csv") -> Path:
    path = Path(name)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_table_with_everything_gives_the_requests_it_was_written_from():
    base = partload.read("general-small-pipelined", partload.Instance)
    with Path("requests.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*HEAD.strip().split(","), "weight", "arrival_s"])
        for r in base.requests:
            assert isinstance(r.channel, partload.FlatChannel)
            eta = r.channel.spectral_efficiency_bps_per_hz
            writer.writerow([r.id, r.model, r.input_bits, eta, r.deadline_s, r.weight, r.arrival_s])
    made = partload.import_requests(base, "requests.csv")
    assert made.requests == base.requests
    assert (made.server, made.blocks, made.models) == (base.server, base.blocks, base.models)
    assert made.name == "general-small-pipelined-requests"
    assert partload.solve(made).objective == partload.solve(base).objective


def test_provenance_names_the_table_the_base_and_what_the_base_says_of_itself():
    base = partload.generate("lora", models=2, requests=3)
    made = partload.import_requests(base, table(HEAD + "r,m0,8,2,1\n"), name="mine")
    assert made.provenance is not None
    assert made.name == "mine"
    assert made.provenance["requests"] == "1 rows of requests.csv"
    assert len(made.provenance["requests_sha256"]) == 64
    assert made.provenance["base"] == base.name
    assert made.provenance["base_generator"] == "partial-loading/lora"
    assert "options" not in made.provenance, "they say nothing of these requests"
    partload.write(made, "made.json")
    assert partload.read("made.json") == made


def test_the_users_of_a_base_are_replaced():
    text = USERS + "a,m,1e12,2e6,3\nb,m,2e12,3e6,\n"
    made = partload.import_users("slide-overlap", table(text, "users.csv"), deadline_s=7)
    assert [(u.id, u.models, u.max_flop_per_s, u.deadline_s) for u in made.users] == [
        ("a", ("m",), 1e12, 3),
        ("b", ("m",), 2e12, 7),
    ]
    assert made.users[0].channel == partload.PowerLimitedChannel(2e6)
    assert partload.solve(made).status == "optimal"


def test_users_have_all_that_the_format_has():
    base = partload.generate("slide-architectures", users=2)
    first, second = (model.id for model in base.models[:2])
    columns = "min_flop_per_s,min_accuracy,energy_budget_j,energy_coefficient,weight"
    text = f"{USERS.strip()},{columns}\nu,{first};{second},1e12,1e8,1,1e9,0.5,3,1e-26,2\n"
    (user,) = partload.import_users(base, table(text)).users
    assert (user.models, user.min_flop_per_s, user.min_accuracy) == ((first, second), 1e9, 0.5)
    assert (user.energy_budget_j, user.energy_coefficient, user.weight) == (3, 1e-26, 2)


def test_marks_line_ends_quotes_blank_lines_and_empty_cells():
    text = (
        b"\xef\xbb\xbfid,model,input_bits,spectral_efficiency_bps_per_hz,deadline_s,weight\r\n"
        b'"a, ""first""",A,8,2,1,\r\n\r\n"b\r\nc",A,16,"4",2,3\r\n\xc3\xa9,B,1e3,.5,2,\r\n'
    )
    made = partload.import_requests("three-models", table(text))
    assert [r.id for r in made.requests] == ['a, "first"', "b\r\nc", "é"]
    assert [r.weight for r in made.requests] == [1, 3, 1]
    assert [r.input_bits for r in made.requests] == [8, 16, 1000]
    Path("packed.csv.gz").write_bytes(gzip.compress(text))
    packed = partload.import_requests("three-models", "packed.csv.gz", name=made.name)
    assert packed.requests == made.requests


@pytest.mark.parametrize("channel", ["flat", "power-limited"])
def test_a_distance_gives_the_channel_of_generated_instances(channel: str):
    """The distances of a generated cell, from its channels, give these channels back."""
    base = partload.generate("general", requests=6, models=2, channel=channel)
    link, rows = LinkBudget(), ["id,model,input_bits,deadline_s,distance_m"]
    for r in base.requests:
        c = getattr(r.channel, "snr_hz", None)
        c = c or (2 ** getattr(r.channel, "spectral_efficiency_bps_per_hz", 0.0) - 1) * 20e6
        loss_db = 23 + 174 - 10 * math.log10(c)
        rows.append(f"{r.id},{r.model},1,1,{1000 * 10 ** ((loss_db - 128.1) / 37.6)!r}")
    made = partload.import_requests(base, table("\n".join(rows)), channel=channel)
    for r, expected in zip(made.requests, base.requests):
        (name, value), (same, wanted) = (
            next((f, getattr(c, f)) for f in ("snr_hz", "spectral_efficiency_bps_per_hz") if hasattr(c, f))
            for c in (r.channel, expected.channel)
        )
        assert name == same
        assert significant(value, 5) == significant(wanted, 5)
    assert (link.path_loss_at_1_km_db, link.path_loss_per_decade_db, link.noise_dbm_per_hz) == (128.1, 37.6, -174)
    assert "128.1 dB at 1 km" in (made.provenance or {})["channels"]
    assert cell.NOTE, "the cell of generated instances uses the same link budget"


def test_snr_in_decibels_over_the_reference_bandwidth():
    text = "id,model,input_bits,deadline_s,snr_db\na,A,8,1,10\nb,A,8,1,-3\n"
    flat = partload.import_requests("three-models", table(text))
    assert [r.channel for r in flat.requests] == [
        partload.FlatChannel(float(f"{math.log2(1 + 10 ** (db / 10)):.12g}")) for db in (10, -3)
    ]
    limited = partload.import_requests(
        "three-models", "requests.csv", channel="power-limited", reference_bandwidth_hz=5e6
    )
    assert limited.requests[0].channel == partload.PowerLimitedChannel(5e7)


def test_the_cell_is_the_users_own():
    text = "id,model,input_bits,deadline_s,distance_m\na,A,8,1,100\n"
    own = partload.import_requests(
        "three-models",
        table(text),
        channel="power-limited",
        transmit_power_dbm=30,
        path_loss_at_1_km_db=120,
        path_loss_per_decade_db=20,
        noise_dbm_per_hz=-170,
    )
    assert own.requests[0].channel == partload.PowerLimitedChannel(1e10), "30 - (120 - 20) + 170 dB"


GOOD = "r,A,8,2,1\n"
MISTAKES = {
    "empty file": ("", "expected a line with the names of columns, such as id, model"),
    "no rows": (HEAD, "expected a row below the names of columns"),
    "unknown column": (HEAD.replace("deadline_s", "dedline_s") + GOOD, "line 1: unknown column: expected one of"),
    "nearest column": (HEAD.replace("deadline_s", "dedline_s") + GOOD, "did you mean 'deadline_s'?"),
    "space in a name": (HEAD.replace(",model", ", model") + GOOD, "did you mean 'model'?"),
    "semicolons": (HEAD.replace(",", ";") + GOOD.replace(",", ";"), "separated by semicolons, expected commas"),
    "column twice": (HEAD.strip() + ",id\nr,A,8,2,1,r\n", "line 1: expected each column once, 'id' is repeated"),
    "no id": ("model,input_bits,snr_hz,deadline_s\nA,8,2,1\n", "line 1: expected a column 'id', the id of a request"),
    "too few cells": (HEAD + GOOD + "\nq,A,8\n", "line 4: expected 5 cells, as in the first line, got 3"),
    "too many cells": (HEAD + "r,A,8,2,1,9\n", "line 2: expected 5 cells, as in the first line, got 6"),
    "empty id": (HEAD + ",A,8,2,1\n", "line 2, column 'id': expected the id of a request, the cell is empty"),
    "no number": (
        HEAD + "r,A,many,2,1\n",
        "line 2, column 'input_bits': expected a number, the size of the input in bits",
    ),
    "number with a comma": (HEAD + 'r,A,"1,5",2,1\n', "line 2, column 'input_bits': expected a number"),
    "underscore": (HEAD + "r,A,1_000,2,1\n", "got '1_000'"),
    "space": (HEAD + "r,A, 8,2,1\n", "got ' 8'"),
    "nan": (HEAD + "r,A,8,nan,1\n", "column 'spectral_efficiency_bps_per_hz': expected a number"),
    "overflow": (HEAD + "r,A,1e999,2,1\n", "expected a number, the size of the input in bits, got '1e999'"),
    "negative": (HEAD + "r,A,-8,2,1\n", "line 2, column 'input_bits': expected a number of at least 0"),
    "no efficiency": (HEAD + "r,A,8,0,1\n", "expected a number above 0, the spectral efficiency"),
    "unknown model": (HEAD + GOOD + "q,a,8,2,1\n", "line 3, column 'model': expected one of A, B, C, got 'a'"),
    "duplicate": (
        HEAD + GOOD + "s,A,8,2,1\n" + GOOD,
        "line 4, column 'id': expected each id once, 'r' is on line 2 too",
    ),
    "line after a quoted line end": (HEAD + '"x\ny",A,8,2,1\nz,A,?,2,1\n', "line 4, column 'input_bits'"),
    "no deadline": (HEAD + "r,A,8,2,\n", "line 2, column 'deadline_s': expected a deadline in seconds, or the option"),
    "no channel": (HEAD + "r,A,8,,1\n", "line 2: expected a value in exactly one of spectral_efficiency_bps_per_hz"),
    "two channels": (HEAD.strip() + ",snr_db\nr,A,8,2,1,3\n", "got spectral_efficiency_bps_per_hz and snr_db"),
    "late arrival": (
        HEAD.strip() + ",arrival_s\nr,A,8,2,1,1\n",
        "'arrival_s': expected a number below the deadline, 1",
    ),
    "quotes": (HEAD + 'r,"A"B,8,2,1\n', "line 2: expected comma-separated values with quotes in pairs"),
    "open quote": (HEAD + 'r,"A,8,2,1\n', "line 2: expected comma-separated values with quotes in pairs"),
    "utf-16": (HEAD.encode("utf-16"), "expected UTF-8 text, byte 0 is none"),
    "far away": ("id,model,input_bits,deadline_s,distance_m\nr,A,8,1,1e300\n", "line 2, column 'distance_m'"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_told_with_their_place(mistake: str):
    text, expected = MISTAKES[mistake]
    with pytest.raises(partload.InputError) as caught:
        partload.import_requests("three-models", table(text))
    assert str(caught.value).startswith("requests.csv: ")
    assert expected in str(caught.value)


USER_MISTAKES = {
    "slow": (USERS.strip() + ",min_flop_per_s\nu,m,1,1,1,2\n", "'min_flop_per_s': expected at most max_flop_per_s, 1"),
    "budget": (USERS.strip() + ",energy_budget_j\nu,m,1,1,1,2\n", "'energy_coefficient': expected a value beside"),
    "accuracy": (USERS.strip() + ",min_accuracy\nu,m,1,1,1,2\n", "expected a number of at most 1, the least accuracy"),
    "model twice": (USERS + "u,m;m,1,1,1\n", "line 2, column 'models': expected no repeats, 'm' is there twice"),
    "unknown model": (USERS + "u,m;x,1,1,1\n", "line 2, column 'models': expected one of m, ';' between, got 'x'"),
}


@pytest.mark.parametrize("mistake", USER_MISTAKES)
def test_mistakes_in_tables_of_users(mistake: str):
    text, expected = USER_MISTAKES[mistake]
    with pytest.raises(partload.InputError) as caught:
        partload.import_users("slide-overlap", table(text))
    assert expected in str(caught.value)


OPTIONS = {
    "kind without use": ({"channel": "flat"}, "channel: expected a value of snr_db or distance_m in the table"),
    "power without use": ({"transmit_power_dbm": 3}, "transmit_power_dbm: expected a value of distance_m in the table"),
    "band without use": ({"reference_bandwidth_hz": 3}, "reference_bandwidth_hz: expected a value of distance_m for"),
    "unknown kind": ({"channel": "round"}, "channel: expected one of flat, power-limited, got 'round'"),
    "no number": ({"noise_dbm_per_hz": math.nan}, "noise_dbm_per_hz: expected a number, got nan"),
    "negative": ({"path_loss_per_decade_db": -1}, "path_loss_per_decade_db: expected a number above 0, got -1"),
    "unknown": ({"power": 1}, "option: expected one of channel, noise_dbm_per_hz"),
    "deadline": ({"deadline_s": 0}, "deadline: expected a number of seconds above 0, got 0"),
}


@pytest.mark.parametrize("wrong", OPTIONS)
def test_options_that_are_wrong_or_have_no_effect(wrong: str):
    options, expected = OPTIONS[wrong]
    with pytest.raises(partload.InputError) as caught:
        partload.import_requests("three-models", table(HEAD + GOOD), **options)
    assert str(caught.value).startswith(expected)


def test_the_bandwidth_of_an_snr_in_decibels_is_asked_for():
    text = "id,model,input_bits,deadline_s,snr_db\na,A,8,1,10\n"
    with pytest.raises(partload.InputError, match=r"^reference_bandwidth_hz: expected the bandwidth over which snr_db"):
        partload.import_requests("three-models", table(text), channel="power-limited")


def test_a_base_of_the_other_problem_is_refused():
    with pytest.raises(partload.InputError, match="expected an instance of partial-loading"):
        partload.import_requests("slide-overlap", table(HEAD + GOOD))  # type: ignore[arg-type]
    with pytest.raises(partload.InputError, match="expected an instance of slide"):
        partload.import_users("three-models", table(USERS + "u,m,1,1,1\n"))  # type: ignore[arg-type]
