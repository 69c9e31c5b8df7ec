"""A plan of SLIDE, run on this machine: a server on 127.0.0.1 streams layers at the rates of the plan, clients compute.

Every user has a connection of its own over HTTP. The server sends each piece when the last bit of it would have
arrived at the rate of the user, so that the stream is never ahead of the plan. The client notes when each layer is
there, and computes it as soon as it is and the layer before is done; a computation is a wait of c_l / f_l seconds. The
content that is sent is zeros, because no time depends on it.
"""

from __future__ import annotations

import dataclasses
import http.client
import queue
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from partload.benchmarks.machine.log import without_claims
from partload.benchmarks.machine.run_clock import RunClock
from partload.instances.channels import rate
from partload.instances.errors import InputError
from partload.instances.numbers import exact
from partload.instances.slide import checker, clock
from partload.instances.slide.instance import Instance
from partload.instances.slide.solution import Solution

HOST = "127.0.0.1"
PIECE_S = 0.005
"""Time that a piece takes at the rate of its user."""
MOST_BYTES = 1 << 18
"""Bytes of the largest piece."""
MOST_USERS = 100
"""Each has three threads."""
CONNECT_S = 30.0
"""Seconds within which all users have to be connected, and within which a piece has to come."""


@dataclasses.dataclass(frozen=True)
class Stream:
    """What one user is sent and computes."""

    layer_bytes: tuple[int, ...]
    compute_s: tuple[float, ...]
    rate_bps: float


@dataclasses.dataclass
class Arrivals:
    """The times measured of one user [s]."""

    download_end_s: list[float] = dataclasses.field(default_factory=list)
    compute_end_s: list[float] = dataclasses.field(default_factory=list)


def streams(instance: Instance, solution: Solution) -> list[Stream]:
    """What each user of a plan is sent.

    Raises
    ------
    InputError
        When the plan breaks a rule, or cannot be streamed as it is.
    """
    plan = solution.plan()
    for violation in checker.check_plan(instance, plan).violations:
        if violation.rule != "deadline":
            raise InputError(f"expected a plan that keeps the rules: {violation.problem}", violation.place)
    if len(plan) > MOST_USERS:
        raise InputError(f"expected at most {MOST_USERS} users for a machine to stream to, got {len(plan)}", "users")
    found = []
    for n, served in enumerate(plan):
        user = instance.user_index[served.user]
        model = instance.models[instance.model_index[served.model]]
        for layer in model.layers:
            if layer.size_bytes != int(layer.size_bytes):
                problem = f"expected layers of whole bytes, model {model.id!r} has one of {exact(layer.size_bytes)}"
                raise InputError(problem, f"users[{n}]")
        speeds = clock.speed_matrix([served], len(model.layers))[0].tolist()
        work = (layer.work_flop / speed if layer.work_flop else 0.0 for layer, speed in zip(model.layers, speeds))
        bps = float(rate(instance.arrays.channel[np.array([user])], np.array([served.bandwidth_hz]))[0])
        found.append(Stream(tuple(int(layer.size_bytes) for layer in model.layers), tuple(work), bps))
    return found


def pieces(stream: Stream) -> Iterator[tuple[int, float]]:
    """Bytes of each piece, none of them in two layers, and when its last bit has arrived [s]."""
    most = max(1, int(min(MOST_BYTES, stream.rate_bps / 8 * PIECE_S)))
    sent = 0
    for size in stream.layer_bytes:
        for first in range(0, size, most):
            piece = min(most, size - first)
            sent += piece
            yield piece, 8 * sent / stream.rate_bps


class _Server(ThreadingHTTPServer):
    """Sends all streams, from the time at which the run starts."""

    daemon_threads = True
    request_queue_size = MOST_USERS

    def __init__(self, sent: Sequence[Stream]) -> None:
        super().__init__((HOST, 0), _Handler)
        self.streams = sent
        self.connected = threading.Semaphore(0)
        self.started = threading.Event()
        self.clock = RunClock()

    def start(self) -> None:
        """Start the run."""
        self.clock = RunClock()
        self.started.set()

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: a client that went away says itself what happened."""


class _Handler(BaseHTTPRequestHandler):
    """Answers ``GET /n`` with the stream of user n."""

    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        """Send the headers at once, and each piece at its time."""
        stream = self.server.streams[int(self.path[1:])]
        self.send_response(200)
        self.send_header("Content-Length", str(sum(stream.layer_bytes)))
        self.end_headers()
        self.server.connected.release()
        self.server.started.wait()
        zeros = memoryview(bytes(MOST_BYTES))
        for size, arrival_s in pieces(stream):
            self.server.clock.wait_until(arrival_s, spin_s=0.0)
            self.wfile.write(zeros[:size])

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing."""


class _Client:
    """One user: a thread that downloads, and one that computes."""

    def __init__(self, server: _Server, number: int) -> None:
        self._server, self._number = server, number
        self._stream = server.streams[number]
        self._here: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self.arrivals = Arrivals()
        self.failure: Exception | None = None
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._download, self._compute)]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait until everything is computed."""
        for thread in self._threads:
            while thread.is_alive():
                thread.join(0.2)  # In parts, so that Ctrl-C is heard.

    def _download(self) -> None:
        try:
            connection = http.client.HTTPConnection(HOST, self._server.server_port, timeout=None)
            connection.request("GET", f"/{self._number}")
            response = connection.getresponse()
            self._server.started.wait()
            buffer = memoryview(bytearray(MOST_BYTES))
            for layer, size in enumerate(self._stream.layer_bytes):
                left = size
                while left:
                    count = response.readinto(buffer[: min(left, MOST_BYTES)])
                    if not count:
                        raise ConnectionError("the stream ended early")
                    left -= count
                self.arrivals.download_end_s.append(self._server.clock.now())
                self._here.put(layer)
            connection.close()
        except Exception as error:
            self.failure = error
        self._here.put(None)

    def _compute(self) -> None:
        done = 0.0
        while (layer := self._here.get()) is not None:
            clock = self._server.clock  # The run has started, and its clock is there.
            begin = max(done, self.arrivals.download_end_s[layer])
            done = clock.wait_until(begin + self._stream.compute_s[layer], spin_s=0.0)
            self.arrivals.compute_end_s.append(done)


def replay(instance: Instance, solution: Solution) -> Solution:
    """Run the plan of a solution once; the plan with the times measured.

    Raises
    ------
    InputError
        As ``streams`` does, and when the connections of this machine fail.
    """
    sent = streams(instance, solution)
    clients: list[_Client] = []
    with _Server(sent) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        serving.start()
        try:
            clients = [_Client(server, number) for number in range(len(sent))]
            for _ in clients:
                if not server.connected.acquire(timeout=CONNECT_S):
                    raise InputError(
                        f"expected connections to {HOST}, this machine does not let them through", "replay"
                    )
            server.start()
            for client in clients:
                client.join()
        finally:
            server.started.set()  # No thread is left waiting when something went wrong.
            server.shutdown()
    for client in clients:
        if client.failure is not None:
            raise InputError(f"a connection to {HOST} failed: {client.failure}", "replay")
    users = tuple(
        dataclasses.replace(
            record,
            download_end_s=tuple(client.arrivals.download_end_s),
            compute_end_s=tuple(client.arrivals.compute_end_s),
            energy_j=None,
        )
        for record, client in zip(solution.users, clients)
    )
    note = "streamed over HTTP on one machine at the rates of the plan, computations are waits"
    return dataclasses.replace(without_claims(solution, note), users=users)
