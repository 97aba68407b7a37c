"""Posted messages tell how many votes their papers have, a few minutes after people voted."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.commands.context import Context
from bot.model.channels import Target
from bot.model.discussions import Ballot, Community
from bot.model.subscriptions import Layout
from bot.model.weeks import Week
from bot.ports.archive import SeriesPreference
from tests import discord_bot, discord_rules, samples, slack_bot, slack_rules
from tests.discord_bot import command, find_control, option
from tests.fast_delivery import wait_until_sent
from tests.slack_user import SlackUser
from tests.slack_workspace import ADMIN, CHANNEL
from tests.test_message_edits import Play, World, play
from tests.waiting import wait_until

__all__ = ["play"]

ON_BOTH_DATABASES = "long"

WEEK = Week(2023, 41)
HERE, THERE = Target("fake", "", "papers"), Target("fake", "", "other")


async def vote(world: World, who: str, key: str = "RING", *, places: tuple[Target, ...]) -> None:
    """Vote in the first of these channels, which are a community."""
    paper = (await papers(world))[key]
    ballot = Ballot(places[0], Community(places), who, paper, "dair", WEEK)
    await world.ledger.vote(ballot, world.clock.now())


async def withdraw(world: World, who: str) -> None:
    paper = (await papers(world))["RING"]
    ballot = Ballot(HERE, Community((HERE,)), who, paper, "dair", WEEK)
    await world.ledger.withdraw_vote(ballot, world.clock.now())


async def papers(world: World) -> dict[str, int]:
    wanted = SeriesPreference(only="dair")
    found = (await world.archive.find_issue(WEEK, samples.MONDAY, wanted)).issue
    assert found
    names = {samples.RING.key: "RING", samples.FIREACT.key: "FIREACT"}
    return {names.get(each.paper.key, ""): each.paper.id for each in found.entries}


async def later(world: World, minutes: int) -> None:
    """Let a bot begin so many minutes later, and run for a while."""
    world.clock.wall_offset += timedelta(minutes=minutes)
    await world.passes(30)


def labels(world: World) -> list[str]:
    """Return the buttons to vote with, in the order of the messages."""
    lines = (text.splitlines() for text in world.platform.shown().values())
    return [line for each in lines for line in each if line.startswith("Favourite")]


def test_votes_of_some_minutes_are_told_by_one_edit_in_all_channels(play: Play) -> None:
    async def scene(world: World) -> None:
        world.places = (HERE, THERE)
        await world.owes("papers", layout=Layout.THREADS)
        await world.owes("other", layout=Layout.THREADS)
        await world.owes("elsewhere", layout=Layout.THREADS)
        await world.passes()
        await vote(world, "1", places=world.places)
        await later(world, minutes=8)
        for who in "2345":
            await vote(world, who, places=world.places)
        assert not world.platform.edits()
        await later(world, minutes=3)
        assert sorted(world.platform.edits().values()) == [1, 1]
        assert labels(world).count("Favourite (5)") == 2
        assert "Edited on" not in "".join(world.platform.shown().values())
        await later(world, minutes=60)
        assert world.platform.edits().total() == 2

    play(scene)


def test_a_vote_that_moves_or_is_withdrawn_is_told_too(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.owes(layout=Layout.THREADS)
        await world.passes()
        await vote(world, "1", places=(HERE,))
        await later(world, minutes=11)
        await vote(world, "1", "FIREACT", places=(HERE,))
        await vote(world, "2", places=(HERE,))
        await later(world, minutes=11)
        assert labels(world) == ["Favourite (1)", "Favourite", "Favourite (1)"]
        await withdraw(world, "2")
        await withdraw(world, "3")  # it has none
        await later(world, minutes=11)
        assert labels(world) == ["Favourite", "Favourite", "Favourite (1)"]
        edits = world.platform.edits().total()
        # Back to what is shown before it is told.
        await vote(world, "9", places=(HERE,))
        await withdraw(world, "9")
        await later(world, minutes=11)
        assert world.platform.edits().total() == edits

    play(scene)


def test_a_correction_does_not_wait_for_votes_and_keeps_its_day(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.owes(layout=Layout.THREADS)
        await world.passes()
        await vote(world, "1", places=(HERE,))
        await world.correct()
        await world.passes()
        assert labels(world) == ["Favourite (1)", "Favourite", "Favourite"]
        assert "put right" in "".join(world.platform.shown().values())
        day = world.clock.now().date()
        world.clock.wall_offset += timedelta(days=3)
        await vote(world, "2", places=(HERE,))
        await later(world, minutes=11)
        assert labels(world)[0] == "Favourite (2)"
        noted = [text for text in world.platform.shown().values() if "Edited on" in text]
        assert len(noted) == 2, "the overview and the paper"
        assert all(f"Edited on {day:%B} {day.day}" in text for text in noted)

    play(scene)


def test_a_bot_that_did_not_run_tells_the_votes_later(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.owes(layout=Layout.THREADS)
        await world.passes()
        await vote(world, "1", places=(HERE,))
        await later(world, minutes=300)
        assert labels(world)[0] == "Favourite (1)"
        assert world.platform.edits().total() == 1

    play(scene)


@pytest.fixture
async def stocked(context: Context, monkeypatch: pytest.MonkeyPatch) -> Context:
    """Return a library with the sample week, whose votes are told at once."""
    monkeypatch.setattr("storage.deliveries.message_edits._VOTES_AFTER", timedelta())
    await context.archive.save([samples.issue()])
    return replace(context, platforms=frozenset({"discord", "slack"}), series=("dair",))


@pytest.mark.sqlite
async def test_on_discord_the_button_and_the_menu_tell_the_votes(stocked: Context) -> None:
    def is_told() -> bool:
        (overview,) = (each for each in server.messages["200"] if each["id"] == number)
        menus = [each for each in discord_rules.components(overview) if each["type"] == 3]
        return "1 vote · 2023-W41" in str(menus)

    async with discord_bot.strict_server() as server, discord_bot.run_bot(server, stocked):
        for name in ("subscribe", "now"):
            part: dict[str, Any] = {"type": 1, "name": name, "options": []}
            await server.interact(2, command("digest", part), rights=str(1 << 4))
        number = (await wait_until_sent(stocked))[0].id
        shown = await server.interact(2, command("paper", option("name", "ring attention")))
        press = {"custom_id": find_control(shown, "Favourite"), "component_type": 2}
        await server.interact(3, press)
        await wait_until(is_told)


@pytest.mark.sqlite
async def test_on_slack_the_button_tells_the_votes(stocked: Context) -> None:
    async with slack_bot.strict_server() as server, slack_bot.run_bot(server, stocked):
        user = SlackUser(server, server.sockets)
        for words in ("subscribe language=en layout=threads", "now"):
            await user.slash(f"/digest {words}", user=ADMIN)
        await wait_until_sent(stocked)
        _, first, *_ = server.here.roots(CHANNEL)
        element = next(each for each in slack_rules.elements(first) if each["action_id"] == "vote")
        await user.wait_for_answer(await user.click(dict(element), message=first))
        await wait_until(lambda: "Favourite (1)" in str(server.here.roots(CHANNEL)[1]))
