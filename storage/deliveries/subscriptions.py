"""Stores subscriptions, and pauses those of a channel or workspace that refuses."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from bot.model.channels import Target
from bot.model.planning import Notice
from bot.model.subscriptions import Subscription
from bot.ports.changes import Change
from storage.changes import announce
from storage.deliveries.notices import add_notice
from storage.deliveries.row_mapping import (
    SAME_NAMED_COLUMNS,
    SUBSCRIPTIONS,
    readable_subscriptions,
    subscription_from_row,
)
from storage.reader import Reader
from storage.schema.deliveries import subscriptions
from storage.schema.types import storable

NO_SERIES = ""
"""The series of the subscription that a channel's discussions belong to: it has no digests."""

_TOKEN_BYTES = 8

_NOT_ENDED = SUBSCRIPTIONS.select("WHERE NOT is_ended AND {condition} ORDER BY id")


def subscribe(connection: Connection, wanted: Subscription, now: datetime) -> Subscription:
    """Keep a subscription, as `bot.ports.ledger.SubscriptionLedger.subscribe` promises."""
    settings = {name: getattr(wanted, name) for name in SAME_NAMED_COLUMNS} | {
        "tags": list(wanted.tags),
        "tag_mentions": [list(each) for each in wanted.tag_mentions],
        "layout": wanted.layout.value,
    }
    place = {
        "platform": wanted.target.platform,
        "workspace": wanted.target.workspace,
        "channel": wanted.target.channel,
        "series": wanted.series,
    }
    same = [subscriptions.c[name] == value for name, value in place.items()]
    known = connection.execute(select(subscriptions).where(*same)).mappings().first()
    next_at = None if wanted.series == NO_SERIES else now
    if known is None:
        fresh = {"is_paused": False, "pause_reason": "", "is_ended": False, "since": now}
        token = secrets.token_hex(_TOKEN_BYTES)
        values = {**place, **settings, **fresh, "token": token, "next_at": next_at}
        connection.execute(insert(subscriptions).values(values))
    else:
        again: dict[str, Any] = {"next_at": next_at}
        if known["weekday"] is None and wanted.weekday is not None:
            again["since"] = now  # until now there were no slots
        if any(known[name] != settings[name] for name in ("weekday", "at", "zone")):
            again["rescheduled_at"] = now
        if known["is_ended"]:
            again |= {"is_ended": False, "is_paused": False, "pause_reason": "", "since": now}
        connection.execute(
            update(subscriptions).where(subscriptions.c.id == known["id"]).values(settings | again)
        )
    _announce_changed(connection)
    return subscription_from_row(
        connection.execute(select(subscriptions).where(*same)).mappings().one()
    )


def find(reader: Reader, target: Target | None) -> tuple[Subscription, ...]:
    """Return the subscriptions that are not ended, of one channel or of all."""
    if target is None:
        return _subscriptions(reader, "series != ?", NO_SERIES)
    place = {"platform": target.platform, "channel": target.channel}
    if target.workspace:
        place["workspace"] = target.workspace
    condition = " AND ".join(f"{name} = ?" for name in place)
    return _subscriptions(reader, f"{condition} AND series != ?", *place.values(), NO_SERIES)


def find_refused(reader: Reader, platform: str) -> tuple[Subscription, ...]:
    """Return the subscriptions that a refusal of the platform paused."""
    condition = "platform = ? AND is_paused AND pause_reason != '' AND series != ?"
    return _subscriptions(reader, condition, platform, NO_SERIES)


def _subscriptions(reader: Reader, condition: str, *values: str) -> tuple[Subscription, ...]:
    rows = reader.rows(_NOT_ENDED.format(condition=condition), values)
    return tuple(readable_subscriptions(rows).values())


def pause(connection: Connection, number: int, now: datetime, *, paused: bool) -> None:
    """Stop a subscription or let it go on."""
    values: dict[str, Any] = {"is_paused": paused, "pause_reason": ""}
    if not paused:
        known = connection.execute(
            select(subscriptions.c.pause_reason).where(subscriptions.c.id == number)
        ).scalar()
        values["next_at"] = now
        if not known:
            # An admin meant to skip the time between; a platform's refusal does not.
            values["since"] = now
    connection.execute(update(subscriptions).where(subscriptions.c.id == number).values(values))
    _announce_changed(connection)


def unsubscribe(connection: Connection, number: int) -> None:
    """End a subscription; its rows stay."""
    connection.execute(
        update(subscriptions).where(subscriptions.c.id == number).values(is_ended=True)
    )


def pause_channel(connection: Connection, target: Target, reason: str, now: datetime) -> None:
    """Pause every subscription of a channel, and tell its subscribers."""
    active = (*_active_in(target), subscriptions.c.channel == target.channel)
    _pause(connection, active, reason, now)


def pause_workspace(connection: Connection, target: Target, reason: str, now: datetime) -> None:
    """Pause every subscription of a channel's workspace, and tell each recipient once."""
    _pause(connection, _active_in(target), reason, now, is_told_once=True)


def _announce_changed(connection: Connection) -> None:
    """Let slots be planned, and what was queued before a pause be posted."""
    announce(connection, Change.PLAN)
    announce(connection, Change.OUTBOX)


def _active_in(target: Target) -> tuple[ColumnElement[bool], ...]:
    return (
        subscriptions.c.platform == target.platform,
        subscriptions.c.workspace == target.workspace,
        subscriptions.c.is_paused.is_(False),
        subscriptions.c.is_ended.is_(False),
    )


def _pause(
    connection: Connection,
    active: Sequence[ColumnElement[bool]],
    reason: str,
    now: datetime,
    *,
    is_told_once: bool = False,
) -> None:
    reason = storable(reason)
    told: set[str] = set()
    # Discussions have no admin who could be told; the member who asked gets a reply.
    digests = select(subscriptions).where(*active, subscriptions.c.series != NO_SERIES)
    for row in connection.execute(digests.order_by(subscriptions.c.id)).mappings().all():
        recipient = row["admin_channel"] or row["subscriber"]
        if not (is_told_once and recipient in told):
            notice = Notice("paused", now.isoformat(), {"reason": reason})
            add_notice(connection, row["id"], notice, now)
        told.add(recipient)
    connection.execute(
        update(subscriptions).where(*active).values(is_paused=True, pause_reason=reason)
    )
