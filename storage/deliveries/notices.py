"""Keeps the notices to subscribers, each sent once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select, update

from bot.model.delivery_reports import PendingNotice
from bot.model.planning import Notice
from bot.ports.changes import Change
from storage.changes import announce
from storage.deliveries.row_mapping import readable_subscriptions
from storage.schema.deliveries import notices, subscriptions
from storage.schema.types import UtcDateTime, storable
from storage.schema.upserts import insert_or

_JUMP = timedelta(hours=25)
"""Nothing is put off for longer; what seems to be was put off while the clock was wrong."""

_ADD = insert_or(notices).on_conflict_do_nothing()


def add_notice(connection: Connection, number: int, notice: Notice, now: datetime) -> None:
    """Store a notice of a subscription, unless the same was stored before."""
    add_notices(connection, [(number, notice)], now)


def add_notices(
    connection: Connection, wanted: Sequence[tuple[int, Notice]], now: datetime
) -> None:
    """Store notices, each of a subscription, unless the same were stored before."""
    rows = [
        {
            "subscription_id": number,
            "kind": notice.kind,
            "subject": notice.subject,
            "facts": {name: storable(value) for name, value in notice.facts.items()},
            "attempts": 0,
            "due_at": now,
        }
        for number, notice in wanted
    ]
    if rows:
        connection.execute(_ADD, rows)
        announce(connection, Change.OUTBOX)


_PENDING = (
    select(notices)
    .join(subscriptions, subscriptions.c.id == notices.c.subscription_id)
    .where(
        # Joined to nothing, so that SQLite begins with the few notices that are pending.
        subscriptions.c.platform.concat("") == bindparam("platform"),
        notices.c.due_at.is_not(None),
        or_(
            notices.c.due_at <= bindparam("now", type_=UtcDateTime),
            notices.c.due_at > bindparam("far", type_=UtcDateTime),
        ),
    )
    .order_by(notices.c.id)
    .limit(bindparam("most"))
)


def pending_notices(
    connection: Connection, platform: str, now: datetime, limit: int
) -> tuple[PendingNotice, ...]:
    """Return the notices that are due, oldest first."""
    wanted = {"platform": platform, "now": now, "far": now + _JUMP, "most": limit}
    rows = connection.execute(_PENDING, wanted).all()
    return tuple(filter(None, (_pending(connection, row) for row in rows)))


def claim_notice(
    connection: Connection, number: int, claimed_at: datetime | None, now: datetime
) -> bool:
    """Record that a notice is about to be sent, where it is as it was read."""
    as_read = (notices.c.due_at.is_not(None), notices.c.claimed_at == claimed_at)
    changed = connection.execute(
        update(notices).where(notices.c.id == number, *as_read).values(claimed_at=now)
    )
    return changed.rowcount == 1


def postpone_notice(connection: Connection, number: int, due_at: datetime) -> None:
    """Let a notice wait until then."""
    connection.execute(update(notices).where(notices.c.id == number).values(due_at=due_at))
    announce(connection, Change.OUTBOX)


def mark_notified(
    connection: Connection, number: int, claimed_at: datetime, due_at: datetime | None
) -> None:
    """Record what became of the claim of a notice, where it is the newest one."""
    connection.execute(
        update(notices)
        .where(notices.c.id == number, notices.c.claimed_at == claimed_at)
        .values(due_at=due_at, attempts=notices.c.attempts + 1, claimed_at=None)
    )
    if due_at is not None:
        announce(connection, Change.OUTBOX)


def _pending(connection: Connection, row: Row[Any]) -> PendingNotice | None:
    wanted = select(subscriptions).where(subscriptions.c.id == row.subscription_id)
    found = readable_subscriptions(connection.execute(wanted).mappings())
    if row.subscription_id not in found:
        return None
    notice = Notice(row.kind, row.subject, row.facts)
    subscription = found[row.subscription_id]
    return PendingNotice(row.id, notice, subscription, row.attempts, row.claimed_at)
