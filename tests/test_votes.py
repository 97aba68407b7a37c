"""Votes for the favourite of a week: one for each person, counted in secret."""

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from bot.commands.context import Context
from bot.commands.service import command_service
from bot.model.card import Button, Card
from bot.model.channels import Person, Target
from bot.model.discussions import Community
from bot.ports.conversation import Reply, Request
from storage.store import ArchiveStore
from tests import discord_bot, discord_rules, samples, slack_bot, slack_rules
from tests.discord_bot import command, find_control, is_private, option, visible_text
from tests.fast_delivery import wait_until_sent
from tests.slack_user import SlackUser
from tests.slack_workspace import ADMIN, CHANNEL, TEAM
from tests.waiting import GUARD

HERE = Target("discord", "100", "200")


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue()])
    return replace(context, platforms=frozenset({"discord", "slack"}), series=("dair",))


async def ask(context: Context, name: str, words: str, who: str, place: Target = HERE) -> Reply:
    service = command_service(context)
    return await service.answer(Request(name, words, Person("discord", who, "en"), place))


async def numbers(context: Context) -> dict[str, int]:
    """Return the ids of the papers by their nicknames."""
    return {
        paper.nickname or paper.titles["en"]: paper.id
        for paper in await context.archive.papers_after(0, 9)
    }


async def test_two_clicks_of_one_person_at_once_are_one_vote(context: Context) -> None:
    paper = (await numbers(context))["FireAct"]
    await asyncio.gather(*(ask(context, "vote", f"id:{paper}/en", "1") for _ in range(5)))
    assert await context.ledger.votes(Community((HERE,))) == {paper: 1}


async def test_people_vote_at_once_and_each_counts(context: Context) -> None:
    paper = (await numbers(context))["FireAct"]
    await asyncio.gather(*(ask(context, "vote", f"id:{paper}/en", str(n)) for n in range(20)))
    assert await context.ledger.votes(Community((HERE,))) == {paper: 20}


async def test_a_vote_is_moved_and_withdrawn(context: Context) -> None:
    known = await numbers(context)
    first, second = known["FireAct"], known["UniSim"]
    await ask(context, "vote", f"id:{first}/en", "1")
    moved = await ask(context, "vote", f"id:{second}/en", "1")
    assert await context.ledger.votes(Community((HERE,))) == {second: 1}
    assert "It was for “FireAct" in str(moved.content)
    assert moved.is_private
    # An old message's button takes nothing from the paper that has the vote now.
    await ask(context, "unvote", f"id:{first}/en", "1")
    assert await context.ledger.votes(Community((HERE,))) == {second: 1}
    await ask(context, "unvote", f"id:{second}/en", "1")
    assert await context.ledger.votes(Community((HERE,))) == {}


async def test_the_favourite_stands_in_the_week(context: Context) -> None:
    known = await numbers(context)
    for who, name in (("1", "FireAct"), ("2", "FireAct"), ("3", "UniSim")):
        await ask(context, "vote", f"id:{known[name]}/en", who)
    week = (await ask(context, "week", "latest", "9")).content
    paper = (await ask(context, "week", "latest", "9", replace(HERE, channel="9"))).content
    assert "Favourite of the week: FireAct: Toward Language Agent Fine-tuning (2 votes)" in str(
        week
    )
    assert "Favourite of the week" not in str(paper)


async def test_in_direct_messages_there_are_no_votes(context: Context) -> None:
    paper = (await numbers(context))["FireAct"]
    reply = await ask(context, "vote", f"id:{paper}/en", "1", Target("discord", "", "7"))
    assert reply.is_refused
    stale = await ask(context, "vote", "id:99999/en", "1")
    assert stale.is_private


async def test_of_who_voted_only_a_hash_is_stored(context: Context) -> None:
    paper = (await numbers(context))["FireAct"]
    person = "123456789012345678"
    await ask(context, "vote", f"id:{paper}/en", person)
    assert isinstance(context.archive, ArchiveStore)
    with closing(sqlite3.connect(context.archive.path)) as connection:
        rows = connection.execute("SELECT * FROM votes").fetchall()
    assert len(rows) == 1
    assert person not in str(rows)


async def test_on_discord_everyone_sees_the_count_and_no_one_the_voters(context: Context) -> None:
    async with discord_bot.strict_server() as server, discord_bot.run_bot(server, context):
        shown = await server.interact(2, command("paper", option("name", "ring attention")))
        data = {"custom_id": find_control(shown, "Favourite"), "component_type": 2}
        voted = await server.interact(3, data)
        again = await server.interact(2, command("paper", option("name", "ring attention")))
        week = await server.interact(2, command("week"))
        taken = {"custom_id": find_control(voted, "Withdraw"), "component_type": 2}
        withdrawn = await server.interact(3, taken)
    assert is_private(voted)
    assert "1 vote" in visible_text(voted)
    assert find_control(again, "Favourite (1)")
    assert "500" not in json.dumps(again["data"]["components"])
    assert "(1 vote)" in visible_text(week)
    assert "0 votes" in visible_text(withdrawn)


