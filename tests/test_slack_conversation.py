"""Slack as members use it: commands, mentions, controls, forms, the shortcut, the App Home."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from adapters.slack import limits, places
from adapters.slack.events import payloads
from bot.cards.fit import utf16_length
from bot.commands.context import Context
from bot.lib.cache import CallCache, DuplicateFilter
from bot.model.access import Audience
from bot.ports.errors import TryLater
from tests import samples, slack_rules
from tests.slack_bot import strict_server
from tests.slack_server import Server
from tests.slack_user import SlackUser, connect_user, find_control, is_private, visible_text
from tests.slack_workspace import ADMIN, BOT_USER, CHANNEL, OTHER, READER, TEAM, Workspace

pytestmark = pytest.mark.slow


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with strict_server() as running:
        running.here.per_second = 10_000
        yield running


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue()])
    return replace(context, platforms=frozenset({"slack"}), series=("dair",))


@pytest.fixture(params=["socket", "http"])
async def talk(
    server: Server, context: Context, request: pytest.FixtureRequest
) -> AsyncIterator[SlackUser]:
    async with connect_user(server, context, request.param) as found:
        yield found


async def test_commands_are_answered_in_the_language_of_the_asker(talk: SlackUser) -> None:
    english = await talk.slash("/paper ringattention")
    assert "Ring Attention" in visible_text(english)
    assert not is_private(english)
    talk.server.here.users[ADMIN]["locale"] = "ko-KR"
    korean = await talk.slash("/week 2023-10-09", user=ADMIN)
    assert "10월" in visible_text(korean)
    assert is_private(await talk.slash("/tag llm"))
    nothing = await talk.slash("/paper xyzzy")
    assert is_private(nothing)
    assert "No paper is called" in visible_text(nothing)
    for command in ("paper", "tag", "find", "week", "papre", "digest", "digest subscribe"):
        assert (
            utf16_length(visible_text(await talk.slash(f"/{command} {'x' * 3000}", user=ADMIN)))
            < 500
        )
    assert "long context" in visible_text(await talk.slash("/find long context")).casefold()
    help_ = visible_text(await talk.slash("/paperboy-help"))
    assert "/paper NAME" in help_
    assert "/paperboy-about" in help_
    assert "Paperboy" in visible_text(await talk.slash("/paperboy-about"))


async def test_a_channel_has_answers_for_everyone_or_for_the_asker_alone(
    server: Server, context: Context
) -> None:
    quiet = Audience(channels={f"slack:{TEAM}/{CHANNEL}": frozenset({"help"})})
    async with connect_user(server, replace(context, audience=quiet), "socket") as talk:
        assert is_private(await talk.slash("/paper ringattention"))
        assert not is_private(await talk.slash("/paperboy-help"))
        assert not is_private(await talk.slash("/paper ringattention", channel=OTHER))


async def test_commands_bear_the_prefix_of_the_operator(server: Server, context: Context) -> None:
    async with connect_user(server, context, "socket", command_prefix="pb-") as talk:
        assert "Ring Attention" in visible_text(await talk.slash("/pb-paper ringattention"))
        help_ = visible_text(await talk.slash("/pb-help"))
        assert "/pb-paper NAME" in help_
        assert "/paper" not in help_
        said = visible_text(await talk.slash("/pb-digest pause"))
        assert "/pb-digest status is open" in said
        assert "/pb-tag lists" in visible_text(await talk.slash("/pb-find xyzzy"))
        assert "/pb-digest subscribe" in visible_text(await talk.slash("/pb-digest"))


async def test_an_unknown_command_is_told(talk: SlackUser) -> None:
    assert "There is no command" in visible_text(await talk.slash("/papre ring"))


async def test_a_mention_is_answered_in_its_thread(talk: SlackUser) -> None:
    here = talk.server.here
    asked = await talk.mention("paper ringattention")
    await talk.server.wait_until(lambda: bool(here.replies(CHANNEL, asked)))
    (answer,) = here.replies(CHANNEL, asked)
    assert "Ring Attention" in visible_text(answer)
    await talk.event({
        "type": "app_mention", "user": READER, "ts": asked, "channel": CHANNEL, "team": "T0OTHER",
        "text": "Look, <@U0002>: <@U0BOT|paperboy> week 2023-10-09",
    })  # fmt: skip
    await talk.server.wait_until(lambda: "Oct 9" in visible_text(here.replies(CHANNEL, asked)[-1]))
    inside = await talk.mention("논문 <https://arxiv.org/abs/2310.01889|ring>", thread=asked)
    await talk.server.wait_until(lambda: len(here.replies(CHANNEL, asked)) > 3)
    last = here.replies(CHANNEL, asked)[-1]
    assert inside != last["ts"]
    assert "Ring Attention" in visible_text(last)


async def test_a_mention_is_read_as_people_write_it(talk: SlackUser) -> None:
    here = talk.server.here
    for words in ("paper\nringattention", ", Paper: ringattention", "paper\xa0ringattention"):
        asked = await talk.mention(words)
        await talk.server.wait_until(partial(_is_answered, here, asked))
        assert "Ring Attention" in visible_text(here.replies(CHANNEL, asked)[0])


def _is_answered(here: Workspace, asked: str) -> bool:
    return bool(here.replies(CHANNEL, asked))


async def test_a_bot_that_mentions_it_is_not_answered(
    talk: SlackUser, caplog: pytest.LogCaptureFixture
) -> None:
    here = talk.server.here
    asked = here.say(CHANNEL, "A feed")
    said = {"type": "app_mention", "ts": asked, "channel": CHANNEL, "team": TEAM, "bot_id": "B9",
            "text": f"<@{BOT_USER}> paper ringattention"}  # fmt: skip
    await talk.event(said | {"subtype": "bot_message"})
    await talk.event(said | {"user": "U0BOT9"})
    later = await talk.mention("paper ringattention")
    await talk.server.wait_until(lambda: bool(here.replies(CHANNEL, later)))
    assert here.replies(CHANNEL, asked) == []
    assert not [each for each in caplog.records if each.exc_info]


async def test_what_is_for_the_asker_alone_is_so_in_a_mention_too(talk: SlackUser) -> None:
    here = talk.server.here
    await talk.mention("tag llm")
    await talk.server.wait_until(lambda: bool(here.ephemeral))
    assert here.ephemeral[-1]["user"] == READER
    assert "thread_ts" not in here.ephemeral[-1]
    root = here.roots(CHANNEL)[0]["ts"]
    await talk.mention("xyzzy", thread=root)
    await talk.server.wait_until(lambda: len(here.ephemeral) > 1)
    assert here.ephemeral[-1]["thread_ts"] == root
    assert "No paper is called" in visible_text(here.ephemeral[-1])


async def test_a_direct_message_is_answered_there(talk: SlackUser) -> None:
    here = talk.server.here
    here.add_channel("D0001", "", is_channel=False, is_im=True, user=READER)
    for words, said in (("week 2023-10-09", "Ring Attention"), ("", "/paper"), ("tag llm", "llm")):
        before = len(here.messages.get("D0001", []))
        await talk.direct_message(words)
        await talk.server.wait_until(partial(_has_more, here, before + 1))
        assert said in visible_text(here.messages["D0001"][-1])
    await talk.direct_message("paper ring", bot_id="B9")
    await talk.direct_message("paper ring", subtype="message_changed")
    await talk.direct_message("help")
    await talk.server.wait_until(
        lambda: "What Paperboy answers" in visible_text(here.messages["D0001"][-1])
    )
    assert sum("bot_id" in each for each in here.messages["D0001"]) == 4


async def test_what_two_people_write_each_other_is_no_place_of_the_bots(talk: SlackUser) -> None:
    talk.server.here.add_channel("D0001", "", is_channel=False, is_im=True, user=READER)
    assert not is_private(await talk.slash("/tag llm", channel="D0001"))
    assert is_private(await talk.slash("/tag llm", channel="D0009"))
    assert not is_private(await talk.slash("/paper ringattention", channel="D0009"))
    subscribed = await talk.slash("/digest subscribe monday 09:00 Asia/Seoul", channel="D0001")
    assert "Paperboy lacks" not in visible_text(subscribed)


def _has_more(here: Workspace, count: int) -> bool:
    return len(here.messages["D0001"]) > count


async def test_controls_work_after_a_restart_and_answers_can_be_shared(
    server: Server, context: Context
) -> None:
    async with connect_user(server, context, "socket") as talk:
        week = await talk.slash("/week 2023-10-09")
    menu = next(dict(each) for each in slack_rules.elements(week) if "select" in each["type"])
    async with connect_user(server, context, "http") as talk:
        paper = await talk.wait_for_answer(await talk.click(menu, menu["options"][0]["value"]))
        assert is_private(paper)
        assert not paper["replace_original"]
        url = await talk.click(find_control(paper, "everyone"), is_ephemeral=True)
        everyone = await talk.wait_for_answer(url)
        assert not is_private(everyone)
        assert not everyone["replace_original"]
        assert visible_text(everyone) == visible_text(paper)
        gone = {"type": "button", "action_id": "paper", "value": "id:9999"}
        assert "no longer" in visible_text(await talk.wait_for_answer(await talk.click(gone)))


async def test_an_answer_that_one_sees_alone_is_turned_to_what_is_asked_on_it(
    talk: SlackUser,
) -> None:
    paper = await talk.slash("/paper ringattention")
    abstract = find_control(paper, "Abstract")
    first = await talk.wait_for_answer(await talk.click(abstract))
    assert is_private(first)
    again = await talk.wait_for_answer(await talk.click(abstract, is_ephemeral=True))
    assert again["replace_original"]
    thread = talk.server.here.say(CHANNEL, "A thread")
    inside = await talk.wait_for_answer(await talk.click(abstract, thread=thread))
    assert inside["thread_ts"] == thread


async def test_a_link_is_followed_in_silence(talk: SlackUser) -> None:
    paper = await talk.slash("/paper ringattention")
    url = await talk.click(next(dict(e) for e in slack_rules.elements(paper) if "url" in e))
    assert "Ring Attention" in visible_text(await talk.slash("/paper ringattention"))
    assert talk.server.responded(url) == []


async def test_a_message_is_searched_for_its_paper(talk: SlackUser) -> None:
    text = "Has anybody read\nRing Attention\n&lt;nothing&gt; <https://example.org/nothing|yet>?"
    answer = await talk.wait_for_answer(await talk.shortcut({"ts": "1.1", "text": text}))
    assert "Ring Attention" in visible_text(answer)
    assert is_private(answer)
    preview = {"title": "Ring Attention", "title_link": "https://arxiv.org/abs/2310.01889"}
    url = await talk.shortcut({"ts": "1.1", "text": "", "attachments": [preview]})
    assert "Ring Attention" in visible_text(await talk.wait_for_answer(url))


async def test_the_home_has_the_week_the_digests_and_a_search(talk: SlackUser) -> None:
    here = talk.server.here
    here.add_channel("D0001", "", is_channel=False, is_im=True, user=READER)
    await talk.slash("/digest subscribe friday 09:00 Asia/Seoul", channel="D0001")
    await talk.slash("/digest subscribe monday 09:00 Asia/Seoul", user=ADMIN)
    opened = {"type": "app_home_opened", "user": READER, "channel": "D0001", "tab": "home"}
    await talk.event(opened)
    await talk.server.wait_until(lambda: READER in here.homes)
    home = here.homes[READER] | {"id": "VH1"}
    assert "Ring Attention" in visible_text(home)
    assert f"<#{CHANNEL}>" in visible_text(home)
    assert "every Monday at 09:00" in visible_text(home)
    assert "every Friday" not in visible_text(home)
    search = next(e for e in slack_rules.elements(home) if e["type"] == "external_select")
    offered = await talk.type_ahead(search["action_id"], "ring", view=home)
    assert "Ring Attention" in offered[0]["text"]["text"]
    (asked,) = await talk.type_ahead(search["action_id"], "ring atention", view=home)
    for value in (offered[0]["value"], asked["value"]):
        before = len(here.views)
        await talk.click(dict(search), value, view=home)
        assert "Ring Attention" in visible_text(await talk.view(before))
    before, modal = len(here.views), here.views[-1]
    await talk.click(find_control(modal, "Abstract"), view=modal)
    await talk.view(before)
    assert here.views[-1]["id"] == modal["id"]


async def test_a_view_that_opens_too_late_is_sent_directly(talk: SlackUser) -> None:
    here = talk.server.here
    await talk.event({"type": "app_home_opened", "user": READER, "tab": "home"})
    await talk.server.wait_until(lambda: READER in here.homes)
    home = here.homes[READER] | {"id": "VH1"}
    talk.server.pick_fault = lambda method: "expired_trigger_id" if method == "views.open" else ""
    search = next(dict(e) for e in slack_rules.elements(home) if e["type"] == "external_select")
    await talk.click(search, "ringattention", view=home)
    await talk.server.wait_until(lambda: "Ring Attention" in here.text("D0001"))
    answer = await talk.slash("/digest", user=ADMIN)
    assert "Open the form" in find_control(answer, "Open")["text"]["text"]
    talk.server.pick_fault = lambda _method: ""
    before = len(here.views)
    await talk.click(find_control(answer, "Open"), user=ADMIN)
    assert (await talk.view(before))["callback_id"] == "form"


async def test_a_form_subscribes_a_channel(talk: SlackUser, context: Context) -> None:
    view = await talk.form("/digest", user=ADMIN)
    assert utf16_length(view["private_metadata"]) <= limits.PRIVATE_METADATA
    zones = await talk.type_ahead("zone", "berl", view=view)
    assert [each["value"] for each in zones] == ["Europe/Berlin"]
    tags = await talk.type_ahead("tag", "lo", view=view)
    ack = await talk.submit(
        view,
        channel={"selected_conversation": OTHER},
        day={"selected_option": {"value": "friday"}},
        zone={"selected_option": zones[0]},
        tags={"selected_options": tags[:1]},
    )
    assert ack["response_action"] == "update"
    assert "every Friday at 09:00 (Europe/Berlin)" in visible_text(ack["view"])
    slack_rules.check_view(ack["view"])
    (kept,) = await context.ledger.subscriptions()
    assert (kept.target.channel, kept.tags, kept.subscriber) == (OTHER, ("long-context",), ADMIN)
    again = await talk.form("/digest", user=ADMIN, channel=OTHER)
    await talk.submit(again, tags={"selected_options": []})
    (kept,) = await context.ledger.subscriptions()
    assert kept.tags == ()


def test_a_guest_in_a_shared_channel_asks_where_the_bot_was_let_in() -> None:
    form = places.dump_private_metadata(places.Origin(TEAM, READER, CHANNEL))
    view = {"id": "V9", "private_metadata": form, "app_installed_team_id": TEAM}
    guest = {"team": {"id": "T9"}, "user": {"id": "U9", "team_id": "T9"}, "view": view}
    assert payloads.interaction_origin(guest) == places.Origin(TEAM, "U9", CHANNEL)


async def test_a_form_that_is_refused_stays_beneath_what_is_said_of_it(talk: SlackUser) -> None:
    view = await talk.form("/digest", user=ADMIN)
    ack = await talk.submit(view | {"user": READER}, time={"selected_time": "18:30"})
    assert ack["response_action"] == "push"
    assert "may manage" in visible_text(ack["view"])
    ack = await talk.submit(view, time={"selected_time": "18:30"})
    assert ack["response_action"] == "update"
    assert "at 18:30" in visible_text(ack["view"])


async def test_a_digest_is_managed_by_those_who_may(server: Server, context: Context) -> None:
    words = "/digest subscribe monday 09:00 Asia/Seoul"
    async with connect_user(server, context, "socket", managers=("U0BOSS",)) as talk:
        assert "may manage" in visible_text(await talk.slash(words))
        assert await context.ledger.subscriptions() == ()
        assert "no digest" in visible_text(await talk.slash("/digest"))
        server.here.add_channel("C0009", "mine", creator=READER)
        assert "every Monday" in visible_text(await talk.slash(words, channel="C0009"))
        server.here.users["U0BOSS"] = server.here.users[READER] | {"id": "U0BOSS"}
        assert "every Monday" in visible_text(await talk.slash(words, user="U0BOSS"))
        assert "every Monday" in visible_text(await talk.slash("/digest status"))
        view = await talk.form("/digest", channel="C0009")
        ack = await talk.submit(view | {"user": READER}, channel={"selected_conversation": OTHER})
        assert "may manage" in visible_text(ack["view"])


async def test_whoever_subscribes_where_the_bot_is_not_is_told_to_invite_it(
    talk: SlackUser,
) -> None:
    talk.server.here.channels[CHANNEL]["is_member"] = False
    words = "/digest subscribe monday 09:00 Asia/Seoul"
    assert "/invite @paperboy" in visible_text(await talk.slash(words, user=ADMIN))


async def test_a_form_that_is_asked_for_in_a_mention_is_a_click_away(talk: SlackUser) -> None:
    here = talk.server.here
    here.users[READER]["is_admin"] = True
    await talk.mention("digest subscribe monday 09:00 Asia/Seoul")
    await talk.server.wait_until(lambda: bool(here.ephemeral))
    await talk.mention("digest settings")
    await talk.server.wait_until(lambda: len(here.ephemeral) > 1)
    before = len(here.views)
    await talk.click(find_control(here.ephemeral[-1], "Open"), is_ephemeral=True)
    assert "Asia/Seoul" in str(await talk.view(before))


async def test_what_an_address_does_not_take_is_posted(talk: SlackUser) -> None:
    server = talk.server
    url = server.response_url()
    server.responses[url.rpartition("/")[2]].bodies += [{}] * 5
    server.response_url = lambda *_: url  # type: ignore[method-assign]
    await talk.begin("/paper ringattention")
    await server.wait_until(lambda: "Ring Attention" in server.here.text(CHANNEL))
    await talk.begin("/tag llm")
    await server.wait_until(lambda: bool(server.here.ephemeral))
    server.here.channels[CHANNEL]["is_member"] = False
    await talk.begin("/tag llm")
    await server.wait_until(lambda: "llm" in server.here.text("D0001"))


async def test_who_asks_is_found_out_once(talk: SlackUser) -> None:
    for _ in range(3):
        await talk.slash("/paper ringattention")
    assert talk.server.asked["users.info"] == 1


async def test_a_slack_that_does_not_tell_who_asks_is_answered_all_the_same(
    server: Server, context: Context
) -> None:
    server.pick_fault = lambda method: "missing_scope" if method == "users.info" else ""
    async with connect_user(server, replace(context, language="en"), "socket") as talk:
        assert "Ring Attention" in visible_text(await talk.slash("/paper ringattention"))
        assert "did not tell Paperboy" in visible_text(await talk.slash("/digest pause"))


async def test_an_answer_that_fails_is_apologised_for(server: Server, context: Context) -> None:
    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(name)

    broken = replace(context, archive=Broken())
    async with connect_user(server, broken, "socket") as talk:
        answer = await talk.slash("/paper ringattention")
        assert "did not work" in visible_text(answer)
        assert is_private(answer)
        view = {
            "id": "V1", "type": "modal", "blocks": [], "state": {"values": {}},
            "private_metadata": '{"channel": "C0001", "thread": "", "name": "paper", '
            '"argument": "x", "empty": {}}', "callback_id": "form",
        }  # fmt: skip
        ack = await talk.submit(view)
        assert "did not work" in visible_text(ack["view"])
        home = {"id": "VH1", "type": "home", "blocks": []}
        await talk.click({"type": "external_select", "action_id": "paper"}, "x", view=home)
        await server.wait_until(lambda: "did not work" in server.here.text("D0001"))


async def test_a_form_that_takes_long_is_acknowledged_first(
    talk: SlackUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = await talk.form("/digest", user=ADMIN)
    monkeypatch.setattr("adapters.slack.events.interactions._TIMEOUT_SECONDS", 0)
    before = len(talk.server.here.views)
    ack = await talk.submit(view)
    assert "One moment" in str(ack["view"])
    assert "every Monday" in visible_text(await talk.view(before))
    assert await talk.type_ahead("zone", "seoul", view=view) == []


async def test_a_channel_that_is_busy_is_answered_a_little_later(talk: SlackUser) -> None:
    busy = iter(["429"])
    talk.server.pick_fault = lambda method: next(busy, "") if method == "chat.postMessage" else ""
    asked = await talk.mention("paper ringattention")
    await talk.server.wait_until(lambda: bool(talk.server.here.replies(CHANNEL, asked)))


async def test_what_cannot_be_said_is_logged(
    talk: SlackUser, caplog: pytest.LogCaptureFixture
) -> None:
    talk.server.pick_fault = lambda method: "is_archived" if method == "chat.postMessage" else ""
    await talk.mention("paper ringattention")
    await talk.server.wait_until(lambda: "Failed to reply" in caplog.text)
    talk.server.pick_fault = lambda method: "429" if method == "chat.postMessage" else ""
    await talk.mention("paper ringattention")
    await talk.server.wait_until(lambda: caplog.text.count("Failed to reply") > 1)


async def test_an_answer_whose_fate_is_unknown_is_not_said_twice(
    talk: SlackUser, caplog: pytest.LogCaptureFixture
) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()

    lost = await asyncio.start_server(cut, "127.0.0.1", 0)
    port = lost.sockets[0].getsockname()[1]
    async with lost:
        talk.server.response_url = lambda *_: f"http://127.0.0.1:{port}/"  # type: ignore[method-assign]
        await talk.begin("/paper ringattention")
        await talk.server.wait_until(lambda: "Response in doubt" in caplog.text)
    assert talk.server.messages == {}
    await talk.begin("/paper ringattention")  # no server listens there any more
    await talk.server.wait_until(lambda: "Ring Attention" in talk.server.here.text(CHANNEL))


async def test_that_the_workspace_let_the_bot_go_is_told_to_the_operator(
    talk: SlackUser, caplog: pytest.LogCaptureFixture
) -> None:
    await talk.event({"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}})
    assert "Bot token revoked" not in caplog.text
    await talk.event({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0BOT"]}})
    await talk.server.wait_until(lambda: "Bot token revoked" in caplog.text)


async def test_memory_is_bounded() -> None:
    seen, asked = DuplicateFilter(2), list[int]()

    async def ask() -> int:
        asked.append(len(asked))
        if len(asked) == 1:
            raise TryLater(None)
        return len(asked)

    assert [seen.is_duplicate(name) for name in ("a", "b", "a", "c", "a", "", "")] == [
        False, False, True, False, False, False, False,
    ]  # fmt: skip
    kept: CallCache[int] = CallCache(2, 1000)
    with pytest.raises(TryLater):
        await kept.get("a", ask)
    found = await asyncio.gather(*(kept.get("a", ask) for _ in range(3)))
    assert set(found) == {2}
    for name in ("b", "c"):
        await kept.get(name, ask)
    assert await kept.get("a", ask) == 5


def shown_files(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for block in body["blocks"] if block["type"] == "image"]


async def test_a_chart_is_uploaded_and_described(talk: SlackUser) -> None:
    private = await talk.slash("/trend long-context")
    for body in (private, await talk.slash("/trend long-context", channel=OTHER)):
        (picture,) = shown_files(body)
        assert picture["alt_text"].startswith("Trend: #long-context.")
        content = talk.server.here.uploads[picture["slack_file"]["id"]]
        assert content
        assert content.startswith(b"\x89PNG")
        assert "2023-10" in visible_text(body)


@pytest.mark.parametrize(
    ("failing", "fault"),
    [
        ("files.getUploadURLExternal", "missing_scope"),
        ("files.getUploadURLExternal", "403"),
        ("files.completeUploadExternal", "ratelimited"),
        ("files.completeUploadExternal", "dropped"),
    ],
)
async def test_a_chart_that_cannot_be_uploaded_leaves_the_numbers(
    talk: SlackUser, failing: str, fault: str
) -> None:
    talk.server.pick_fault = lambda method: fault if method == failing else ""

    body = await talk.slash("/trend long-context")

    assert not shown_files(body)
    assert "2023-10" in visible_text(body)


async def test_a_chart_that_slack_has_not_read_yet_is_shown_later_or_left_out(
    talk: SlackUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.slack.events.responder._PROCESSING_SECONDS", 0)
    for refusals, is_shown in ((1, True), (9, False)):
        left = refusals

        def refuse(body: Any) -> str:
            nonlocal left
            has_picture = any(block["type"] == "image" for block in body.get("blocks", ()))
            left -= has_picture
            return "invalid_blocks" if has_picture and left >= 0 else ""

        talk.server.pick_response_fault = refuse
        body = await talk.slash("/trend long-context")

        assert bool(shown_files(body)) is is_shown
        assert "2023-10" in visible_text(body)
