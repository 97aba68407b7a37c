"""Serves `/healthz`, `/readyz` and `/metrics` on a thread of its own, until it is to stop."""

import asyncio
import json
import logging
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from http import HTTPStatus
from socketserver import ThreadingMixIn
from typing import Any, TypeVar
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import StartResponse, WSGIEnvironment

from prometheus_client import make_wsgi_app

from adapters.monitoring.metrics import Metrics
from bot.ports.health import HealthReport

ALIVE_PATH, READY_PATH, METRICS_PATH = "/healthz", "/readyz", "/metrics"

_PATIENCE = 5.0
"""Seconds that the bot has to answer; one that takes longer stands still."""
_CLIENT_SECONDS = 10
"""How long a client may take to say what it wants."""
_SHUTDOWN_POLL = 0.05

_LOG = logging.getLogger(__name__)
T = TypeVar("T")

MakeReport = Callable[[], Awaitable[HealthReport]]


@asynccontextmanager
async def serve(
    host: str, port: int, metrics: Metrics, make_report: MakeReport
) -> AsyncIterator[int]:
    """Serve as long as the context lasts; yields the port.

    What is asked runs on the event loop of the caller: one that stands still is found out.
    Raises OSError where the port cannot be used.
    """
    endpoint = _Endpoint(asyncio.get_running_loop(), metrics, make_report)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    server = _Server.listening(family, host, port)
    server.set_app(endpoint)
    thread = threading.Thread(
        target=server.serve_forever, args=(_SHUTDOWN_POLL,), name="monitoring", daemon=True
    )
    thread.start()
    number = int(server.server_address[1])
    _LOG.info("Monitoring served", extra={"fields": {"host": host, "port": number}})
    try:
        yield number
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()


class _Endpoint:
    """The WSGI application."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, metrics: Metrics, make_report: MakeReport
    ) -> None:
        self._loop = loop
        self._metrics = metrics
        self._make_report = make_report
        self._exposition = make_wsgi_app(metrics.registry, disable_compression=True)
        self._scraping = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return _respond(start, HTTPStatus.METHOD_NOT_ALLOWED, "Say GET.\n")
        if path == ALIVE_PATH:
            return self._alive(start)
        if path == READY_PATH:
            return self._ready(start)
        if path == METRICS_PATH:
            return self._scrape(environ, start)
        known = f"There are {ALIVE_PATH}, {READY_PATH} and {METRICS_PATH}.\n"
        return _respond(start, HTTPStatus.NOT_FOUND, known)

    def _alive(self, start: StartResponse) -> Iterable[bytes]:
        try:
            self._ask(asyncio.sleep, 0)
        except TimeoutError:
            return _respond(start, HTTPStatus.SERVICE_UNAVAILABLE, "The bot stands still.\n")
        return _respond(start, HTTPStatus.OK, "ok\n")

    def _ready(self, start: StartResponse) -> Iterable[bytes]:
        report = self._report()
        if report is None:
            said: dict[str, object] = {"ready": False, "checks": {}}
        else:
            said = {
                "ready": report.is_ready,
                "version": report.version,
                "checks": {
                    each.name: {"ok": each.is_ok, "detail": each.detail} for each in report.checks
                },
            }
        status = HTTPStatus.OK if said["ready"] else HTTPStatus.SERVICE_UNAVAILABLE
        text = json.dumps(said, ensure_ascii=False, indent=2) + "\n"
        return _respond(start, status, text, "application/json")

    def _scrape(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        with self._scraping:
            self._metrics.report = self._report()
            found: Iterable[bytes] = self._exposition(environ, start)
            return found

    def _report(self) -> HealthReport | None:
        try:
            return self._ask(self._make_report)
        except TimeoutError:
            self._metrics.count_failure()
            return None

    def _ask(self, what: Callable[..., Awaitable[T]], *arguments: Any) -> T:
        """Run something on the bot's event loop. Raises TimeoutError."""

        async def run() -> T:
            return await what(*arguments)

        asked: Future[T] = asyncio.run_coroutine_threadsafe(run(), self._loop)
        try:
            return asked.result(_PATIENCE)
        except TimeoutError:
            asked.cancel()
            raise


def _respond(
    start: StartResponse, status: HTTPStatus, text: str, kind: str = "text/plain"
) -> Iterable[bytes]:
    body = text.encode()
    headers = [("Content-Type", f"{kind}; charset=utf-8"), ("Content-Length", str(len(body)))]
    start(f"{status.value} {status.phrase}", headers)
    return [body]


class _Handler(WSGIRequestHandler):
    timeout = _CLIENT_SECONDS

    def log_message(self, *_: object) -> None:
        """Log no request: there is one every few seconds."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False

    @classmethod
    def listening(cls, family: socket.AddressFamily, host: str, port: int) -> "_Server":
        """Return a server on a port. Raises OSError where it cannot be used."""
        kind = type("_Server", (cls,), {"address_family": family})
        server: _Server = kind((host, port), _Handler)
        return server

    def server_bind(self) -> None:
        """Bind without asking for the name of the address, which may take long."""
        socket_ = self.socket
        socket_.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        socket_.bind(self.server_address)
        self.server_address = socket_.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that went away."""
