"""What a curator corrects is shown by every message that was posted, edited once and in place."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from bot.delivery.composer import Composer
from bot.delivery.outbox import Outbox
from bot.delivery.recorder import DeliveryTiming
from bot.digests.deliveries import plan_delivery
from bot.lib.rate_limit import RATE_SHARE, RateLimit
from bot.model.card import Card
from bot.model.channels import MessageRef, Target
from bot.model.curation import (
    CorrectText,
    CurationRequest,
    RemovePaper,
    Undo,
)
from bot.model.discussions import Community
from bot.model.papers import Link
from bot.model.source_edits import SourceEdits
from bot.model.subscriptions import Layout, Subscription
from bot.model.weeks import Week
from bot.ports.archive import Archive, SeriesPreference
from bot.ports.errors import MessageDeleted, RefusalScope, Refused, TryLater, Unknown
from bot.ports.platform import NativeMessage, OutgoingMessage
from config import catalogues
from storage.database import Database
from storage.deliveries.ledger import SqlLedger
from tests import samples
from tests.curators import ADA
from tests.fakes import FakePlatform
from tests.virtual_time import InlineArchive, InlineTransactions, VirtualClock, transactions_of
from tests.virtual_time import run as run_virtually

pytestmark = pytest.mark.slow

ON_BOTH_DATABASES = "long"

NOON = datetime(2023, 10, 16, 12, tzinfo=UTC)
TIMING = DeliveryTiming(
    lease=timedelta(seconds=30),
    settle_time=timedelta(seconds=5),
    poll_interval=timedelta(seconds=1),
    initial_backoff=timedelta(seconds=2),
    max_backoff=timedelta(minutes=5),
    give_up_after=timedelta(hours=24),
)
RING = samples.RING.key
RIGHT = CorrectText(RING, "title", "en", "Ring Attention, put right")


class ShowingPlatform(FakePlatform):
    """Shows a card as its texts, a message for each page of so many."""

    page = 100

    def render(self, card: Card) -> list[NativeMessage]:
        texts = [card.title, *_texts(card)]
        pages = [texts[start : start + self.page] for start in range(0, len(texts), self.page)]
        return [{"title": card.title, "text": "\n".join(page)} for page in pages]

    def shown(self) -> dict[str, str]:
        """Return what readers see, by message."""
        posted = {each.id: each.outgoing for each in self.posted}
        edited = {ref.id: outgoing for ref, outgoing in self.edited}
        return {number: str(each.payload["text"]) for number, each in (posted | edited).items()}

    def edits(self) -> Counter[str]:
        """Return how often each message was edited."""
        return Counter(ref.id for ref, _ in self.edited)


def _texts(card: Card) -> Iterator[str]:
    for block in card.blocks:
        for runs in getattr(block, "items", None) or [getattr(block, "runs", ())]:
            yield "".join(run.text + (f" <{run.url}>" if run.url else "") for run in runs)
    yield from (control.label for control in card.controls if hasattr(control, "label"))
    yield from (each.url for each in card.controls if hasattr(each, "url"))


@dataclass
class World:
    """A ledger and an archive on one file, a clock that jumps, and one platform."""

    ledger: SqlLedger
    archive: InlineArchive
    clock: VirtualClock
    platform: ShowingPlatform
    places: tuple[Target, ...] = ()
    """Channels that are a community."""

    async def owes(self, channel: str = "papers", **more: Any) -> Subscription:
        """Subscribe a channel, and owe it the sample issue."""
        wishes = {"language": "en", "subscriber": "admin", **more}
        wanted = Subscription(Target("fake", "", channel), "dair", **wishes)
        now = self.clock.now()
        kept = await self.ledger.subscribe(wanted, now)
        week = SeriesPreference(only="dair")
        issue = (await self.archive.find_issue(Week(2023, 41), now.date(), week)).issue
        assert issue
        await self.ledger.enqueue(plan_delivery(kept, issue, now, now + kept.grace), now)
        return kept

    async def correct(self, request: CurationRequest = RIGHT) -> int:
        return (await self.archive.curate(request, ADA)).id

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        archive = cast("Archive", self.archive)
        composer = Composer(archive, catalogues.load(), count_votes=self.count_votes)
        outbox = Outbox(self.platform, self.ledger, composer, TIMING, self.clock)
        working = asyncio.create_task(outbox.run(stop))
        try:
            yield
        finally:
            stop.set()
            await working

    async def count_votes(self, target: Target, papers: Sequence[int]) -> Mapping[int, int]:
        places = self.places if target in self.places else (target,)
        return await self.ledger.votes(Community(places), papers=papers)

    async def passes(self, seconds: float = 60) -> None:
        """Let the bot run for so long."""
        async with self.running():
            await asyncio.sleep(seconds)


@pytest.fixture
def play(database: Database) -> Callable[[Callable[[World], Any]], None]:
    """Return what plays a scene in a world, in virtual time."""

    def act(scene: Callable[[World], Any]) -> None:
        with transactions_of(database) as transactions:
            run_virtually(_play(scene, transactions))

    return act


async def _play(scene: Callable[[World], Any], transactions: InlineTransactions) -> None:
    clock = VirtualClock(NOON)
    archive = InlineArchive(transactions, clock)
    await archive.save([samples.issue()])
    platform = ShowingPlatform(rate_limit=RateLimit(50, timedelta(seconds=0.1)))
    await scene(World(SqlLedger(transactions), archive, clock, platform))


Play = Callable[[Callable[[World], Any]], None]


def test_every_message_that_shows_the_paper_is_edited_once_in_place(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.owes(layout=Layout.THREADS)
        await world.passes()
        before = world.platform.shown()
        await world.correct()
        await world.passes()
        after = world.platform.shown()
        changed = [number for number, text in after.items() if text != before[number]]
        assert world.platform.edits() == dict.fromkeys(changed, 1)
        # Overview and message of the paper; what is inside its thread does not have the title.
        assert [after[number].count("put right") for number in changed] == [1, 1]
        assert all("Edited on October 16, 2023" in after[number] for number in changed)
        assert len(world.platform.posted) == len(before)
        assert len(world.platform.told) == 0

    play(scene)


def test_a_message_in_another_language_stays_as_it_is(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.owes("english", language="en")
        await world.owes("korean", language="ko")
        await world.passes()
        await world.correct(CorrectText(RING, "summary", "en", "A ring of devices, put right."))
        await world.passes()
        assert [ref.target.channel for ref, _ in world.platform.edited] == ["english"]

    play(scene)


def test_an_undo_edits_back(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.owes()
        await world.passes()
        ((number, text),) = world.platform.shown().items()
        made = await world.correct()
        await world.passes()
        await world.correct(Undo(made))
        await world.passes()
        assert world.platform.shown()[number].startswith(text[:200])
        assert world.platform.edits() == {number: 2}

    play(scene)


def test_what_is_corrected_while_it_is_posted_is_edited_too(play: Play) -> None:
    async def scene(world: World) -> None:
        world.platform.latency = 3.0
        await world.owes()
        async with world.running():
            await asyncio.sleep(2)
            await world.correct()  # it was composed, and is on its way
            await asyncio.sleep(60)
        assert "put right" in "".join(world.platform.shown().values())

    play(scene)


def test_a_correction_of_a_correction_wins(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.owes()
        await world.passes()
        world.platform.latency = 3.0
        async with world.running():
            await world.correct()
            await asyncio.sleep(2)  # the first edit is on its way
            await world.correct(CorrectText(RING, "title", "en", "Second thoughts"))
            await asyncio.sleep(60)
        (text,) = world.platform.shown().values()
        assert "Second thoughts" in text
        assert "put right" not in text

    play(scene)


def test_edits_go_on_after_the_program_ended(play: Play) -> None:
    async def scene(world: World) -> None:
        for number in range(40):
            await world.owes(f"c{number}")
        await world.passes()
        await world.correct()
        for _ in range(8):
            await world.passes(0.15)
            await asyncio.sleep(40)  # the lease of a program that was killed expires
        await world.passes()
        assert set(world.platform.edits().values()) == {1}
        assert len(world.platform.edits()) == 40

    play(scene)


def test_faults_are_survived_and_a_deleted_message_is_forgotten(play: Play) -> None:
    async def scene(world: World) -> None:
        for number in range(12):
            await world.owes(f"c{number}")
        await world.passes()
        gone = world.platform.posted[5].id
        faults: list[Exception | None] = [
            TryLater(timedelta(seconds=20)), Unknown("lost"), None, TryLater(None), None,
            Refused("kicked", RefusalScope.CHANNEL), RuntimeError("a bug"), None,
        ]  # fmt: skip

        def strike(ref: MessageRef, _: OutgoingMessage) -> None:
            if ref.id == gone:
                raise MessageDeleted("gone")
            fault = faults.pop(0) if faults else None
            if fault:
                raise fault

        world.platform.edit_fault = strike
        await world.correct()
        await world.passes(1300)
        assert world.platform.edits() == {
            each.id: 1 for each in world.platform.posted if each.id != gone
        }
        tried = world.platform.edits()
        await world.correct(CorrectText(RING, "title", "en", "Another one"))
        await world.passes(60)
        assert gone not in world.platform.edits() - tried
        assert len(world.platform.edits()) == 11

    play(scene)


def test_an_edit_that_never_works_is_given_up(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.owes()
        await world.passes()

        def strike(*_: object) -> None:
            attempts.append(world.clock.monotonic())
            raise Refused("kicked", RefusalScope.CHANNEL)

        attempts: list[float] = []
        world.platform.edit_fault = strike
        await world.correct()
        for _ in range(72):
            await world.passes(10)
            await asyncio.sleep(3600)
        assert 4 < len(attempts) < 20
        assert attempts[-1] - attempts[0] < timedelta(hours=32).total_seconds()

    play(scene)


def test_what_does_not_fit_any_more_goes_on_in_the_thread(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.owes()
        await world.passes()
        (overview, *others) = world.platform.posted
        posted = len(world.platform.posted)
        world.platform.page = 4
        await world.correct()
        await world.passes(120)
        more = world.platform.posted[posted:]
        assert [each.outgoing.thread for each in more] == [f"thread-{overview.id}"] * len(more)
        assert more
        shown = "\n".join(world.platform.shown().values())
        assert "put right" in shown
        assert others == world.platform.posted[1:posted]
        world.platform.page = 100
        await world.correct(CorrectText(RING, "title", "en", "Short"))
        await world.passes(120)
        spare = [world.platform.shown()[each.id] for each in world.platform.posted[1:]]
        assert all("The message above says everything now." in text for text in spare)

    play(scene)


def test_a_removed_paper_says_so_and_the_others_keep_their_messages(play: Play) -> None:
    async def scene(world: World) -> None:
        await world.owes(layout=Layout.THREADS)
        await world.passes()
        await world.correct(RemovePaper("dair", Week(2023, 41), RING))
        await world.passes()
        texts = list(world.platform.shown().values())
        assert "This paper was removed" in texts[1]
        assert texts[3].startswith("1. UniSim"), "it has the number of the overview"
        assert "Ring Attention" not in "\n".join(texts)

    play(scene)


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        (SourceEdits.NOTHING, [0, 0, 0, 0]),
        (SourceEdits.LINKS_AND_NUMBERS, [0, 1, 1, 0]),
        (SourceEdits.EVERYTHING, [1, 1, 1, 1]),
    ],
)
def test_the_setting_says_what_of_a_source_is_shown_and_a_curator_always_is(
    play: Play, wanted: SourceEdits, shown: list[int]
) -> None:
    async def scene(world: World) -> None:
        world.archive.source_edits = wanted
        await world.owes(language="en")
        await world.passes()

        async def edits_after(change: Awaitable[object]) -> int:
            before = world.platform.edits().total()
            await change
            await world.passes()
            return world.platform.edits().total() - before

        ring, found = samples.RING, []
        mended = (Link("paper", "Paper", "https://example.org/ring"),)
        for change in (
            {"summaries": {"en": "It has 3 rings."}}, {"summaries": {"en": "It has 4 rings."}},
            {"links": mended}, {"titles": {"en": "Rings of Attention"}},
        ):  # fmt: skip
            ring = replace(ring, **change)
            issue = samples.issue((ring, samples.UNISIM, samples.FIREACT))
            found.append(await edits_after(world.archive.save([issue])))
        assert found == shown
        assert await edits_after(world.correct()) == 1

    play(scene)


def test_edits_keep_below_the_rate_and_come_near_to_it(play: Play) -> None:
    async def scene(world: World) -> None:
        for number in range(60):
            await world.owes(f"c{number:03}", layout=Layout.THREADS)
        await world.passes(60)
        taken_at: list[float] = []
        world.platform.edit_fault = lambda *_: taken_at.append(world.clock.monotonic())
        accepted_at = world.clock.monotonic()
        async with world.running():
            await world.correct()
            await asyncio.sleep(30)
        assert len(taken_at) == 120
        assert len(world.platform.edits()) == 120
        floor = 120 / (50 * RATE_SHARE)
        assert floor <= taken_at[-1] - accepted_at < 1.25 * floor + 1

    play(scene)


def test_a_platform_with_a_rate_of_edits_is_edited_at_that(play: Play) -> None:
    async def scene(world: World) -> None:
        world.platform.rate_limit = replace(world.platform.rate_limit, edits_per_second=1.0)
        for number in range(20):
            await world.owes(f"c{number}")
        await world.passes()
        taken_at: list[float] = []
        world.platform.edit_fault = lambda *_: taken_at.append(world.clock.monotonic())
        await world.correct()
        await world.passes(60)
        assert len(taken_at) == 20
        assert taken_at[-1] - taken_at[0] >= 19

    play(scene)
