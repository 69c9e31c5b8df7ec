"""Request logs: every format, every mistake in one line, and lines without end."""

from __future__ import annotations

import gzip
import io
import os
import sys
import time
import tracemalloc
from pathlib import Path

import pytest

import partload
from partload.cli import run
from partload.instances.errors import InputError
from partload.instances.logs.examples import SHIPPED, example
from partload.instances.logs.formats import FORMATS
from partload.instances.logs.lines import LONGEST_LINE
from partload.instances.logs.reading import read_log
from partload.instances.partial_loading.tracing import Rules, trace

BURST = (
    "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
    "5,ChatGPT,472,18,490,Conversation log\n45.5,GPT-4,1087,230,1317,API log\n"
)
CALL = ["trace", "log.csv", "--models", "three-models", "-o", "made.json"]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)


def rules(**changes: object) -> Rules:
    return Rules(**({"slo_s": {None: 30.0}, "input_bits": 1.0, "spectral_efficiency_bps_per_hz": 2.0} | changes))


def test_burstgpt():
    Path("log.csv").write_text(BURST)
    made = trace(
        "three-models",
        "log.csv",
        Rules({None: 9.0, "API log": 2.0}, {"ChatGPT": "A", None: "C"}, None, 32.0, 2.0),
        window=(4.0, 50.0),
    )
    first, second = made.requests
    assert (first.id, first.model, first.input_bits, first.arrival_s, first.deadline_s) == ("line-2", "A", 15104, 1, 10)
    assert (second.id, second.model, second.arrival_s, second.deadline_s) == ("line-3", "C", 41.5, 43.5)
    assert made.provenance["rule_deadline_s"] == "arrival + others: 9.0, API log: 2.0"
    assert made.provenance["rule_model"] == "ChatGPT: A, others: C"
    assert made.provenance["rule_bits_per_token"] == "32 where the log has none"
    assert made.provenance["window_s"] == "4:50"


def test_azure_functions_arrive_before_they_end_and_are_sorted():
    Path("log.csv").write_text("app,func,end_timestamp,duration\na,f,9.0,0.5\na,g,10.0,7.0\na,f,11,1\n")
    log = read_log("log.csv")
    assert [(entry.arrival_s, entry.model, entry.line) for entry in log.entries] == [
        (3.0, "a/g", 3),
        (8.5, "a/f", 2),
        (10.0, "a/f", 4),
    ]
    made = trace("three-models", "log.csv", rules(models="frequency"))
    assert [(r.model, r.arrival_s) for r in made.requests] == [("B", 0.0), ("A", 5.5), ("A", 7.0)]


def test_the_public_log_that_is_shipped_can_be_read():
    log = read_log(SHIPPED)
    assert (log.format, log.lines, len(log.entries)) == ("azure-llm-2023", 500, 500)
    assert (log.entries[0].arrival_s, log.entries[0].tokens) == (0.0, 4808)
    assert log.entries[-1].arrival_s == 232.801087  # 18:20:56.7810470 less 18:17:03.9799600
    assert "Creative Commons Attribution 4.0" in SHIPPED.with_name("ATTRIBUTION.md").read_text(encoding="utf-8")


def test_azure_llm_dates_count_from_the_first_line():
    Path("log.csv").write_text(
        "TIMESTAMP,ContextTokens,GeneratedTokens\n"
        "2023-11-16 23:59:59.9799600,4808,10\n2023-11-17 00:00:01.4799600,3180,8\n"
    )
    log = read_log("log.csv")
    assert [(entry.arrival_s, entry.tokens, entry.model) for entry in log.entries] == [
        (0.0, 4808, None),
        (1.5, 3180, None),
    ]
    assert [entry.line for entry in read_log("log.csv", (1.0, 2.0)).entries] == [3]


@pytest.mark.parametrize(
    "text",
    [
        "arrival_s,id,model,class,input_bits,spectral_efficiency_bps_per_hz,weight\n1,k,A,chat,8,2,3\n2,l,B,,,,\n",
        '{"arrival_s":1,"id":"k","model":"A","class":"chat","input_bits":8,"spectral_efficiency_bps_per_hz":2,'
        '"weight":3}\n\n{"arrival_s":2,"id":"l","model":"B"}\n',
    ],
    ids=["csv", "json"],
)
def test_own_columns_as_csv_and_as_json_lines_also_compressed(text):
    Path("log.csv.gz").write_bytes(gzip.compress(text.encode()))
    made = trace("three-models", "log.csv.gz", rules(slo_s={"chat": 5.0, "B": 7.0}, spectral_efficiency_bps_per_hz=4.0))
    found = [
        (r.id, r.model, r.input_bits, r.channel.spectral_efficiency_bps_per_hz, r.weight, r.arrival_s, r.deadline_s)
        for r in made.requests
    ]
    assert found == [("k", "A", 8, 2, 3, 0, 5), ("l", "B", 1, 4, 1, 1, 8)]


