"""How Paperboy listens to Slack: wrong tokens, lost connections, what comes twice, replays."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from adapters.slack.events import socket_mode
from adapters.slack.events.http_server import RequestVerifier
from bot.commands.context import Context
from bot.commands.service import command_service
from bot.ports.errors import Refused
from tests import samples
from tests.slack_bot import SECRET, platform, strict_server
from tests.slack_server import Server
from tests.slack_user import (
    HttpTransport,
    SlackUser,
    connect_user,
    free_port,
    run_service,
    signed,
    visible_text,
)
from tests.slack_workspace import APP_TOKEN, BOT_TOKEN, CHANNEL, READER, TEAM
from tests.waiting import wait_for

JSON = "application/json"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with strict_server() as running:
        running.here.per_second = 10_000
        yield running


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue()])
    return replace(context, platforms=frozenset({"slack"}), series=("dair",))


async def end(server: Server, context: Context, **options: Any) -> str:
    """Serve with wrong settings; return the sentence that it ends with."""
    wrong = platform(server, **options)
    service = command_service(context)
    with pytest.raises(Refused) as error:
        await wait_for(wrong.serve(service))
    await wrong.close()
    return error.value.reason


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"bot_token": APP_TOKEN, "app_token": BOT_TOKEN}, "swapped"),
        ({"bot_token": "xoxp-1"}, "no token of a bot"),
        ({"bot_token": "xoxb-wrong"}, "PAPERBOY_SLACK_BOT_TOKEN"),
        ({"app_token": ""}, "xapp-"),
        ({"app_token": "xapp-wrong"}, "connections:write"),
        ({"app_token": "xapp-wrong"}, "page Socket Mode"),
        ({"mode": "http", "signing_secret": ""}, "PAPERBOY_SLACK_SIGNING_SECRET"),
        ({"client_id": "1.2"}, "PAPERBOY_SLACK_CLIENT_SECRET"),
        ({"client_id": "1.2", "client_secret": "s"}, "PAPERBOY_SLACK_TOKEN_KEY"),
        ({"client_id": "1", "client_secret": "s", "token_key": "short"}, "32 characters"),
        ({"client_id": "1", "client_secret": "s", "token_key": "k" * 44}, "PUBLIC_URL"),
    ],
)
async def test_a_wrong_setting_ends_it_with_one_sentence(
    server: Server, context: Context, options: dict[str, Any], word: str
) -> None:
    said = await end(server, context, **options)
    assert word in said
    assert "xoxb-wrong" not in said
    wrong = platform(server, **options)
    assert word in (await wrong.diagnose())[0]
    await wrong.close()


async def test_a_token_that_is_taken_back_later_ends_it_too(
    server: Server, context: Context
) -> None:
    here = platform(server)
    serving_it = asyncio.create_task(here.serve(command_service(context)))
    await server.sockets.connected()
    server.app_token = "xapp-another"
    server.sockets.cut()
    with pytest.raises(Refused, match="PAPERBOY_SLACK_APP_TOKEN"):
        await wait_for(serving_it)
    await here.close()


async def test_a_slack_that_comes_late_is_waited_for(server: Server, context: Context) -> None:
    busy = iter(["503", "service_unavailable"])
    server.pick_fault = lambda method: next(busy, "") if method == "auth.test" else ""
    late = iter(["500"])
    async with connect_user(server, context, "socket") as talk:
        assert "Ring Attention" in visible_text(await talk.slash("/paper ringattention"))
    server.pick_fault = lambda method: next(late, "") if method == "apps.connections.open" else ""
    async with connect_user(server, context, "socket") as talk:
        assert "Ring Attention" in visible_text(await talk.slash("/paper ringattention"))


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
async def test_a_connection_is_renewed_when_slack_asks(
    server: Server, context: Context, reason: str
) -> None:
    async with connect_user(server, context, "socket") as talk:
        for _ in range(3):
            await server.sockets.renew(reason)
            assert "Ring Attention" in visible_text(await talk.slash("/paper ringattention"))
    assert server.sockets.opened == 4


async def test_a_connection_that_breaks_is_made_again(server: Server, context: Context) -> None:
    async with connect_user(server, context, "socket") as talk:
        server.sockets.cut()
        assert "Ring Attention" in visible_text(await talk.slash("/paper ringattention"))


async def test_connections_that_do_not_come_about_leave_nothing(
    server: Server, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Used(set[str]):
        def __contains__(self, _ticket: object) -> bool:
            return False

    monkeypatch.setattr(socket_mode, "_CONNECTING_SECONDS", 0.05)
    server.sockets.tickets = Used()
    async with run_service(server, context, platform(server)):
        await server.wait_until(lambda: server.asked["apps.connections.open"] > 4)
        running = [str(each.get_coro()) for each in asyncio.all_tasks()]
    assert sum("process_messages" in each for each in running) < 3


async def test_what_is_delivered_again_is_answered_once(server: Server, context: Context) -> None:
    async with connect_user(server, context, "socket") as talk:
        url, number = server.response_url(), str(uuid4())
        payload = {
            "team_id": TEAM, "channel_id": CHANNEL, "user_id": READER, "command": "/paper",
            "text": "ringattention", "response_url": url, "trigger_id": server.trigger(),
        }  # fmt: skip
        for attempt in range(3):
            await server.sockets.deliver(
                "slash_commands", payload, envelope=number, attempt=attempt
            )
        await talk.wait_for_answer(url)
        await talk.slash("/paper ringattention")
    assert server.sockets.acknowledged[number] == 3
    assert len(server.responded(url)) == 1


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_an_event_that_comes_again_is_answered_once(
    server: Server, context: Context, mode: str
) -> None:
    async with connect_user(server, context, mode) as talk:
        asked = await talk.mention("paper ringattention", event="Ev1")
        event = {"type": "app_mention", "user": READER, "text": "paper ring", "ts": asked,
                 "channel": CHANNEL, "team": TEAM}  # fmt: skip
        await talk.event(event, "Ev1")
        await server.wait_until(lambda: bool(server.here.replies(CHANNEL, asked)))
        await talk.slash("/paper ringattention")
    assert len(server.here.replies(CHANNEL, asked)) == 1


@pytest.fixture
async def http(server: Server, context: Context) -> AsyncIterator[SlackUser]:
    async with connect_user(server, context, "http") as talk:
        yield talk


def challenge() -> str:
    return json.dumps({"type": "url_verification", "token": "old", "challenge": "say this"})


async def test_slack_is_told_what_it_wants_to_hear(http: SlackUser) -> None:
    assert isinstance(http.transport, HttpTransport)
    status, text = await http.transport.post(challenge(), JSON)
    assert (status, json.loads(text)) == (200, {"challenge": "say this"})


async def test_what_slack_did_not_sign_is_refused(http: SlackUser) -> None:
    assert isinstance(http.transport, HttpTransport)
    now, body = int(time.time()), challenge()
    fine = signed(body, JSON)
    assert (await http.transport.post(body, JSON, secret="another"))[0] == 401  # noqa: S106 - it is
    # Five minutes are allowed; a busy machine may take some of those that lie ahead.
    for at in (now - 301, now + 3600):
        assert (await http.transport.post(body, JSON, at=at))[0] == 401
    for wrong in (
        {"Content-Type": JSON},
        fine | {"X-Slack-Signature": "v0=00"},
        fine | {"X-Slack-Signature": "v0=\u00e9"},
        fine | {"X-Slack-Request-Timestamp": "soon"},
        fine | {"X-Slack-Request-Timestamp": "9" * 5000},
        fine | {"X-Slack-Request-Timestamp": str(now - 1)},
        {name: value for name, value in fine.items() if name != "X-Slack-Signature"},
    ):
        assert (await http.transport.send(body, wrong))[0] == 401
    assert (await http.transport.send(body + " ", fine))[0] == 401
    assert (await http.transport.send(body, fine))[0] == 200
    lowered = {name.lower(): value for name, value in fine.items()}
    assert not RequestVerifier(SECRET).is_authentic(lowered, b"\xff", now)


async def test_a_request_that_is_sent_again_as_it_was_is_refused(http: SlackUser) -> None:
    assert isinstance(http.transport, HttpTransport)
    headers = signed(challenge(), JSON)
    assert (await http.transport.send(challenge(), headers))[0] == 200
    assert (await http.transport.send(challenge(), headers))[0] == 401
    retried = headers | {"X-Slack-Retry-Num": "1"}
    assert (await http.transport.send(challenge(), retried))[0] == 401
    anew = signed(challenge(), JSON, at=int(time.time()) - 7)
    assert (await http.transport.send(challenge(), anew | {"X-Slack-Retry-Num": "1"}))[0] == 200


async def test_an_address_that_cannot_be_had_ends_it_with_a_sentence(
    server: Server, context: Context
) -> None:
    port = free_port()
    taken = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", port)
    async with taken:
        said = await end(server, context, mode="http", http_port=port)
    assert "PAPERBOY_SLACK_HTTP_PORT" in said


async def test_what_is_being_answered_ends_with_it(server: Server, context: Context) -> None:
    server.pick_fault = lambda method: "429" if method == "users.info" else ""
    here = platform(server)
    async with run_service(server, context, here):
        await server.sockets.connected()
        await SlackUser(server, server.sockets).begin("/paper ringattention")
    assert server.asked["users.info"] >= 1
