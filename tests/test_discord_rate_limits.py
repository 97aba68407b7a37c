"""The rates of Discord, in virtual time: no machine is so slow that too much is sent."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from adapters.discord import platform
from adapters.discord.http.client import RestClient
from adapters.discord.http.rate_limits import RouteRateLimiter
from adapters.discord.http.route import Route
from adapters.discord.options import Options
from bot.delivery.composer import Composer
from bot.delivery.outbox import Outbox
from bot.digests.deliveries import plan_delivery
from bot.model.channels import Target
from bot.model.subscriptions import Subscription
from bot.ports.archive import Archive
from bot.ports.errors import TryLater
from config import catalogues
from storage.deliveries.ledger import SqlLedger
from tests import samples
from tests.fakes import FakeIssueArchive
from tests.fast_delivery import TIMING
from tests.virtual_time import VirtualClock, VirtualLoop, inline_transactions, run

CLOCK = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
ANSWER = Route("POST", "/interactions/{main}", "1", "/token/callback")


def asks(number: int) -> Route:
    return Route("GET", "/channels/{main}", str(number))


async def take(limiter: RouteRateLimiter, route: Route) -> None:
    """Take a turn, and use it at once."""
    turn = await limiter.acquire(route)
    if turn is not None:
        turn.settle()


def most_in_a_second(moments: Sequence[float]) -> int:
    return max(sum(start <= each < start + 1 for each in moments) for start in moments)


@given(st.lists(st.floats(0, 3), max_size=12))
def test_at_most_fifty_go_in_any_second_however_the_machine_halts(halts: list[float]) -> None:
    moments: list[float] = []

    async def ask(limiter: RouteRateLimiter, number: int) -> None:
        await take(limiter, asks(number))
        moments.append(CLOCK.monotonic())

    async def halt() -> None:
        for seconds in halts:
            await asyncio.sleep(0.3)
            cast(VirtualLoop, asyncio.get_running_loop()).freeze(seconds)

    async def work() -> None:
        limiter = RouteRateLimiter(CLOCK)
        await asyncio.gather(halt(), *(ask(limiter, number) for number in range(200)))

    run(work())
    assert len(moments) == 200
    assert most_in_a_second(moments) <= 50


def test_requests_do_not_rush_out_when_a_pause_of_all_routes_is_over() -> None:
    moments: list[float] = []

    async def ask(limiter: RouteRateLimiter, number: int) -> None:
        await asyncio.sleep(number / 100)
        await take(limiter, asks(number))
        moments.append(CLOCK.monotonic())

    async def work() -> None:
        limiter = RouteRateLimiter(CLOCK)
        limiter.hold(asks(0), 3, everywhere=True)
        await asyncio.gather(*(ask(limiter, number) for number in range(150)))

    run(work())
    assert min(moments) == pytest.approx(3)
    assert most_in_a_second(moments) <= 50


def test_answers_to_people_do_not_wait_for_the_others() -> None:
    async def work() -> float:
        limiter = RouteRateLimiter(CLOCK)
        limiter.hold(asks(0), 3, everywhere=True)
        waiting = [asyncio.create_task(take(limiter, asks(number))) for number in range(50)]
        await asyncio.sleep(0)
        await take(limiter, ANSWER)
        answered_at = CLOCK.monotonic()
        await asyncio.gather(*waiting)
        return answered_at

    assert run(work()) == 0


def test_a_bucket_that_is_used_up_holds_its_channel_alone() -> None:
    async def work() -> tuple[float, float]:
        limiter = RouteRateLimiter(CLOCK)
        empty = {
            "X-RateLimit-Bucket": "b", "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset-After": "2",
        }  # fmt: skip
        limiter.record_response(asks(1), 200, empty)
        await take(limiter, asks(2))
        other = CLOCK.monotonic()
        await take(limiter, asks(1))
        return other, CLOCK.monotonic()

    other, same = run(work())
    assert other < 1
    assert same == pytest.approx(2)


def test_what_would_wait_long_is_for_later() -> None:
    async def work() -> None:
        limiter = RouteRateLimiter(CLOCK)
        waiting = [asyncio.create_task(take(limiter, asks(number))) for number in range(237)]
        await asyncio.sleep(0)
        with pytest.raises(TryLater) as error:
            await take(limiter, asks(999))
        assert error.value.retry_after is not None
        assert error.value.retry_after.total_seconds() == pytest.approx(5, abs=0.2)
        await asyncio.gather(*waiting)
        await take(limiter, asks(999))

    run(work())


def test_after_too_many_refusals_a_pause_is_due() -> None:
    async def work() -> None:
        limiter = RouteRateLimiter(CLOCK)
        for _ in range(5000):
            limiter.record_response(asks(1), 403, {})
        with pytest.raises(TryLater, match="a pause is due"):
            await take(limiter, asks(2))
        await asyncio.sleep(601)
        await take(limiter, asks(2))

    run(work())


class Answering(RestClient):
    """Is answered at once by a Discord that counts what comes within each second."""

    def __init__(self) -> None:
        super().__init__("token", "http://discord.test", timedelta(seconds=15))
        self._limiter = RouteRateLimiter(CLOCK)
        self.moments: list[float] = []

    async def _request(self, route: Route, body: object, until: float | None = None) -> Any:
        await take(self._limiter, route)
        self.moments.append(CLOCK.monotonic())
        await CLOCK.sleep(0.08)
        return {"id": f"{len(self.moments)}", "type": 0, "guild_id": "100"}


@pytest.mark.long
def test_the_outbox_through_the_adapter_reaches_nine_tenths_of_the_permitted_rate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    channels, rest = 400, Answering()
    monkeypatch.setattr(platform, "RestClient", lambda *_: rest)

    async def work() -> None:
        with inline_transactions(tmp_path / "archive.sqlite3") as transactions:
            ledger, now = SqlLedger(transactions), CLOCK.now()
            for number in range(channels):
                target = Target("discord", "100", f"{1000 + number}")
                kept = await ledger.subscribe(Subscription(target, "dair", language="en"), now)
                plan = plan_delivery(kept, samples.issue(), now, now + kept.grace)
                await ledger.enqueue(plan, now)
            archive = cast("Archive", FakeIssueArchive([samples.issue()]))
            composer = Composer(archive, catalogues.load())
            stop, here = asyncio.Event(), platform.Discord(Options(token=SecretStr("token")))
            outbox = Outbox(here, ledger, composer, TIMING, CLOCK)
            sending = asyncio.create_task(outbox.run(stop))
            while any(each.owed for each in await ledger.platform_stats(CLOCK.now())):
                await CLOCK.sleep(0.5)
            stop.set()
            await sending

    run(work())
    seconds = max(rest.moments) - min(rest.moments)
    assert len(rest.moments) == channels
    assert most_in_a_second(rest.moments) <= 50
    assert (channels - 1) / seconds >= 0.9 * 50
