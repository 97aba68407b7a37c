"""Counts of use: what is asked, read and discussed; nothing about persons."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import insert

from adapters.console.render import render_text
from bot.commands.context import Context
from bot.commands.service import command_service
from bot.commands.usage import UsageCounter
from bot.model.channels import Person, Target
from bot.model.subscriptions import Subscription
from bot.model.usage import Usage, UsageKey
from bot.model.weeks import Month
from bot.ports.conversation import Request
from bot.ports.errors import StorageUnavailable
from bot.runtime import Runtime
from storage.database import transaction
from storage.schema.discussions import thread_counts
from storage.sqlite import open_engine
from storage.store import ArchiveStore
from tests import samples
from tests.fakes import FakePlatform
from tests.fast_delivery import TIMING
from tests.waiting import wait_until

HERE = Target("discord", "100", "200")
NOVEMBER = datetime(2026, 11, 15, 12, tzinfo=UTC)


async def talk(context: Context, *lines: str, where: Target = HERE, person: str = "500") -> str:
    """Ask as people do; return the last answer."""
    service = command_service(context)
    reply = None
    for line in lines:
        name, _, argument = line.partition(" ")
        asker = Person("discord", person, "en")
        reply = await service.answer(Request(name, argument, asker, where))
    assert reply is not None
    return " ".join(render_text(reply.content).split())


@pytest.fixture
async def context(context: Context, store: ArchiveStore) -> Context:
    await context.archive.save([samples.issue()])
    counter = UsageCounter(store, lambda: NOVEMBER)
    return replace(context, usage=counter, now=lambda: NOVEMBER)


async def test_a_community_sees_what_it_asked(context: Context) -> None:
    await talk(context, "paper ringattention", "논문 unisim", "week", "find attention", "nonsense")

    said = await talk(context, "stats")

    assert "papers and weeks opened: 3 this month, 0 in October 2026, 3 in all" in said
    assert "searches and questions: 1 this month, 0 in October 2026, 1 in all" in said
    assert "Most asked: /paper 2, /find 1, /week 1" in said


async def test_months_and_communities_are_apart(context: Context, store: ArchiveStore) -> None:
    october = UsageKey(Month(2026, 10), "discord", "100", "find")
    await store.add_usage({october: 7, replace(october, workspace="other"): 90})
    await store.add_usage({october: 1, UsageKey(Month(2026, 11), "site", "", "page"): 40})
    await talk(context, "paper ringattention", where=Target("slack", "100", "200"))

    said = await talk(context, "stats")

    assert "searches and questions: 0 this month, 8 in October 2026, 8 in all" in said
    assert "pages read on the web, by everyone: 40 this month" in said
    assert "opened" not in said


async def test_nothing_is_kept_about_persons(context: Context, store: ArchiveStore) -> None:
    await talk(context, "paper secret-question", person="U-SECRET-PERSON")
    await context.usage.flush()

    content = store.path.read_bytes() + store.path.with_name(f"{store.path.name}-wal").read_bytes()
    assert b"SECRET-PERSON" not in content
    assert b"secret-question" not in content


async def test_without_counts_it_says_so(context: Context) -> None:
    assert "Nothing was counted yet." in await talk(context, "stats")


async def test_counts_that_cannot_be_stored_are_kept(context: Context) -> None:
    stored: list[dict[UsageKey, int]] = []

    class Failing:
        async def add_usage(self, counts: dict[UsageKey, int]) -> None:
            if not stored:
                stored.append({})
                raise StorageUnavailable
            stored.append(dict(counts))

        async def usage(self, platform: str, workspace: str) -> Usage:
            return Usage()

    counter = UsageCounter(Failing(), lambda: NOVEMBER)  # type: ignore[arg-type]
    counter.count("discord", "100", "paper")
    await counter.flush()
    counter.count("discord", "100", "paper")
    await counter.close()

    assert stored[1:] == [{UsageKey(Month(2026, 11), "discord", "100", "paper"): 2}]


async def test_weeks_that_were_posted_are_counted(context: Context) -> None:
    platform, stop = FakePlatform(), asyncio.Event()
    target, now = Target("fake", "100", "200"), datetime.now(UTC)
    wanted = Subscription(target, "dair", weekday=now.weekday(), at=time(now.hour, now.minute))
    here = replace(context, now=lambda: now)
    await here.ledger.subscribe(wanted, now - timedelta(days=8))
    running = asyncio.create_task(
        Runtime(here, TIMING, timedelta(seconds=0.05)).run([platform], stop)
    )
    await wait_until(lambda: bool(platform.posted))
    stop.set()
    await running

    said = await talk(here, "stats", where=target)

    assert "weeks posted to channels: 1 this month" in said


async def test_replies_of_discussions_are_counted(context: Context, store: ArchiveStore) -> None:
    counted = [
        {"platform": "discord", "workspace": place, "channel": "200", "thread": thread,
         "paper": 1, "message": "1", "url": "", "replies": 4, "people": 2, "counted_at": NOVEMBER}
        for place, thread in (("100", "1"), ("100", "2"), ("101", "3"))
    ]  # fmt: skip
    engine = open_engine(store.path)
    with transaction(store.database, engine) as connection:
        connection.execute(insert(thread_counts), counted)
    engine.dispose()

    assert "8 replies in all" in await talk(context, "stats")
