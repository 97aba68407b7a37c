"""The ledger of deliveries on SQL: the port `bot.ports.ledger.Ledger`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.lib.deferred import DeferredModule
from storage.deliveries.talk import count_votes, sum_up

if TYPE_CHECKING:
    from bot.model.channels import MessageRef, Target
    from bot.model.deliveries import Discussion, DueCrosspost, DuePart, Lease, Part, PostedPart
    from bot.model.delivery_reports import (
        PendingNotice,
        PlatformStats,
        SubscriptionReport,
        UnconfirmedPart,
    )
    from bot.model.discussions import Ballot, Community, PaperTalk, PaperThread, VoteResult
    from bot.model.message_edits import DueEdit, EditBatch, FinishedEdit
    from bot.model.planning import DiscussionRequest, DuePage, PlannedDelivery, SubscriptionPlan
    from bot.model.subscriptions import Subscription
    from storage.connections import LedgerTransactions
    from storage.deliveries import (
        claims,
        crossposts,
        discussions,
        due_parts,
        leases,
        message_edits,
        notices,
        queue,
        reports,
        slots,
        subscriptions,
        thread_counts,
        unconfirmed,
        votes,
    )
    from storage.deliveries.stamp import LedgerStamp
else:
    # A command that asks once starts without what it does not need.
    claims = DeferredModule("storage.deliveries.claims")
    crossposts = DeferredModule("storage.deliveries.crossposts")
    discussions = DeferredModule("storage.deliveries.discussions")
    due_parts = DeferredModule("storage.deliveries.due_parts")
    leases = DeferredModule("storage.deliveries.leases")
    message_edits = DeferredModule("storage.deliveries.message_edits")
    notices = DeferredModule("storage.deliveries.notices")
    queue = DeferredModule("storage.deliveries.queue")
    reports = DeferredModule("storage.deliveries.reports")
    slots = DeferredModule("storage.deliveries.slots")
    subscriptions = DeferredModule("storage.deliveries.subscriptions")
    thread_counts = DeferredModule("storage.deliveries.thread_counts")
    unconfirmed = DeferredModule("storage.deliveries.unconfirmed")
    votes = DeferredModule("storage.deliveries.votes")


class SqlLedger:
    """Fulfils `bot.ports.ledger.Ledger` on transactions of any kind."""

    def __init__(
        self,
        transactions: LedgerTransactions,
        stamp: LedgerStamp | None = None,
    ) -> None:
        self._read = transactions.read
        self._select = transactions.select
        self._write = transactions.write
        self._run = transactions.run
        self._change = transactions.change
        self._stamp = stamp

    async def _write_stamp(self, platform: str, beat: int) -> None:
        if self._stamp:
            await self._run(self._stamp.write, platform, beat)

    async def subscribe(self, wanted: Subscription, now: datetime) -> Subscription:
        return await self._write(subscriptions.subscribe, wanted, now)

    async def subscriptions(self, target: Target | None = None) -> tuple[Subscription, ...]:
        return await self._select(subscriptions.find, target)

    async def refused_subscriptions(self, platform: str) -> tuple[Subscription, ...]:
        return await self._select(subscriptions.find_refused, platform)

    async def set_paused(self, number: int, now: datetime, *, paused: bool) -> None:
        await self._write(subscriptions.pause, number, now, paused=paused)

    async def unsubscribe(self, number: int) -> None:
        await self._write(subscriptions.unsubscribe, number)

    async def subscription_report(self, number: int, limit: int) -> SubscriptionReport:
        return await self._read(reports.subscription_report, number, limit)

    async def platform_stats(self, now: datetime) -> tuple[PlatformStats, ...]:
        return await self._read(reports.platform_stats, now)

    async def due_subscriptions(
        self, now: datetime, lookback: timedelta, after: int, limit: int
    ) -> DuePage:
        return await self._select(slots.due, now, lookback, (after, limit))

    async def record_plans(self, plans: Sequence[SubscriptionPlan], now: datetime) -> None:
        await self._write(slots.record_plans, plans, now)

    async def enqueue(self, planned: PlannedDelivery, now: datetime) -> bool:
        return await self._write(queue.enqueue, planned, now)

    async def find_unconfirmed(self, key: str) -> UnconfirmedPart | None:
        return await self._read(unconfirmed.find, key)

    async def settle_unconfirmed(
        self, key: str, now: datetime, *, is_there: bool, whole: bool
    ) -> bool:
        return await self._write(unconfirmed.settle, key, now, is_there=is_there, whole=whole)

    async def expire(self, now: datetime) -> int:
        if not await self._select(queue.has_expired, now):
            return 0
        return await self._write(queue.expire, now)

    async def acquire_or_renew(
        self, platform: str, owner: str, stale: Lease | None, now: datetime
    ) -> Lease:
        stamped = self._stamp.read(platform) if self._stamp else 0
        found = await self._change(leases.acquire_or_renew, platform, owner, stale, (now, stamped))
        if found.owner == owner:
            await self._write_stamp(platform, found.beat)
        return found

    async def release(self, platform: str, owner: str) -> None:
        await self._change(leases.release, platform, owner)

    async def record_halt(self, platform: str, reason: str) -> None:
        await self._change(leases.record_halt, platform, reason)

    async def next_parts(
        self,
        platform: str,
        now: datetime,
        limit: int,
        channels: Sequence[str] | None = None,
        without: Set[str] = frozenset(),
    ) -> tuple[DuePart, ...]:
        return await self._select(due_parts.next_parts, (platform, now, limit), channels, without)

    async def next_due(self, platform: str, now: datetime) -> datetime | None:
        return await self._select(due_parts.next_due, platform, now)

    async def claim(
        self, owner: str, wanted: Sequence[tuple[DuePart, int]], now: datetime
    ) -> tuple[DuePart, ...]:
        claimed, beat = await self._change(claims.claim, owner, wanted, now)
        if claimed:
            # Before anything is sent, so that no copy made before now counts as up to date.
            await self._write_stamp(claimed[0].subscription.target.platform, beat)
        return claimed

    async def postpone(self, part: Part, due_at: datetime) -> None:
        await self._change(claims.postpone, part, due_at)

    async def mark_posted(self, posted: Sequence[PostedPart]) -> int:
        return await self._change(claims.mark_posted, posted)

    async def supersede(self, part: Part, thread: MessageRef, now: datetime) -> None:
        await self._write(claims.supersede, part, thread, now)

    async def mark_owed(self, part: Part, due_at: datetime, error: str) -> bool:
        return await self._change(claims.mark_owed, part, due_at, error)

    async def mark_failed(
        self, due_part: DuePart, error: str, now: datetime, *, is_unconfirmed: bool
    ) -> bool:
        return await self._change(
            claims.mark_failed, due_part, error, now, is_unconfirmed=is_unconfirmed
        )

    async def discard_part(self, part: Part) -> None:
        await self._change(claims.discard_part, part)

    async def previous_overview(self, due_part: DuePart) -> MessageRef | None:
        return await self._select(due_parts.previous_overview, due_part)

    async def pause_channel(self, target: Target, reason: str, now: datetime) -> None:
        await self._write(subscriptions.pause_channel, target, reason, now)

    async def pause_workspace(self, target: Target, reason: str, now: datetime) -> None:
        await self._write(subscriptions.pause_workspace, target, reason, now)

    async def pending_notices(
        self, platform: str, now: datetime, limit: int
    ) -> tuple[PendingNotice, ...]:
        return await self._select(notices.pending_notices, platform, now, limit)

    async def claim_notice(self, number: int, claimed_at: datetime | None, now: datetime) -> bool:
        return await self._change(notices.claim_notice, number, claimed_at, now)

    async def postpone_notice(self, number: int, due_at: datetime) -> None:
        await self._change(notices.postpone_notice, number, due_at)

    async def mark_notified(
        self, number: int, claimed_at: datetime, due_at: datetime | None
    ) -> None:
        await self._change(notices.mark_notified, number, claimed_at, due_at)

    async def find_discussion(self, target: Target, paper: int) -> Discussion | None:
        return await self._read(discussions.find, target, paper)

    async def find_thread_refusal(self, target: Target, since: datetime) -> str:
        return await self._read(discussions.find_thread_refusal, target, since)

    async def last_opened(self, target: Target, person: str) -> datetime | None:
        return await self._read(discussions.last_opened, target, person)

    async def request_discussion(self, wanted: DiscussionRequest, now: datetime) -> None:
        await self._write(discussions.enqueue_discussion, wanted, now)

    async def forget_discussion(self, target: Target, paper: int, thread: MessageRef) -> None:
        await self._write(discussions.forget, target, paper, thread.thread)

    async def workspaces_with_edits(self, platform: str, now: datetime) -> tuple[str, ...]:
        return await self._select(message_edits.find_workspaces, platform, now)

    async def due_edits(self, wanted: EditBatch, now: datetime) -> tuple[DueEdit, ...]:
        return await self._read(message_edits.find_due, wanted, now)

    async def claim_edits(
        self, owner: str, edits: Sequence[DueEdit], now: datetime, until: datetime
    ) -> tuple[DueEdit, ...]:
        claimed, beat = await self._write(message_edits.claim, owner, edits, now, until)
        if claimed:
            await self._write_stamp(claimed[0].due_part.subscription.target.platform, beat)
        return claimed

    async def finish_edits(self, finished: Sequence[FinishedEdit], now: datetime) -> None:
        await self._write(message_edits.finish, finished, now)

    async def postpone_edit(self, edit: DueEdit, due_at: datetime) -> None:
        await self._write(message_edits.postpone, edit, due_at)

    async def due_crossposts(
        self, platform: str, now: datetime, limit: int
    ) -> tuple[DueCrosspost, ...]:
        return await self._select(crossposts.find_due, platform, now, limit)

    async def finish_crosspost(self, due: DueCrosspost) -> None:
        await self._change(crossposts.finish, due)

    async def postpone_crossposts(self, due: DueCrosspost, due_at: datetime) -> None:
        await self._change(crossposts.postpone, due, due_at)

    async def record_thread(self, thread: PaperThread, now: datetime) -> None:
        await self._write(thread_counts.record, thread, now)

    async def recent_threads(
        self, platform: str, since: datetime, limit: int
    ) -> tuple[PaperThread, ...]:
        return await self._read(thread_counts.list_recent, platform, since, limit)

    async def lively_channels(self, since: datetime) -> frozenset[Target]:
        return await self._select(thread_counts.find_lively, since)

    async def paper_talk(
        self,
        community: Community,
        limit: int,
        *,
        papers: Sequence[int] | None = None,
        since: datetime | None = None,
    ) -> tuple[PaperTalk, ...]:
        return await self._select(sum_up, community, limit, papers=papers, since=since)

    async def vote(self, ballot: Ballot, now: datetime) -> VoteResult:
        return await self._write(votes.vote, ballot, now)

    async def withdraw_vote(self, ballot: Ballot, now: datetime) -> VoteResult:
        return await self._write(votes.withdraw, ballot, now)

    async def papers_of_messages(
        self, platform: str, messages: Collection[str]
    ) -> Mapping[tuple[str, str], tuple[Target, int]]:
        return await self._read(discussions.papers_of_messages, platform, messages)

    async def votes(
        self,
        community: Community,
        *,
        papers: Sequence[int] | None = None,
        since: datetime | None = None,
    ) -> Mapping[int, int]:
        return await self._select(count_votes, community, papers=papers, since=since)