@pytest.mark.parametrize("name", FORMATS)
def test_example_logs_are_of_their_format_and_the_same_for_a_seed(name):
    text = example(name, 40, 3)
    assert text == example(name, 40, 3) != example(name, 40, 4)
    Path("log.csv").write_text(text)
    log = read_log("log.csv")
    assert (log.format, log.lines, len(log.entries)) == (name, 40, 40)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "log.csv: expected a line with the names of columns, or JSON lines; the file is empty"),
        ("arrival_s,model\n", "log.csv: expected a line below the names of columns, there is none"),
        ("time,model\n1,A\n", "log.csv: line 1: expected the columns of a known format (azure-functions-2021: app"),
        ("arrival_s,modle\n1,A\n", "log.csv: line 1: unknown column: expected one of arrival_s, id, model, class"),
        ("arrival_s,model\n1\n", "log.csv: line 2: expected 2 cells, as in the first line, got 1"),
        ("arrival_s,model\n1,A\nnan,A\n", "log.csv: line 3, column 'arrival_s': expected a number, a time in seconds"),
        ("arrival_s,weight\n1,0\n", "log.csv: line 2, column 'weight': expected a number above 0, the weight, got '0'"),
        ('arrival_s,model\n1,"A\n', "log.csv: line 2: expected comma-separated values with quotes in pairs"),
        ('{"arrival_s": 1}\n{"arrival_s": }\n', "log.csv: line 2, column 15: expected one JSON object"),
        ('{"arrival_s": 1}\n[]\n', "log.csv: line 2: expected one JSON object"),
        ('{"arrival_s": [1]}\n', "log.csv: line 1, column 'arrival_s': expected a text or a number"),
        (
            '{"arrival_s": 1, "arrival_s": 2}\n',
            "log.csv: line 1, column 'arrival_s': expected each key once, it is rep",
        ),
        ('{"arrival_s": 1, "id": "\\ud800"}\n', "log.csv: line 1, column 'id': expected text, '\\ud800' holds half a"),
        ('{"arrival_s": 1}\n{"id": {"x": [{}]}}\n', "log.csv: line 2, column 'id': expected a text or a number"),
        ('{"arrival": 1}\n', "log.csv: line 1: unknown key: expected one of arrival_s"),
        (
            "arrival_s,model\n1,A\n2,D\n",
            "log.csv: line 3: expected a model: 'D' is no model of the base; give one by --m",
        ),
        ("arrival_s\n1\n", "log.csv: line 2: expected a model: the log names none; give one by --model"),
        (
            "arrival_s,model,id\n1,A,k\n2,A,k\n",
            "log.csv: line 3, column 'id': expected each id once, it is on line 2 too",
        ),
        (
            "TIMESTAMP,ContextTokens,GeneratedTokens\nyesterday,1,1\n",
            "log.csv: line 2, column 'TIMESTAMP': expected a date",
        ),
        (BURST.replace("472", "-1"), "log.csv: line 2, column 'Request tokens': expected a number of at least 0"),
    ],
)
def test_one_line_for_a_mistake_in_a_log(text, problem, capfd):
    Path("log.csv").write_text(text)
    assert run([*CALL, "--slo", "9", "--input-bits", "1", "--spectral-efficiency", "1"]) == 2
    said = capfd.readouterr().err
    assert said.startswith(f"partload: {problem}")
    assert said.count("\n") == 1
    assert not Path("made.json").exists()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--slo", "9"], "log.csv: line 2: expected a channel; give it by --spectral-efficiency"),
        (
            ["--slo", "9", "--spectral-efficiency", "1"],
            "log.csv: line 2: expected the size of the input; give it by --inp",
        ),
        (["--slo", "B=9"], "log.csv: line 2: expected a time to the deadline for 'A'; give it by --slo"),
        (["--slo", "fast"], "--slo: expected a number of seconds, got 'fast'"),
        (["--slo", "0"], "--slo: expected a number above 0, got 0"),
        (["--slo", "9,9"], "--slo: expected each name once"),
        (["--slo", "9", "--window", "3"], "--window: expected START:END in seconds, got '3'"),
        (["--slo", "9", "--window", "3:2"], "--window: expected a start before the end, got '3:2'"),
        (["--slo", "9", "--window", "3:"], "--window: expected requests in the window, all 1 are outside of it"),
        (["--slo", "9", "--model", "x=A"], "--model: expected the name of a model in the log, 'x' is none"),
        (["--slo", "9", "--model", "Z"], "--model: expected one of A, B, C, got 'Z'"),
        (["--slo", "9", "--format", "burst"], "--format: expected one of azure-functions-2021"),
        (["--slo", "9", "--format", "burstgpt"], "log.csv: line 1: expected a column 'Timestamp' of burstgpt; it is"),
    ],
)
def test_what_the_log_lacks_is_asked_for(options, problem, capfd):
    Path("log.csv").write_text("arrival_s,model\n1,A\n")
    assert run([*CALL, *options]) == 2
    assert capfd.readouterr().err.startswith(f"partload: {problem}")


