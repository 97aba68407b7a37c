"""Slack over real sockets: what is posted, found again, refused and examined."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.slack.api.errors import ErrorResponse, to_exception
from adapters.slack.platform import Slack
from bot.model.card import Card, Paragraph, Run
from bot.model.channels import Target
from bot.ports.errors import RefusalScope, Refused, TryLater, Unknown
from bot.ports.platform import MessageAbsent, MessageFound, MessageUnknown, OutgoingMessage
from tests.slack_bot import platform, strict_server
from tests.slack_server import Server
from tests.slack_workspace import BOT_TOKEN, CHANNEL, OTHER, READER, TEAM
from tests.waiting import stand_still_past

HERE, THERE = Target("slack", TEAM, CHANNEL), Target("slack", TEAM, OTHER)
AGES = datetime(2020, 1, 1, tzinfo=UTC)


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


def outgoing(slack: Slack, key: str, **more: Any) -> OutgoingMessage:
    card = Card("1. Ring Attention", blocks=(Paragraph((Run("Long texts."),)),))
    return OutgoingMessage(slack.render(card)[0], key, title=card.title, **more)


async def test_a_message_is_posted_and_found_by_its_key(server: Server, slack: Slack) -> None:
    ref = await slack.post(HERE, outgoing(slack, "k1", mention="S0001"))
    (message,) = server.messages[CHANNEL]
    assert ref.url == f"{server.here.url}archives/{CHANNEL}/p{ref.id.replace('.', '')}"
    assert message["blocks"][0]["text"]["text"] == "<!subteam^S0001>"
    assert await slack.find(HERE, "k1", AGES) == MessageFound(ref)
    assert await slack.find(HERE, "k2", AGES) is MessageAbsent.ABSENT
    assert (
        await slack.find(HERE, "k1", datetime.now(UTC) + timedelta(days=9)) is MessageAbsent.ABSENT
    )
    del message["metadata"]
    assert await slack.find(HERE, "k1", AGES) == MessageFound(ref)


async def test_a_thread_needs_no_opening_and_what_stands_in_it_is_found(
    server: Server, slack: Slack
) -> None:
    root = await slack.post(HERE, outgoing(slack, "k1"))
    thread = await slack.open_thread(root, "A title")
    assert thread.thread == root.id
    inside = await slack.post(HERE, outgoing(slack, "k2", thread=thread.thread))
    assert inside.url.endswith(f"?thread_ts={root.id}&cid={CHANNEL}")
    server.here.say(CHANNEL, "Has anybody tried it?", root.id)
    assert (await slack.read_thread(inside, 1)).counts.replies == 1
    assert await slack.find(HERE, "k2", AGES) == MessageFound(inside)


async def test_a_long_channel_is_read_page_by_page(server: Server, slack: Slack) -> None:
    ref = await slack.post(HERE, outgoing(slack, "k1"))
    for _ in range(450):
        server.here.say(CHANNEL, "chatter")
    assert await slack.find(HERE, "k1", AGES) == MessageFound(ref)
    assert server.asked["conversations.history"] == 3


async def test_a_history_out_of_reach_is_told(server: Server, slack: Slack) -> None:
    ref = await slack.post(HERE, outgoing(slack, "k1"))
    server.here.page = 15
    assert await slack.find(HERE, "k1", AGES) == MessageFound(ref)
    for _ in range(20):
        server.here.say(CHANNEL, "chatter")
    assert await slack.find(HERE, "k1", AGES) is MessageUnknown.UNKNOWN
    server.here.page = 999
    server.here.scopes -= {"channels:history", "groups:history", "im:history"}
    assert await slack.find(HERE, "k1", AGES) is MessageUnknown.UNKNOWN


async def test_editing_keeps_blocks_and_key(server: Server, slack: Slack) -> None:
    ref = await slack.post(HERE, outgoing(slack, "k1"))
    (changed,) = slack.render(Card("Another title"))
    await slack.edit(ref, replace(outgoing(slack, "k1"), payload=changed))
    assert server.here.text(CHANNEL) == "Another title"
    assert server.messages[CHANNEL][0]["blocks"]
    assert await slack.find(HERE, "k1", AGES) == MessageFound(ref)


async def test_pinning_twice_is_once(server: Server, slack: Slack) -> None:
    server.here.scopes |= {"pins:write"}
    ref = await slack.post(HERE, outgoing(slack, "k1"))
    for pinned in (True, True, False, False):
        await slack.pin(ref, pinned=pinned)
        assert server.here.pinned == ({(CHANNEL, ref.id)} if pinned else set())


async def test_a_direct_message(server: Server, slack: Slack) -> None:
    server.here.users[READER]["deleted"] = True
    with pytest.raises(Refused) as error:
        await slack.send_direct_message(TEAM, READER, Card("A digest failed"))
    assert error.value.scope is RefusalScope.PART
    server.here.users[READER]["deleted"] = False
    await slack.send_direct_message(TEAM, READER, Card("A digest failed"))
    assert server.here.text("D0001") == "A digest failed"


@pytest.mark.parametrize("mood", ["lost", "dropped", "500", "503", "internal_error"])
async def test_an_answer_that_got_lost_is_in_doubt(
    server: Server, slack: Slack, mood: str
) -> None:
    server.pick_fault = lambda method: mood if method == "chat.postMessage" else ""
    with pytest.raises(Unknown):
        await slack.post(HERE, outgoing(slack, "k1"))
    assert server.asked["chat.postMessage"] == 1
    server.pick_fault = lambda _method: ""
    found = await slack.find(HERE, "k1", AGES)
    assert (mood == "lost") == isinstance(found, MessageFound)


async def test_slack_is_asked_again_when_it_wants(server: Server, slack: Slack) -> None:
    server.pick_fault = lambda method: "429" if method == "chat.postMessage" else ""
    with pytest.raises(TryLater) as error:
        await slack.post(HERE, outgoing(slack, "k1"))
    assert error.value.retry_after == timedelta(seconds=1)
    server.pick_fault = lambda method: (
        "service_unavailable" if method == "chat.postMessage" else ""
    )
    with pytest.raises(TryLater):
        await slack.post(HERE, outgoing(slack, "k1"))
    assert server.messages == {}


@pytest.mark.parametrize(
    "code", ["channel_not_found", "is_archived", "not_in_channel", "restricted_action"]
)
async def test_a_closed_channel_is_refused(server: Server, slack: Slack, code: str) -> None:
    server.pick_fault = lambda method: code if method == "chat.postMessage" else ""
    with pytest.raises(Refused) as error:
        await slack.post(HERE, outgoing(slack, "k1"))
    assert error.value.scope is RefusalScope.CHANNEL


@pytest.mark.parametrize("code", ["token_revoked", "invalid_auth", "account_inactive"])
async def test_a_refused_token_is_not_tried_again(server: Server, slack: Slack, code: str) -> None:
    server.pick_fault = lambda _method: code
    for _ in range(3):
        with pytest.raises(Refused) as error:
            await slack.post(HERE, outgoing(slack, "k1"))
        assert error.value.scope is RefusalScope.ACCOUNT
        assert "PAPERBOY_SLACK_BOT_TOKEN" in error.value.reason
    assert server.asked.total() == 1


async def test_a_message_that_slack_does_not_take_concerns_itself_alone(
    server: Server, slack: Slack
) -> None:
    with pytest.raises(Refused) as error:
        await slack.post(HERE, OutgoingMessage({"text": "x" * 40_001, "blocks": []}, ""))
    assert error.value.scope is RefusalScope.PART
    assert "msg_too_long" in error.value.reason


@pytest.mark.parametrize(
    ("code", "kind", "scope"),
    [
        ("token_revoked", Refused, RefusalScope.WORKSPACE),
        ("missing_scope", Refused, RefusalScope.WORKSPACE),
        ("is_archived", Refused, RefusalScope.CHANNEL),
        ("invalid_blocks", Refused, RefusalScope.PART),
        ("org_login_required", TryLater, None),
        ("fatal_error", Unknown, None),
    ],
)
def test_where_many_workspaces_are_served_one_that_left_concerns_itself_alone(
    code: str, kind: type[Exception], scope: RefusalScope | None
) -> None:
    found = to_exception(ErrorResponse(200, code), is_repeatable=False, has_single_token=False)
    assert isinstance(found, kind)
    assert getattr(found, "scope", None) is scope


async def test_nothing_is_sent_when_its_time_is_over(server: Server, slack: Slack) -> None:
    over = asyncio.get_running_loop().time() - 1
    with pytest.raises(TryLater):
        await slack._api.write("chat.postMessage", TEAM, {}, until=over)  # noqa: SLF001 - post does, after a look-up that took long
    assert server.asked.total() == 0


async def test_what_is_frozen_between_the_headers_and_the_body_sends_nothing_later(
    server: Server, slack: Slack
) -> None:
    until = asyncio.get_running_loop().time() + 0.5

    def freeze() -> None:
        stand_still_past(until)

    with pytest.raises(Unknown):
        await slack.post(HERE, outgoing(slack, "k1", until=until, on_sent=freeze))
    second = await slack.post(HERE, outgoing(slack, "k2"))  # what was sent before is there too
    assert [each["ts"] for each in server.messages[CHANNEL]] == [second.id]


async def test_a_read_is_asked_again_and_then_later(server: Server, slack: Slack) -> None:
    ref = await slack.post(HERE, outgoing(slack, "k1"))
    busy = iter(["503"])
    server.pick_fault = lambda method: next(busy, "") if "history" in method else ""
    assert await slack.find(HERE, "k1", AGES) == MessageFound(ref)
    server.pick_fault = lambda method: "503" if "history" in method else ""
    with pytest.raises(TryLater):
        await slack.find(HERE, "k1", AGES)


async def test_a_read_waits_for_as_long_as_slack_wants(server: Server, slack: Slack) -> None:
    ref = await slack.post(HERE, outgoing(slack, "k1"))
    busy = iter(["429"])
    server.pick_fault = lambda method: next(busy, "") if "history" in method else ""
    assert await slack.find(HERE, "k1", AGES) == MessageFound(ref)
    assert server.asked["conversations.history"] == 2


async def test_what_cannot_be_reached_is_tried_later(server: Server) -> None:
    nowhere = platform(server, api_url="http://127.0.0.1:9")
    with pytest.raises(TryLater):
        await nowhere.post(HERE, OutgoingMessage({"text": "", "blocks": []}, ""))
    await nowhere.close()


async def test_what_is_missing_in_a_channel_is_named(server: Server, slack: Slack) -> None:
    assert await slack.check_channel(HERE) == ()
    server.here.channels[CHANNEL]["is_member"] = False
    assert "/invite" in (await slack.check_channel(HERE))[0]
    server.here.add_channel("D0001", "", is_channel=False, is_im=True, user=READER)
    assert await slack.check_channel(Target("slack", TEAM, "D0001")) == ()
    server.here.channels[OTHER]["is_archived"] = True
    assert "archived" in (await slack.check_channel(THERE))[0]
    assert "workspace T0001" in (await slack.check_channel(Target("slack", "T9", CHANNEL)))[0]
    assert "gone" in (await slack.check_channel(Target("slack", TEAM, "C404")))[0]


async def test_wrong_tokens_scopes_and_clocks_are_named(server: Server, slack: Slack) -> None:
    assert await slack.diagnose() == ()
    server.here.scopes -= {"groups:history"}
    assert "groups:history is missing" in (await slack.diagnose())[0]
    server.here.scopes |= {"groups:history"}
    server.clock_skew = timedelta(hours=-1)
    assert "ahead of Slack's" in (await slack.diagnose())[0]
    for token, said in (("xoxb-wrong", "PAPERBOY_SLACK_BOT_TOKEN"), ("xapp-1", "swapped")):
        wrong = platform(server, bot_token=token)
        assert said in (await wrong.diagnose())[0]
        await wrong.close()
    assert BOT_TOKEN not in str(await slack.diagnose())
