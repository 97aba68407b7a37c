"""What lies on the web is asked for politely and safely, and what goes wrong is told."""

import asyncio
import gzip
import socket
import ssl
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import httpcore2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.http.address_policy import is_public, parse_url, resolve_redirect
from adapters.http.client import HttpClient
from adapters.http.errors import parse_retry_after, to_exception
from adapters.http.options import Options
from adapters.http.transport import GuardedBackend
from bot.cli.import_ import read_source
from bot.lib.clock import SystemClock
from bot.ports.errors import TryLater
from bot.ports.web import FetchRefused
from tests.web_server import Page, WebServer

OPTIONS = Options(
    version="1.2",
    contact="https://club.example",
    private_hosts=frozenset({"127.0.0.1", "localhost"}),
    interval=timedelta(),
)
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.fixture
async def site() -> AsyncIterator[WebServer]:
    async with WebServer() as found:
        yield found


@pytest.fixture
async def web() -> AsyncIterator[HttpClient]:
    found = HttpClient(OPTIONS)
    yield found
    await found.close()


async def test_an_address_is_asked_by_name_and_contact(site: WebServer, web: HttpClient) -> None:
    site.put("/weeks.md", "hello")

    found = await web.get(site.url("/weeks.md"))

    assert (found.body, found.url) == (b"hello", site.url("/weeks.md"))
    assert site.asked[0].headers["user-agent"] == "Paperboy/1.2 (+https://club.example)"
    assert not site.asked[0].is_conditional
    assert await read_source(site.url("/weeks.md"), web) == (b"hello", "weeks.md")


async def test_what_one_has_already_is_not_sent_again(site: WebServer, web: HttpClient) -> None:
    site.put("/weeks.md", "hello", Last_Modified="Mon, 15 Jun 2026 10:00:00 GMT")
    first = await web.get(site.url("/weeks.md"))

    again = await web.get(
        site.url("/weeks.md"), etag=first.etag, last_modified=first.last_modified
    )

    assert again.is_not_modified
    assert (again.body, again.etag) == (b"", first.etag)
    assert site.asked[1].headers["if-modified-since"] == "Mon, 15 Jun 2026 10:00:00 GMT"
    site.put("/weeks.md", "hello, world")
    assert (await web.get(site.url("/weeks.md"), etag=first.etag)).body == b"hello, world"


class Stopwatch(SystemClock):
    """A clock that stands still, except during a sleep."""

    def __init__(self) -> None:
        self.at = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds
        self.slept.append(seconds)


async def test_a_host_is_asked_in_pace_and_one_request_at_a_time(site: WebServer) -> None:
    site.put("/a", "a")
    clock = Stopwatch()
    slow = {"localhost": timedelta(seconds=3)}
    web = HttpClient(replace(OPTIONS, interval=timedelta(seconds=1), intervals=slow), clock)

    await asyncio.gather(*(web.get(site.url("/a")) for _ in range(4)))
    assert clock.slept == [1, 1, 1]
    await asyncio.gather(*(web.get(site.url("/a", "localhost")) for _ in range(2)))
    assert clock.slept[3:] == [3]
    assert site.max_concurrent == 1
    await web.close()


async def test_a_host_that_wants_to_be_left_alone_is_left_alone(
    site: WebServer, web: HttpClient
) -> None:
    site.pages["/busy"] = Page(status=429, headers={"Retry-After": "77"})

    with pytest.raises(TryLater, match="429") as caught:
        await web.get(site.url("/busy"))
    with pytest.raises(TryLater, match="left alone") as again:
        await web.get(site.url("/other"))

    assert caught.value.retry_after == timedelta(seconds=77)
    assert again.value.retry_after is not None
    assert again.value.retry_after > timedelta(seconds=60)
    assert site.paths() == ["/busy"]


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("30", timedelta(seconds=30)),
        ("Mon, 15 Jun 2026 12:01:00 GMT", timedelta(minutes=1)),
        ("Mon, 15 Jun 2026 11:00:00 GMT", timedelta()),
        ("9" * 400, timedelta(days=1)),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("Mon, 99 Jun 99999 11:00:00 GMT", None),
    ],
)
def test_how_long_a_host_wants_to_be_left_alone(said: str, wait: timedelta | None) -> None:
    assert parse_retry_after(said, NOW) == wait


