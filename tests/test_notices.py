"""The subscriber is told what went wrong, and no other channel is affected."""

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from adapters.discord.http.errors import ErrorResponse, to_exception
from bot.cards.locale import Locale
from bot.cards.notices import notice_card
from bot.lib.rate_limit import RateLimit
from bot.model.card import Card, LinkButton, Paragraph
from bot.model.channels import Target
from bot.ports.errors import RefusalScope, Refused, TryLater, Unknown
from bot.ports.platform import OutgoingMessage
from config import catalogues
from tests.fakes import FakePlatform
from tests.test_outbox import World, tell

pytestmark = pytest.mark.slow

__all__ = ["tell"]


class Deaf(FakePlatform):
    """A platform on which no direct message arrives."""

    error: Exception = Unknown("lost")
    tries: int = 0

    async def send_direct_message(self, workspace: str, person: str, card: Card) -> None:
        self.tries += 1
        raise self.error


def _odd(platform: FakePlatform, target: Target, outgoing: OutgoingMessage) -> None:
    raise Refused("too odd.", RefusalScope.PART)


@pytest.mark.parametrize(
    ("error", "tries"),
    [(Unknown("lost"), 1), (Refused("no", RefusalScope.PART), 1), (ValueError("a bug"), 1),
     (TryLater(None), 3)],
)  # fmt: skip
def test_who_cannot_be_told_stops_no_digest(
    tell: Any, error: Exception, tries: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(world: World) -> None:
        deaf = Deaf(fault=_odd)
        deaf.error = error
        world.platform = deaf
        await world.owes("odd")
        await world.deliver_all(700)
        assert deaf.tries == tries
        deaf.fault = None
        await world.owes("good")
        await world.deliver_all(60)
        assert [each.target.channel for each in deaf.posted] == ["good"]

    tell(story)


@pytest.mark.parametrize("admin_channel", ["", "admins"])
def test_a_notice_is_not_repeated_after_a_kill(tell: Any, admin_channel: str) -> None:
    async def story(world: World) -> None:
        world.platform.fault = refused_in("odd")
        await world.owes("odd", admin_channel=admin_channel)
        world.ledger.fails["mark_notified"] = 1  # it was sent, and that is not recorded
        await world.deliver_all(60)
        await world.deliver_all(60)
        assert len(world.platform.told) == (not admin_channel)
        assert len(world.platform.in_channel("admins")) == bool(admin_channel)
        assert await world.ledger.pending_notices("fake", world.clock.now(), 9) == ()

    tell(story)


def test_a_notice_that_a_kill_prevented_is_sent_where_the_channel_can_be_searched(
    tell: Any,
) -> None:
    async def story(world: World) -> None:
        world.platform.fault = refused_in("odd")
        await world.owes("odd", admin_channel="admins")
        now = world.clock.now()
        world.platform.find_fault = _busy_once()
        async with world.running():
            while not (due := await world.ledger.pending_notices("fake", now, 9)):
                await asyncio.sleep(0.01)
                now = world.clock.now()
            await world.ledger.claim_notice(due[0].id, None, now)  # as a program that died then
            await asyncio.sleep(900)
        assert len(world.platform.in_channel("admins")) == 1

    tell(story)


def test_a_program_that_was_frozen_repeats_no_notice_of_its_successor(tell: Any) -> None:
    async def story(world: World) -> None:
        world.platform.fault = refused_in("odd")
        await world.owes("odd", admin_channel="admins")
        now = world.clock.now()
        async with world.running():
            while not (due := await world.ledger.pending_notices("fake", now, 9)):
                await asyncio.sleep(0.01)
                now = world.clock.now()
            # Both have read it; the successor sends it, while the other one stands still.
            assert await world.ledger.claim_notice(due[0].id, None, now)
            await world.ledger.mark_notified(due[0].id, now, None)
        later = now + timedelta(hours=1)
        assert not await world.ledger.claim_notice(due[0].id, None, later)
        await world.ledger.mark_notified(due[0].id, later, later)  # of a claim that it lost
        assert await world.ledger.pending_notices("fake", later, 9) == ()

    tell(story)


def test_notices_to_one_person_are_paced(tell: Any) -> None:
    async def story(world: World) -> None:
        world.platform = Listener(fault=_odd)
        world.platform.rate_limit = RateLimit(50, timedelta(seconds=3))
        for number in range(5):
            await world.owes(f"odd-{number}")
        await world.deliver_all(60)
        times = world.platform.heard_at
        assert len(times) == 5
        assert [round(late - early, 3) for early, late in pairwise(times)] == [3.0] * 4

    tell(story)


class Listener(FakePlatform):
    """A platform that remembers when each person got a direct message."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.heard_at: list[float] = []

    async def send_direct_message(self, workspace: str, person: str, card: Card) -> None:
        self.heard_at.append(asyncio.get_running_loop().time())


def refused_in(channel: str) -> Any:
    """Return a fault that refuses what is posted in one channel."""

    def strike(platform: FakePlatform, target: Target, outgoing: OutgoingMessage) -> None:
        if target.channel == channel:
            raise Refused("too odd.", RefusalScope.PART)

    return strike


def _busy_once() -> Any:
    left = [TryLater(None)]

    def strike(key: str) -> None:
        if left:
            raise left.pop()

    return strike


def test_a_reason_is_told_in_the_language_of_the_channel() -> None:
    gone = to_exception(ErrorResponse(404, 10003), is_repeatable=True)
    strange = to_exception(ErrorResponse(403, 12345, "No dice"), is_repeatable=True)
    korean, both = Locale(catalogues.load(), "ko"), Locale(catalogues.load(), "both")

    assert "채널이 없어졌습니다." in _told(korean, gone)
    assert "The channel is gone" not in _told(korean, gone)
    assert "채널이 없어졌습니다." in _told(both, gone)
    assert "The channel is gone" in _told(both, gone)
    assert "No dice" in _told(korean, strange)


def _told(locale: Locale, error: Exception) -> str:
    url = "https://discord.com/channels/100/200"
    linked = notice_card(locale, "paused", "200", {"reason": str(error)}, url)
    assert linked.url == url
    assert url in [each.url for each in linked.controls if isinstance(each, LinkButton)]
    assert "200" not in linked.title
    (block,) = notice_card(locale, "paused", "200", {"reason": str(error)}).blocks
    assert isinstance(block, Paragraph)
    return block.runs[0].text
