"""The server: for this machine alone, stateless, and with one line for whatever is wrong."""

from __future__ import annotations

import importlib.util
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

import partload
from partload.cli import run
from partload.explore import answers, running
from partload.explore.render import SCRIPTS
from partload.explore.state import State
from partload.instances.serialisation import render
from tests.support.explored import ask, get, served, state


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with served(State(name="three-models")) as found:
        yield found


def test_the_page_brings_all_that_it_needs(port: int):
    status, headers, page = get(port)
    assert status == 200
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    fetched = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert fetched == ["data:,", "explore.css", *SCRIPTS]
    for name in fetched[1:]:
        status, _, text = get(port, f"/{name}")
        assert status == 200
        assert "//" not in re.sub(r"(^|\s)//.*", "", text)  # No address of a host; comments aside.
    start = json.loads(re.search(r'id="start">(.*?)</script>', page)[1])
    assert start == {"state": state("three-models")}


def test_questions_are_answered(port: int):
    status, opened = ask(port, "open", state=state("three-models"))
    assert status == 200
    assert opened["starts"]["bandwidth"] == 24
    status, drawn = ask(port, "draw", state=state("three-models", positions={"bandwidth": 20}))
    instance = State(name="three-models", positions={"bandwidth": 20}).instance
    assert (status, drawn["parts"]) == (200, answers.drawn(instance, "greedy-sharing")["parts"])
    assert ask(port, "explain", state=state("three-models", formulation="slot"))[1]["marks"]["in_time"]
    assert ask(port, "save", state=state("three-models"))[1]["text"] == render(partload.read("three-models"))
    move = {"role": "optimum", "solution": drawn["solutions"]["optimum"], "id": "k1", "target": "none"}
    move["id"] = partload.read("three-models").requests[0].id
    assert ask(port, "move", state=state("three-models", positions={"bandwidth": 20}), move=move)[0] == 200


def test_answers_to_many_at_once_do_not_mix(port: int):
    asked = [
        state(name, positions={"bandwidth": place})
        for name in ("three-models", "slide-overlap")
        for place in (8, 24, 40)
    ]
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(lambda one: ask(port, "draw", state=one)[1]["parts"], [*asked, *asked]))
    for one, parts in zip([*asked, *asked], found):
        alone = State(name=one["name"], positions=one["positions"])
        assert parts == answers.drawn(alone.instance, alone.chosen_heuristic)["parts"]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1:1", "127.0.0.1.evil.example:{port}"]
)
def test_other_names_of_this_machine_are_refused(port: int, host: str):
    assert get(port, Host=host.format(port=port))[0] == 403