@pytest.mark.parametrize(
    ("status", "kind"), [(404, FetchRefused), (403, FetchRefused), (500, TryLater)]
)
async def test_an_answer_that_brings_nothing_is_told(
    site: WebServer, web: HttpClient, status: int, kind: type[Exception]
) -> None:
    site.pages["/x"] = Page(status=status)

    with pytest.raises(kind, match=str(status)):
        await web.get(site.url("/x"))


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/x", "http://[", "http://", "http://me:secret@127.0.0.1/x", "x"]
)
async def test_what_is_no_web_address_is_refused(web: HttpClient, url: str) -> None:
    with pytest.raises(FetchRefused) as caught:
        await web.get(url)
    assert "secret" not in str(caught.value)


async def test_a_host_that_is_not_there_is_tried_later(web: HttpClient) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(TryLater, match="cannot be reached"):
        await web.get(f"http://127.0.0.1:{port}/x")


async def test_redirects_lead_only_where_they_may(site: WebServer) -> None:
    site.put("/ok", "hello")
    for path, target in {
        "/near": "/ok", "/far": site.url("/ok", "localhost"), "/round": "/round",
        "/file": "file:///etc/passwd", "/inside": "http://10.0.0.1/",
    }.items():  # fmt: skip
        site.pages[path] = Page(status=302, headers={"Location": target})
    strict, lenient = (
        HttpClient(OPTIONS),
        HttpClient(replace(OPTIONS, redirect_hosts=frozenset({"localhost"}))),
    )

    assert (await strict.get(site.url("/near"))).url == site.url("/ok")
    with pytest.raises(FetchRefused, match=r"another host, localhost.*redirect_hosts"):
        await strict.get(site.url("/far"))
    assert (await lenient.get(site.url("/far"))).body == b"hello"
    for path in ("/round", "/file", "/inside"):
        with pytest.raises(FetchRefused):
            await lenient.get(site.url(path))
    await strict.close()
    await lenient.close()


async def test_a_redirect_to_a_private_address_is_refused_also_where_it_is_listed(
    site: WebServer,
) -> None:
    site.pages["/in"] = Page(status=302, headers={"Location": site.url("/secret", "localhost")})
    options = replace(
        OPTIONS, private_hosts=frozenset({"127.0.0.1"}), redirect_hosts=frozenset({"localhost"})
    )
    web = HttpClient(options)

    with pytest.raises(FetchRefused, match="no public address"):
        await web.get(site.url("/in"))

    assert site.paths() == ["/in"]
    await web.close()


@pytest.mark.parametrize("location", ["http://a.example/", "https://[", "//me:x@a.example/"])
def test_a_redirect_to_less_safety_is_not_followed(location: str) -> None:
    with pytest.raises(FetchRefused):
        resolve_redirect(parse_url("https://a.example/x"), location, ())


def test_a_status_without_a_name_is_told_by_its_number() -> None:
    assert str(to_exception(999, {}, NOW)).startswith("it answered 999;")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",  # noqa: S104
        "100.100.100.200", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.0.192",
        "168.63.129.16", "198.18.0.1", "::1", "::", "fe80::1%eth0", "fc00::1", "fd00:ec2::254",
        "ff02::1", "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1",
        "::7f00:1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_of_the_internet_is_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "185.199.108.133", "2606:50c0:8000::154", "64:ff9b::b9c7:6c85", "::ffff:8.8.8.8"],
)
def test_an_address_of_the_internet_is_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]"])
async def test_a_private_host_is_asked_only_where_a_setting_names_it(
    site: WebServer, host: str
) -> None:
    web = HttpClient(replace(OPTIONS, private_hosts=frozenset()))

    with pytest.raises((FetchRefused, TryLater), match=r"public address|cannot be reached"):
        await web.get(site.url("/x", host))

    assert site.asked == []
    await web.close()


