"""Running the page: from the arguments of the command to the end by Ctrl-C."""

from __future__ import annotations

import logging
import socket
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from partload.explore.panels import TIME_LIMIT_S
from partload.explore.state import State
from partload.instances import extras, files, library
from partload.instances.errors import InputError
from partload.instances.reading import read_instance
from partload.instances.serialisation import render
from partload.solvers.registry import Limits

if TYPE_CHECKING:
    import uvicorn

HOST = "127.0.0.1"
EXAMPLE = "edge-demo"
BACKLOG = 128


def run(instance: str | None, *, port: int, browser: bool, time_limit: float | None) -> None:
    """Serve the page until Ctrl-C, which raises KeyboardInterrupt.

    Raises
    ------
    InputError
        On an instance that cannot be read, a port that is in use, or when a library of the extra is missing.
    """
    for needed in ("starlette", "uvicorn", "jinja2", "latex2mathml"):
        extras.ensure(needed, "explore")
    start = first_state(instance)
    limit = Limits(time_limit=TIME_LIMIT_S if time_limit is None else time_limit).time_limit or TIME_LIMIT_S
    with listen(port) as listening:
        address = f"http://{HOST}:{listening.getsockname()[1]}/"
        print(f"{address} shows {start.name}; Ctrl-C ends it", flush=True)
        if browser:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        serving = server(listening, start, limit)
        # After Ctrl-C uvicorn logs a traceback for each question that it no longer answers.
        logging.getLogger("uvicorn.error").addFilter(lambda record: not serving.should_exit)
        serving.run(sockets=[listening])


def first_state(instance: str | None) -> State:
    """What the page shows first; raises InputError on an instance that cannot be read."""
    if instance is None:
        return State(name=EXAMPLE)
    record = read_instance(instance)
    if library.locate(instance) != Path(instance) and instance in library.names():
        return State(name=instance)
    return State(name=files.source_name(instance), document=render(record))


def listen(port: int) -> socket.socket:
    """A socket at 127.0.0.1 that listens; raises InputError when the port is in use."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((HOST, port))
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        problem = f"cannot listen at {HOST}: {error.strerror}; choose another one, or 0 for any that is free"
        raise InputError(problem, source=f"--port {port}") from None
    return made


def server(listening: socket.socket, start: State, time_limit_s: float) -> uvicorn.Server:
    """The server of the page for a socket that listens; ``run(sockets=[...])`` serves it."""
    import uvicorn

    from partload.explore.server import application

    page = application(start, int(listening.getsockname()[1]), time_limit_s)
    return uvicorn.Server(uvicorn.Config(page, log_level="error", lifespan="off", timeout_graceful_shutdown=1))
