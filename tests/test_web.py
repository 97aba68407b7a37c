"""What lies on the web is fetched within limits, and what goes wrong is told."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from adapters.web import fetch as web
from adapters.web.fetch import Unreachable, fetch
from bot.cli.importing import read_source


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/ok":
            self._answer(200, b"hello")
        elif self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/ok")
            self.end_headers()
        elif self.path == "/large":
            self._answer(200, b"x" * 2000)
        elif self.path == "/round":
            self.send_response(302)
            self.send_header("Location", "/round")
            self.end_headers()
        else:
            self._answer(404, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


async def test_an_address_is_read_also_where_it_moved(site: str) -> None:
    assert await fetch(f"{site}/ok") == b"hello"
    assert await fetch(f"{site}/moved") == b"hello"
    assert await read_source(f"{site}/ok") == (b"hello", "ok")


@pytest.mark.parametrize("path", ["/missing", "/round"])
async def test_an_address_that_gives_nothing_is_told(site: str, path: str) -> None:
    with pytest.raises(Unreachable, match=r"answered 404|cannot be reached"):
        await fetch(site + path)


async def test_more_than_is_allowed_is_not_read(
    site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "MAX_BYTES", 1000)

    with pytest.raises(Unreachable, match="holds more"):
        await fetch(f"{site}/large")


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/x", "http://127.0.0.1:9/x", "http://[", "http://"]
)
async def test_what_is_no_web_address_is_told(url: str) -> None:
    with pytest.raises(Unreachable):
        await fetch(url)
