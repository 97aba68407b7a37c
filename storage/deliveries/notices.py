"""Keeps the notices to subscribers, each sent once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, update

from bot.model.delivery_reports import PendingNotice
from bot.model.planning import Notice
from bot.model.subscriptions import Subscription
from bot.ports.changes import Change
from storage.changes import announce
from storage.deliveries.row_mapping import load_subscriptions
from storage.deliveries.table_rows import TableRows
from storage.reader import Reader, format_moment
from storage.schema.deliveries import notices
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


_CLAIM = (
    update(notices)
    .where(
        notices.c.id == bindparam("notice"),
        notices.c.due_at.is_not(None),
        notices.c.claimed_at.is_not_distinct_from(bindparam("as_read", type_=UtcDateTime)),
    )
    .values(claimed_at=bindparam("now", type_=UtcDateTime))
)
_MARK = (
    update(notices)
    .where(
        notices.c.id == bindparam("notice"),
        notices.c.claimed_at == bindparam("as_claimed", type_=UtcDateTime),
    )
    .values(
        due_at=bindparam("again_at", type_=UtcDateTime),
        attempts=notices.c.attempts + 1,
        claimed_at=None,
    )
)
_NOTICES = TableRows(notices)
# The platform and the number are no bare columns, so that SQLite begins with the index of the few
# notices that are pending, and reads no others.
_PENDING = _NOTICES.select(
    "JOIN subscriptions ON subscriptions.id = notices.subscription_id "
    "WHERE subscriptions.platform || '' = ? AND notices.due_at IS NOT NULL "
    "AND (notices.due_at <= ? OR notices.due_at > ?) ORDER BY notices.id + 0 LIMIT ?"
)


def pending_notices(
    reader: Reader, platform: str, now: datetime, limit: int
) -> tuple[PendingNotice, ...]:
    """Return the notices that are due, oldest first."""
    values = (platform, format_moment(now), format_moment(now + _JUMP), limit)
    rows = list(_NOTICES.decode(reader.rows(_PENDING, values)))
    whose = sorted({row["subscription_id"] for row in rows})
    owners = load_subscriptions(reader, whose)
    return tuple(
        _pending(row, owners[row["subscription_id"]])
        for row in rows
        if row["subscription_id"] in owners
    )


def claim_notice(
    connection: Connection, number: int, claimed_at: datetime | None, now: datetime
) -> bool:
    """Record that a notice is about to be sent, where it is as it was read."""
    wanted = {"notice": number, "as_read": claimed_at, "now": now}
    return connection.execute(_CLAIM, wanted).rowcount == 1


def postpone_notice(connection: Connection, number: int, due_at: datetime) -> None:
    """Let a notice wait until then."""
    connection.execute(update(notices).where(notices.c.id == number).values(due_at=due_at))
    announce(connection, Change.OUTBOX)


def mark_notified(
    connection: Connection, number: int, claimed_at: datetime, due_at: datetime | None
) -> None:
    """Record what became of the claim of a notice, where it is the newest one."""
    marked = {"notice": number, "as_claimed": claimed_at, "again_at": due_at}
    connection.execute(_MARK, marked)
    if due_at is not None:
        announce(connection, Change.OUTBOX)


def _pending(row: Mapping[str, Any], subscription: Subscription) -> PendingNotice:
    notice = Notice(row["kind"], row["subject"], row["facts"])
    return PendingNotice(row["id"], notice, subscription, row["attempts"], row["claimed_at"])
