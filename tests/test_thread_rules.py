"""Where the thread of a paper begins, who opened it, and that a paper has one in a channel."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.commands.context import Context
from bot.model.channels import Target
from tests import discord_bot, discord_rules, samples, slack_bot, slack_rules
from tests.discord_bot import command, find_control, option, visible_text
from tests.discord_gateway import GUILD
from tests.discord_server import CHANNEL, FORUM
from tests.discord_server import Server as Discord
from tests.slack_server import Server as Slack
from tests.slack_user import SlackUser
from tests.slack_workspace import CHANNEL as SLACK_CHANNEL
from tests.waiting import GUARD

pytestmark = pytest.mark.slow

PAPERS = len(samples.issue().entries)
NEW = replace(samples.FIREACT, key="arxiv:2310.12345", aliases=(), links=())
NEXT_WEEK = samples.issue((NEW, samples.UNISIM, samples.RING), date(2023, 10, 16))
"""A new paper, and two of the week before."""


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue()])
    return replace(context, platforms=frozenset({"discord", "slack"}), series=("dair",))


@pytest.fixture
async def discord() -> AsyncIterator[Discord]:
    async with discord_bot.strict_server() as found:
        yield found


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with slack_bot.strict_server() as found:
        yield found


def press(answer: dict[str, Any], label: str, **message: Any) -> dict[str, Any]:
    """Return what Discord says of a click on a button of an answer that stands in the channel."""
    data = {"custom_id": find_control(answer, label), "component_type": 2}
    return {"kind": 3, "data": data, **({"message": message} if message else {})}


async def ask(server: Discord, name: str = "ring attention") -> dict[str, Any]:
    return await server.interact(2, command("paper", option("name", name)))


async def digest(server: Discord, layout: str = "threads") -> None:
    place = server.channels[FORUM if layout == "forum" else CHANNEL]
    for part in ({"name": "subscribe", "options": [option("layout", layout)]},
                 {"name": "now", "options": []}):  # fmt: skip
        said = command("digest", {"type": 1, **part})
        await server.interact(2, said, rights=str(1 << 4), channel=place)


async def wait_until_all_sent(context: Context, deliveries: int) -> None:
    """Return once so many digests of the only subscription are there, each as a whole."""
    (kept,) = [each for each in await context.ledger.subscriptions() if each.series]
    async with asyncio.timeout(GUARD):
        while True:
            reports = (await context.ledger.subscription_report(kept.id, 5)).reports
            parts = [part for report in reports for part in report.parts]
            if len(reports) == deliveries and all(part.ref for part in parts):
                return
            await asyncio.sleep(0.05)


async def test_on_discord_a_thread_begins_under_the_message_that_was_clicked(
    discord: Discord, context: Context
) -> None:
    async with discord_bot.run_bot(discord, context):
        shown = await ask(discord)
        answer = discord._keep(CHANNEL, shown["data"], discord.snowflake())  # noqa: SLF001
        click = press(shown, "Discuss", id=answer["id"], flags=answer["flags"])
        opened = await discord.settled(await discord.interact(**click))
        again = await ask(discord)
    assert [each["id"] for each in discord.messages[CHANNEL]] == [answer["id"]]
    assert list(discord.threads) == [answer["id"]]
    assert "This paper is discussed in its thread" in visible_text(opened)
    assert "Opened by <@500>" in discord.text(answer["id"])
    assert f"/{answer['id']}/" in json.dumps(again["data"])


async def test_on_slack_a_thread_begins_under_the_message_that_was_clicked(
    slack: Slack, context: Context
) -> None:
    user = SlackUser(slack, slack.sockets)
    async with slack_bot.run_bot(slack, context):
        await user.slash("/paper ring attention")
        (shown,) = slack.here.roots(SLACK_CHANNEL)
        element = next(
            each for each in slack_rules.elements(shown) if each["action_id"] == "discuss"
        )
        await user.click(dict(element), message=shown)
        await slack.wait_until(lambda: bool(slack.here.replies(SLACK_CHANNEL, shown["ts"])))
        assert [each["ts"] for each in slack.here.roots(SLACK_CHANNEL)] == [shown["ts"]]
        opening = json.dumps(slack.here.replies(SLACK_CHANNEL, shown["ts"]))
    assert '"user_id": "U0001"' in opening


async def test_a_message_that_is_gone_is_replaced_by_the_next_one_that_is_clicked(
    discord: Discord, context: Context
) -> None:
    async with discord_bot.run_bot(discord, context):
        shown = await ask(discord)
        gone = press(shown, "Discuss", id="123", flags=0)
        discord.pick_fault = lambda _method, path: "404" if "/123/threads" in path else ""
        refused = await discord.settled(await discord.interact(**gone))
        # From a message that only one person sees, the paper is posted by itself.
        hidden = press(shown, "Discuss", id="124", flags=64)
        opened = await discord.settled(await discord.interact(**hidden))
    assert "cannot be opened" in visible_text(refused)
    assert "This paper is discussed in its thread" in visible_text(opened)
    assert len(discord.threads) == len(discord.messages[CHANNEL]) == 1


async def test_a_paper_that_comes_again_leads_to_the_thread_that_it_has(
    discord: Discord, context: Context
) -> None:
    async with discord_bot.run_bot(discord, context):
        await digest(discord)
        await wait_until_all_sent(context, 1)
        first = set(discord.threads)
        for thread in discord.threads.values():
            thread["thread_metadata"]["archived"] = True
        await context.archive.save([NEXT_WEEK])
        await digest(discord)
        await wait_until_all_sent(context, 2)
        await discord.wait_until(
            lambda: (
                sum(t["thread_metadata"]["archived"] for t in discord.threads.values())
                == len(first) - 2
            )
        )
    links = [
        each["url"]
        for message in discord.messages[CHANNEL]
        for each in discord_rules.components(message)
        if each.get("label") == "Discussion / 토론" or each.get("label") == "Discussion"
    ]
    assert len(discord.threads) == PAPERS + 1
    assert len(links) == 2


async def test_the_overview_of_a_forum_leads_to_the_post_that_a_paper_has(
    discord: Discord, context: Context
) -> None:
    async with discord_bot.run_bot(discord, context):
        await digest(discord, "forum")
        await wait_until_all_sent(context, 1)
        before = set(discord.threads)
        await context.archive.save([NEXT_WEEK])
        await digest(discord, "forum")
        await wait_until_all_sent(context, 2)
        new = set(discord.threads) - before
        overview = max(new, key=int)
        text = discord.text(overview)
    assert len(new) == 2  # the paper that is new, and the overview
    assert sum(f"/{GUILD}/{thread}/" in text for thread in before) == 2


async def test_discuss_brings_an_archived_thread_back(discord: Discord, context: Context) -> None:
    async with discord_bot.run_bot(discord, context):
        shown = await ask(discord)
        await discord.settled(await discord.interact(**press(shown, "Discuss")))
        ((thread, state),) = discord.threads.items()
        state["thread_metadata"]["archived"] = True
        await discord.settled(await discord.interact(**press(shown, "Discuss")))
        is_archived = state["thread_metadata"]["archived"]
    assert not is_archived
    assert list(discord.threads) == [thread]


async def test_one_person_opens_one_thread_a_minute(discord: Discord, context: Context) -> None:
    slow = replace(context, discussion_cooldown=timedelta(minutes=1))
    async with discord_bot.run_bot(discord, slow):
        first, second = await ask(discord), await ask(discord, "FireAct")
        await discord.settled(await discord.interact(**press(first, "Discuss")))
        refused = await discord.interact(**press(second, "Discuss"))
        same = await discord.settled(await discord.interact(**press(first, "Discuss")))
        manager = press(second, "Discuss") | {"rights": str(1 << 4)}
        opened = await discord.settled(await discord.interact(**manager))
    assert "the next one can be opened in" in visible_text(refused)
    assert "This paper is discussed in its thread" in visible_text(same)
    assert "This paper is discussed in its thread" in visible_text(opened)
    assert len(discord.threads) == 2


async def test_the_thread_of_a_merged_paper_is_found(discord: Discord, context: Context) -> None:
    async with discord_bot.run_bot(discord, context):
        shown = await ask(discord, "FireAct")
        await discord.settled(await discord.interact(**press(shown, "Discuss")))
        entry = samples.issue().entries[0]
        fire = next(e.paper for e in samples.issue().entries if "FireAct" in str(e.paper.titles))
        joined = replace(entry.paper, aliases=(*entry.paper.aliases, fire.key, *fire.aliases))
        await context.archive.save([samples.issue([joined])])
        found = await context.archive.papers_after(0, 50)
        number = next(paper.id for paper in found if paper.key == entry.paper.key)
        discussion = await context.ledger.find_discussion(
            Target("discord", GUILD, CHANNEL), number
        )
    assert discussion
    assert discussion.thread
