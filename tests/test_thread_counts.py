"""How many replies of how many people a paper has, counted on both platforms over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.commands.context import Context
from bot.commands.service import command_service
from bot.model.channels import MessageRef, Person, Target
from bot.model.discussions import Community, PaperThread, ThreadCounts
from bot.ports.conversation import Reply, Request
from tests import discord_bot, discord_gateway, discord_server, samples, slack_bot, slack_server
from tests.discord_bot import command, find_control, option, visible_text
from tests.fast_delivery import wait_until_sent
from tests.slack_user import SlackUser
from tests.slack_workspace import CHANNEL as SLACK_CHANNEL
from tests.slack_workspace import TEAM
from tests.waiting import GUARD, wait_until

pytestmark = pytest.mark.slow

DISCORD = Target("discord", discord_gateway.GUILD, discord_server.CHANNEL)
SLACK = Target("slack", TEAM, SLACK_CHANNEL)
RING = samples.issue().entries[0].paper


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (
        ("_TURN_SECONDS", 0.05), ("_PAUSE_SECONDS", 0.0), ("_LEAST_SECONDS", 0.0),
        ("_RELOAD_SECONDS", 0.1),
    ):  # fmt: skip
        monkeypatch.setattr(f"bot.delivery.thread_counter.{name}", seconds)


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue()])
    return replace(context, platforms=frozenset({"discord", "slack"}), series=("dair",))


@pytest.fixture
async def discord() -> AsyncIterator[discord_server.Server]:
    async with discord_bot.strict_server() as found:
        yield found


@pytest.fixture
async def slack() -> AsyncIterator[slack_server.Server]:
    async with slack_bot.strict_server() as found:
        yield found


async def counts(context: Context, place: Target) -> tuple[int, int]:
    """Return how many replies, and of how many people, are counted in a channel."""
    talks = await context.ledger.paper_talk(Community((place,)), 5)
    return (talks[0].counts.replies, talks[0].counts.people) if talks else (0, 0)


async def wait_until_counted(context: Context, place: Target, replies: int, people: int) -> None:
    async with asyncio.timeout(GUARD):
        while await counts(context, place) != (replies, people):  # noqa: ASYNC110 - it remembers
            await asyncio.sleep(0.02)


async def open_on_discord(server: discord_server.Server) -> str:
    """Let a member open the thread of a paper; return the thread."""
    shown = await server.interact(2, command("paper", option("name", "ring attention")))
    button = {"custom_id": find_control(shown, "Discuss"), "component_type": 2}
    await server.settled(await server.interact(3, button))
    (thread,) = server.threads
    return thread


async def ask_discord(server: discord_server.Server, name: str, *more: dict[str, Any]) -> str:
    return visible_text(await server.interact(2, command(name, *more)))


async def test_discord_counts_replies_as_they_come_go_and_are_told_again(
    discord: discord_server.Server, context: Context
) -> None:
    async with discord_bot.run_bot(discord, context):
        thread = await open_on_discord(discord)
        await discord.reply(thread, "Has anybody tried it?", "500", times=3)
        await discord.reply(thread, "Yes.", "501")
        await wait_until_counted(context, DISCORD, 2, 2)
        last = await discord.reply(thread, "It is fast.", "501")
        await wait_until_counted(context, DISCORD, 3, 2)
        await discord.delete(thread, last)
        await wait_until_counted(context, DISCORD, 2, 2)
        paper = await ask_discord(discord, "paper", option("name", "ring attention"))
        week = await ask_discord(discord, "week")
        liveliest = await ask_discord(discord, "discussions")
    assert "Discussion: 2 replies, 2 people, last " in paper
    assert "2 replies, 2 people" in week
    assert "2 replies, 2 people, last " in liveliest
    assert f"/{thread}/" in liveliest


async def test_what_was_said_while_the_bot_was_away_is_counted_when_it_is_back(
    discord: discord_server.Server, context: Context
) -> None:
    async with discord_bot.run_bot(discord, context):
        thread = await open_on_discord(discord)
        await discord.reply(thread, "First.")
        await wait_until_counted(context, DISCORD, 1, 1)
    for who in ("501", "502", "503"):
        discord.say(thread, "Meanwhile.", who)
    assert await counts(context, DISCORD) == (1, 1)
    async with discord_bot.run_bot(discord, context):
        await wait_until_counted(context, DISCORD, 4, 4)


async def test_a_long_thread_is_counted_by_the_platform_and_read_in_part(
    discord: discord_server.Server, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine the counter that runs besides would read the thread as well.
    monkeypatch.setattr("bot.delivery.thread_counter._TURN_SECONDS", GUARD)
    async with discord_bot.run_bot(discord, context) as platform:
        thread = await open_on_discord(discord)
        for number in range(700):
            discord.say(thread, "More.", str(500 + number % 9))
        ref = MessageRef(DISCORD, thread, thread)
        pages = f"GET /channels/{thread}/messages"
        before = discord.asked[pages], discord.asked[f"GET /channels/{thread}"]
        state = await platform.read_thread(ref, 1)
        after = discord.asked[pages], discord.asked[f"GET /channels/{thread}"]
    assert (state.counts.replies, state.counts.people) == (700, 9)
    assert after[0] - before[0] <= 6
    assert after[1] - before[1] <= 1


async def test_without_its_history_a_thread_has_the_platforms_own_numbers(
    discord: discord_server.Server, context: Context
) -> None:
    async with discord_bot.run_bot(discord, context) as platform:
        thread = await open_on_discord(discord)
        discord.say(thread, "One.", "501")
        discord.threads[thread]["member_count"] = 2
        discord.pick_fault = lambda method, path: (
            "403" if (method, path) == ("GET", f"/channels/{thread}/messages") else ""
        )
        state = await platform.read_thread(MessageRef(DISCORD, thread, thread), 1)
    assert (state.counts.replies, state.counts.people) == (1, 1)


async def test_a_deleted_thread_is_forgotten_and_the_next_one_counts(
    discord: discord_server.Server, context: Context
) -> None:
    async with discord_bot.run_bot(discord, context):
        thread = await open_on_discord(discord)
        said = await discord.reply(thread, "First.")
        await wait_until_counted(context, DISCORD, 1, 1)
        discord.delete_thread(thread)
        discord.messages[thread] = []
        await discord.delete(thread, said)
        await wait_until_counted(context, DISCORD, 0, 0)
        found = await ask_discord(discord, "discussions", option("period", "all"))
    assert "No paper was discussed here yet" in found


async def test_without_events_threads_are_counted_all_the_same(
    discord: discord_server.Server, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.thread_counter._STALE_SECONDS", 0.0)
    async with discord_bot.run_bot(discord, context):
        thread = await open_on_discord(discord)
        discord.say(thread, "Nobody told of it.")
        await wait_until_counted(context, DISCORD, 1, 1)


async def test_slack_counts_replies_as_they_come_go_and_are_told_again(
    slack: slack_server.Server, context: Context
) -> None:
    user = SlackUser(slack, slack.sockets)
    async with slack_bot.run_bot(slack, context) as desk:
        person = Person("slack", "U0001", "en")
        await desk.answer(Request("discuss", f"id:{await ring(context)}/en", person, SLACK))
        await wait_until(lambda: bool(slack.here.replies(SLACK_CHANNEL, root(slack))))
        thread = root(slack)
        for who in ("U0001", "U0002"):
            ts = slack.here.say(SLACK_CHANNEL, "Has anybody tried it?", thread, user=who)
            told = {
                "type": "message", "channel": SLACK_CHANNEL, "channel_type": "channel", "ts": ts,
                "user": who, "text": "Has anybody tried it?", "thread_ts": thread,
            }  # fmt: skip
            for _ in range(2):
                await user.event(told, f"Ev{ts}")
        await wait_until_counted(context, SLACK, 2, 2)
        gone = slack.here.delete(SLACK_CHANNEL, ts)
        await user.event({
            "type": "message", "subtype": "message_deleted", "channel": SLACK_CHANNEL,
            "channel_type": "channel", "deleted_ts": ts, "previous_message": gone, "ts": "9.9",
        })  # fmt: skip
        await wait_until_counted(context, SLACK, 1, 1)
        week = json.dumps((await user.slash("/week"))["blocks"])
        liveliest = json.dumps((await user.slash("/discussions all"))["blocks"])
    assert "1 reply, 1 person" in week
    assert "1 reply, 1 person, last " in liveliest


def root(server: slack_server.Server) -> str:
    return str(server.here.roots(SLACK_CHANNEL)[0]["ts"])


async def ring(context: Context) -> int:
    issue = await context.archive.weeks(("dair",), 1)
    assert issue
    found = await context.archive.papers_after(0, 50)
    return next(paper.id for paper in found if paper.key == RING.key)


async def test_a_long_thread_of_slack_has_slacks_own_numbers(
    slack: slack_server.Server, context: Context
) -> None:
    platform = slack_bot.platform(slack)
    thread = slack.here.say(SLACK_CHANNEL, "A paper", user="U0BOT", bot_id="B0001")
    slack.here.say(SLACK_CHANNEL, "More about it", thread, user="U0BOT", bot_id="B0001")
    for number in range(300):
        slack.here.say(SLACK_CHANNEL, "And more", thread, user=f"U{number % 7}")
    state = await platform.read_thread(MessageRef(SLACK, thread, thread), 1)
    await platform.close()
    assert (state.counts.replies, state.counts.people) == (300, 7)


async def test_the_channels_of_a_community_are_summed_up(context: Context) -> None:
    here, there = DISCORD, replace(DISCORD, channel="202")
    number, now = await ring(context), context.now()
    for place, replies in ((here, 3), (there, 9), (SLACK, 1)):
        ref = MessageRef(place, "1", "1", f"https://chat.example/{place.channel}")
        thread = PaperThread(number, ref, counts=ThreadCounts(replies, 2, now))
        await context.ledger.record_thread(thread, now)
    both = Community((Target("discord", here.workspace, ""), SLACK))
    alone = await ask_discussions(context, here)
    together = await ask_discussions(replace(context, communities=(both,)), here)
    assert "3 replies, 2 people" in str(alone.content)
    assert "13 replies, 6 people" in str(together.content)
    assert "chat.example/202" in str(together.content)
    assert await ask_discussions(context, replace(DISCORD, channel="999")) != alone


async def ask_discussions(context: Context, place: Target, words: str = "") -> Reply:
    service = command_service(context)
    person = Person(place.platform, "500", "en")
    return await service.answer(Request("discussions", words, person, place))


async def test_the_list_of_discussions_knows_its_periods(context: Context) -> None:
    number, now = await ring(context), context.now()
    ref = MessageRef(DISCORD, "1", "1", "https://chat.example/1")
    counts = ThreadCounts(5, 3, now - timedelta(days=20))
    await context.ledger.record_thread(PaperThread(number, ref, counts=counts), now)
    week = await ask_discussions(context, DISCORD)
    month = await ask_discussions(context, DISCORD, "month")
    korean = await ask_discussions(context, DISCORD, "전체")
    wrong = await ask_discussions(context, DISCORD, "yesteryear")
    assert week.is_private
    assert month.papers == korean.papers != ()
    assert "5 replies, 3 people, last 3 weeks ago" in str(month.content)
    assert wrong.is_private
    assert "yesteryear" in str(wrong.content)


async def test_the_numbers_of_a_merged_paper_are_those_of_the_one_that_it_became(
    context: Context,
) -> None:
    papers = await context.archive.papers_after(0, 50)
    first, second = papers[0], papers[1]
    now = context.now()
    for number, paper in enumerate((first, second)):
        ref = MessageRef(DISCORD, str(number), str(number), "https://chat.example/1")
        thread = PaperThread(paper.id, ref, counts=ThreadCounts(2, 1, now))
        await context.ledger.record_thread(thread, now)
    entry = samples.issue().entries[0]
    joined = replace(
        entry.paper, key=first.key, aliases=(*entry.paper.aliases, first.key, second.key)
    )
    await context.archive.save([samples.issue([joined])])
    (talk,) = await context.ledger.paper_talk(Community((DISCORD,)), 5)
    assert talk.counts.replies == 4
    assert {thread.paper for thread in talk.threads} == {talk.paper}


async def test_digest_threads_are_watched_from_the_start(
    discord: discord_server.Server, context: Context
) -> None:
    async with discord_bot.run_bot(discord, context):
        for part in ({"name": "subscribe", "options": [option("layout", "threads")]},
                     {"name": "now", "options": []}):  # fmt: skip
            await discord.interact(2, command("digest", {"type": 1, **part}), rights=str(1 << 4))
        await wait_until_sent(context)
        for thread in list(discord.threads):
            await discord.reply(thread, "Interesting.")
        since = context.now() - timedelta(days=1)

        async def all_counted() -> None:
            while True:
                found = await context.ledger.recent_threads("discord", since, 50)
                if [each.counts.replies for each in found] == [1] * len(discord.threads):
                    return
                await asyncio.sleep(0.02)

        async with asyncio.timeout(GUARD):
            await all_counted()
