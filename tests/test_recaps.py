"""The recap of last week's discussions: fixed once, at the head of a digest, if there were any."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.commands.context import Context
from bot.commands.service import command_service
from bot.model.channels import MessageRef, Person, Target
from bot.model.deliveries import DuePart, Part
from bot.model.discussions import PaperThread, ThreadCounts
from bot.ports.conversation import Request
from tests import discord_bot, discord_rules, samples, slack_bot
from tests.discord_bot import command, option
from tests.discord_gateway import GUILD
from tests.discord_server import CHANNEL, Server
from tests.fast_delivery import wait_until_sent
from tests.slack_workspace import CHANNEL as SLACK_CHANNEL
from tests.slack_workspace import TEAM

HERE = Target("discord", GUILD, CHANNEL)


@pytest.fixture
async def context(context: Context) -> Context:
    other = replace(samples.FIREACT, key="arxiv:2310.12345", aliases=(), links=())
    await context.archive.save([samples.issue(), samples.issue((other,), date(2023, 10, 16))])
    return replace(context, platforms=frozenset({"discord", "slack"}), series=("dair",))


async def talk(context: Context, place: Target, *replies: int, days: float = 1) -> None:
    """Let so much be said about papers, which was counted by now."""
    papers = await context.archive.papers_after(0, 9)
    now = context.now()
    for number, (paper, count) in enumerate(zip(papers, replies, strict=False)):
        ref = MessageRef(place, f"9{number}", f"9{number}", f"https://chat.example/{number}")
        counts = ThreadCounts(count, 2, now - timedelta(days=days))
        await context.ledger.record_thread(PaperThread(paper.id, ref, counts=counts), now)


async def digest(server: Server, *options: dict[str, Any]) -> None:
    for part in ({"name": "subscribe", "options": list(options)}, {"name": "now", "options": []}):
        said = command("digest", {"type": 1, **part})
        await server.interact(2, said, rights=str(1 << 4))


def overview(server: Server) -> str:
    return "\n".join(discord_rules.texts(server.messages[CHANNEL][0]))


async def test_on_discord_a_digest_begins_with_last_weeks_discussions(context: Context) -> None:
    await talk(context, HERE, 3, 9, 5)
    async with discord_bot.strict_server() as server, discord_bot.run_bot(server, context):
        await digest(server)
        await wait_until_sent(context)
        text = overview(server)
    head, _, rest = text.partition("2023-W42")
    assert "Discussed last week" in head
    assert head.index("9 replies") < head.index("5 replies") < head.index("3 replies")
    assert "https://chat.example/1" in head
    assert "FireAct" in rest


async def test_on_slack_too(context: Context) -> None:
    place = Target("slack", TEAM, SLACK_CHANNEL)
    await talk(context, place, 3, 9)
    async with slack_bot.strict_server() as server, slack_bot.run_bot(server, context) as desk:
        person = Person("slack", "U0002", "en", may_manage=True)
        for words in ("subscribe", "now"):
            await desk.answer(Request("digest", words, person, place))
        await wait_until_sent(context)
        (message,) = server.here.roots(SLACK_CHANNEL)
    assert "after last week's discussions" in message["text"]
    assert "Discussed last week" in str(message["blocks"])


@pytest.mark.parametrize(
    ("replies", "days", "options"),
    [((), 1, ()), ((7,), 1, ()), ((7, 7), 9, ()), ((7, 7), 1, (option("recap", "off"),))],
    ids=["quiet", "one paper", "long ago", "not wanted"],
)
async def test_after_a_quiet_week_there_is_no_recap(
    context: Context, replies: tuple[int, ...], days: int, options: tuple[dict[str, Any], ...]
) -> None:
    await talk(context, HERE, *replies, days=days)
    async with discord_bot.strict_server() as server, discord_bot.run_bot(server, context):
        await digest(server, *options)
        await wait_until_sent(context)
        text = overview(server)
    assert "Discussed last week" not in text


async def test_what_is_said_after_a_digest_was_planned_does_not_change_it(
    context: Context,
) -> None:
    await talk(context, HERE, 3, 9)
    service = command_service(context)
    person = Person("discord", "1", "en", may_manage=True)
    for words in ("subscribe language=en", "now"):
        await service.answer(Request("digest", words, person, HERE))
    before = await planned(context)
    await talk(context, HERE, 50, 60, 70)
    thread = MessageRef(HERE, "90", "90")
    await context.ledger.forget_discussion(HERE, before[1][0], thread)
    after = await planned(context)
    assert before == after
    assert before[0] == (9, 3)


async def planned(context: Context) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the numbers and papers of the recap that the outbox would post."""
    found: tuple[DuePart, ...] = await context.ledger.next_parts("discord", context.now(), 9)
    recap = found[0].delivery.recap
    assert recap
    assert isinstance(found[0].part, Part)
    return tuple(each.replies for each in recap.items), recap.papers


async def test_the_preview_shows_the_recap(context: Context) -> None:
    await talk(context, HERE, 3, 9)
    service = command_service(context)
    person = Person("discord", "1", "en", may_manage=True)
    await service.answer(Request("digest", "subscribe recap=off", person, HERE))
    without = await service.answer(Request("digest", "preview", person, HERE))
    await service.answer(Request("digest", "settings recap=켜기", person, HERE))
    shown = await service.answer(Request("digest", "preview", person, HERE))
    refused = await service.answer(Request("digest", "settings recap=perhaps", person, HERE))
    assert "Discussed last week" not in str(without.content)
    assert "Discussed last week" in str(shown.content)
    assert refused.is_refused


async def test_a_thread_that_was_deleted_is_in_no_recap(context: Context) -> None:
    await talk(context, HERE, 3, 9, 5)
    async with discord_bot.strict_server() as server, discord_bot.run_bot(server, context):
        # Thread 91 had most of the replies, and was deleted by a moderator.
        papers = await context.archive.papers_after(0, 9)
        await context.ledger.forget_discussion(HERE, papers[1].id, MessageRef(HERE, "91", "91"))
        await digest(server)
        await wait_until_sent(context)
        text = overview(server)
    head, _, _ = text.partition("2023-W42")
    assert head.index("5 replies") < head.index("3 replies")
    assert "9 replies" not in head
    assert "https://chat.example/1" not in head