async def test_on_slack_a_vote_is_given_by_a_button(context: Context) -> None:
    async with slack_bot.strict_server() as server, slack_bot.run_bot(server, context):
        user = SlackUser(server, server.sockets)
        await user.slash("/paper ring attention")
        (shown,) = server.here.roots(CHANNEL)
        element = next(each for each in slack_rules.elements(shown) if each["action_id"] == "vote")
        answer = await user.wait_for_answer(await user.click(dict(element), message=shown))
        week = json.dumps(await user.slash("/week"))
    assert answer["response_type"] == "ephemeral"
    assert "1 vote" in json.dumps(answer)
    assert "(1 vote)" in week


async def wait_for_votes(context: Context, place: Target, *votes: int) -> None:
    """Return once papers have so many votes, the favourite first."""
    async with asyncio.timeout(GUARD):
        while True:
            found = await context.ledger.votes(Community((place,)))
            if tuple(found.values()) == votes:
                return
            await asyncio.sleep(0.02)


async def test_on_discord_reactions_and_buttons_are_one_vote_together(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.commands.reactions._PAUSE_SECONDS", 0.02)
    async with discord_bot.strict_server() as server, discord_bot.run_bot(server, context):
        for part in ({"name": "subscribe", "options": [option("layout", "threads")]},
                     {"name": "now", "options": []}):  # fmt: skip
            await server.interact(2, command("digest", {"type": 1, **part}), rights=str(1 << 4))
        await wait_until_sent(context)
        _, first, second, _ = server.messages["200"]
        await server.react("200", first["id"], "👍🏽", "1")
        await server.react("200", first["id"], "❤️", "2")
        await server.react("200", first["id"], "👎", "3")
        await server.react("200", "12345", "👍", "4")
        for _ in range(3):  # told again
            await server.react("200", first["id"], "🔥", "2")
        await wait_for_votes(context, HERE, 2)
        press = {"custom_id": find_control({"data": second}, "Favourite"), "component_type": 2}
        await server.interact(3, press, user={"id": "1"}, member={"user": {"id": "1"}})
        await wait_for_votes(context, HERE, 1, 1)
        await server.react(
            "200", first["id"], "👍🏽", "1", is_added=False
        )  # it has no vote any more
        await server.react("200", first["id"], "❤️", "2", is_added=False)
        await wait_for_votes(context, HERE, 1)


async def test_on_slack_reactions_are_votes_too(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.commands.reactions._PAUSE_SECONDS", 0.02)
    place = Target("slack", TEAM, CHANNEL)
    async with slack_bot.strict_server() as server, slack_bot.run_bot(server, context):
        user = SlackUser(server, server.sockets)
        for words in ("subscribe language=en layout=threads", "now", "settings layout=overview"):
            await user.slash(f"/digest {words}", user=ADMIN)
        await wait_until_sent(context)
        _, first, *_ = server.here.roots(CHANNEL)
        for name in ("+1::skin-tone-3", "eyes", "tada"):
            await user.react(first["ts"], name)
        await wait_for_votes(context, place, 1)
        await user.react(first["ts"], "tada", is_added=False)
        await wait_for_votes(context, place)


async def test_the_button_of_a_vote_stands_first_under_a_paper(context: Context) -> None:
    card = (await ask(context, "paper", "FireAct", "1", Target("console", "", ""))).content
    assert isinstance(card, Card)
    assert not [c for c in card.controls if isinstance(c, Button) and c.action.name == "vote"]


async def test_an_overview_has_a_menu_for_the_favourite(context: Context) -> None:
    async with discord_bot.strict_server() as server, discord_bot.run_bot(server, context):
        for name in ("subscribe", "now"):
            part: dict[str, Any] = {"type": 1, "name": name, "options": []}
            await server.interact(2, command("digest", part), rights=str(1 << 4))
        await wait_until_sent(context)
        (overview,) = server.messages["200"]
        menus = [each for each in discord_rules.components(overview) if each["type"] == 3]
        menu = next(each for each in menus if each["custom_id"] == "vote")
        data = {
            "custom_id": "vote", "component_type": 3, "values": [menu["options"][1]["value"]],
        }  # fmt: skip
        voted = await server.interact(3, data)
    assert menu["placeholder"] == "Your favourite of the week"
    assert is_private(voted)
    assert "1 vote" in visible_text(voted)
