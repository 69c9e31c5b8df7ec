"""The server of the page: on this machine only, and without a memory, since each request carries the whole state.

A page of another site must not make it work: only the addresses of this machine are answered (so a host name that was
bound to 127.0.0.1 is not), and only JSON that this page itself sent.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from partload.explore import answers, laboratory, render
from partload.explore.formulation import covering
from partload.explore.moves import read_by_hand
from partload.explore.state import State, heuristics, read_state
from partload.instances.errors import InputError
from partload.instances.serialisation import adapter

NAMES = ("127.0.0.1", "localhost")
MOST_BYTES = 32_000_000
"""Most bytes of a request: the text of an instance is a part of it."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the browser may do for the page: ask this server, and nobody else."""
WRONG = 422
BUILDING = ("explain", "relax")
"""Questions for which a model is built."""
LOG = logging.getLogger("partload.explore")
Call = Callable[[State, dict[str, object]], answers.Answer]


def application(start: State, port: int, time_limit_s: float) -> Starlette:
    """The application.

    Parameters
    ----------
    start
        What the page shows first.
    port
        The port that it is served on.
    time_limit_s
        Time for each proof.
    """
    document = adapter(State).dump_python(start, mode="json")
    # One computation at a time, and one model at a time, since they are built with a switch of Pyomo's that is global.
    # Models may take seconds, which do not keep the sliders waiting.
    computing, building = asyncio.Lock(), asyncio.Lock()

    async def page(request: Request) -> Response:
        return Response(render.page({"state": document}), media_type="text/html")

    async def style(request: Request) -> Response:
        return Response(render.style_sheet(), media_type="text/css")

    async def script(request: Request) -> Response:
        return Response(render.script(request.url.path[1:]), media_type="text/javascript")

    def answering(call: Call, turn: asyncio.Lock) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                asked = await _asked(request)
                async with turn:
                    if await request.is_disconnected():
                        return Response(status_code=WRONG)
                    return JSONResponse(await run_in_threadpool(_called, call, asked))
            except ClientDisconnect:  # The page was left while it was asking.
                return Response(status_code=WRONG)
            except InputError as error:
                return JSONResponse({"message": " ".join(str(error).split())}, WRONG)
            except Exception as error:
                LOG.exception("no answer")
                message = f"{type(error).__name__}: {' '.join(str(error).split())}"
                return JSONResponse({"message": f"the program failed, its terminal says more: {message}"}, 500)

        return answer

    calls: dict[str, Call] = {
        "open": lambda state, asked: answers.opened(state.base, state.sliders, _choices(state)),
        "draw": lambda state, asked: answers.drawn(state.instance, state.chosen_heuristic, time_limit_s),
        "explain": lambda state, asked: answers.explained(
            state.instance, state.formulation, time_limit_s, read_by_hand(asked.get("by_hand"))
        ),
        "relax": lambda state, asked: {
            **laboratory.run(state.instance, state.formulation, laboratory.read_on(asked.get("on")))
        },
        "move": lambda state, asked: answers.moved(state, asked.get("move")),
        "save": lambda state, asked: answers.saved(state.instance),
    }
    routes = [Route("/", page), Route("/explore.css", style), *(Route(f"/{name}", script) for name in render.SCRIPTS)]
    routes += [
        Route(f"/{name}", answering(call, building if name in BUILDING else computing), methods=["POST"])
        for name, call in calls.items()
    ]
    return Starlette(routes=routes, middleware=[Middleware(_Guard, port=port)])


def _called(call: Call, asked: dict[str, object]) -> answers.Answer:
    return call(read_state(asked.get("state")), asked)


def _choices(state: State) -> answers.Choices:
    return answers.Choices(heuristics(state.base), state.chosen_heuristic, covering(state.base))


async def _asked(request: Request) -> dict[str, object]:
    """The JSON object that the page sent."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise InputError(f"expected at most {MOST_BYTES / 1e6:g} MB; solve larger instances with partload solve")
    try:
        asked = json.loads(body, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise InputError("expected JSON") from None
    if not isinstance(asked, dict):
        raise InputError("expected a JSON object")
    return asked


def _refused(constant: str) -> float:
    raise ValueError(constant)


class _Guard(BaseHTTPMiddleware):
    """Refuses what does not come from the page, and tells the browser to ask nobody else."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        super().__init__(app)
        self.hosts = {f"{name}:{port}" for name in NAMES} | (set(NAMES) if port == 80 else set())

    async def dispatch(self, request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        """Answer a request, or refuse it."""
        origin = request.headers.get("origin")
        if request.headers.get("host") not in self.hosts:
            return Response("this page is at 127.0.0.1\n", 403, media_type="text/plain")
        if origin is not None and origin.partition("://")[2] not in self.hosts:
            return Response("not for pages of other sites\n", 403, media_type="text/plain")
        if request.method == "POST" and request.headers.get("content-type") != "application/json":
            return Response("expected application/json\n", 415, media_type="text/plain")
        response = await call_next(request)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-store"
        return response