def test_a_slo_that_nobody_has_is_refused():
    Path("log.csv").write_text("arrival_s,model\n1,A\n")
    with pytest.raises(InputError, match="'chat' is none"):
        trace("three-models", "log.csv", rules(slo_s={None: 1.0, "chat": 2.0}))


def test_the_command_writes_an_instance_that_every_method_reads(capfd):
    Path("log.csv").write_text(BURST)
    given = ["--slo", "30", "--model", "ChatGPT=A,GPT-4=B", "--bits-per-token", "0.001", "--spectral-efficiency", "2"]
    assert run([*CALL, *given]) == 0
    assert capfd.readouterr().out == "wrote made.json: 2 requests for 2 of 3 models\n"
    assert partload.solve("made.json", "fifo").objective == 2


def test_a_row_that_goes_on_for_ever_in_quotes_is_refused():
    Path("log.csv").write_text('arrival_s,id\n0,"a' + 'b","a\n' * (LONGEST_LINE // 6 + 1))
    with pytest.raises(InputError, match=r"line 174764: expected rows of at most 1048576 characters"):
        read_log("log.csv")
    Path("log.csv").write_text("arrival_s,id\n" + f"1,{'x' * 100_000}\n" * 12)
    assert read_log("log.csv").lines == 12


def test_a_header_of_many_columns_takes_no_time():
    header = ["app", "func", "end_timestamp", "duration", *map(str, range(100_000))]
    Path("log.csv").write_text(",".join(header) + "\n" + ",".join(["1"] * len(header)) + "\n")
    began = time.process_time()
    assert read_log("log.csv").lines == 1
    assert time.process_time() - began < 2


def test_a_pipe_is_read_once_and_has_no_hash():
    end, begin = os.pipe()
    os.write(begin, b"arrival_s,model\n1,A\n")
    os.close(begin)
    made = trace("three-models", f"/dev/fd/{end}", rules())
    os.close(end)
    assert len(made.requests) == 1
    assert "requests_sha256" not in (made.provenance or {})


def test_a_log_may_be_called_as_the_system_allows():
    log = os.fsdecode(b"l\xffg.csv")
    Path(log).write_text("arrival_s,model\n1,A\n")
    assert run(["trace", log, *CALL[2:], "--slo", "9", "--input-bits", "1", "--spectral-efficiency", "1"]) == 0
    made = partload.read("made.json")
    assert (made.name, made.provenance["requests"]) == ("three-models-l\\xffg", "1 of 1 lines of l\\xffg.csv")


def test_a_line_without_end_is_refused_in_little_memory(monkeypatch):
    class Endless(io.RawIOBase):
        read_bytes = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer) -> int:
            buffer[:] = b"a" * len(buffer)
            self.read_bytes += len(buffer)
            return len(buffer)

    source = Endless()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(source)))
    tracemalloc.start()
    with pytest.raises(InputError, match="this one is longer"):
        read_log("-")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert source.read_bytes < 2 * LONGEST_LINE
    assert peak < 8 * LONGEST_LINE


def test_a_model_whose_class_comes_first_is_not_called_unknown():
    Path("log.csv").write_text(BURST)
    with pytest.raises(InputError, match="every request of 'GPT-4' has a class or a name that comes before it"):
        trace(
            "three-models",
            "log.csv",
            rules(slo_s={"GPT-4": 3.0, "Conversation log": 2.0, "API log": 4.0}, models="frequency"),
        )
