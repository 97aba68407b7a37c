"""The start and the gateway of Discord over real sockets: portals, lost connections, sessions."""

import asyncio
from datetime import timedelta

import pytest

from bot.commands.context import Context
from bot.commands.service import command_service
from bot.lib.backoff import BackoffPolicy
from bot.ports.errors import Refused
from tests.discord_bot import (
    command,
    context,
    discord,
    is_private,
    platform,
    run_service,
    server,
    visible_text,
)
from tests.discord_gateway import OTHER_GUILD
from tests.discord_server import Server

__all__ = ["context", "discord", "server"]


@pytest.mark.parametrize(("status", "kind", "body"), [
    (200, "text/html", "<html>Welcome</html>"), (401, "text/html", "<html>Log in</html>"),
    (200, "application/json", "{}"), (429, "text/html", ""),
])  # fmt: skip
async def test_a_start_behind_a_portal_waits_for_discord(
    server: Server, context: Context, status: int, kind: str, body: str
) -> None:
    server.replace = lambda _method, _path: (status, kind, body, {})
    here = platform(server)
    work = command_service(context)
    serving = asyncio.create_task(here.serve(work))
    await server.wait_until(lambda: server.asked.total() > 0)
    await asyncio.sleep(0.1)
    server.replace = None
    await server.connected()
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    await here.close()


async def test_a_portal_in_front_of_the_gateway_is_no_refused_token(
    server: Server, context: Context
) -> None:
    left = [1, 2]

    def portal(_method: str, path: str) -> tuple[int, str, str, dict[str, str]] | None:
        if path != "/users/@me" or not left:
            return None
        left.pop()
        return 401, "text/html", "<html>Log in</html>", {}

    server.replace = portal
    async with run_service(server, context):
        answer = await server.interact(2, command("help"))
    assert is_private(answer)
    assert not left


async def test_a_discord_that_comes_late_is_waited_for(server: Server, context: Context) -> None:
    busy = iter(["503"] * 3)  # one read: it is tried three times
    server.pick_fault = lambda _method, path: next(busy, "") if path == "/applications/@me" else ""
    async with run_service(server, context):
        answer = await server.interact(2, command("help"))
    assert is_private(answer)
    assert next(busy, "") == ""


async def test_a_wrong_token_ends_it_with_a_sentence(server: Server, context: Context) -> None:
    wrong = platform(server, token="wrong")  # noqa: S106 - it is
    with pytest.raises(Refused, match="PAPERBOY_DISCORD_TOKEN"):
        await wrong.serve(command_service(context))
    await wrong.close()


@pytest.mark.parametrize("shards", [1, 2])
async def test_a_gateway_that_cannot_be_reached_at_first_is_tried_again(
    server: Server, context: Context, shards: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorter = BackoffPolicy(timedelta(seconds=0.05), timedelta(seconds=0.1))
    monkeypatch.setattr("adapters.discord.gateway.connection._BACKOFF", shorter)
    server.gateway_faults = 3
    async with run_service(server, context, shard_count=shards):
        answer = await server.interact(2, command("help"))
    assert server.gateway_faults == 0
    assert is_private(answer)


async def test_it_listens_again_where_discord_forgot_the_session(
    server: Server, context: Context
) -> None:
    async with run_service(server, context):
        await server.invalidate()
        await server.connected()
        answer = await server.interact(2, command("help"))
    assert (server.identified, server.resumed) == (2, 0)
    assert is_private(answer)
    assert server.asked["GET /applications/900/commands"] == 1


async def test_it_resumes_where_the_connection_breaks(server: Server, context: Context) -> None:
    async with run_service(server, context):
        await server.cut()
        await server.connected()
        answer = await server.interact(2, command("help"))
    assert (server.identified, server.resumed) == (1, 1)
    assert is_private(answer)


async def test_it_resumes_where_discord_asks_to_connect_again(
    server: Server, context: Context
) -> None:
    async with run_service(server, context):
        await server.drop()
        await server.connected()
        answer = await server.interact(2, command("help"))
    assert (server.identified, server.resumed) == (1, 1)
    assert is_private(answer)
    assert server.asked["GET /applications/900/commands"] == 1


@pytest.mark.parametrize(("setting", "proposed"), [(2, 1), (0, 2)])
async def test_shards_share_the_servers_and_one_that_breaks_resumes_alone(
    server: Server, context: Context, setting: int, proposed: int
) -> None:
    server.shards = proposed
    async with run_service(server, context, shard_count=setting):
        await server.wait_until(lambda: len(server.listening) == 2)
        first = await server.interact(2, command("help"))
        second = await server.interact(2, command("help"), guild_id=OTHER_GUILD)
        server.takes_back.clear()
        await server.cut(1)
        meanwhile = await server.interact(2, command("help"))
        assert server.returned == []
        server.takes_back.set()
        await server.wait_until(lambda: server.returned == [1])
        again = await server.interact(2, command("help"), guild_id=OTHER_GUILD)
    assert server.listening == [(0, 2), (1, 2)]
    assert server.returned == [1]
    answers = (first, second, meanwhile, again)
    assert all("/paper" in visible_text(each) for each in answers)
    callbacks = [how for how in server.asked if how.startswith("POST /interactions/")]
    assert [server.asked[how] for how in callbacks] == [1] * len(answers)
    assert server.asked["PUT /applications/900/commands"] == 1
