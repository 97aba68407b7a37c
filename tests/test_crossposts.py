"""Overviews in announcement channels reach the channels that follow them, each once."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.commands.context import Context
from tests import discord_bot, discord_rules, samples
from tests.discord_bot import command, option
from tests.discord_server import CHANNEL, Server
from tests.fast_delivery import wait_until_sent
from tests.waiting import GUARD, wait_until


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue()])
    return replace(context, platforms=frozenset({"discord"}), series=("dair",), language="en")


async def post_digest(server: Server, context: Context) -> None:
    """Subscribe with a message for each paper, and post at once."""
    for part in ({"name": "subscribe", "options": [option("layout", "threads")]},
                 {"name": "now", "options": []}):  # fmt: skip
        await server.interact(2, command("digest", {"type": 1, **part}), rights=str(1 << 4))
    await wait_until_sent(context)


async def wait_until_settled(context: Context) -> None:
    """Return once nothing is to be published, now or later."""
    later = context.now() + timedelta(days=1)
    async with asyncio.timeout(GUARD):
        while await context.ledger.due_crossposts("discord", later, 9):  # noqa: ASYNC110 - it remembers
            await asyncio.sleep(0.02)


def faults(*moods: str) -> Callable[[str, str], str]:
    """Return what fails the next crossposts like this, and then lets them pass."""
    left = list(moods)

    def pick(method: str, path: str) -> str:
        return left.pop(0) if path.endswith("/crosspost") and left else ""

    return pick


async def test_the_overview_is_published_once_whatever_happens_to_answers_and_programs(
    context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    async with discord_bot.strict_server() as server:
        server.channels[CHANNEL]["type"] = 5
        server.pick_fault = faults("503", *["429"] * 2, *["500"] * 50)
        async with discord_bot.run_bot(server, context, crosspost=True):
            await post_digest(server, context)
            await wait_until(lambda: server.injected_faults["429"] == 2)
        assert server.crossposted == []
        # Another program takes over; the answer to its request gets lost.
        server.pick_fault = faults("lost")
        async with discord_bot.run_bot(server, context, crosspost=True):
            await wait_until_settled(context)
        first = next(each for each in server.messages[CHANNEL] if each["id"] in server.crossposted)
        assert server.refused[400] == 1  # it was published already
    assert len(server.crossposted) == 1
    assert "ML papers of the week" in "\n".join(discord_rules.texts(first))
    assert "Retrying crosspost" in caplog.text


async def test_what_cannot_be_published_keeps_no_digest_back(
    context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    async with discord_bot.strict_server() as server:
        server.channels[CHANNEL]["type"] = 5
        server.pick_fault = faults("403")
        async with discord_bot.run_bot(server, context, crosspost=True):
            await post_digest(server, context)
            await wait_until(lambda: "Failed to crosspost message" in caplog.text)
        assert server.crossposted == []
        assert not (await context.ledger.subscriptions())[0].is_paused


@pytest.mark.parametrize(("kind", "wanted"), [(0, True), (5, False)])
async def test_other_channels_and_other_wishes_publish_nothing(
    context: Context, kind: int, *, wanted: bool
) -> None:
    async with discord_bot.strict_server() as server:
        server.channels[CHANNEL]["type"] = kind
        async with discord_bot.run_bot(server, context, crosspost=wanted):
            await post_digest(server, context)
            await wait_until_settled(context)
    assert not [path for path in server.asked if path.endswith("/crosspost")]
