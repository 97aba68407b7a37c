"""Discord over real sockets: what is posted, found again, edited and refused."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.discord.http.route import Route
from adapters.discord.platform import Discord
from bot.model.card import Card, Paragraph, Run
from bot.model.channels import Target
from bot.ports.errors import RefusalScope, Refused, TryLater, Unknown
from bot.ports.platform import MessageAbsent, MessageFound, OutgoingMessage
from tests.discord_bot import discord, platform, server
from tests.discord_gateway import GUILD
from tests.discord_server import CHANNEL, FORUM, Server
from tests.waiting import stand_still_past

__all__ = ["discord", "server"]

HERE, POSTS = Target("discord", GUILD, CHANNEL), Target("discord", GUILD, FORUM)

AGES = datetime(2020, 1, 1, tzinfo=UTC)

ROBOTICS = {"tags": ("robotics",), "creatable_tags": ("robotics",)}


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


async def test_what_is_frozen_between_the_headers_and_the_body_sends_nothing_later(
    server: Server, discord: Discord
) -> None:
    until = asyncio.get_running_loop().time() + 0.5

    def freeze() -> None:
        stand_still_past(until)

    with pytest.raises(Unknown):
        await discord.post(HERE, outgoing(discord, "k1", until=until, on_sent=freeze))
    await discord.post(HERE, outgoing(discord, "k2"))  # what was sent before has arrived then
    assert await discord.find(HERE, "k1", AGES) is MessageAbsent.ABSENT


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
