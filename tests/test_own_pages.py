"""A page of one's own: in direct messages, in the App Home, as a file, and until it is deleted."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.discord.gateway.command_registration import build_definitions
from bot.commands.context import Context
from bot.digests.follows import FollowPlanner
from bot.model.channels import Person, Target
from bot.model.papers import Paper
from bot.model.people import SavedOrder
from bot.model.retention import Retention
from config import catalogues
from storage.store import ArchiveStore
from tests import discord_bot, samples, slack_bot
from tests.command_line import CommandLine
from tests.discord_bot import command, is_private, option, visible_text
from tests.slack_user import SlackUser, find_control
from tests.slack_user import visible_text as slack_text
from tests.slack_workspace import READER, TEAM
from tests.test_follows import NOON, READERS, Clock, World, text
from tests.test_people import contains

HOSTILE = Paper(
    "arxiv:2310.00009", titles={"en": "<!channel> & *bold* <https://evil.example|here>"},
    tags=("agents",),
)  # fmt: skip


@pytest.fixture
async def context(context: Context) -> Context:
    await context.archive.save([samples.issue([samples.RING, HOSTILE, samples.FIREACT])])
    return replace(context, platforms=frozenset({"discord", "slack"}), series=("dair",))


async def test_the_app_home_shows_what_is_ones_own_and_changes_with_it(context: Context) -> None:
    person, world = Person("slack", READER), World(context, Clock())
    place = Target("slack", TEAM, "C1")
    numbers = {paper.key: paper.id for paper in await context.archive.papers_after(0, 9)}
    await context.people.save_paper(person, numbers[HOSTILE.key], NOON)
    await world.ask("follow", "ring attention", who=READER, place=place, time="18:30", zone="UTC")
    await world.ask("remind", "ring attention", who=READER, place=place, when="in 9 days")
    async with slack_bot.strict_server() as server, slack_bot.run_bot(server, context):
        user, here = SlackUser(server, server.sockets), server.here
        await user.event({"type": "app_home_opened", "user": READER, "tab": "home"})
        await server.wait_until(lambda: READER in here.homes)
        home = here.homes[READER] | {"id": "VH1"}
        shown = slack_text(home)
        assert "1 saved paper" in shown
        assert "“ring attention”" in shown
        assert "Ring Attention" in shown
        assert "18:30 (UTC)" in shown
        marked = re.findall(r'"type": "mrkdwn", "text": "[^"]*', json.dumps(home))
        assert not any("<!channel>" in each for each in marked)
        await user.click(find_control(home, "Unfollow"), view=home)
        await server.wait_until(lambda: "“ring" not in slack_text(here.homes[READER]))
        before = len(here.views)
        await user.click(find_control(home, "Message settings"), view=home)
        form = await user.view(before)
        ack = await user.submit(
            form | {"user": READER},
            time={"selected_time": "07:15"},
            zone={"selected_option": {"value": "Asia/Seoul"}},
        )
        assert ack["response_action"] == "update"
        await server.wait_until(lambda: "07:15" in slack_text(here.homes[READER]))
    kept = await context.people.settings(person)
    assert kept is not None
    assert (f"{kept.at:%H:%M}", kept.zone) == ("07:15", "Asia/Seoul")


def test_what_needs_no_channel_works_in_direct_messages_on_discord() -> None:
    at_home = {each["name"]: each for each in build_definitions(catalogues.load())}
    everywhere = {
        each["name"]: each for each in build_definitions(catalogues.load(), is_for_people=True)
    }
    for name in ("paper", "saved", "follow", "remind", "privacy", "Find this paper"):
        assert at_home[name]["contexts"] == [0, 1]
        assert at_home[name]["integration_types"] == [0]
        assert everywhere[name]["contexts"] == [0, 1, 2]
        assert everywhere[name]["integration_types"] == [0, 1]
    for name in ("digest", "discussions", "stats", "report", "curators", "Report a mistake"):
        assert at_home[name] == everywhere[name]
        assert at_home[name]["contexts"] == [0]


async def test_on_discord_one_person_is_the_same_in_a_server_and_in_direct_messages(
    context: Context,
) -> None:
    direct: dict[str, Any] = {
        "guild_id": None, "context": 1, "channel": {"id": "7500", "type": 1},
        "authorizing_integration_owners": {"1": "500"},
    }  # fmt: skip
    elsewhere = {"guild_id": "999", "authorizing_integration_owners": {"1": "500"}}
    async with discord_bot.strict_server() as server, discord_bot.run_bot(server, context):
        saved = await server.interact(2, command("save", option("name", "FireAct")))
        listed = await server.interact(2, command("saved"), **direct)
        paper = await server.interact(2, command("paper", option("name", "FireAct")), **direct)
        followed = await server.interact(2, command("follow", option("what", "agents")), **direct)
        foreign = await server.interact(
            2, command("paper", option("name", "FireAct")), **elsewhere
        )
    assert is_private(saved)
    assert "1 saved paper" in visible_text(listed)
    assert not is_private(listed)
    assert "Discuss" not in str(paper)
    assert "You follow" in visible_text(followed)
    assert "FireAct" in visible_text(foreign)
    assert "Discuss" not in str(foreign)


async def test_all_that_is_stored_comes_as_a_file(context: Context) -> None:
    world = World(context, Clock())
    for platform, who in (("discord", "500"), ("slack", READER)):
        place = Target(platform, TEAM, "C1")
        await world.ask("save", "ring attention", who=who, place=place)
        await world.ask("follow", "agents", who=who, place=place)
        await world.ask("remind", "FireAct", who=who, place=place, when="in 9 days")
    async with discord_bot.strict_server() as server, discord_bot.run_bot(server, context):
        answer = await server.interact(2, command("privacy", option("form", "json")))
        on_discord = json.loads(server.files["paperboy-data.json"])
    async with slack_bot.strict_server() as slack, slack_bot.run_bot(slack, context):
        user = SlackUser(slack, slack.sockets)
        told = await user.slash("/privacy json")
        (sent,) = slack.here.messages[f"D{READER[1:]}"]
        on_slack = json.loads(slack.here.uploads[sent["files"][0]] or b"")
    assert is_private(answer)
    assert told["response_type"] == "ephemeral"
    assert (on_discord["id"], on_slack["id"]) == ("500", READER)
    for data in (on_discord, on_slack):
        assert data["saved"][0]["paper"] == samples.RING.key
        assert data["follows"][0]["name"] == "agents"
        assert data["reminders"][0]["paper"] == samples.FIREACT.key
        assert data["messages"]["zone"] == "Asia/Seoul"


def test_the_terminal_shows_all_that_is_stored(paperboy: CommandLine) -> None:
    _, typed, _ = paperboy("run", given="/follow agents\n/privacy json\n")
    assert '"name": "agents"' in typed


async def test_forgetting_takes_follows_reminders_and_unsent_messages(context: Context) -> None:
    assert isinstance(context.archive, ArchiveStore)
    world = World(replace(context, now=lambda: NOON), Clock())
    for who in (READERS, "8"):
        await world.ask("follow", "agents", who=who)
        await world.ask("remind", "FireAct", who=who, when="tomorrow")
    start = NOON.date() - timedelta(days=3)
    await context.archive.save([samples.issue([HOSTILE], start=start, series="x")])
    await world.tick()
    world.clock.at += timedelta(days=2)
    await world.tick()
    assert [who for who, _ in await world.owed()] == [READERS, READERS, "8", "8"]
    await world.ask("forget-me", "yes")
    assert [who for who, _ in await world.owed()] == ["8", "8"]
    assert "Nothing is stored about you" in text(await world.ask("privacy"))
    assert contains(context.archive.path, READERS) == []


async def test_what_is_not_used_is_deleted_after_a_while(context: Context) -> None:
    assert isinstance(context.archive, ArchiveStore)
    clock, path = Clock(), context.archive.path
    (paper, *_) = await context.archive.papers_after(0, 9)
    for number in range(30):
        await context.people.save_paper(Person("discord", f"{10**17 + number}"), paper.id, NOON)
    used = Person("discord", str(10**17))
    copies = [path.with_name(f"{path.name}.before-{kind}-{stamp}")
              for kind, stamp in (("0021", "20231010T120000000000"),
                                  ("restore", "20231201T120000000000"),
                                  ("restore", "20231010T120000000000-wal"))]  # fmt: skip
    other = path.with_name(f"{path.name}.before-lunch")
    for each in (*copies, other):
        each.write_bytes(b"")
    retention = Retention(timedelta(days=90), timedelta(days=30))
    planner = FollowPlanner(context.people, clock, retention=retention)
    await planner.tick()
    assert all(each.exists() for each in copies)
    clock.at += timedelta(days=60)
    await context.people.note_use(used, clock.at)
    await planner.tick()
    assert [each.exists() for each in (*copies, other)] == [False, True, False, True]
    clock.at += timedelta(days=60)
    await planner.tick()
    kept = [
        (await context.people.saved_papers(Person("discord", f"{10**17 + number}"),
                                           SavedOrder.NEWEST, 9)).total
        for number in range(30)
    ]  # fmt: skip
    assert kept == [1] + [0] * 29
    assert contains(path, f"{10**17 + 7}") == []