class Connector(httpcore2.AsyncNetworkBackend):
    """A network that remembers where it was asked to connect to, and is down."""

    def __init__(self) -> None:
        self.connected: list[str] = []

    async def connect_tcp(
        self, host: str, *args: object, **more: object
    ) -> httpcore2.AsyncNetworkStream:
        self.connected.append(host)
        raise httpcore2.ConnectError("down")


async def test_a_name_that_changes_its_meaning_gains_nothing(site: WebServer) -> None:
    answers = [["93.184.216.34", "10.0.0.5"], ["127.0.0.1"], ["::ffff:127.0.0.1"]]
    asked = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers.pop(0)

    network = Connector()
    guarded = GuardedBackend(frozenset(), resolve, network)

    with pytest.raises(httpcore2.ConnectError):
        await guarded.connect_tcp("rebinding.example", 80)
    for _ in range(2):
        with pytest.raises(FetchRefused, match="no public address"):
            await guarded.connect_tcp("rebinding.example", 80)

    # It was resolved once for each connection, and that very address was connected to.
    assert network.connected == ["93.184.216.34"]
    assert len(asked) == 3


async def test_where_ipv6_leads_nowhere_ipv4_is_next(site: WebServer) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["2606:50c0:8000::1", "2606:50c0:8001::1", "185.199.108.1", "185.199.109.1"]

    network = Connector()

    with pytest.raises(httpcore2.ConnectError):
        await GuardedBackend(frozenset(), resolve, network).connect_tcp("both.example", 443)

    assert network.connected == [
        "2606:50c0:8000::1", "185.199.108.1", "2606:50c0:8001::1", "185.199.109.1",
    ]  # fmt: skip


