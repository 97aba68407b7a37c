"""Measures how near the outbox comes to the rate that a platform permits, and what it is refused.

The reference is the floor that the platform's rules set: so many messages at 50 a second, and
each channel at its own rate. The first two crowds are posted over real sockets to a receiver that
keeps to the rules without any slack; the third, of 10,000 channels, in virtual time.
"""

import asyncio
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

from adapters import connect
from bot.delivery.composer import Composer
from bot.delivery.outbox import Outbox
from bot.delivery.recorder import DeliveryTiming
from bot.digests.deliveries import plan_delivery
from bot.lib.clock import Clock, SystemClock
from bot.lib.rate_limit import RateLimit
from bot.model.channels import Target
from bot.model.subscriptions import Layout, Subscription
from bot.ports.archive import Archive
from bot.ports.errors import TryLater
from bot.ports.platform import OutgoingMessage, Platform
from config import catalogues
from storage.deliveries.ledger import SqlLedger
from storage.store import ArchiveStore
from tests import discord_server, samples
from tests.fakes import FakeIssueArchive, FakePlatform
from tests.virtual_time import VirtualClock, inline_transactions, run
from tests.webhook_receiver import SECRET, Rate, RateLimits, Rules, WebhookReceiver

RESULTS = Path(__file__).with_name("RESULTS.md")
OVERALL = Rate(50, 1.0)
TIMING = DeliveryTiming(
    lease=timedelta(seconds=30),
    settle_time=timedelta(seconds=5),
    poll_interval=timedelta(seconds=1),
    initial_backoff=timedelta(seconds=2),
    max_backoff=timedelta(minutes=5),
    give_up_after=timedelta(hours=24),
)
PAPERS = tuple(replace(samples.RING, key=f"arxiv:2310.{n:05}", aliases=()) for n in range(10))
ISSUE = samples.issue(PAPERS)


@dataclass(frozen=True)
class Crowd:
    """So many channels, so many messages each, on a platform with these rules."""

    name: str
    channels: int
    layout: Layout
    per_channel: Rate
    rate_limit: float
    """Seconds that the adapter keeps between two messages of a channel."""
    uses_adapter: bool = False
    """Whether it goes through the adapter of Discord, which makes requests of its own."""

    @property
    def messages(self) -> int:
        each = len(plan_delivery(_wish("", self.layout), ISSUE, _now(), _now()).parts)
        return self.channels * each

    @property
    def floor(self) -> float:
        """Return the seconds that the messages take at exactly the permitted rates."""
        each = self.messages // self.channels
        own = (each - 1) / self.per_channel.count * self.per_channel.seconds
        return max((self.messages - 1) / OVERALL.count * OVERALL.seconds, own)


DISCORD, SLACK = Rate(5, 5.0), Rate(1, 1.0)
CROWDS = (
    Crowd("Discord, 100 x 11", 100, Layout.FORUM, DISCORD, 1.0),
    Crowd("Discord, 1,000 x 1", 1000, Layout.OVERVIEW, DISCORD, 1.0),
    Crowd("Slack, 100 x 11", 100, Layout.FORUM, SLACK, 1.05),
    Crowd(
        "Discord's adapter, 100 forums x 11", 100, Layout.FORUM, DISCORD, 1.0, uses_adapter=True
    ),
    Crowd("Discord's adapter, 1,000 x 1", 1000, Layout.OVERVIEW, DISCORD, 1.0, uses_adapter=True),
)
VIRTUAL = Crowd("Discord, 10,000 x 1, virtual time", 10_000, Layout.OVERVIEW, DISCORD, 1.0)


@dataclass(frozen=True)
class Figures:
    """What was measured."""

    seconds: float
    """From the first message to the last."""
    accepted: int
    refused: int
    doubled: int


def _now() -> datetime:
    return datetime.now(UTC)


def _wish(channel: str, layout: Layout) -> Subscription:
    return Subscription(Target("webhook", "", channel), "dair", language="en", layout=layout)


async def _owe(ledger: SqlLedger, crowd: Crowd, platform: str, now: datetime) -> None:
    for number in range(crowd.channels):
        wish = _wish(f"c{number}", crowd.layout)
        guild = discord_server.GUILD if platform == "discord" else ""
        wish = replace(wish, target=replace(wish.target, platform=platform, workspace=guild))
        kept = await ledger.subscribe(wish, now)
        await ledger.enqueue(plan_delivery(kept, ISSUE, now, now + kept.grace), now)


async def _pay(ledger: SqlLedger, platform: Platform, clock: Clock) -> None:
    contents = Composer(cast("Archive", FakeIssueArchive([ISSUE])), catalogues.load())
    stop = asyncio.Event()
    paying = asyncio.create_task(Outbox(platform, ledger, contents, TIMING, clock).run(stop))
    while any(tally.owed for tally in await ledger.platform_stats(clock.now())):
        await clock.sleep(2)
    stop.set()
    await paying


