"""Chat platforms behind a proxy, and servers whose certificates cannot be trusted."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters import connect
from adapters.http import connect as connect_web
from bot.app.archive import import_sample
from bot.app.platforms import load_settings
from bot.commands.context import Context
from bot.lib.certificates import explain_certificate
from bot.model.card import Card, Paragraph, Run
from bot.model.channels import Target
from bot.ports.errors import TryLater, Unknown
from bot.ports.platform import MessageFound, OutgoingMessage, Platform
from bot.runtime import Runtime
from config.environment import InvalidSettings
from tests import discord_bot, slack_bot
from tests.discord_bot import command, option, visible_text
from tests.fast_delivery import TIMING
from tests.proxy_server import NAME, PASSWORD, ProxyServer
from tests.waiting import GUARD, wait_until
from tests.webhook_receiver import SECRET, WebhookReceiver

CARD = Card("Hello", blocks=(Paragraph((Run("It is there."),)),))


async def post(platform: Platform, name: str) -> None:
    await platform.post(
        Target(name, "T1", "c"), OutgoingMessage(platform.render(CARD)[0], "key-1")
    )


@pytest.fixture
async def proxy() -> AsyncIterator[ProxyServer]:
    async with ProxyServer() as running:
        yield running


def elsewhere(url: str) -> str:
    """Return an address with a host that only the proxy knows."""
    return url.replace("127.0.0.1", "only-the-proxy-knows.invalid")


@pytest.mark.parametrize("shards", [1, 2])
async def test_discord_and_its_gateway_are_reached_through_the_proxy(
    context: Context, proxy: ProxyServer, shards: int
) -> None:
    await import_sample(context)
    async with discord_bot.strict_server() as server:
        more = {
            "proxy": proxy.url, "api_url": elsewhere(server.api_url), "shard_count": shards,
            "gateway_url": elsewhere(server.gateway_url),
        }  # fmt: skip
        async with discord_bot.run_service(server, context, **more):
            asked = command("paper", option("name", "ringattention"))
            answer = await server.settled(await server.interact(2, asked))

    assert "Ring Attention" in visible_text(answer)
    assert all("only-the-proxy-knows.invalid" in line for line in proxy.asked)
    assert any("/api/v10/" in line for line in proxy.asked)
    assert proxy.refused == 0


async def test_slack_its_socket_and_its_response_urls_are_reached_through_the_proxy(
    context: Context, proxy: ProxyServer
) -> None:
    async with slack_bot.strict_server() as server:
        here = slack_bot.platform(server, proxy=proxy.url, api_url=elsewhere(server.api_url))
        stop = asyncio.Event()
        work = asyncio.create_task(Runtime(context, TIMING, timedelta(hours=1)).run([here], stop))
        await wait_until(lambda: here.connection_state().is_connected)
        stop.set()
        await work

    asked = " ".join(proxy.asked)
    assert "/api/auth.test" in asked
    assert any("ticket" in line or "/socket" in line for line in proxy.asked), proxy.asked
    assert proxy.refused == 0


async def test_webhooks_are_reached_through_the_proxy(proxy: ProxyServer) -> None:
    async with WebhookReceiver() as receiver:
        url = elsewhere(receiver.url("papers"))
        platform = connect(
            "webhook", {"channels": {"papers": url}, "secret": SECRET, "proxy": proxy.url}
        )
        await platform.post(Target("webhook", "", "papers"), OutgoingMessage({}, "key-1"))
        await platform.close()

    (line,) = proxy.asked
    assert line.startswith(f"POST {url}")


@pytest.mark.parametrize("name", ["discord", "slack", "webhook"])
async def test_what_a_proxy_refuses_was_not_sent_and_is_tried_again(
    proxy: ProxyServer, name: str
) -> None:
    """A tunnel that is not opened carries nothing: that is no lost answer."""
    wrong = proxy.url.replace(PASSWORD, "wrong")
    options: dict[str, dict[str, Any]] = {
        "discord": {"token": "a.b.c", "api_url": "https://discord.invalid:9/api"},
        "slack": {"bot_token": "xoxb-1", "app_token": "xapp-1",
                  "api_url": "https://slack.invalid:9/api/"},
        "webhook": {"channels": {"c": "https://bridge.invalid:9/"}, "secret": SECRET},
    }  # fmt: skip
    platform = connect(name, {**options[name], "proxy": wrong})
    try:
        with pytest.raises(TryLater):
            await post(platform, name)
    finally:
        await platform.close()

    assert proxy.refused >= 1
    assert all(line.startswith("CONNECT ") for line in proxy.asked)


@pytest.mark.parametrize("name", ["discord", "slack", "webhook"])
def test_a_proxy_that_is_no_address_is_refused_without_its_password(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"PAPERBOY_{name.upper()}_PROXY", f"{NAME}:{PASSWORD}@office")
    with pytest.raises(InvalidSettings, match="has to begin with http://") as refused:
        load_settings()

    assert PASSWORD not in str(refused.value)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a certificate for localhost that is signed by itself, and its key."""
    file = tmp_path_factory.mktemp("tls") / "self.pem"
    made = subprocess.run(  # noqa: S603 - openssl, with fixed words
        ["/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", str(file), "-out", str(file) + ".crt"],
        capture_output=True, timeout=GUARD, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("skipped: openssl cannot make a certificate here")
    file.write_bytes(file.read_bytes() + Path(str(file) + ".crt").read_bytes())
    return file


@pytest.fixture
async def secured(certificate: Path) -> AsyncIterator[int]:
    """Yield the port of a server with that certificate, which answers 200."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"id": "1"}')
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize("name", ["discord", "slack", "webhook"])
async def test_a_self_signed_certificate_is_named_as_such(secured: int, name: str) -> None:
    url = f"https://localhost:{secured}/api/"
    options: dict[str, dict[str, Any]] = {
        "discord": {"token": "a.b.c", "api_url": url},
        "slack": {"bot_token": "xoxb-1", "app_token": "xapp-1", "api_url": url},
        "webhook": {"channels": {"c": url}, "secret": SECRET},
    }
    platform = connect(name, options[name])
    try:
        with pytest.raises(TryLater, match=r"certificate is self-signed\. .* in SSL_CERT_FILE"):
            await post(platform, name)
    finally:
        await platform.close()


async def test_a_source_with_a_self_signed_certificate_says_so(secured: int) -> None:
    web = connect_web({"private_hosts": ["localhost"]})
    with pytest.raises(TryLater, match="certificate is self-signed"):
        await web.get(f"https://localhost:{secured}/weeks.md")
    await web.close()


async def test_the_file_that_is_named_lets_it_be_trusted(
    secured: int, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
    web = connect_web({"private_hosts": ["localhost"]})
    assert (await web.get(f"https://localhost:{secured}/weeks.md")).body == b'{"id": "1"}'
    await web.close()
    url = f"https://localhost:{secured}/"
    platform = connect("webhook", {"channels": {"c": url}, "secret": SECRET})
    found = await platform.find(Target("webhook", "", "c"), "key", datetime.now(UTC))
    assert isinstance(found, MessageFound)
    await platform.close()


def test_other_faults_of_certificates_have_words_of_their_own() -> None:
    def fault(code: int) -> str:
        error = ssl.SSLCertVerificationError()
        error.verify_code = code
        wrapped = ConnectionError()
        wrapped.__cause__ = error
        return explain_certificate(wrapped)

    assert "clock" in fault(10)
    assert "for another name" in fault(62)
    assert "authority that this machine does not know" in fault(20) == fault(77)
    assert explain_certificate(Unknown()) == ""
