"""Keeps what whoever subscribed is to be told, each once."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select, update
from sqlalchemy.dialects.sqlite import insert as insert_new

from bot.model.deliveries import Notice, PendingNotice
from storage.deliveries.subscriptions import subscription_from_row
from storage.schema.deliveries import notices, subscriptions
from storage.schema.types import UtcDateTime, storable

_JUMP = timedelta(hours=25)
"""Nothing is put off for longer; what seems to be was put off while the clock was wrong."""


def add_notice(connection: Connection, number: int, notice: Notice, now: datetime) -> None:
    """Keep a notice, unless the same was told before."""
    connection.execute(
        insert_new(notices)
        .values(
            subscription_id=number,
            kind=notice.kind,
            subject=notice.subject,
            facts={name: storable(value) for name, value in notice.facts.items()},
            attempts=0,
            due_at=now,
        )
        .on_conflict_do_nothing()
    )


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
    """Return what is to be told by now."""
    wanted = {"platform": platform, "now": now, "far": now + _JUMP, "most": limit}
    rows = connection.execute(_PENDING, wanted).all()
    return tuple(_pending(connection, row) for row in rows)


def mark_notified(connection: Connection, number: int, due_at: datetime | None) -> None:
    """Mark a notice as told, or as to be tried again then."""
    connection.execute(
        update(notices)
        .where(notices.c.id == number)
        .values(due_at=due_at, attempts=notices.c.attempts + 1)
    )


def _pending(connection: Connection, row: Row[Any]) -> PendingNotice:
    found = connection.execute(
        select(subscriptions).where(subscriptions.c.id == row.subscription_id)
    )
    notice = Notice(row.kind, row.subject, row.facts)
    return PendingNotice(
        row.id, notice, subscription_from_row(found.mappings().one()), row.attempts
    )
