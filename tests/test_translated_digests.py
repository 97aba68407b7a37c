"""Unattended: a week in English is synced, translated, and goes out in both languages, once."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from signal import SIGKILL
from threading import Event

import pytest

from bot.digests import slots
from bot.model.papers import Entry, Issue, Paper
from bot.model.subscriptions import Subscription
from bot.model.weeks import Week
from storage.deliveries.ledger import SqlLedger
from storage.sqlite import SqliteDatabase
from storage.store import ArchiveStore
from tests import dair_lists, empty_archive
from tests.bot_process import BotProcess, DeliveryScenario
from tests.discord_server import Server as DiscordServer
from tests.model_server import Asked, ModelServer, Said, faithful
from tests.platform_servers import LoopbackDiscord, LoopbackSlack
from tests.slack_server import Server as SlackServer
from tests.test_cli_delivery import listening
from tests.virtual_time import InlineTransactions
from tests.waiting import wait_until
from tests.web_server import WebServer

pytestmark = pytest.mark.long

DISCORD = DeliveryScenario(platform="discord", request_timeout=10)
SLACK = DeliveryScenario(platform="slack", request_timeout=10)
PATIENCE = timedelta(hours=36)
REQUESTS = 4 + 2
"""One for each paper, one for the introduction, and one for its translation."""


@dataclass
class World:
    """A list, an endpoint, two platforms, and a database with a channel on each."""

    path: Path
    endpoint: ModelServer
    discord: DiscordServer
    slack: SlackServer
    environment: dict[str, str]
    week: Week
    """The one that the slot is for."""

    def program(self) -> BotProcess:
        return BotProcess(self.path, self.environment, DISCORD)

    def posts(self) -> tuple[list[str], list[str]]:
        """Return what was posted in the channel of each platform, as JSON."""
        places = self.discord.messages, self.slack.messages
        channels = DISCORD.target(0).channel, SLACK.target(0).channel
        discord, slack = (
            [
                json.dumps(message, ensure_ascii=False, default=str)
                for message in found.get(name, [])
            ]
            for found, name in zip(places, channels, strict=True)
        )
        return discord, slack

    async def deliver(self) -> None:
        """Wait until a message is on each platform, and recorded."""
        states = "SELECT state, count(*) FROM parts GROUP BY state"
        await wait_until(lambda: all(self.posts()) and self.query(states) == [("posted", 2)])

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(sql).fetchall()


@asynccontextmanager
async def world(
    tmp_path: Path, endpoint: ModelServer, patience: timedelta = PATIENCE
) -> AsyncIterator[World]:
    """Yield a world in which the slot of both channels has just passed."""
    path, site = tmp_path / "archive.sqlite3", WebServer()
    due = datetime.now(UTC) - timedelta(minutes=10)
    await _subscribe(path, due, patience)
    week = slots.previous_week(slots.week_of(due.date()))
    _publish(site, slots.monday_of(week))
    with listening(site):
        async with DiscordServer(supports_nonces=False) as discord, SlackServer() as slack:
            environment = {
                **LoopbackDiscord(discord, DISCORD).environment(),
                **LoopbackSlack(slack, SLACK).environment(),
                "PAPERBOY_SYNC_ENABLED": "true",
                "PAPERBOY_SOURCES_DAIR": json.dumps({"url": site.url("/main/README.md")}),
                "PAPERBOY_WEB_PRIVATE_HOSTS": '["127.0.0.1"]',
                "PAPERBOY_WEB_INTERVAL_SECONDS": "0",
                "PAPERBOY_RECORD_ENABLED": "false",
                "PAPERBOY_TRANSLATION_ENABLED": "true",
                "PAPERBOY_TRANSLATION_BASE_URL": endpoint.url,
                "PAPERBOY_TRANSLATION_MODEL": "small-model",
            }
            yield World(path, endpoint, discord, slack, environment, week)


async def _subscribe(path: Path, due: datetime, patience: timedelta) -> None:
    empty_archive.make(path)
    inline = InlineTransactions(SqliteDatabase(path))
    for scene in (DISCORD, SLACK):
        wanted = Subscription(
            scene.target(0),
            "dair",
            weekday=due.weekday(),
            at=due.time().replace(microsecond=0),
            patience=patience,
            language="both",
            quiet_from=time(),
            quiet_until=time(),
        )
        await SqlLedger(inline).subscribe(wanted, due - timedelta(hours=1))
    inline.close()


def _publish(site: WebServer, start: date) -> None:
    site.put("/main/README.md", dair_lists.contents({start.year: [start]}))
    names = ("AlphaOne", "BetaTwo", "GammaSix", "DeltaTen")
    rows = [
        row.replace("A fine paper.", f"Trains {name} with {number}0 examples, at no loss.")
        for number, (name, row) in enumerate(zip(names, dair_lists.rows(start), strict=True))
    ]
    text = dair_lists.year(start.year, [dair_lists.week(start, rows)])
    site.put(f"/main/years/{start.year}.md", text)


async def test_a_kill_in_the_middle_translates_nothing_twice_and_loses_nothing(
    tmp_path: Path, endpoint: ModelServer
) -> None:
    async with world(tmp_path, endpoint) as here:
        opened = Event()

        def hold(asked: Asked) -> Said:
            opened.wait()
            return faithful(asked)

        endpoint.responses += [faithful, faithful, hold]
        first = here.program()
        await first.start()
        await wait_until(lambda: len(endpoint.asked) == 3)
        # The slot has passed, the week is there, and it waits for the rest of its texts.
        await wait_until(lambda: here.query("SELECT state FROM slots") == [("waiting",)] * 2)
        assert here.posts() == ([], [])
        first.send(SIGKILL)
        before = [asked.texts for asked in endpoint.asked]
        saved = here.query("SELECT count(*) FROM machine_texts")
        opened.set()

        second = here.program()
        await second.start()
        await here.deliver()
        assert await second.stop() == 0

        after = [asked.texts for asked in endpoint.asked[len(before) :]]
        assert saved == [(4,)]
        assert [texts for texts in after if texts in before[:-1]] == []
        assert before[-1] in after
        assert len(before) + len(after) == REQUESTS + 1
        for posted in here.posts():
            (message,) = posted
            assert "우리말 제목" in message
            assert "Paper" in message
            assert "small-model" in message


async def test_a_digest_goes_out_as_it_is_when_its_patience_ends_and_is_edited_later(
    tmp_path: Path, endpoint: ModelServer
) -> None:
    endpoint.held.clear()
    # The slot was ten minutes ago, and the end of this patience was five.
    async with world(tmp_path, endpoint, patience=timedelta(minutes=5)) as here:
        store = ArchiveStore.open(here.path)
        titles = [f"Paper of {name}" for name in ("AlphaOne", "BetaTwo", "GammaSix")]
        papers = [Paper(f"title:{title}", titles={"en": title}) for title in titles]
        entries = tuple(Entry(place, paper) for place, paper in enumerate(papers, 1))
        start = slots.monday_of(here.week)
        await store.save(
            [Issue("dair", here.week, start, start + timedelta(days=6), entries=entries)]
        )
        await store.close()
        here.environment["PAPERBOY_SYNC_ENABLED"] = "false"
        program = here.program()
        await program.start()
        await here.deliver()
        for posted in here.posts():
            (message,) = posted
            assert "Paper" in message
            assert "우리말 제목" not in message
            assert "small-model" not in message
        endpoint.held.set()
        await wait_until(lambda: all("우리말 제목" in message for (message,) in here.posts()))
        assert await program.stop() == 0

        # Each was edited in its place, and marked.
        for posted in here.posts():
            (message,) = posted
            assert "small-model" in message
