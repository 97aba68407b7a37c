"""The ledger of deliveries on SQLite: the port `bot.ports.ledger.Ledger`."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.model.channels import MessageRef, Target
from bot.model.deliveries import (
    Account,
    Discussion,
    History,
    Lease,
    Owed,
    Part,
    PendingNotice,
    Planned,
    Tally,
    Verdict,
    WantedDiscussion,
)
from bot.model.subscriptions import Subscription
from storage.connections import Transactions
from storage.deliveries import claims, discussions, notices, queue, subscriptions


class Ledger:
    """Fulfils `bot.ports.ledger.Ledger` on whatever runs its transactions."""

    def __init__(self, transactions: Transactions) -> None:
        self._read = transactions.read
        self._write = transactions.write

    async def subscribe(self, wanted: Subscription, now: datetime) -> Subscription:
        return await self._write(subscriptions.subscribe, wanted, now)

    async def subscriptions(self, target: Target | None = None) -> tuple[Subscription, ...]:
        return await self._read(subscriptions.find, target)

    async def pause(self, number: int, now: datetime, *, paused: bool) -> None:
        await self._write(subscriptions.pause, number, now, paused=paused)

    async def unsubscribe(self, number: int) -> None:
        await self._write(subscriptions.unsubscribe, number)

    async def account(self, number: int, limit: int) -> Account:
        return await self._read(subscriptions.account, number, limit)

    async def tallies(self, now: datetime) -> tuple[Tally, ...]:
        return await self._read(subscriptions.tallies, now)

    async def due(
        self, now: datetime, reach: timedelta
    ) -> tuple[tuple[Subscription, History], ...]:
        return await self._read(queue.due, now, reach)

    async def history(self, number: int, since: datetime) -> History:
        return await self._read(queue.history, number, since)

    async def settle(self, subscription: Subscription, verdict: Verdict, now: datetime) -> bool:
        return await self._write(queue.settle, subscription, verdict, now)

    async def reckon(self, number: int, next_at: datetime | None) -> None:
        await self._write(queue.reckon, number, next_at)

    async def owe(self, planned: Planned, now: datetime) -> bool:
        return await self._write(queue.owe, planned, now)

    async def tidy(self, now: datetime) -> int:
        if not await self._read(queue.is_untidy, now):
            return 0
        return await self._write(queue.tidy, now)

    async def beat(self, platform: str, owner: str, stale: Lease | None) -> Lease:
        return await self._write(claims.beat, platform, owner, stale)

    async def leave(self, platform: str, owner: str) -> None:
        await self._write(claims.leave, platform, owner)

    async def halt(self, platform: str, reason: str) -> None:
        await self._write(claims.halt, platform, reason)

    async def heads(
        self, platform: str, now: datetime, limit: int, channel: str | None = None
    ) -> tuple[Owed, ...]:
        return await self._read(claims.heads, platform, now, limit, channel)

    async def claim(
        self, owner: str, wanted: Sequence[tuple[Owed, int]], now: datetime
    ) -> tuple[Owed, ...]:
        return await self._write(claims.claim, owner, wanted, now)

    async def put_off(self, part: Part, due_at: datetime) -> None:
        await self._write(claims.put_off, part, due_at)

    async def mark_posted(self, part: Part, ref: MessageRef, now: datetime) -> bool:
        return await self._write(claims.mark_posted, part, ref, now)

    async def mark_owed(self, part: Part, due_at: datetime, error: str) -> bool:
        return await self._write(claims.mark_owed, part, due_at, error)

    async def mark_failed(self, owed: Owed, error: str, now: datetime, *, is_untold: bool) -> bool:
        return await self._write(claims.mark_failed, owed, error, now, is_untold=is_untold)

    async def withdraw(self, part: Part) -> None:
        await self._write(claims.withdraw, part)

    async def overview_before(self, owed: Owed) -> MessageRef | None:
        return await self._read(claims.overview_before, owed)

    async def pause_channel(self, target: Target, reason: str, now: datetime) -> None:
        await self._write(claims.pause_channel, target, reason, now)

    async def notices(self, platform: str, now: datetime, limit: int) -> tuple[PendingNotice, ...]:
        return await self._read(notices.pending, platform, now, limit)

    async def mark_told(self, number: int, due_at: datetime | None) -> None:
        await self._write(notices.mark_told, number, due_at)

    async def discussion(self, target: Target, paper: int) -> Discussion | None:
        return await self._read(discussions.find, target, paper)

    async def discuss(self, wanted: WantedDiscussion, now: datetime) -> None:
        await self._write(discussions.open_, wanted, now)

    async def forget(self, target: Target, paper: int, thread: MessageRef) -> None:
        await self._write(discussions.forget, target, paper, thread.thread)
