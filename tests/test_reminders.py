"""Reminders of papers: when they come, in words of both languages, and that each comes once."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from hypothesis import strategies

from adapters.console import terminal_user
from adapters.console.terminal import Terminal
from bot.app.service import deliver
from bot.commands.context import Context
from bot.digests.reminder_times import parse_reminder_time, split_time
from bot.model.card import Button, Card, Choice
from bot.model.channels import Person
from bot.model.deliveries import Purpose
from bot.model.people import PersonSettings, Reminder
from bot.ports.conversation import Reply
from config.settings import Settings
from storage.store import ArchiveStore
from tests import discord_bot, samples, slack_bot
from tests.discord_bot import command, find_control, is_private, option, visible_text
from tests.slack_user import SlackUser
from tests.slack_workspace import READER, TEAM
from tests.test_follows import NOON, READERS, Clock, World, press, text
from tests.waiting import wait_until

ON_BOTH_DATABASES = True
SEOUL = ZoneInfo("Asia/Seoul")


@pytest.fixture
async def world(store: ArchiveStore, context: Context) -> World:
    clock = Clock()
    await store.save([samples.issue()])
    return World(replace(context, now=clock.now, platforms=frozenset({"discord"})), clock)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        # It is Sunday, 15 October 2023, 21:00 in Seoul; the person's hour is 9.
        ("friday", "2023-10-20 09:00"), ("Fri", "2023-10-20 09:00"),
        ("on friday at 15:00", "2023-10-20 15:00"), ("금요일", "2023-10-20 09:00"),
        ("금요일에", "2023-10-20 09:00"), ("금요일 오후 3시", "2023-10-20 15:00"),
        ("sunday", "2023-10-22 09:00"), ("sunday 22:00", "2023-10-15 22:00"),
        ("tomorrow", "2023-10-16 09:00"), ("내일", "2023-10-16 09:00"),
        ("내일 저녁 7시 반", "2023-10-16 19:30"), ("모레", "2023-10-17 09:00"),
        ("22:30", "2023-10-15 22:30"), ("8pm", "2023-10-16 20:00"), ("8 pm", "2023-10-16 20:00"),
        ("in 3 days", "2023-10-18 09:00"), ("3일 뒤", "2023-10-18 09:00"),
        ("in a week", "2023-10-22 09:00"), ("2주 후에", "2023-10-29 09:00"),
        ("next friday", "2023-10-20 09:00"), ("다음 주 금요일", "2023-10-20 09:00"),
        ("next week", "2023-10-22 09:00"), ("2023-12-01", "2023-12-01 09:00"),
        ("2023-12-01 20:00", "2023-12-01 20:00"), ("12월 1일", "2023-12-01 09:00"),
        ("1월 5일", "2024-01-05 09:00"), ("12/1", "2023-12-01 09:00"),
        ("Dec 1", "2023-12-01 09:00"), ("1 December 2023", "2023-12-01 09:00"),
        ("never", ""), ("4", ""), ("2023-10-01", ""), ("2026-10-01", ""), ("2023-02-30", ""),
        ("someday", ""), ("", ""), ("today", ""),
    ],
)  # fmt: skip
def test_when_is_read_in_both_languages(said: str, meant: str) -> None:
    found = parse_reminder_time(said, NOON, time(9), SEOUL)
    assert (f"{found.astimezone(SEOUL):%Y-%m-%d %H:%M}" if found else "") == meant


@hypothesis.given(strategies.text(max_size=40), strategies.sampled_from(["friday", "내일 9시"]))
def test_whatever_is_written_before_it_a_time_is_in_the_future(name: str, when: str) -> None:
    parse_reminder_time(name, NOON, time(9), SEOUL)
    _, found = split_time(f"{name} {when}", NOON, time(9), SEOUL)
    assert found is not None
    assert NOON < found <= NOON + timedelta(days=367)


def choices(reply: Reply) -> list[Choice]:
    assert isinstance(reply.content, Card)
    return [each for each in reply.content.controls if isinstance(each, Choice)]


def button(reply: Reply, label: str) -> Button:
    assert isinstance(reply.content, Card)
    return next(
        each for each in reply.content.controls if isinstance(each, Button) and label in each.label
    )


async def test_a_reminder_is_set_listed_moved_and_cancelled(world: World) -> None:
    saved = await world.ask("save", "ring attention")
    friday = button(saved, "Read on Friday").action
    by_button = await world.ask(friday.name, friday.argument)
    assert by_button.is_private
    assert "Oct 20, 2023" in text(by_button)
    assert "16" in text(await world.ask("remind", "ring attention tomorrow"))
    assert "5:00" in text(await world.ask("remind", "FireAct", when="내일 오후 5시"))
    listed = await world.ask("reminders")
    assert "2 reminders" in text(listed)
    (cancel,) = choices(listed)
    assert "is cancelled" in text(await world.ask("unremind", cancel.options[0].value))
    assert "already" in text(await world.ask("unremind", cancel.options[0].value))
    assert "already" in text(await world.ask("unremind", "of nothing"))
    assert "1 reminder" in text(await world.ask("reminders"))
    asked = await world.ask("remind", "UniSim")
    assert "When?" in text(asked)
    assert "is no time to come" in text(await world.ask("remind", "UniSim", when="yesterday"))
    for over in ("yesterday", "어제", "2020-01-01", "on 3 May 2020", "2020년 1월 1일"):
        said = text(await world.ask("remind", f"ring attention {over}"))
        assert f"“{over}” is no time to come" in said
    chosen = button(asked, "tomorrow").action
    assert "reminds you" in text(await world.ask(chosen.name, chosen.argument))
    assert "2 reminders" in text(await world.ask("reminders"))


async def test_a_reminder_comes_once_and_expires(world: World) -> None:
    await world.ask("remind", "ring attention", when="tomorrow 09:00")
    await world.ask("remind", "FireAct", when="2023-11-20")
    world.clock.at = datetime(2023, 10, 16, 0, tzinfo=UTC)
    for _ in range(2):
        await world.tick()
        assert [who for who, _ in await world.owed()] == [READERS]
    assert "1 reminder" in text(await world.ask("reminders"))
    # One that could not be sent for days is not sent any more, and holds up no later one.
    world.clock.at += timedelta(days=41)
    await world.tick()
    await world.context.ledger.expire(world.clock.at)
    assert await world.owed() == []
    assert await world.context.ledger.pending_notices("discord", world.clock.at, 9) == ()


async def test_a_reminder_does_not_wait_for_the_news_of_next_week(world: World) -> None:
    await world.ask("follow", "agents", time="09:00", zone="UTC")
    await world.tick()
    week = samples.issue(start=NOON.date() - timedelta(days=3), series="x")
    await world.context.archive.save([week])
    await world.tick()
    await world.ask("remind", "ring attention", when="15 oct 13:00")
    world.clock.at = datetime(2023, 10, 15, 13, tzinfo=UTC)
    await world.tick()
    now = await world.context.ledger.next_parts("discord", world.clock.at, 9)
    assert [each.delivery.purpose for each in now] == [Purpose.REMINDER]
    assert len(await world.owed()) == 2


async def be_reminded(context: Context, person: Person, workspace: str) -> None:
    """Let a person be owed a reminder since a moment ago."""
    now = datetime.now(UTC)
    settings = PersonSettings(workspace, "en", time(9), "UTC")
    await context.people.set_settings(person, settings, now)
    (paper, *_) = await context.archive.papers_after(0, 9)
    await context.people.save_paper(person, paper.id, now)
    due = now - timedelta(minutes=1)
    await context.people.remind(person, Reminder(paper.id, due), 9, due)


async def test_on_discord_a_reminder_comes_as_a_direct_message(world: World) -> None:
    context = replace(world.context, now=lambda: datetime.now(UTC))
    await be_reminded(context, Person("discord", "500"), "")
    async with discord_bot.strict_server() as server, discord_bot.run_bot(server, context):
        await server.wait_until(lambda: bool(server.keys("7500")))
        (message,) = server.messages["7500"]
        read = await server.interact(3, press(find_control({"data": message}, "Mark as read")))
        later = await server.interact(
            2, command("remind", option("name", "FireAct"), option("when", "friday"))
        )
        await asyncio.sleep(0.2)
        assert len(server.messages["7500"]) == 1
    assert "You wanted to read this paper" in visible_text({"data": message})
    assert "read on" in visible_text(read)
    assert is_private(later)
    assert "reminds you" in visible_text(later)


async def test_on_slack_a_reminder_comes_as_a_direct_message(world: World) -> None:
    context = replace(world.context, now=lambda: datetime.now(UTC), platforms=frozenset({"slack"}))
    await be_reminded(context, Person("slack", READER), TEAM)
    async with slack_bot.strict_server() as server, slack_bot.run_bot(server, context):
        user = SlackUser(server, server.sockets)
        await server.wait_until(lambda: bool(server.here.messages.get(f"D{READER[1:]}")))
        (message,) = server.here.messages[f"D{READER[1:]}"]
        later = await user.slash("/remind FireAct 금요일 오후 3시")
        listed = await user.slash("/reminders")
    assert "You wanted to read this paper" in json.dumps(message)
    assert "reminds you" in json.dumps(later)
    assert "1 reminder" in json.dumps(listed)


async def test_at_the_terminal_a_reminder_appears_while_one_chats(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    context, stop = replace(world.context, now=lambda: datetime.now(UTC)), asyncio.Event()
    await be_reminded(context, terminal_user("en"), "")
    delivering = asyncio.create_task(deliver(Settings(), context, Terminal(), stop))
    shown = ""

    def is_there() -> bool:
        nonlocal shown
        shown += capsys.readouterr().out
        return "You wanted to read this paper" in shown

    await wait_until(is_there)
    stop.set()
    await delivering
    assert "Ring Attention" in shown
