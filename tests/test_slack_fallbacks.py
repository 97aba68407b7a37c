"""Slack's refusals of a message: what is retried, shown as plain text, or concerns a thread."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings

from adapters.slack import render
from adapters.slack.platform import Slack
from adapters.slack.render.fallback_text import text_only
from bot.commands.context import Context
from bot.model.card import Button, Card, LinkButton
from bot.model.channels import MessageRef, Person, Target
from bot.ports.conversation import CommandService, Reply, Request
from bot.ports.errors import RefusalScope, Refused, TargetDeleted, TryLater
from bot.ports.platform import MessageFound
from tests import samples
from tests.sample_cards import CARDS
from tests.slack_bot import platform, run_bot, strict_server
from tests.slack_server import Server
from tests.slack_user import SlackUser, connect_user, is_private, visible_text
from tests.slack_workspace import CHANNEL, READER, TEAM
from tests.test_slack_platform import AGES, HERE, outgoing


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with strict_server() as running:
        running.here.per_second = 10_000
        yield running


@pytest.fixture
async def slack(server: Server) -> AsyncIterator[Slack]:
    found = platform(server)
    yield found
    await found.close()


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue()])
    # One person opens several threads here at once; tests/test_thread_rules.py has the cooldown.
    return replace(
        context,
        platforms=frozenset({"slack"}),
        series=("dair",),
        language="en",
        discussion_cooldown=timedelta(),
    )


@pytest.fixture
async def talk(server: Server, context: Context) -> AsyncIterator[SlackUser]:
    async with connect_user(server, context, "socket") as found:
        yield found


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long"])
async def test_a_part_whose_blocks_are_refused_is_posted_as_text_and_found_again(
    server: Server, slack: Slack, code: str
) -> None:
    faults = iter([code])
    server.pick_fault = lambda method: next(faults, "") if method == "chat.postMessage" else ""
    ref = await slack.post(HERE, outgoing(slack, "k1"))
    (message,) = server.messages[CHANNEL]
    assert "blocks" not in message
    assert "Long texts." in message["text"]
    assert await slack.find(HERE, "k1", AGES) == MessageFound(ref)


@given(CARDS)
@settings(max_examples=50, deadline=None)
def test_a_message_of_text_alone_says_all_that_its_blocks_say(card: Card) -> None:
    for message in render.messages(card):
        plain = text_only(message)
        assert set(plain) == {"text"}
        assert plain["text"].startswith(str(message["text"]).removesuffix("…"))


async def test_an_answer_whose_blocks_are_refused_is_shown_as_text(talk: SlackUser) -> None:
    talk.server.pick_response_fault = lambda body: "invalid_blocks" if "blocks" in body else ""
    answer = await talk.slash("/tag llm")
    assert is_private(answer)
    assert "blocks" not in answer
    assert "llm" in answer["text"]
    talk.server.pick_fault = lambda method: (
        next(faults, "") if method == "chat.postMessage" else ""
    )
    faults = iter(["invalid_blocks"])
    asked = await talk.mention("paper ringattention")
    here = talk.server.here
    await talk.server.wait_until(lambda: bool(here.replies(CHANNEL, asked)))
    assert "Ring Attention" in here.replies(CHANNEL, asked)[0]["text"]


@pytest.mark.parametrize("status", ["429", "503"])
async def test_an_answer_is_sent_again_where_slack_did_not_take_it(
    talk: SlackUser, status: str
) -> None:
    faults = iter([status, status])
    talk.server.pick_response_fault = lambda _body: next(faults, "")
    answer = await talk.slash("/paper ringattention")
    assert "Ring Attention" in visible_text(answer)
    assert talk.server.asked["chat.postMessage"] == 0


async def test_what_a_locked_thread_refuses_concerns_its_part_alone(
    server: Server, slack: Slack
) -> None:
    code = "restricted_action_thread_locked"
    server.pick_fault = lambda method: code if method == "chat.postMessage" else ""
    with pytest.raises(Refused) as error:
        await slack.post(HERE, outgoing(slack, "k1", thread="1.1"))
    assert error.value.scope is RefusalScope.PART


async def test_a_deleted_thread_is_told_as_deleted(server: Server, slack: Slack) -> None:
    gone = MessageRef(HERE, "1.1", "1.1")
    with pytest.raises(TargetDeleted):
        await slack.read_thread(gone, 1)
    with pytest.raises(Refused) as error:
        await slack.post(HERE, outgoing(slack, "k1", thread="1.1"))
    assert error.value.scope is RefusalScope.PART


@pytest.mark.parametrize("code", ["external_channel_migrating", "access_denied", "accesslimited"])
async def test_what_slack_refuses_for_a_while_is_tried_later(
    server: Server, slack: Slack, code: str
) -> None:
    server.pick_fault = lambda method: code if method == "chat.postMessage" else ""
    with pytest.raises(TryLater):
        await slack.post(HERE, outgoing(slack, "k1"))


async def say(desk: CommandService, name: str, words: str) -> Reply:
    person = Person("slack", READER, "en")
    return await desk.answer(Request(name, words, person, Target("slack", TEAM, CHANNEL)))


async def test_a_thread_that_was_deleted_is_opened_anew(server: Server, context: Context) -> None:
    async with run_bot(server, context) as desk:
        (button,) = [
            each
            for each in card_of(await say(desk, "paper", "ring attention")).controls
            if isinstance(each, Button) and each.action.name == "discuss"
        ]
        first = await say(desk, "discuss", button.action.argument)
        await server.wait_until(lambda: len(server.messages[CHANNEL]) > 1)
        server.messages[CHANNEL].clear()
        again = await say(desk, "discuss", button.action.argument)
    assert address(again)
    assert address(again) != address(first)
    assert server.here.roots(CHANNEL)


def card_of(reply: Reply) -> Card:
    assert isinstance(reply.content, Card)
    return reply.content


def address(reply: Reply) -> str:
    return next(each.url for each in card_of(reply).controls if isinstance(each, LinkButton))


async def discuss_button(desk: CommandService, words: str) -> str:
    """Return the argument of the button that opens the thread of a paper."""
    controls = card_of(await say(desk, "paper", words)).controls
    return next(
        each.action.argument
        for each in controls
        if isinstance(each, Button) and each.action.name == "discuss"
    )


async def test_a_discussion_that_is_refused_leaves_the_digest_and_few_messages(
    server: Server, context: Context
) -> None:
    async with run_bot(server, context) as desk:
        admin = Person("slack", READER, "en", may_manage=True)
        await desk.answer(Request("digest", "subscribe", admin, HERE))
        code = "restricted_action_non_threadable_channel"
        posts = iter(["", code, "", code, *[code] * 50])
        server.pick_fault = lambda method: next(posts) if method == "chat.postMessage" else ""
        papers = [entry.paper for entry in samples.issue().entries]
        for paper in papers:
            button = await discuss_button(desk, paper.titles["en"])
            refused = await say(desk, "discuss", button)
            assert refused.is_refused
            assert "takes no threads" in str(refused.content)
        assert len(papers) > 2
        assert len(server.here.roots(CHANNEL)) == 2
        (kept,) = await context.ledger.subscriptions()
        assert not kept.is_paused
        assert not [channel for channel in server.messages if channel.startswith("D")]
        server.pick_fault = lambda _method: ""
        first = await say(desk, "discuss", await discuss_button(desk, papers[0].titles["en"]))
        assert address(first)
        await server.wait_until(lambda: bool(server.here.replies(CHANNEL, root_of(server))))
        second = await say(desk, "discuss", await discuss_button(desk, papers[2].titles["en"]))
        assert address(second)


def root_of(server: Server) -> str:
    return str(server.here.roots(CHANNEL)[0]["ts"])
