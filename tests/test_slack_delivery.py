"""What the outbox brings to Slack over real sockets: digests, and threads when asked."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.slack.render.envelope import has_key
from bot.commands.context import Context
from bot.model.card import Button, Card, LinkButton
from bot.model.channels import Person, Target
from bot.model.deliveries import Part
from bot.ports.conversation import CommandService, Reply, Request
from tests import samples, slack_rules
from tests.fast_delivery import wait_until_sent
from tests.slack_bot import platform, run_bot, strict_server
from tests.slack_server import Server
from tests.slack_workspace import ADMIN, CHANNEL, TEAM, is_root
from tests.waiting import GUARD

pytestmark = pytest.mark.slow

PAPERS = len(samples.issue().entries)
HERE = Target("slack", TEAM, CHANNEL)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with strict_server() as found:
        yield found


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue()])
    return replace(context, platforms=frozenset({"slack"}), series=("dair",))


async def say(desk: CommandService, name: str, words: str, target: Target = HERE) -> Reply:
    """Let an admin say something to the bot, as a platform passes it on."""
    person = Person("slack", ADMIN, "en", may_manage=True)
    return await desk.answer(Request(name, words, person, target))


async def ask_for_digest(desk: CommandService, layout: str) -> None:
    """Let an admin subscribe, and want the newest week now."""
    for words in (f"subscribe layout={layout}", "now"):
        assert not (await say(desk, "digest", words)).is_refused


async def told_part(context: Context) -> Part:
    """Return how it stands with the first message of the digest."""
    (kept,) = await context.ledger.subscriptions()
    return (await context.ledger.subscription_report(kept.id, 5)).reports[0].parts[0]


def links(reply: Reply) -> dict[str, str]:
    """Return the addresses of buttons, by their labels."""
    assert isinstance(reply.content, Card)
    found = [each for each in reply.content.controls if isinstance(each, LinkButton)]
    return {each.label: each.url for each in found}


def discuss(reply: Reply) -> Button:
    assert isinstance(reply.content, Card)
    buttons = [each for each in reply.content.controls if isinstance(each, Button)]
    return next(each for each in buttons if each.action.name == "discuss")


async def press(desk: CommandService, button: Button, target: Target = HERE) -> Reply:
    return await say(desk, button.action.name, button.action.argument, target)


def root(server: Server) -> dict[str, Any]:
    """Return the only message of the channel itself."""
    (found,) = server.here.roots(CHANNEL)
    return found


@pytest.mark.parametrize("layout", ["overview", "threads"])
async def test_a_digest_arrives_whole_and_in_order(
    server: Server, context: Context, layout: str
) -> None:
    faults = iter(["429", "lost", "503", "dropped", "", "500"])
    server.pick_fault = lambda method: next(faults, "") if method == "chat.postMessage" else ""
    async with run_bot(server, context) as desk:
        await ask_for_digest(desk, layout)
        refs = await wait_until_sent(context)
    every = server.messages[CHANNEL]
    assert [message["ts"] for message in every] == [ref.id for ref in refs]
    assert len({ref.id for ref in refs}) == len(refs)
    assert next(faults, "") == ("503" if layout == "overview" else "")
    if layout == "threads":
        roots = [message["ts"] for message in every if is_root(message)]
        assert len(roots) == PAPERS + 1
        assert [ref.thread for ref in refs if ref.thread] == roots[1:]


async def test_the_real_pace_is_one_message_a_second_in_a_channel(
    server: Server, context: Context
) -> None:
    assert platform(server).rate_limit.per_channel.total_seconds() > 1 / server.here.per_second


async def test_a_layout_that_slack_lacks_is_refused_with_those_it_has(
    server: Server, context: Context
) -> None:
    async with run_bot(server, context) as desk:
        reply = await say(desk, "digest", "subscribe layout=forum")
        assert reply.is_refused
        assert "overview, threads" in str(reply.content)
        assert await context.ledger.subscriptions() == ()
        await say(desk, "digest", "subscribe")
        form = (await say(desk, "digest", "settings")).content
    assert "threads" in str(form)
    assert "forum" not in str(form)


async def test_a_long_digest_is_several_messages_and_says_everything_once(
    server: Server, context: Context
) -> None:
    papers = [
        replace(samples.RING, key=f"arxiv:2310.{number:05}", titles={"en": f"Paper {number} " * 9},
                aliases=(), summaries={"en": f"Sentence {number} of a summary " * 5})
        for number in range(60)
    ]  # fmt: skip
    await context.archive.save([samples.issue(papers)])
    async with run_bot(server, context) as desk:
        await ask_for_digest(desk, "overview")
        refs = await wait_until_sent(context)
    assert len(refs) > 1
    said = " ".join(server.here.text(CHANNEL).split())
    for number in range(len(papers)):
        assert said.count(f"Sentence {number} of a summary") == 5


async def test_two_who_want_to_talk_at_the_same_moment_get_one_thread(
    server: Server, context: Context
) -> None:
    async with run_bot(server, context) as desk:
        button = discuss(await say(desk, "paper", "ring attention"))
        first, second = await asyncio.gather(press(desk, button), press(desk, button))
        await server.wait_until(lambda: "Blocks travel around" in server.here.text(CHANNEL))
        thread = root(server)["ts"]
        server.here.say(CHANNEL, "Has anybody tried it?", thread)
        server.here.say(CHANNEL, "Yes.", thread)
        again = await say(desk, "paper", "ring attention")
    address = f"{server.here.url}archives/{CHANNEL}/p"
    assert links(first)["Discussion"].startswith(address)
    assert links(second)["Discussion"] == links(first)["Discussion"]
    assert links(again)["Discussion (2 replies)"].startswith(address)
    assert f"thread_ts={thread}" in links(again)["Discussion (2 replies)"]


async def test_a_thread_opens_with_everything_about_its_paper(
    server: Server, context: Context
) -> None:
    issue = samples.issue()
    entry = issue.entries[0]
    long = " ".join(f"Sentence {number} of a long abstract." for number in range(500))
    paper = replace(entry.paper, abstracts={"en": long, "ko": long.replace("abstract", "초록")})
    await context.archive.save([replace(issue, entries=(replace(entry, paper=paper),))])
    async with run_bot(server, context) as desk:
        await press(desk, discuss(await say(desk, "paper", "ring attention")))
        await server.wait_until(
            lambda: "Sentence 499 of a long abstract." in server.here.text(CHANNEL)
        )
    replies = server.here.replies(CHANNEL, root(server)["ts"])
    assert len(replies) > 1
    said = " ".join(server.here.text(CHANNEL).split())
    for number in range(500):
        assert said.count(f"Sentence {number} of a long abstract.") == 1
    assert all(sentence in said for sentence in paper.summaries["ko"].split(". "))
    buttons = slack_rules.elements(root(server))
    assert {link.url for link in paper.links} <= {each.get("url") for each in buttons}


async def test_a_paper_that_has_a_thread_by_its_digest_gets_no_other(
    server: Server, context: Context
) -> None:
    async with run_bot(server, context) as desk:
        await ask_for_digest(desk, "threads")
        refs = await wait_until_sent(context)
        found = await say(desk, "paper", "ring attention")
    assert f"thread_ts={refs[1].id}" in links(found)["Discussion"]


async def test_a_channel_that_refuses_is_told_to_who_asked(
    server: Server, context: Context
) -> None:
    async with run_bot(server, context) as desk:
        button = discuss(await say(desk, "paper", "ring attention"))
        server.here.channels[CHANNEL]["is_member"] = False
        refused = await press(desk, button)
        server.here.channels[CHANNEL]["is_member"] = True
        opened = await press(desk, button)
    assert "/invite @paperboy" in str(refused.content)
    assert "Discussion" in links(opened)
    assert is_root(root(server))


async def test_a_channel_that_is_gone_pauses_its_digest_and_who_subscribed_is_told(
    server: Server, context: Context
) -> None:
    server.here.channels[CHANNEL]["is_archived"] = True
    async with run_bot(server, context) as desk:
        await ask_for_digest(desk, "overview")
        await server.wait_until(lambda: bool(server.messages.get("D0002")))
    (kept,) = await context.ledger.subscriptions()
    assert kept.is_paused
    assert "archived" in kept.pause_reason
    assert "archived" in server.here.text("D0002")


async def test_a_group_that_an_admin_chose_is_called_and_nobody_else(
    server: Server, context: Context
) -> None:
    async with run_bot(server, context) as desk:
        await say(desk, "digest", "subscribe mention=<!subteam^S0001|readers>")
        await say(desk, "digest", "now")
        await wait_until_sent(context)
    (message,) = server.messages[CHANNEL]
    assert message["blocks"][0]["text"] == {"type": "mrkdwn", "text": "<!subteam^S0001>"}
    assert not any("mrkdwn" in str(block) for block in message["blocks"][1:])


async def test_a_history_that_is_out_of_reach_leaves_a_message_to_a_person(
    server: Server, context: Context
) -> None:
    server.here.scopes -= {"channels:history", "groups:history", "im:history"}
    server.pick_fault = lambda method: "lost" if method == "chat.postMessage" else ""
    async with run_bot(server, context) as desk:
        await ask_for_digest(desk, "overview")
        part = await told_part(context)
        async with asyncio.timeout(GUARD):
            while not part.is_unconfirmed:
                await asyncio.sleep(0.05)
                part = await told_part(context)
    (message,) = server.messages[CHANNEL]
    assert has_key(message, part.key)
    assert "cannot be asked" in part.error
