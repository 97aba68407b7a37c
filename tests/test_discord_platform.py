"""Discord over real sockets: what is posted, found again, answered, registered and refused."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.discord import render
from adapters.discord.gateway.command_registration import build_definitions
from adapters.discord.http.route import Route
from adapters.discord.platform import Discord
from adapters.discord.render.command_mentions import mention_commands
from bot.commands.context import Context
from bot.commands.service import command_service
from bot.lib.backoff import BackoffPolicy
from bot.model.access import Audience
from bot.model.card import Card, Paragraph, Run
from bot.model.channels import Target
from bot.model.subscriptions import Layout
from bot.ports.errors import RefusalScope, Refused, TryLater, Unknown
from bot.ports.platform import MessageAbsent, MessageFound, OutgoingMessage
from config import catalogues
from tests import discord_rules, samples
from tests.discord_bot import (
    command,
    find_control,
    is_private,
    option,
    platform,
    run_service,
    strict_server,
    visible_text,
)
from tests.discord_server import CHANNEL, FORUM, GUILD, OTHER_GUILD, Server

HERE, POSTS = Target("discord", GUILD, CHANNEL), Target("discord", GUILD, FORUM)
AGES = datetime(2020, 1, 1, tzinfo=UTC)
ROBOTICS = {"tags": ("robotics",), "creatable_tags": ("robotics",)}


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with strict_server() as running:
        yield running


@pytest.fixture
async def discord(server: Server) -> AsyncIterator[Discord]:
    found = platform(server)
    yield found
    await found.close()


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue()])
    return replace(context, platforms=frozenset({"discord"}), series=("dair",))


def outgoing(discord: Discord, key: str, **more: Any) -> OutgoingMessage:
    card = Card("1. Ring Attention", blocks=(Paragraph((Run("Long texts."),)),))
    return OutgoingMessage(discord.render(card)[0], key, title=card.title, **more)


async def test_a_message_is_posted_once_and_found_by_its_key(
    server: Server, discord: Discord
) -> None:
    ref = await discord.post(HERE, outgoing(discord, "k1", mention="55"))
    again = await discord.post(HERE, outgoing(discord, "k1", mention="55"))
    assert (again.id, len(server.messages[CHANNEL])) == (ref.id, 1)
    assert ref.url == f"https://discord.com/channels/{GUILD}/{CHANNEL}/{ref.id}"
    (message,) = server.messages[CHANNEL]
    assert message["allowed_mentions"] == {"parse": [], "roles": ["55"]}
    assert await discord.find(HERE, "k1", AGES) == MessageFound(ref)
    assert await discord.find(HERE, "k2", AGES) is MessageAbsent.ABSENT
    later = datetime.now(UTC) + timedelta(hours=1)
    assert await discord.find(HERE, "k1", later) is MessageAbsent.ABSENT


async def test_a_thread_is_opened_once_and_what_stands_in_it_is_found(
    server: Server, discord: Discord
) -> None:
    root = await discord.post(HERE, outgoing(discord, "k1"))
    title = "A title " * 30
    thread = await discord.open_thread(root, title)
    assert await discord.open_thread(root, title) == thread
    assert len(server.threads[thread.thread]["name"]) <= 100
    inside = await discord.post(HERE, outgoing(discord, "k2", thread=thread.thread))
    assert await discord.find(HERE, "k2", AGES) == MessageFound(
        replace(inside, thread=thread.thread)
    )
    server.threads[thread.thread]["thread_metadata"]["archived"] = True
    assert isinstance(await discord.find(HERE, "k2", AGES), MessageFound)


async def test_a_forum_gets_posts_with_the_tags_it_has(server: Server, discord: Discord) -> None:
    tags = ("llm", "long-context", "unknown")
    ref = await discord.post(POSTS, outgoing(discord, "k1", tags=tags))
    assert server.threads[ref.thread]["applied_tags"] == ["301", "302"]
    assert server.threads[ref.thread]["name"] == "1. Ring Attention"
    assert await discord.find(POSTS, "k1", AGES) == MessageFound(ref)
    await discord.pin(ref, pinned=True)
    assert server.threads[ref.thread]["flags"] == 2


async def test_tags_that_may_not_be_made_are_tried_again_after_a_while(
    server: Server, discord: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = f"PATCH /channels/{FORUM}"
    for key in ("k1", "k2"):
        await discord.post(POSTS, outgoing(discord, key, **ROBOTICS))
    assert server.asked[made] == 1
    server.may_make_tags = True
    monkeypatch.setattr(asyncio.get_running_loop(), "time", _an_hour_later())
    await discord.post(POSTS, outgoing(discord, "k3", **ROBOTICS))
    assert server.asked[made] == 2
    newest = server.threads[max(server.threads, key=int)]
    assert len(newest["applied_tags"]) == 1


async def test_the_tags_of_a_forums_admins_stay_as_they_are_when_one_is_created(
    server: Server, discord: Discord
) -> None:
    server.may_make_tags = True
    await discord.post(POSTS, outgoing(discord, "k1", tags=("llm",)))
    tags = server.channels[FORUM]["available_tags"]
    tags[0] |= {"moderated": True, "emoji_name": "🤖"}
    tags.append(
        {"id": "303", "name": "ours", "moderated": False, "emoji_id": "9", "emoji_name": None}
    )
    kept = [dict(each) for each in tags]
    await discord.post(POSTS, outgoing(discord, "k2", **ROBOTICS))
    now = server.channels[FORUM]["available_tags"]
    assert now[:3] == kept
    assert [each["name"] for each in now[3:]] == ["robotics"]


async def test_only_the_tags_that_may_be_created_are_and_half_of_the_places_stay_free(
    server: Server, discord: Discord
) -> None:
    server.may_make_tags = True
    tags = tuple(f"tag {number}" for number in range(30))
    await discord.post(POSTS, outgoing(discord, "k1", tags=tags))
    assert len(server.channels[FORUM]["available_tags"]) == 2
    await discord.post(POSTS, outgoing(discord, "k2", tags=tags, creatable_tags=tags))
    assert len(server.channels[FORUM]["available_tags"]) == 2 + (20 - 2) // 2


async def test_a_post_goes_on_without_the_tags_that_vanished(
    server: Server, discord: Discord
) -> None:
    await discord.post(POSTS, outgoing(discord, "k1", tags=("llm", "long-context")))
    del server.channels[FORUM]["available_tags"][0]
    ref = await discord.post(POSTS, outgoing(discord, "k2", tags=("llm", "long-context")))
    assert server.threads[ref.thread]["applied_tags"] == ["302"]


async def test_a_tag_that_vanishes_while_another_is_created_costs_no_post(
    server: Server, discord: Discord
) -> None:
    server.may_make_tags = True
    body = json.dumps({"code": 10087, "message": "Unknown tag"})
    server.replace = lambda method, _path: (
        (400, "application/json", body, {}) if method == "PATCH" else None
    )
    assert (await discord.post(POSTS, outgoing(discord, "k1", **ROBOTICS))).id
    server.replace = None
    ref = await discord.post(POSTS, outgoing(discord, "k2", **ROBOTICS))
    assert len(server.threads[ref.thread]["applied_tags"]) == 1


async def test_a_post_needs_no_look_up_of_its_channel(server: Server, discord: Discord) -> None:
    ref = await discord.post(HERE, outgoing(discord, "k1"))
    await discord.post(HERE, outgoing(discord, "k2"))
    assert ref.url.endswith(f"/{GUILD}/{CHANNEL}/{ref.id}")
    assert set(server.asked) == {f"POST /channels/{CHANNEL}/messages"}


FOREIGN = [
    (403, "text/html", "<html>Access denied</html>", {}),
    (401, "text/html", "<html>Log in</html>", {}),
    (400, "text/html", "<html>Bad request</html>", {}),
    (404, "text/plain", "not here", {}),
    (407, "text/html", "<html>Proxy</html>", {}),
    (302, "text/html", "", {"Location": "http://login.example/"}),
    (403, "application/json", '{"error": "blocked"}', {}),
    (401, "application/json", '{"code": 401, "message": "proxy"}', {}),
    (403, "application/json", '["blocked"]', {}),
    (403, "application/json", '{"code": ', {}),
    (403, "application/json", '{"code": 40333, "message": "internal network error"}', {}),
    (400, "application/json", '{"code": 130000, "message": "overloaded"}', {}),
    (429, "text/html", "<html>1015</html>", {}),
    (429, "text/html", "", {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}),
    (429, "application/json", '{"message": "limited"}', {"Retry-After": "nan"}),
]


@pytest.mark.parametrize("foreign", FOREIGN)
async def test_what_stands_between_is_not_taken_for_discord(
    server: Server, discord: Discord, foreign: tuple[int, str, str, dict[str, str]]
) -> None:
    server.replace = lambda _method, _path: foreign
    for _ in range(2):
        with pytest.raises(TryLater) as error:
            await discord.post(HERE, outgoing(discord, "k1"))
        assert error.value.retry_after is None
    with pytest.raises(TryLater):
        await discord.find(HERE, "k1", AGES)
    assert any(await discord.diagnose())
    server.replace = None
    assert (await discord.post(HERE, outgoing(discord, "k1"))).id


@pytest.mark.parametrize(
    ("kind", "body"),
    [("text/html", "<html>Welcome to our network</html>"), ("application/json", '{"id": '),
     ("application/json", "[]"), ("application/json", '{"status": "fine"}')],
)  # fmt: skip
async def test_a_success_that_is_not_discords_leaves_a_post_in_doubt(
    server: Server, discord: Discord, kind: str, body: str
) -> None:
    server.replace = lambda _method, _path: (200, kind, body, {})
    with pytest.raises(Unknown):
        await discord.post(HERE, outgoing(discord, "k1"))
    with pytest.raises(TryLater):
        await discord.find(HERE, "k1", AGES)
    assert any(await discord.diagnose())


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


@pytest.mark.parametrize("code", [50001, 50013, 160005])
async def test_what_a_thread_refuses_concerns_its_part_alone(
    server: Server, discord: Discord, code: int
) -> None:
    root = await discord.post(HERE, outgoing(discord, "k1"))
    body = json.dumps({"code": code, "message": "no"})
    server.replace = lambda _method, _path: (403, "application/json", body, {})
    for asked in (
        discord.open_thread(root, "A title"),
        discord.post(HERE, outgoing(discord, "k2", thread="77")),
    ):
        with pytest.raises(Refused) as error:
            await asked
        assert error.value.scope is RefusalScope.PART


async def test_a_message_that_is_silent_notifies_no_one(server: Server, discord: Discord) -> None:
    await discord.post(HERE, outgoing(discord, "k1"))
    await discord.post(HERE, outgoing(discord, "k2", is_silent=True))
    loud, silent = (message["flags"] & 1 << 12 for message in server.messages[CHANNEL])
    assert (loud, bool(silent)) == (0, True)


async def test_a_channel_of_another_server_is_refused_where_it_was_typed(
    server: Server, discord: Discord
) -> None:
    elsewhere = replace(HERE, workspace="666")
    with pytest.raises(Refused, match="another server") as error:
        await discord.post(elsewhere, outgoing(discord, "k1", checks_workspace=True))
    assert error.value.scope is RefusalScope.PART
    assert (await discord.post(HERE, outgoing(discord, "k1", checks_workspace=True))).id


async def test_a_word_that_is_no_role_mentions_no_one(server: Server, discord: Discord) -> None:
    await discord.post(HERE, outgoing(discord, "k1", mention="Readers"))
    (message,) = server.messages[CHANNEL]
    assert message["allowed_mentions"] == {"parse": []}
    assert "@" not in server.text(CHANNEL)


def _an_hour_later() -> Callable[[], float]:
    return lambda: time.monotonic() + 3601


async def test_editing_and_pinning(server: Server, discord: Discord) -> None:
    ref = await discord.post(HERE, outgoing(discord, "k1"))
    (changed,) = discord.render(Card("Another title"))
    await discord.edit(ref, replace(outgoing(discord, "k1"), payload=changed))
    assert server.keys(CHANNEL) == ["## Another title"]
    assert await discord.find(HERE, "k1", AGES) == MessageFound(ref)
    await discord.pin(ref, pinned=True)
    assert server.pinned == {ref.id}
    await discord.pin(ref, pinned=False)
    assert server.pinned == set()


async def test_a_direct_message(server: Server, discord: Discord) -> None:
    await discord.send_direct_message(GUILD, "500", Card("A digest failed"))
    assert server.keys("7500") == ["## A digest failed"]


@pytest.mark.parametrize(
    ("mood", "kind"),
    [("lost", Unknown), ("dropped", Unknown), ("500", Unknown), ("503", Unknown)],
)
async def test_an_answer_that_got_lost_is_in_doubt(
    server: Server, discord: Discord, mood: str, kind: type[Exception]
) -> None:
    server.pick_fault = lambda method, path: (
        mood if (method, path[-8:]) == ("POST", "messages") else ""
    )
    with pytest.raises(kind):
        await discord.post(HERE, outgoing(discord, "k1"))
    server.pick_fault = lambda _method, _path: ""
    found = await discord.find(HERE, "k1", AGES)
    assert (mood == "lost") == isinstance(found, MessageFound)


async def test_a_question_that_is_too_old_says_nothing_of_the_account(
    server: Server, discord: Discord
) -> None:
    server.pick_fault = lambda _method, path: "401" if path.startswith("/webhooks") else ""
    with pytest.raises(Refused) as error:
        await discord._rest.write(Route("POST", "/webhooks/{main}", "900/old"), {})  # noqa: SLF001 - no answer is ever that late here
    assert error.value.scope is RefusalScope.PART
    server.pick_fault = lambda _method, _path: ""
    assert (await discord.post(HERE, outgoing(discord, "k1"))).id


async def test_nothing_is_sent_when_its_time_is_over(server: Server, discord: Discord) -> None:
    route = Route("POST", "/channels/{main}/messages", CHANNEL)
    over = asyncio.get_running_loop().time() - 1
    with pytest.raises(TryLater):
        await discord._rest.write(route, {}, until=over)  # noqa: SLF001 - post does, after a look-up that took long
    assert server.asked.total() == 0


async def test_all_routes_together_take_turns(server: Server, discord: Discord) -> None:
    clock = asyncio.get_running_loop().time
    begun = clock()
    await asyncio.gather(*(discord.check_channel(HERE) for _ in range(20)))
    assert server.asked.total() == 120
    # A slow machine takes longer, and none may be faster; test_discord_rate_limits tells the rest.
    assert clock() - begun > 119 / 50


async def test_refusals_have_their_scope_and_are_not_repeated(
    server: Server, discord: Discord
) -> None:
    gone = Target("discord", GUILD, "999")
    with pytest.raises(Refused) as error:
        await discord.post(gone, outgoing(discord, "k1"))
    assert error.value.scope is RefusalScope.CHANNEL
    server.pick_fault = lambda method, _path: "401" if method == "POST" else ""
    for _ in range(3):
        with pytest.raises(Refused) as error:
            await discord.post(HERE, outgoing(discord, "k1"))
        assert error.value.scope is RefusalScope.ACCOUNT
        assert "PAPERBOY_DISCORD_TOKEN" in error.value.reason
    assert server.refused[401] == 1


async def test_what_cannot_be_reached_is_tried_later(server: Server) -> None:
    nowhere = platform(server, api_url="http://127.0.0.1:9")
    with pytest.raises(TryLater):
        await nowhere.post(HERE, outgoing(nowhere, "k"))
    await nowhere.close()


async def test_what_is_missing_in_a_channel_is_named(server: Server, discord: Discord) -> None:
    missing = " ".join(await discord.check_channel(HERE))
    assert "Create Public Threads" in missing
    assert "View Channel" not in missing
    server.roles[0]["permissions"] = str(309237730304)
    assert await discord.check_channel(HERE) == ()
    server.channels[CHANNEL]["permission_overwrites"] = [
        {"id": GUILD, "type": 0, "allow": "0", "deny": str(1 << 11)}
    ]
    (sentence,) = await discord.check_channel(HERE)
    assert "Send Messages;" in sentence


async def test_what_is_missing_in_a_forum_is_named(server: Server, discord: Discord) -> None:
    server.roles[0]["permissions"] = str(1 << 3)
    assert await discord.check_channel(POSTS) == ()
    server.channels[FORUM]["flags"] = 1 << 4
    assert "tag on every post" in (await discord.check_channel(POSTS))[0]
    server.channels[FORUM] |= {"flags": 0, "available_tags": []}
    assert "add some" in (await discord.check_channel(POSTS))[0]


async def test_what_a_server_did_not_allow_is_named(server: Server, discord: Discord) -> None:
    server.roles[0]["permissions"] = str(1 << 3)
    server.has_commands = False
    (sentence,) = await discord.check_channel(HERE)
    assert "paperboy invite" in sentence
    (sentence,) = await discord.check_channel(Target("discord", "101", CHANNEL))
    assert "of the server 100" in sentence
    (sentence,) = await discord.check_channel(Target("discord", GUILD, "404"))
    assert "channel is gone" in sentence


async def test_a_wrong_clock_and_a_wrong_token_are_named(server: Server, discord: Discord) -> None:
    assert await discord.diagnose() == ()
    server.clock_skew = timedelta(hours=-1)
    (sentence,) = await discord.diagnose()
    assert "ahead of Discord's" in sentence
    wrong = platform(server, token="wrong")  # noqa: S106 - it is
    (sentence,) = await wrong.diagnose()
    assert "PAPERBOY_DISCORD_TOKEN" in sentence
    await wrong.close()


async def test_commands_are_registered_only_where_they_differ(
    server: Server, context: Context
) -> None:
    for _ in range(2):
        async with run_service(server, context):
            pass
    assert server.asked["PUT /applications/900/commands"] == 1
    assert server.commands[0]["name_localizations"] == {"ko": "논문"}
    names = {each["name"] for each in server.commands}
    assert {each["name"]: each["name_localizations"] for each in server.commands}["cite"] == {
        "ko": "인용"
    }
    assert names >= {"paper", "cite", "week", "tag", "find", "help", "digest", "Find this paper"}


def test_settings_with_few_values_are_native_choices_in_both_languages() -> None:
    (digest,) = [each for each in build_definitions(catalogues.load()) if each["name"] == "digest"]
    (subscribe,) = [each for each in digest["options"] if each["name"] == "subscribe"]
    choices = {each["name"]: each.get("choices") for each in subscribe["options"]}
    assert [each["value"] for each in choices["layout"]] == ["overview", "threads", "forum"]
    assert [each["name_localizations"]["ko"] for each in choices["language"]] == [
        "한국어", "영어", "한국어와 영어",
    ]  # fmt: skip
    assert choices["absence"]
    assert not [each for each in subscribe["options"] if {"choices", "autocomplete"} <= set(each)]


async def test_a_citation_is_a_block_of_code_for_the_asker_alone(
    server: Server, context: Context
) -> None:
    async with run_service(server, context):
        cited = await server.interact(2, command("cite", option("name", "ringattention")))
        choices = await server.interact(
            4, command("cite", option("name", "ring", focused=True)), locale="ko"
        )
    assert is_private(cited)
    assert "```bibtex\n@misc{" in visible_text(cited)
    assert visible_text(cited).count("```") == 2
    assert "링 어텐션" in choices["data"]["choices"][0]["name"]


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


async def test_commands_are_answered_in_the_language_of_the_asker(
    server: Server, context: Context
) -> None:
    async with run_service(server, context):
        english = await server.interact(2, command("paper", option("name", "ringattention")))
        korean = await server.interact(
            2, command("week", option("day", "2023-10-09")), locale="ko"
        )
        tags = await server.interact(2, command("tag", option("name", "llm")))
        nothing = await server.interact(2, command("paper", option("name", "xyzzy")))
        help_ = await server.interact(2, command("help"))
    assert "Ring Attention" in visible_text(english)
    assert not is_private(english)
    assert "10월" in visible_text(korean)
    assert is_private(tags)
    assert is_private(nothing)
    assert "No paper is called" in visible_text(nothing)
    assert "/paper" in visible_text(help_)


def _typed(name: str, value: str) -> dict[str, Any]:
    """Return what is told while an option of a digest is typed."""
    part = {"name": "subscribe", "type": 1, "options": [option(name, value, focused=True)]}
    return command("digest", part)


async def test_what_is_typed_is_completed(server: Server, context: Context) -> None:
    async with run_service(server, context):
        answer = await server.interact(4, command("paper", option("name", "ring", focused=True)))
        seoul = await server.interact(4, _typed("zone", "seoul"), locale="ko")
        friday = await server.interact(4, _typed("day", "금"), locale="ko")
        layouts = await server.interact(4, _typed("layout", ""))
    assert answer["type"] == 8
    assert "Ring Attention" in answer["data"]["choices"][0]["name"]
    assert seoul["data"]["choices"] == [{"name": "Asia/Seoul (서울)", "value": "Asia/Seoul"}]
    assert friday["data"]["choices"] == [{"name": "금요일", "value": "friday"}]
    assert [each["value"] for each in layouts["data"]["choices"]] == [
        "overview", "threads", "forum",
    ]  # fmt: skip


async def test_controls_work_after_a_restart_and_answers_can_be_shared(
    server: Server, context: Context
) -> None:
    async with run_service(server, context):
        week = await server.interact(2, command("week", option("day", "2023-10-09")))
    menu = next(c for c in discord_rules.components(week["data"]) if c["type"] == 3)
    chosen = {"custom_id": menu["custom_id"], "component_type": 3}
    async with run_service(server, context):
        paper = await server.interact(3, chosen | {"values": [menu["options"][0]["value"]]})
        assert is_private(paper)
        share = {"custom_id": find_control(paper, "everyone"), "component_type": 2}
        shared = await server.interact(3, share)
        gone = await server.interact(3, {"custom_id": "paper id:9999", "component_type": 2})
    assert visible_text(shared) == visible_text(paper)
    assert not is_private(shared)
    assert is_private(gone)


async def test_a_message_is_searched_for_its_paper(server: Server, context: Context) -> None:
    text = "Has anybody read\nRing Attention\nhttps://example.org/nothing yet?"
    said = {"id": "8", "content": text, "embeds": []}
    data = {
        "id": "1", "name": "Find this paper", "type": 3, "target_id": "8",
        "resolved": {"messages": {"8": said}},
    }  # fmt: skip
    async with run_service(server, context):
        answer = await server.interact(2, data)
    assert "Ring Attention" in visible_text(answer)
    assert is_private(answer)


async def test_a_channel_has_answers_for_everyone_or_for_the_asker_alone(
    server: Server, context: Context
) -> None:
    name = f"discord:{GUILD}/{CHANNEL}"
    quiet = replace(context, audience=Audience(channels={name: frozenset({"help"})}))
    async with run_service(server, quiet):
        here = await server.interact(2, command("paper", option("name", "ringattention")))
        help_ = await server.interact(2, command("help"))
        forum = server.channels[FORUM]
        there = await server.interact(
            2, command("paper", option("name", "ringattention")), channel=forum
        )
    assert is_private(here)
    assert not is_private(help_)
    assert not is_private(there)


async def test_what_was_announced_to_everyone_and_found_nothing_is_for_the_asker_alone(
    server: Server, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.discord.gateway.interactions._PATIENCE", 0)
    async with run_service(server, context):
        announced = [
            await server.interact(2, each)
            for each in (
                command("paper", option("name", "ringattention")),
                command("paper", option("name", "xyzzy")),
                command("tag", option("name", "llm")),
            )
        ]
        found, nothing, tag = [await server.settled(each) for each in announced]
    assert [each["type"] for each in announced] == [5, 5, 5]
    assert [is_private(each) for each in announced] == [False, False, True]
    assert [is_private(each) for each in (found, nothing, tag)] == [False, True, True]
    assert server.deleted == {announced[1]["token"]}
    assert "Ring Attention" in visible_text(found)
    assert "No paper is called" in visible_text(nothing)


async def test_a_digest_is_managed_by_those_who_may(server: Server, context: Context) -> None:
    wishes = [option("day", "monday"), option("time", "09:00"), option("zone", "Asia/Seoul")]
    subscribe = command("digest", {"name": "subscribe", "type": 1, "options": wishes})
    async with run_service(server, context):
        refused = await server.interact(2, subscribe)
        assert await context.ledger.subscriptions() == ()
        done = await server.interact(2, subscribe, roles=["77"])
        settings = command("digest", {"name": "settings", "type": 1, "options": []})
        form = await server.interact(2, settings, rights=str(1 << 4))
        answers = [{"type": 18, "component": {"type": 4, "custom_id": "day", "value": "friday"}}]
        sent = {"custom_id": form["data"]["custom_id"], "components": answers}
        changed = await server.interact(5, sent, rights=str(1 << 4))
    assert is_private(refused)
    assert "every Monday at 09:00" in visible_text(done)
    assert form["type"] == 9
    assert "options of /digest settings" in form["data"]["components"][-1]["description"]
    assert "every Friday at 09:00" in visible_text(changed)
    (kept,) = await context.ledger.subscriptions()
    assert kept.target == HERE
    assert kept.subscriber == "500"


async def test_a_digest_is_not_subscribed_where_it_could_not_be_posted(
    server: Server, context: Context
) -> None:
    def wish(layout: str) -> dict[str, Any]:
        options = [option("layout", layout)]
        return command("digest", {"name": "subscribe", "type": 1, "options": options})

    rights = str(1 << 4)
    async with run_service(server, context):
        forum = await server.interact(2, wish("forum"), rights=rights)
        place = server.channels[FORUM]
        threads = await server.interact(2, wish("threads"), rights=rights, channel=place)
        mute = await server.interact(2, wish("overview"), rights=rights, app_permissions="1024")
        assert await context.ledger.subscriptions() == ()
        await server.interact(2, wish("threads"), rights=rights)
        (kept,) = await context.ledger.subscriptions()
    assert "choose one of: overview, threads" in visible_text(forum)
    assert "choose one of: forum" in visible_text(threads)
    assert "Send Messages" in visible_text(mute)
    assert kept.layout is Layout.THREADS


async def test_help_and_hints_have_commands_that_open_with_a_click(
    server: Server, context: Context
) -> None:
    async with run_service(server, context):
        help_ = await server.interact(2, command("help"))
        status = command("digest", {"name": "status", "type": 1, "options": []})
        hint = await server.settled(await server.interact(2, status))
    ids = {each["name"]: each["id"] for each in server.commands}
    assert f"</paper:{ids['paper']}> `NAME`" in str(help_)
    assert f"</about:{ids['about']}>" in str(help_)
    assert f"</digest subscribe:{ids['digest']}>" in str(hint)
    assert f"</digest:{ids['digest']}>" not in str(help_)  # it opens nothing by itself


def test_what_others_write_becomes_no_command() -> None:
    written = "`/paper x` \\`/paper y\\` ``/paper z`` ```\n`/paper q`\n```"
    (message,) = render.messages(Card("t", blocks=(Paragraph((Run(written),)),)))
    assert "</" not in str(mention_commands(message, {"paper": "1"}))


async def test_a_forum_gets_the_layout_forum_by_itself(server: Server, context: Context) -> None:
    subscribe = command("digest", {"name": "subscribe", "type": 1, "options": []})
    async with run_service(server, context):
        place = server.channels[FORUM]
        await server.settled(
            await server.interact(2, subscribe, rights=str(1 << 4), channel=place)
        )
    (kept,) = await context.ledger.subscriptions()
    assert kept.layout is Layout.FORUM


async def test_what_keeps_a_digest_from_its_channel_is_said_at_subscribing(
    server: Server, context: Context
) -> None:
    subscribe = command("digest", {"name": "subscribe", "type": 1, "options": []})
    async with run_service(server, context):
        lacking = await server.settled(await server.interact(2, subscribe, rights=str(1 << 4)))
        server.roles[0]["permissions"] = str(309237730304)
        able = await server.settled(await server.interact(2, subscribe, rights=str(1 << 4)))
    assert "Missing in this channel" in visible_text(lacking)
    assert "Create Public Threads" in visible_text(lacking)
    assert "Missing in this channel" not in visible_text(able)


async def test_roles_and_channels_are_picked_and_an_option_empties_them(
    server: Server, context: Context
) -> None:
    def wish(*options: dict[str, Any]) -> dict[str, Any]:
        return command("digest", {"name": "subscribe", "type": 1, "options": list(options)})

    role = {"name": "mention", "type": 8, "value": "1234567890123456789"}
    everyone = {"name": "mention", "type": 8, "value": GUILD}
    rights = str(1 << 4)
    async with run_service(server, context):
        refused = await server.interact(2, wish(everyone), rights=rights)
        await server.interact(2, wish(role), rights=rights)
        (picked,) = await context.ledger.subscriptions()
        await server.interact(2, wish(option("clear", "mention")), rights=rights)
        (emptied,) = await context.ledger.subscriptions()
    assert "Nothing was changed" in visible_text(refused)
    assert picked.mention == "1234567890123456789"
    assert emptied.mention == ""
    (digest,) = [each for each in server.commands if each["name"] == "digest"]
    (subscribe,) = [each for each in digest["options"] if each["name"] == "subscribe"]
    kinds = {each["name"]: each["type"] for each in subscribe["options"]}
    assert (kinds["mention"], kinds["admin"], kinds["day"]) == (8, 7, 3)
    (clear,) = [each for each in subscribe["options"] if each["name"] == "clear"]
    assert [each["value"] for each in clear["choices"]] == ["mention", "admin"]


async def test_a_channel_is_managed_by_a_member_of_its_own_server_with_the_right(
    server: Server, discord: Discord
) -> None:
    post, manage = (1 << 10) | (1 << 11), 1 << 4
    server.roles = [
        {"id": GUILD, "permissions": str(post)}, {"id": "55", "permissions": str(manage)},
    ]  # fmt: skip
    server.member_roles = {"2": ["55"], "3": ["77"]}
    owner, member, manager, trusted = "1", "4", "2", "3"
    here = [await discord.may_manage(HERE, each) for each in (owner, member, manager, trusted)]
    assert here == [True, False, True, True]
    assert not await discord.may_manage(replace(HERE, workspace="999"), manager)
    server.channels[CHANNEL]["permission_overwrites"] = [
        {"id": "900", "type": 1, "allow": "0", "deny": str(1 << 11)}
    ]
    assert not await discord.may_manage(HERE, manager)


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