def test_pages_of_other_sites_are_refused(port: int):
    body = json.dumps({"state": state("three-models")}).encode()
    kind = "application/json"
    for origin, status in (
        (f"http://127.0.0.1:{port}", 200),
        (f"http://localhost:{port}", 200),
        ("http://evil.example", 403),
        ("null", 403),
        ("http://127.0.0.1:1", 403),
    ):
        assert get(port, "/save", "POST", body, Content_Type=kind, Origin=origin)[0] == status
    assert get(port, "/save", "POST", body, Content_Type="text/plain")[0] == 415
    assert get(port, "/save")[0] == 405


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "expected JSON"),
        (b"\xff", "expected JSON"),
        (b'{"state": NaN}', "expected JSON"),
        (b"[" * 100000, "expected JSON"),
        (b"[]", "expected a JSON object"),
        (b"{}", "state: "),
        (b'{"state": {"name": "../three-models"}}', "../three-models: no instance of that name"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(port: int, body: bytes, message: str):
    status, _, text = get(port, "/draw", "POST", body, Content_Type="application/json")
    assert status == 422
    found = json.loads(text)["message"]
    assert found.startswith(message)
    assert "\n" not in found


def test_a_bad_instance_is_named_with_the_place(port: int):
    bad = render(partload.read("three-models")).replace('"batch_setup_s"', '"batch_setup"', 1)
    status, answer = ask(port, "open", state=state("mine.json", document=bad))
    assert status == 422
    assert answer["message"].startswith("mine.json: models[0].batch_setup: unknown key, did you mean 'batch_setup_s'?")


def test_a_failure_of_the_program_is_said_too(port: int, monkeypatch: pytest.MonkeyPatch, caplog):
    def fail(*given: object) -> answers.Answer:
        raise RuntimeError("out of\nluck")

    monkeypatch.setattr(answers, "drawn", fail)
    status, answer = ask(port, "draw", state=state("three-models"))
    assert status == 500
    assert answer["message"] == "the program failed, its terminal says more: RuntimeError: out of luck"
    assert "out of" in caplog.text


def test_a_page_that_is_left_while_it_asks_is_no_failure(port: int, caplog):
    asked = ("POST /draw HTTP/1.1", f"Host: 127.0.0.1:{port}", "Content-Type: application/json", "Content-Length: 9")
    with socket.create_connection(("127.0.0.1", port)) as left:
        left.sendall("\r\n".join((*asked, "", "{")).encode())
        time.sleep(0.1)
    assert ask(port, "save", state=state("three-models"))[0] == 200
    time.sleep(0.1)
    assert caplog.text == ""


def test_a_file_is_shown_by_its_content_and_a_name_of_the_library_by_its_name(tmp_path):
    file = tmp_path / "mine.json"
    partload.write(partload.read("three-models").replace(name="mine"), file)
    assert running.first_state(str(file)).instance.name == "mine"
    assert running.first_state("three-models") == State(name="three-models")
    assert running.first_state(None).name == "edge-demo"


def test_wrong_calls_are_one_line(tmp_path, capfd):
    bad = tmp_path / "bad.json"
    bad.write_text("{}", encoding="utf-8")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        used = str(taken.getsockname()[1])
        for call, problem in (
            ([str(bad)], f"{bad}: format: expected this key, it is missing"),
            (["no-such"], "no-such: no instance of that name in the library"),
            (
                ["--port", used],
                f"--port {used}: cannot listen at 127.0.0.1: Address already in use; choose",
            ),
            (["--port", "70000"], "'--port'"),
            (["--time-limit", "0"], "time limit: expected a number of seconds above 0"),
        ):
            assert run(["explore", "--no-browser", *call]) == 2
            err = capfd.readouterr().err
            assert err.startswith("partload: ")
            assert problem in err
            assert err.count("\n") == 1


@pytest.mark.long
def test_the_command_prints_its_address_and_ends_with_ctrl_c():
    command = [sys.executable, "-m", "partload", "explore", "three-models", "--no-browser", "--port", "0"]
    running_ = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        line = running_.stdout.readline()
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/ shows three-models; Ctrl-C ends it\n", line)
        for question in ("draw", "explain", "relax"):
            assert ask(int(found[1]), question, state=state("three-models"), on=[])[0] == 200
        running_.send_signal(signal.SIGINT)
        out, err = running_.communicate(timeout=20)
    finally:
        running_.kill()
    assert (running_.returncode, out, err) == (130, "", "partload: interrupted\n")


@pytest.mark.long
def test_ctrl_c_while_a_question_is_open_is_one_line():
    command = [sys.executable, "-m", "partload", "explore", "--no-browser", "--port", "0", "--time-limit", "60"]
    running_ = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        found = int(re.search(r":(\d+)/", running_.stdout.readline())[1])
        body = json.dumps({"state": state("general-8x24-cached")})
        head = ("POST /draw HTTP/1.1", f"Host: 127.0.0.1:{found}", "Content-Type: application/json")
        with socket.create_connection(("127.0.0.1", found)) as asking:
            asking.sendall("\r\n".join((*head, f"Content-Length: {len(body)}", "", body)).encode())
            time.sleep(1)
            running_.send_signal(signal.SIGINT)
            _, err = running_.communicate(timeout=20)
    finally:
        running_.kill()
    assert (running_.returncode, err) == (130, "partload: interrupted\n")


@pytest.mark.parametrize("library", ["starlette", "uvicorn"])
def test_without_the_extra_the_command_names_it(library: str, monkeypatch: pytest.MonkeyPatch, capfd):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == library else found(name))
    assert run(["explore", "--no-browser"]) == 2
    assert capfd.readouterr().err == f"partload: explore: needs {library}: pip install 'partload[explore]'\n"


def test_a_model_that_takes_long_keeps_no_slider_waiting(port: int, monkeypatch: pytest.MonkeyPatch):
    drawn = threading.Event()

    def explain(*given: object) -> answers.Answer:
        return {"waited": drawn.wait(20)}

    monkeypatch.setattr(answers, "explained", explain)
    with ThreadPoolExecutor(1) as threads:
        explaining = threads.submit(ask, port, "explain", state=state("three-models"))
        assert ask(port, "draw", state=state("three-models"))[0] == 200
        drawn.set()
        assert explaining.result(20) == (200, {"waited": True})