async def test_a_certificate_has_to_be_that_of_the_name_whatever_address_is_connected_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certified("right.example", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    asked_for: list[str | None] = []
    context.sni_callback = lambda _, name, __: asked_for.append(name)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: W/"x"\r\n\r\nhello')
        await writer.drain()
        writer.close()

    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    hosts = frozenset({"right.example", "wrong.example"})
    web = HttpClient(replace(OPTIONS, private_hosts=hosts), resolve=resolve)
    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        right = await web.get(f"https://right.example:{port}/")
        with pytest.raises(TryLater, match=r"cannot be reached: .*wrong\.example"):
            await web.get(f"https://wrong.example:{port}/")

    await web.close()
    assert (right.body, right.etag) == (b"hello", 'W/"x"')
    assert asked_for == ["right.example", "wrong.example"]


def certified(host: str, folder: Path) -> Path:
    """Return a file with the key and the certificate of a host, which vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{host}.pem"
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *form)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


async def test_rebinding_is_refused_where_it_counts_at_the_socket(site: WebServer) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    web = HttpClient(replace(OPTIONS, private_hosts=frozenset()), resolve=resolve)

    with pytest.raises(FetchRefused, match=r"rebinding\.example is at 127\.0\.0\.1"):
        await web.get(site.url("/secret", "rebinding.example"))

    assert site.asked == []
    await web.close()


def test_a_system_that_looks_for_a_name_without_end_holds_nothing_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ends = Event()

    def look(*_: object, **__: object) -> list[object]:
        ends.wait(60)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look)
    options = replace(OPTIONS, total_timeout=timedelta(seconds=0.05))

    with pytest.raises(TryLater, match="too long"):
        asyncio.run(HttpClient(options).get("http://nowhere.example/"))

    assert not ends.is_set()
    ends.set()


async def test_a_proxy_asks_in_our_place_and_only_for_what_may_be_asked(site: WebServer) -> None:
    site.put("/weeks.md", "hello")
    proxy = site.url("").replace("http://", "http://me:pass@")
    web = HttpClient(replace(OPTIONS, proxy=proxy, private_hosts=frozenset()), resolve=_known)

    found = await web.get("http://list.example/weeks.md")
    unknown = await web.get("http://only-the-proxy-knows.example/weeks.md")

    assert (found.body, unknown.body) == (b"hello", b"hello")
    assert site.asked[0].headers["host"] == "list.example"
    assert site.asked[0].headers["proxy-authorization"].startswith("Basic ")
    for inside in ("http://inside.example/weeks.md", "http://10.0.0.1/weeks.md"):
        with pytest.raises(FetchRefused, match="no public address"):
            await web.get(inside)
    await web.close()


async def _known(host: str, port: int) -> Sequence[str]:
    if host == "only-the-proxy-knows.example":
        raise OSError("no such name")
    known = {"list.example": "93.184.216.34", "inside.example": "10.0.0.1"}
    return [known.get(host, host)]


async def test_what_is_packed_is_unpacked(site: WebServer, web: HttpClient) -> None:
    body = b"weeks " * 1000
    parts = gzip.compress(body[:3000]) + gzip.compress(body[3000:])
    site.pages["/packed"] = Page(parts, headers={"Content-Encoding": "gzip"})
    site.pages["/cut"] = Page(parts[:-20], headers={"Content-Encoding": "gzip"})
    site.pages["/wrong"] = Page(b"nonsense", headers={"Content-Encoding": "gzip"})
    site.pages["/br"] = Page(b"nonsense", headers={"Content-Encoding": "br"})

    assert (await web.get(site.url("/packed"))).body == body
    with pytest.raises(TryLater, match="cut off"):
        await web.get(site.url("/cut"))
    with pytest.raises(TryLater, match="damaged"):
        await web.get(site.url("/wrong"))
    with pytest.raises(FetchRefused, match="br"):
        await web.get(site.url("/br"))


async def test_a_bomb_is_not_unpacked_into_memory(site: WebServer) -> None:
    packing = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packing.compress(bytes(1 << 20)) for _ in range(300)) + packing.flush()
    site.pages["/bomb"] = Page(bomb, headers={"Content-Encoding": "gzip"})
    web = HttpClient(replace(OPTIONS, max_bytes=2 << 20))

    tracemalloc.start()
    with pytest.raises(FetchRefused, match="more than 2 MiB"):
        await web.get(site.url("/bomb"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    await web.close()

    assert len(bomb) < 400_000
    assert peak < 12 << 20


@pytest.mark.parametrize(
    "head", ["Content-Length: 209715200", "X-Length: none", "Content-Encoding: gzip"]
)
async def test_two_hundred_megabytes_are_not_read(site: WebServer, head: str) -> None:
    # Packed, they are parts that hold nothing, without end.
    piece = gzip.compress(b"") * 2000 if "gzip" in head else bytes(1 << 16)
    site.raw_handlers["/large"] = site.endless(head, piece, most=200 << 20)
    web = HttpClient(replace(OPTIONS, max_bytes=1 << 20))

    with pytest.raises(FetchRefused, match="more than 1 MiB"):
        await web.get(site.url("/large"))

    assert site.sent < 20 << 20
    await web.close()


@pytest.mark.parametrize("pause", [0.001, 5])
async def test_a_drip_is_ended(site: WebServer, pause: float) -> None:
    site.raw_handlers["/drip"] = site.endless("X: y", b"x", pause)
    web = HttpClient(
        replace(OPTIONS, total_timeout=timedelta(seconds=0.3), read_timeout=timedelta(seconds=0.2))
    )

    with pytest.raises(TryLater, match="too long"):
        await web.get(site.url("/drip"))
    await web.close()


async def test_an_answer_that_breaks_off_is_tried_later(site: WebServer, web: HttpClient) -> None:
    site.raw_handlers["/broken"] = site.endless("Content-Length: 100", b"x", most=3)
    site.raw_handlers["/none"] = site.endless("Content-Length: 100", b"", most=0)

    for path in ("/broken", "/none"):
        with pytest.raises(TryLater, match="cannot be reached"):
            await web.get(site.url(path))
