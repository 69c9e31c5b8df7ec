"""A page of ``partload explore`` that is served for a test, and questions to it as its script asks them."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from partload.explore.running import HOST, listen, server
from partload.explore.state import State

PATIENCE_S = 20


@contextmanager
def served(start: State, time_limit_s: float = 2.0) -> Iterator[int]:
    """Serve the page; gives the port."""
    with listen(0) as listening:
        serving = server(listening, start, time_limit_s)
        thread = threading.Thread(target=serving.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            serving.should_exit = True
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


def get(port: int, path: str = "/", method: str = "GET", body: bytes | None = None, **headers: str):
    """Status, headers and text of an answer."""
    connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE_S)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, sent)
    answer = connection.getresponse()
    found = answer.status, answer.headers, answer.read().decode()
    connection.close()
    return found


def ask(port: int, question: str, **asked: object) -> tuple[int, dict[str, object]]:
    """Status and JSON of the answer to a question of the script."""
    body = json.dumps(asked).encode()
    status, _, text = get(port, f"/{question}", "POST", body, Content_Type="application/json")
    return status, json.loads(text)


def state(name: str, **fields: object) -> dict[str, object]:
    """A state as the script sends it."""
    return {"name": name, "document": None, "positions": {}, "heuristic": None, "formulation": None, **fields}


def wait_for(condition, what: str) -> None:
    """Wait until something holds."""
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.02)