async def over_sockets(crowd: Crowd) -> Figures:
    """Post over real sockets, with the real store."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.sqlite3"
        with inline_transactions(path) as quick:
            await _owe(SqlLedger(quick), crowd, "webhook", _now())
        rules = Rules(overall=OVERALL, per_channel=crowd.per_channel)
        ours, theirs = Pipe()
        receiver = get_context("fork").Process(target=_receive, args=(theirs, rules))
        receiver.start()
        address = ours.recv()
        options: dict[str, Any] = {
            "channels": {f"c{n}": address + f"c{n}" for n in range(crowd.channels)},
            "secret": SECRET,
            "per_second": OVERALL.count / OVERALL.seconds,
            "per_channel_seconds": crowd.rate_limit,
            "timeout_seconds": 10,
        }
        platform = connect("webhook", options)
        store = ArchiveStore.open(path)
        await _pay(store.ledger(), platform, SystemClock())
        await store.close()
        await platform.close()
        ours.send("done")
        times, refused, doubled = ours.recv()
        receiver.join()
        return Figures(max(times) - min(times), len(times), refused, doubled)


async def through_adapter(crowd: Crowd) -> Figures:
    """Post to a loopback Discord through its adapter, with the real store."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.sqlite3"
        with inline_transactions(path) as quick:
            await _owe(SqlLedger(quick), crowd, "discord", _now())
        ours, theirs = Pipe()
        server = get_context("fork").Process(target=_play_discord, args=(theirs, crowd))
        server.start()
        address = ours.recv()
        options = {"token": discord_server.TOKEN, "api_url": address, "timeout_seconds": 10}
        platform = connect("discord", options)
        store = ArchiveStore.open(path)
        await _pay(store.ledger(), platform, SystemClock())
        await store.close()
        await platform.close()
        ours.send("done")
        times, refused, doubled = ours.recv()
        server.join()
        return Figures(max(times) - min(times), len(times), refused, doubled)


def _play_discord(pipe: Connection, crowd: Crowd) -> None:
    """Be a Discord with the channels of a crowd, in a process of its own."""

    async def serve() -> None:
        per_second, seconds = int(OVERALL.count), crowd.per_channel.seconds
        rules = {"validates": False, "per_second": per_second, "bucket_seconds": seconds}
        async with discord_server.Server(supports_nonces=False, **rules) as server:
            tags = [{"id": f"{n}", "name": tag} for n, tag in enumerate(samples.RING.all_tags, 1)]
            for number in range(crowd.channels):
                server.channels[f"c{number}"] = {
                    "id": f"c{number}", "guild_id": discord_server.GUILD, "name": "papers",
                    "type": 15 if crowd.layout is Layout.FORUM else 0, "available_tags": tags,
                }  # fmt: skip
            pipe.send(server.api_url)
            await asyncio.to_thread(pipe.recv)
            every = [
                str(message["components"])
                for place, each in server.messages.items()
                for message in each
            ]
            doubled = len(every) - len(set(every))
            pipe.send((server.posted_at, server.refused[429], doubled))

    asyncio.run(serve())


def _receive(pipe: Connection, rules: Rules) -> None:
    """Be the receiver, in a process of its own; in the end tell what it saw."""

    async def serve() -> None:
        async with WebhookReceiver(rules) as receiver:
            pipe.send(receiver.url(""))
            await asyncio.to_thread(pipe.recv)
            times = [message.time for message in receiver.ledger]
            pipe.send((times, receiver.refusals[429], len(receiver.duplicates())))

    asyncio.run(serve())


async def in_virtual_time(crowd: Crowd) -> Figures:
    """Post in virtual time to a platform that keeps to the same rules."""
    with (
        tempfile.TemporaryDirectory() as folder,
        inline_transactions(Path(folder) / "archive.sqlite3") as transactions,
    ):
        clock = VirtualClock(_now())
        gates = RateLimits(Rules(overall=OVERALL, per_channel=crowd.per_channel))
        refused = 0

        def strict(_: FakePlatform, target: Target, _outgoing: OutgoingMessage) -> None:
            nonlocal refused
            wait = gates.refuse(target.channel, clock.monotonic())
            if wait:
                refused += 1
                raise TryLater(timedelta(seconds=wait))

        pace = RateLimit(OVERALL.count / OVERALL.seconds, timedelta(seconds=crowd.rate_limit))
        platform = FakePlatform(rate_limit=pace, fault=strict)
        ledger = SqlLedger(transactions)
        await _owe(ledger, crowd, "fake", clock.now())
        await _pay(ledger, platform, clock)
        times = [each.at for each in platform.posted]
        return Figures(max(times) - min(times), len(times), refused, len(platform.duplicates()))


def main() -> None:
    """Measure and write the figures down."""
    rows = []
    for crowd in (*CROWDS, VIRTUAL):
        if crowd is VIRTUAL:
            found = run(in_virtual_time(crowd))
        else:
            measure = through_adapter if crowd.uses_adapter else over_sockets
            found = asyncio.run(measure(crowd))
        share = crowd.floor / found.seconds
        rows.append(
            f"| {crowd.name} | {crowd.messages:,} | {found.accepted:,} | {found.doubled} | "
            f"{found.refused} | {found.seconds:.1f} | {crowd.floor:.1f} | {share:.1%} |"
        )
        print(rows[-1], flush=True)
        assert found.accepted == crowd.messages
        assert not found.refused
        assert not found.doubled
    RESULTS.write_text(TEXT.format(rows="\n".join(rows)), encoding="utf-8")


TEXT = """# How near the outbox comes to the permitted rate

Written by `make bench-delivery`. A receiver that permits 50 requests a second overall, and 5 in 5
seconds a channel (as Discord) or 1 in a second (as Slack), without any slack, counts what it
accepts and refuses. The floor is the time that the messages take at exactly those rates.

| crowd | messages | accepted | twice | refused | seconds | floor | share of the rate |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{rows}

The first rows post to a bare receiver, by the adapter of webhooks, which makes one request a
message. Those of *Discord's adapter* go through the adapter itself to a loopback Discord, whose
limit of 50 requests a second counts every request: a forum is looked up once for its tags, other
channels are not.

96 % of the rate is what the pacer aims at (`bot/lib/rate_limit.py`): the rest is for what delays
requests on their way, so that two that left apart never arrive together.
"""


if __name__ == "__main__":
    main()
