"""Stores the numbers of papers' threads, and finds threads to be counted."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, func, select

from bot.model.channels import MessageRef, Target
from bot.model.deliveries import PartState
from bot.model.discussions import PaperThread, ThreadCounts
from storage.deliveries.communities import is_in_place
from storage.deliveries.row_mapping import part_from_row
from storage.reader import Reader, format_moment, rows_among
from storage.schema.deliveries import deliveries, parts, subscriptions
from storage.schema.discussions import thread_counts
from storage.schema.types import storable
from storage.schema.upserts import insert_or

_KEY = ("platform", "workspace", "channel", "thread")
_NEWEST_PARTS = 20_000
"""Among so many of the newest parts threads are looked for that were not counted yet."""

_insert = insert_or(thread_counts)
_RECORD = _insert.on_conflict_do_update(
    index_elements=list(_KEY),
    set_={
        column.name: _insert.excluded[column.name]
        for column in thread_counts.columns
        if column.name not in _KEY
    },
)


def record(connection: Connection, thread: PaperThread, now: datetime) -> None:
    """Store the numbers of a thread, in place of those that were counted before."""
    ref = thread.thread
    values = {
        "platform": ref.target.platform,
        "workspace": ref.target.workspace,
        "channel": ref.target.channel,
        "thread": ref.thread,
        "paper": thread.paper,
        "message": ref.id,
        "url": ref.url,
        "replies": thread.counts.replies,
        "people": thread.counts.people,
        "last_reply_at": thread.counts.last_reply_at,
        "counted_at": now,
    }
    connection.execute(_RECORD, {name: storable(value) for name, value in values.items()})


def forget(connection: Connection, target: Target, thread: str) -> None:
    """Forget the numbers of a thread that was deleted."""
    connection.execute(
        delete(thread_counts).where(
            is_in_place(thread_counts, target), thread_counts.c.thread == thread
        )
    )


def find(connection: Connection, target: Target, thread: str) -> ThreadCounts | None:
    """Return the numbers of a thread; None where it was never counted."""
    wanted = select(thread_counts).where(
        is_in_place(thread_counts, target), thread_counts.c.thread == thread
    )
    row = connection.execute(wanted).mappings().first()
    return _counts(row) if row else None


def list_recent(
    connection: Connection, platform: str, since: datetime, limit: int
) -> tuple[PaperThread, ...]:
    """Return threads that began or were written in since then, the newest first."""
    found: dict[tuple[Target, str], PaperThread] = {}
    newest = connection.execute(select(func.max(parts.c.id))).scalar() or 0
    began = (
        select(parts, subscriptions.c.workspace, subscriptions.c.channel)
        .join(deliveries, deliveries.c.id == parts.c.delivery_id)
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .where(
            parts.c.id > newest - _NEWEST_PARTS,
            parts.c.platform == platform,
            parts.c.paper > 0,
            parts.c.thread != "",
            parts.c.state == PartState.POSTED.value,
            parts.c.posted_at >= since,
        )
        .order_by(parts.c.sequence.desc())
    )
    for row in connection.execute(began).mappings():
        target = Target(platform, row["workspace"], row["channel"])
        ref = part_from_row(row, target).ref
        if ref is None:
            continue
        key = (target, ref.thread)
        known = found.get(key) or PaperThread(row["paper"], ref)
        own = known.own_messages + (ref.id != ref.thread)
        # The earliest message comes last, and is the one that links lead to.
        found[key] = replace(known, thread=ref, own_messages=own)
    counted = (
        select(thread_counts)
        .where(thread_counts.c.platform == platform)
        .order_by(func.coalesce(thread_counts.c.last_reply_at, thread_counts.c.counted_at).desc())
        .limit(limit)
    )
    for row in connection.execute(counted).mappings():
        thread = _thread(row)
        key = (thread.thread.target, thread.thread.thread)
        if key in found:
            found[key] = replace(found[key], counts=thread.counts, counted_at=thread.counted_at)
        elif thread.counts.last_reply_at and thread.counts.last_reply_at >= since:
            found[key] = thread
    return tuple(found.values())[:limit]


def find_lively(reader: Reader, since: datetime) -> frozenset[Target]:
    """Return the channels in a thread of which a member wrote since then."""
    written = (
        "SELECT DISTINCT platform, workspace, channel FROM thread_counts "
        "WHERE replies > 0 AND last_reply_at >= ?"
    )
    return frozenset(Target(*row) for row in reader.rows(written, (format_moment(since),)))


def with_former_ids(reader: Reader, papers: Sequence[int]) -> list[int]:
    """Return the ids of papers with those of the papers that were merged into them."""
    merged = "SELECT id FROM forwards WHERE paper_id IN ({marks})"
    return [*papers, *(number for (number,) in rows_among(reader, merged, papers))]


def _thread(row: RowMapping) -> PaperThread:
    target = Target(row["platform"], row["workspace"], row["channel"])
    ref = MessageRef(target, row["message"], row["thread"], row["url"])
    return PaperThread(row["paper"], ref, counts=_counts(row), counted_at=row["counted_at"])


def _counts(row: RowMapping) -> ThreadCounts:
    return ThreadCounts(row["replies"], row["people"], row["last_reply_at"])
