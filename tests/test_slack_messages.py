"""Messages that people write to Paperboy on Slack, or ask it about."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.slack import render
from bot.cards.locale import Locale
from bot.cards.papers import paper_card
from bot.commands.context import Context
from config import catalogues
from tests import samples
from tests.slack_bot import strict_server
from tests.slack_server import Server
from tests.slack_user import SlackUser, connect_user, is_private, visible_text
from tests.slack_workspace import READER


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with strict_server() as running:
        running.here.per_second = 10_000
        running.here.add_channel("D0001", "", is_channel=False, is_im=True, user=READER)
        yield running


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue()])
    return replace(context, platforms=frozenset({"slack"}), series=("dair",), language="en")


@pytest.fixture
async def talk(server: Server, context: Context) -> AsyncIterator[SlackUser]:
    async with connect_user(server, context, "socket") as found:
        yield found


async def test_the_paper_of_a_message_of_ours_is_found(talk: SlackUser, context: Context) -> None:
    (paper, *_) = await context.archive.papers([1])
    card = paper_card(Locale(catalogues.load(), "en"), paper, with_abstract=False)
    for message in render.messages(card):
        answer = await talk.wait_for_answer(await talk.shortcut({"ts": "1.1", **message}))
        assert str(paper.titles["en"]) in visible_text(answer)
        assert is_private(answer)


async def test_a_message_of_ours_about_several_papers_names_none(talk: SlackUser) -> None:
    week = await talk.slash("/week 2023-10-09")
    message = {"ts": "1.1", "text": week["text"], "blocks": week["blocks"]}
    answer = visible_text(await talk.wait_for_answer(await talk.shortcut(message)))
    assert "Something is missing" in answer


async def test_a_paper_is_found_in_a_question_about_it(talk: SlackUser) -> None:
    for text in ("have you read Ring Attention?", "Ring Attention 읽어보신 분 있나요?"):
        answer = await talk.wait_for_answer(await talk.shortcut({"ts": "1.1", "text": text}))
        assert "Ring Attention" in visible_text(answer)
        assert "No paper" not in visible_text(answer)


async def test_thanks_in_direct_messages_are_no_search(talk: SlackUser) -> None:
    here = talk.server.here
    for text in ("thanks!", "고마워요", ":+1:"):
        await talk.direct_message(text)
    await talk.direct_message("hello")
    await talk.server.wait_until(lambda: "What Paperboy answers" in here.text("D0001"))
    await talk.direct_message("ringattention")
    await talk.server.wait_until(lambda: "Ring Attention" in here.text("D0001"))
    assert sum("bot_id" in each for each in here.messages["D0001"]) == 2
