"""The table of online policies adds up, and the commands print and draw it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

import partload
from partload import solvers
from partload.benchmarks.price import POLICIES, Lateness, price
from partload.cli import run
from partload.instances.channels import FlatChannel
from partload.instances.logs.examples import example
from partload.instances.partial_loading.tracing import Rules, trace


@pytest.fixture(autouse=True)
def _short_search(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("partload.benchmarks.price.SEARCH_S", 0.1)


@pytest.fixture
def traced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> partload.Instance:
    monkeypatch.chdir(tmp_path)
    Path("log.csv").write_text(example("burstgpt", 12, 2, per_s=8.0))
    made = trace("general-small-power", "log.csv", Rules({None: 1.0}, "frequency", None, 2e3, 2.0))
    turns = tuple(dataclasses.replace(k, model=made.models[n % 4].id) for n, k in enumerate(made.requests))
    slow = made.server.load_rate_bytes_per_s / 4
    return made.replace(requests=turns, visits="any", load_rate_bytes_per_s=slow)


def test_the_table_adds_up(traced):
    found = price(traced, time_limit=20, seed=0)
    lines = {line.method: line for line in found.lines}
    assert set(lines) == {method.name for method in POLICIES} - {"lru"} | {"local-search", "exact"}
    assert found.refused == ("lru does not cover residency 'previous'",)
    assert found.optimum
    assert lines["exact"].weight_served == found.bound
    assert any(line.gap > 0 for line in found.lines)
    for line in found.lines:
        assert line.weight_served + line.gap * found.bound == pytest.approx(found.bound)
        solved = partload.solve(traced, line.method, seed=0, time_limit=20)
        assert line.requests_served == solved.metrics["served"]
        if line.lateness is not None:
            late = line.lateness
            assert late.in_time + late.late + late.never == found.requests == len(traced.requests)
            assert line.loaded_bytes == solved.metrics["loaded_bytes"]
            assert (late.median_s is None) == (late.late == 0)
            assert late.late == 0 or 0 < late.median_s <= late.percentile_95_s
    assert any(line.lateness and line.lateness.late for line in found.lines)


def test_the_command(traced, capfd):
    partload.write(traced, "traced.json")
    assert run(["price", "traced.json", "--json", "-o", "price.svg", "--seed", "0"]) == 0
    document = json.loads(capfd.readouterr().out)
    assert [line["method"] for line in document["lines"]][-2:] == ["local-search", "exact"]
    assert "</svg>" in Path("price.svg").read_text()
    assert run(["price", "traced.json"]) == 0
    printed = capfd.readouterr().out
    assert "refused    lru does not cover residency 'previous'" in printed
    assert f"optimum    {document['bound']:g} of 12, 12 requests" in printed


def test_a_log_is_priced_as_the_instance_that_trace_makes_of_it(traced, capfd):
    rules = ["--models", "general-small-power", "--slo", "1", "--model", "frequency"]
    rules += ["--bits-per-token", "2e3", "--spectral-efficiency", "2"]
    assert run(["trace", "log.csv", *rules, "-o", "made.json"]) == 0
    capfd.readouterr()
    tables = []
    for asked in (["made.json"], ["log.csv", *rules]):
        assert run(["price", *asked, "--json", "--seed", "0"]) == 0
        tables.append(json.loads(capfd.readouterr().out))
    assert tables[0] == tables[1]
    assert run(["price", "log.csv", *rules[:2]]) == 2
    assert "--models: expected --slo beside it" in capfd.readouterr().err
    assert run(["price", "made.json", "--window", "0:1"]) == 2
    assert "--window: expected --models BASE beside it" in capfd.readouterr().err


def test_a_local_search_over_arrivals_is_at_least_as_good_as_a_policy(traced):
    found = {line.method: line.weight_served for line in price(traced, time_limit=20, seed=0).lines}
    assert found["local-search"] >= max(found["fifo-collate"], found["edf"])


def test_what_it_cannot_do_is_said(traced, capfd):
    assert run(["price", "slide-overlap"]) == 2
    assert "expected an instance of partial-loading" in capfd.readouterr().err
    assert run(["price", "three-models", "-o", "price.pdf"]) == 2
    assert "expected a file ending in .svg" in capfd.readouterr().err


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # numpy: such loads of the spectrum are infinite.
def test_behind_an_upload_without_end_nobody_is_served(traced):
    first, *others = traced.requests
    endless = dataclasses.replace(first, input_bits=1e300, channel=FlatChannel(1e-300))
    (fifo,) = (line for line in price(traced.replace(requests=(endless, *others))).lines if line.method == "fifo")
    assert fifo.requests_served > 0
    assert fifo.lateness == Lateness(0, 0, len(traced.requests), None, None)


@pytest.mark.parametrize("option", [("--time-limit", "-1"), ("--time-limit", "nan"), ("--seed", "-1")])
def test_a_wrong_option_is_refused(option, capfd):
    assert run(["price", "three-models", *option]) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert "expected a" in said.err


@pytest.mark.parametrize("name", ["fifo", "edf", "exact"])
def test_ctrl_c_ends_all_methods_and_says_so(traced, name, monkeypatch, capfd):
    asked, really = [], solvers.solve

    def solve(instance, method, **options):
        asked.append(method)
        found = really(instance, "fifo")
        return dataclasses.replace(found, termination="interrupted") if method == name else found

    monkeypatch.setattr(solvers, "solve", solve)
    partload.write(traced, "traced.json")
    assert run(["price", "traced.json", "--json"]) == 130
    document = json.loads(capfd.readouterr().out)
    assert document["interrupted"]
    assert asked[-1] == name
    assert [line["method"] for line in document["lines"]] == asked[: len(asked) - (name != "exact")]
    assert run(["price", "traced.json", "-o", "price.svg"]) == 130
    assert "interrupted: the methods that are left did not run" in capfd.readouterr().out
