"""What the outbox brings to Discord over real sockets: digests, and threads when asked."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.commands.context import Context
from bot.model.access import ThreadPermission
from bot.model.channels import MessageRef
from tests import discord_rules, samples
from tests.discord_bot import (
    command,
    find_control,
    is_private,
    option,
    run_bot,
    strict_server,
    visible_text,
)
from tests.discord_gateway import GUILD
from tests.discord_server import CHANNEL, FORUM, Server
from tests.fast_delivery import wait_until_sent

pytestmark = pytest.mark.slow

DIRECT = "7500"
"""The channel of direct messages with the admin."""
PAPERS = len(samples.issue().entries)
PAPERS_OF_NEXT_WEEK = tuple(
    replace(paper, key=f"arxiv:2310.1234{number}", aliases=(), links=())
    for number, paper in enumerate((samples.FIREACT, samples.UNISIM, samples.RING))
)
"""Others than those of the week before, each of which has its thread."""


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with strict_server() as found:
        yield found


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue()])
    # One person opens several threads here at once; tests/test_thread_rules.py has the cooldown.
    return replace(
        context,
        platforms=frozenset({"discord"}),
        series=("dair",),
        discussion_cooldown=timedelta(),
    )


def press(custom_id: str) -> dict[str, Any]:
    return {"custom_id": custom_id, "component_type": 2}


def links(answer: dict[str, Any]) -> dict[str, str]:
    """Return the addresses of buttons, by their labels."""
    each = discord_rules.components(answer["data"])
    return {c["label"]: c["url"] for c in each if "url" in c and "label" in c}


async def ask_for_digest(server: Server, layout: str) -> None:
    """Let an admin subscribe, and want the newest week now."""
    place = server.channels[FORUM if layout == "forum" else CHANNEL]
    wishes = [option("layout", layout)]
    for each in (
        command("digest", {"name": "subscribe", "type": 1, "options": wishes}),
        command("digest", {"name": "now", "type": 1, "options": []}),
    ):
        await server.interact(2, each, rights=str(1 << 4), channel=place)


async def test_failures_are_told_only_in_a_channel_that_the_admin_manages(
    server: Server, context: Context
) -> None:
    foreign, ours = "123456789012345678", "123456789012345679"
    server.channels[foreign] = {"id": foreign, "type": 0, "guild_id": "666", "name": "theirs"}
    server.channels[ours] = {"id": ours, "type": 0, "guild_id": GUILD, "name": "admins"}
    server.roles[0]["permissions"] = str((1 << 10) | (1 << 11))
    rights = str(1 << 4)

    def wish(channel: str) -> dict[str, Any]:
        picked = {"name": "admin", "type": 7, "value": channel}
        return command("digest", {"name": "subscribe", "type": 1, "options": [picked]})

    async with run_bot(server, context):
        refused = await server.interact(2, wish(foreign), rights=rights)
        without_rights = await server.interact(2, wish(ours), rights=rights)
        assert await context.ledger.subscriptions() == ()
        server.roles[0]["permissions"] = str((1 << 10) | (1 << 11) | (1 << 4))
        await server.interact(2, wish(ours), rights=rights)
        (kept,) = await context.ledger.subscriptions()
    assert "Nothing was changed" in visible_text(refused)
    assert "Nothing was changed" in visible_text(without_rights)
    assert kept.admin_channel == ours


@pytest.mark.parametrize("layout", ["overview", "threads", "forum"])
async def test_a_digest_arrives_whole_and_in_order(
    server: Server, context: Context, layout: str
) -> None:
    faults = iter(["429", "lost", "503", "dropped", "", "500"])
    server.pick_fault = lambda method, path: (
        next(faults, "") if method == "POST" and path.startswith("/channels") else ""
    )
    async with run_bot(server, context):
        await ask_for_digest(server, layout)
        refs = await wait_until_sent(context)
    assert len({ref.id for ref in refs}) == len(refs) == sum(map(len, server.messages.values()))
    assert [int(ref.id) for ref in refs] == sorted(int(ref.id) for ref in refs)
    if layout == "threads":
        assert {ref.thread for ref in refs if ref.thread} == set(server.threads)


async def test_a_long_overview_is_one_post_of_a_forum(server: Server, context: Context) -> None:
    papers = [
        replace(samples.RING, key=f"arxiv:2310.{number:05}", titles={"en": f"Paper {number} " * 9},
                aliases=(), summaries={"en": f"Sentence {number} of a summary " * 5})
        for number in range(15)
    ]  # fmt: skip
    await context.archive.save([samples.issue(papers)])
    async with run_bot(server, context):
        await ask_for_digest(server, "forum")
        refs = await wait_until_sent(context)
    assert len(server.threads) == len(papers) + 1
    assert len(refs) > len(papers) + 1
    for number in range(len(papers)):
        assert server.text(refs[-1].thread).count(f"Sentence {number} of a summary") == 5


async def test_a_forum_shows_the_newest_overview_first(server: Server, context: Context) -> None:
    async with run_bot(server, context):
        await ask_for_digest(server, "forum")
        (first,) = [ref for ref in await wait_until_sent(context) if _is_pinned(server, ref)]
        assert first.thread == max(server.threads, key=int)
        await context.archive.save([samples.issue(PAPERS_OF_NEXT_WEEK, date(2023, 10, 16))])
        await ask_for_digest(server, "forum")
        await server.wait_until(lambda: len(server.threads) == 2 * (PAPERS + 1))
        second = max(server.threads, key=int)
        await server.wait_until(lambda: server.threads[second].get("flags") == 2)
        assert not _is_pinned(server, first)


def _is_pinned(server: Server, ref: MessageRef) -> bool:
    return bool(server.threads[ref.thread].get("flags"))


async def test_a_forum_gets_the_tags_it_lacks_where_that_is_allowed(
    server: Server, context: Context
) -> None:
    server.may_make_tags = True
    async with run_bot(server, context):
        await ask_for_digest(server, "forum")
        await wait_until_sent(context)
    names = {tag["id"]: tag["name"] for tag in server.channels[FORUM]["available_tags"]}
    assert {"LLM", "long context", "robotics"} <= set(names.values())
    posts = [[names[tag] for tag in each["applied_tags"]] for each in server.threads.values()]
    assert "robotics" in posts[1]
    assert "long context" in posts[2]
    assert posts[-1] == []


@pytest.mark.parametrize("layout", ["threads", "forum"])
async def test_one_message_of_a_digest_notifies_and_paper_1_stands_on_top_of_a_forum(
    server: Server, context: Context, layout: str
) -> None:
    async with run_bot(server, context):
        await ask_for_digest(server, layout)
        await wait_until_sent(context)
    every = [message for each in server.messages.values() for message in each]
    loud = [message for message in every if not message["flags"] & 1 << 12]
    assert len(every) > len(loud) == 1
    if layout == "forum":
        newest = sorted(server.threads, key=int, reverse=True)
        assert loud[0]["channel_id"] == newest[0]
        names = [server.threads[each]["name"] for each in newest[1:]]
        assert [name[:2] for name in names] == ["1.", "2.", "3."]


async def test_the_titles_of_a_forums_overview_lead_to_its_posts(
    server: Server, context: Context
) -> None:
    async with run_bot(server, context):
        await ask_for_digest(server, "forum")
        await wait_until_sent(context)
    overview, *posts = sorted(server.threads, key=int, reverse=True)
    said = server.text(overview)
    for number, post in enumerate(posts, 1):
        assert f"**{number}\\. " in said
        assert f"(<https://discord.com/channels/{GUILD}/{post}/{post}>)" in said


async def test_two_who_want_to_talk_at_the_same_moment_get_one_thread(
    server: Server, context: Context
) -> None:
    async with run_bot(server, context):
        paper = await server.interact(2, command("paper", option("name", "ring attention")))
        button = press(find_control(paper, "Discuss"))
        both = [server.interact(3, button), server.interact(3, button)]
        first, second = [await server.settled(each) for each in await asyncio.gather(*both)]
        (thread,) = server.threads
        server.say(thread, "Has anybody tried it?")
        server.say(thread, "Yes.", "501")
        again = await server.interact(2, command("paper", option("name", "ring attention")))
    address = f"https://discord.com/channels/{GUILD}/{thread}/"
    assert [message["id"] for message in server.messages[CHANNEL]] == [thread]
    assert server.threads[thread]["name"] in samples.RING.titles.values()
    assert is_private(first)
    assert links(first)["Discussion"].startswith(address)
    assert links(second)["Discussion"].startswith(address)
    assert links(again)["Discussion (2 replies)"].startswith(address)


async def test_a_thread_opens_with_everything_about_its_paper(
    server: Server, context: Context
) -> None:
    issue = samples.issue()
    entry = issue.entries[0]
    long = " ".join(f"Sentence {number} of a long abstract." for number in range(200))
    paper = replace(entry.paper, abstracts={"en": long, "ko": long.replace("abstract", "초록")})
    await context.archive.save([replace(issue, entries=(replace(entry, paper=paper),))])
    async with run_bot(server, context):
        found = await server.interact(2, command("paper", option("name", "ring attention")))
        await server.settled(await server.interact(3, press(find_control(found, "Discuss"))))
        (thread,) = server.threads
        await server.wait_until(
            lambda: "Sentence 199 of a long abstract." in _in_one_line(server, thread)
        )
    said = _in_one_line(server, thread)
    for number in range(200):
        assert said.count(f"Sentence {number} of a long abstract.") == 1
    lead, rest = paper.summaries["ko"].split(". ")
    assert rest in server.text(thread)
    assert lead in server.text(CHANNEL)


def _in_one_line(server: Server, place: str) -> str:
    """Return all that stands in a place; a sentence may go on in the next message."""
    return " ".join(server.text(place).split())


async def test_a_paper_that_has_a_thread_by_its_digest_gets_no_other(
    server: Server, context: Context
) -> None:
    async with run_bot(server, context):
        await ask_for_digest(server, "threads")
        await wait_until_sent(context)
        found = await server.interact(2, command("paper", option("name", "ring attention")))
    assert len(server.threads) == PAPERS
    assert "Discuss" not in [c.get("label") for c in discord_rules.components(found["data"])]
    thread = links(found)["Discussion"].split("/")[-2]
    assert "Ring Attention" in server.threads[thread]["name"]


async def test_a_channel_that_refuses_is_told_to_who_asked(
    server: Server, context: Context
) -> None:
    async with run_bot(server, context):
        paper = await server.interact(2, command("paper", option("name", "ring attention")))
        button = press(find_control(paper, "Discuss"))
        server.pick_fault = lambda method, path: (
            "403" if method == "POST" and path == f"/channels/{CHANNEL}/messages" else ""
        )
        refused = await server.settled(await server.interact(3, button))
        server.pick_fault = lambda _method, _path: ""
        opened = await server.settled(await server.interact(3, button))
    assert "cannot be opened" in visible_text(refused)
    assert "Discussion" in links(opened)
    assert len(server.threads) == 1


@pytest.mark.parametrize("fault", ["lost", "dropped"])
async def test_a_discussion_of_which_nothing_was_known_is_looked_for_when_it_is_asked_again(
    server: Server, context: Context, fault: str
) -> None:
    path_of_messages = f"/channels/{CHANNEL}/messages"
    async with run_bot(server, context):
        button = press(find_control(await _ask(server), "Discuss"))
        server.pick_fault = lambda method, path: (
            {"POST": fault, "GET": "403"}[method] if path == path_of_messages else ""
        )
        unknown = await _discuss(server, button)
        server.pick_fault = lambda _method, _path: ""
        opened = await _discuss(server, button)
    assert "cannot be opened" in visible_text(unknown)
    assert "Discussion" in links(opened)
    assert len(server.messages[CHANNEL]) == len(server.threads) == 1


@pytest.mark.parametrize("fault", ["403", "404"])
async def test_a_discussion_that_is_refused_leaves_the_channels_digest_alone(
    server: Server, context: Context, fault: str
) -> None:
    async with run_bot(server, context):
        await ask_for_digest(server, "overview")
        await wait_until_sent(context)
        button = press(find_control(await _ask(server), "Discuss"))
        server.pick_fault = lambda method, path: fault if path.endswith("/threads") else ""
        refused = await _discuss(server, button)
        server.pick_fault = lambda method, path: (
            fault if (method, path) == ("POST", f"/channels/{CHANNEL}/messages") else ""
        )
        other = press(find_control(await _ask(server, "FireAct"), "Discuss"))
        also_refused = await _discuss(server, other)
        server.pick_fault = lambda _method, _path: ""
        opened = await _discuss(server, button)
        notices = [key for key in server.messages if key.startswith("7")]
    assert "cannot be opened" in visible_text(refused)
    assert "cannot be opened" in visible_text(also_refused)
    assert "Discussion" in links(opened)
    assert not any(each.is_paused for each in await context.ledger.subscriptions())
    assert notices == []


async def test_where_the_bot_may_open_no_threads_nothing_is_posted(
    server: Server, context: Context
) -> None:
    no_threads = str((1 << 10) | (1 << 11) | (1 << 14) | (1 << 16))
    async with run_bot(server, context):
        button = press(find_control(await _ask(server), "Discuss"))
        refused = await server.interact(3, button, app_permissions=no_threads)
        shown = await server.interact(
            2, command("paper", option("name", "ring attention")), app_permissions=no_threads
        )
    assert "Create Public Threads" in visible_text(refused)
    assert "Discuss" not in [c.get("label") for c in discord_rules.components(shown["data"])]
    assert server.messages.get(CHANNEL, []) == []


async def _ask(server: Server, name: str = "ring attention") -> dict[str, Any]:
    return await server.interact(2, command("paper", option("name", name)))


async def _discuss(server: Server, button: dict[str, Any]) -> dict[str, Any]:
    return await server.settled(await server.interact(3, button))


@pytest.mark.parametrize("by", ["digest", "discuss"])
async def test_a_thread_that_was_deleted_is_linked_no_more_and_opened_anew_once(
    server: Server, context: Context, by: str
) -> None:
    async with run_bot(server, context):
        button = press(find_control(await _ask(server), "Discuss"))
        if by == "digest":
            await ask_for_digest(server, "threads")
            await wait_until_sent(context)
        else:
            await _discuss(server, button)
        (old,) = [key for key, each in server.threads.items() if _is_of_ring(each)]
        await server.wait_until(lambda: "Blocks travel" in server.text(old))
        server.delete_thread(old)
        asked = await _ask(server)
        first, second = await asyncio.gather(_discuss(server, button), _discuss(server, button))
        (new,) = [key for key, each in server.threads.items() if _is_of_ring(each)]
        await server.wait_until(lambda: "Blocks travel" in server.text(new))
        again = await _ask(server)
    assert "Discussion" not in links(asked)
    assert find_control(asked, "Discuss")
    assert new != old
    address = f"https://discord.com/channels/{GUILD}/{new}/"
    for told in (first, second, again):
        assert links(told)["Discussion"].startswith(address)


def _is_of_ring(thread: dict[str, Any]) -> bool:
    return "Ring Attention" in thread["name"] or "링 어텐션" in thread["name"]


async def test_a_thread_that_is_deleted_while_it_opens_stops_nothing_else(
    server: Server, context: Context
) -> None:
    def strike(method: str, path: str) -> str:
        if method == "POST" and path.split("/")[2] in server.threads:
            server.delete_thread(path.split("/")[2])
        return ""

    async with run_bot(server, context):
        ring = press(find_control(await _ask(server), "Discuss"))
        other = press(find_control(await _ask(server, "FireAct"), "Discuss"))
        server.pick_fault = strike
        told = await _discuss(server, ring)
        server.pick_fault = lambda _method, _path: ""
        opened = await _discuss(server, other)
    assert "somebody deleted it" in visible_text(told)
    assert "Discussion" in links(opened)


async def test_a_folded_thread_is_linked_and_a_locked_one_said_to_be_so(
    server: Server, context: Context
) -> None:
    async with run_bot(server, context):
        button = press(find_control(await _ask(server), "Discuss"))
        await _discuss(server, button)
        (thread,) = server.threads
        state = server.threads[thread]["thread_metadata"]
        state["archived"] = True
        folded = await _discuss(server, button)
        state["locked"] = True
        locked = await _discuss(server, button)
    assert "is discussed in its thread" in visible_text(folded)
    assert "locked" in visible_text(locked)
    assert links(folded)["Discussion"] == links(locked)["Discussion"]
    assert len(server.threads) == 1


@pytest.mark.parametrize(("openers", "who"), [("managers", "manages"), ("nobody", "operator")])
async def test_a_setting_decides_who_opens_threads(
    server: Server, context: Context, openers: str, who: str
) -> None:
    async with run_bot(server, replace(context, discussion_permission=ThreadPermission(openers))):
        shown_to_all = await _ask(server)
        refused = await server.interact(3, press("discuss id:1"))
        by_manager = await server.interact(3, press("discuss id:1"), rights=str(1 << 4))
        manager = await server.settled(by_manager)
    assert "Discuss" not in [
        c.get("label") for c in discord_rules.components(shown_to_all["data"])
    ]
    assert is_private(refused)
    assert who in visible_text(refused)
    assert ("Discussion" in links(manager)) == (openers == "managers")


async def test_there_are_no_threads_in_a_direct_message(server: Server, context: Context) -> None:
    alone = {"id": "77", "type": 1}
    async with run_bot(server, context):
        paper = await server.interact(2, command("paper", option("name", "ring attention")))
        button = press(find_control(paper, "Discuss"))
        told = await server.interact(3, button, guild_id=None, channel=alone, channel_id="77")
    assert "no discussions here" in visible_text(told)


async def test_who_subscribed_is_told_which_permissions_a_channel_lacks(
    server: Server, context: Context
) -> None:
    body = json.dumps({"code": 50013, "message": "Missing Permissions"})
    post = ("POST", f"/channels/{CHANNEL}/messages")
    server.replace = lambda method, path: (
        (403, "application/json", body, {}) if (method, path) == post else None
    )
    wishes = [option("language", "ko"), option("time", "09:00")]
    async with run_bot(server, context):
        for name, options in (("subscribe", wishes), ("now", [])):
            part = {"name": name, "type": 1, "options": options}
            await server.interact(2, command("digest", part), rights="16")
        await server.wait_until(lambda: bool(server.text(DIRECT)))
        told = server.text(DIRECT)
    assert f"채널: <#{CHANNEL}>" in told
    assert "필요한 권한이 없습니다: 링크 첨부, 메시지 기록 보기, 공개 스레드 만들기" in told
    assert "Embed Links" not in told
    assert "doctor" not in told
