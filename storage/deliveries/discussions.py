"""Stores the threads of papers: one for each paper and channel."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, time
from operator import itemgetter

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, func, select, update

from bot.model.channels import MessageRef, Target
from bot.model.deliveries import OPENING, Delivery, Discussion, PartState, Purpose, ordering_key
from bot.model.planning import DiscussionRequest
from bot.model.subscriptions import Subscription
from bot.model.weeks import Week
from storage.connections import chunks
from storage.deliveries import thread_counts
from storage.deliveries.queue import enqueue
from storage.deliveries.row_mapping import PARTS, part_from_row
from storage.deliveries.subscriptions import NO_SERIES, subscribe
from storage.reader import ConnectionReader, Reader, rows_among
from storage.schema.deliveries import deliveries, parts, subscriptions

_NO_QUIET = time(0)
_OPEN_STATES = frozenset({PartState.OWED.value, PartState.SENDING.value})
_ALIKE = 2
"""How many threads a channel has to refuse alike before no other is tried."""

# The condition of the index is said as it stands there, so that SQLite uses it.
_OTHER_THREADS = PARTS.select(
    "WHERE paper IN ({marks}) AND paper > 0 AND place IN (?, ?) AND platform = ? "
    "AND delivery_id != ? AND thread != '' AND chunk = 0 AND state = 'posted'"
)


def find(connection: Connection, target: Target, paper: int) -> Discussion | None:
    """Return the thread of a paper in a channel, of a digest or asked for; None for none."""
    same = thread_counts.with_former_ids(ConnectionReader(connection), [paper])
    rows = (
        connection.execute(
            select(
                parts,
                deliveries.c.paper.label("delivery_paper"),
                subscriptions.c.is_paused,
                subscriptions.c.pause_reason,
            )
            .join(deliveries, deliveries.c.id == parts.c.delivery_id)
            .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
            # The condition of the index is said as it stands there, so that SQLite uses it.
            .where(parts.c.paper.in_(same), parts.c.paper > 0, _is_channel(target))
            .order_by(parts.c.sequence)
        )
        .mappings()
        .all()
    )
    threads = [row for row in rows if row["thread"] and row["state"] == PartState.POSTED.value]
    if threads:
        first = next((row for row in threads if not row["chunk"]), threads[0])
        own = [row for row in threads if row["thread"] == first["thread"]]
        return Discussion(
            part_from_row(first, target).ref,
            len({row["message"] for row in own} - {first["thread"]}),
            counts=thread_counts.find(connection, target, first["thread"]),
        )
    asked = [row for row in rows if row["delivery_paper"] in same]
    return Discussion(error=_error(asked)) if asked else None


def find_other_thread(
    reader: Reader, target: Target, paper: int, delivery: int
) -> MessageRef | None:
    """Return the thread that a paper has in a channel by any other delivery than this one."""
    places = [ordering_key(target, purpose) for purpose in (Purpose.ISSUE, Purpose.DISCUSSION)]
    same = thread_counts.with_former_ids(reader, [paper])
    rows = rows_among(reader, _OTHER_THREADS, same, *places, target.platform, delivery)
    first = min(PARTS.decode(rows), key=itemgetter("sequence"), default=None)
    return part_from_row(first, target).ref if first else None


def last_opened(connection: Connection, target: Target, person: str) -> datetime | None:
    """Return when a person last opened a discussion in a channel."""
    opened = (
        select(func.max(deliveries.c.due_at))
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .where(
            _is_channel(target),
            deliveries.c.purpose == Purpose.DISCUSSION.value,
            deliveries.c.opened_by == person,
        )
    )
    return connection.execute(opened).scalar()


def find_thread_refusal(connection: Connection, target: Target, since: datetime) -> str:
    """Return why the channel's newest threads could not be opened; empty if they could.

    That is the error of the two newest openings, where both failed alike since then under messages
    that were posted: what one meets alone may be its own, as a thread that was deleted at once.
    """
    openings = (
        select(parts.c.state, parts.c.error, parts.c.first_tried_at)
        .join(deliveries, deliveries.c.id == parts.c.delivery_id)
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .where(
            _is_channel(target),
            deliveries.c.purpose == Purpose.DISCUSSION.value,
            parts.c.kind == OPENING,
            parts.c.chunk == 0,
            parts.c.state.in_((PartState.POSTED.value, PartState.FAILED.value)),
            deliveries.c.id.in_(
                select(parts.c.delivery_id).where(
                    parts.c.kind != OPENING, parts.c.state == PartState.POSTED.value
                )
            ),
        )
        .order_by(parts.c.sequence.desc())
        .limit(_ALIKE)
    )
    newest = connection.execute(openings).all()
    errors = {
        row.error
        for row in newest
        if row.state == PartState.FAILED.value
        and row.first_tried_at is not None
        and row.first_tried_at >= since
    }
    is_alike = len(newest) == _ALIKE and len(errors) == 1
    has_posted = any(row.state == PartState.POSTED.value for row in newest)
    return str(errors.pop()) if is_alike and not has_posted else ""


def hidden_subscription(
    connection: Connection, target: Target, language: str, now: datetime
) -> int:
    """Return the number of the subscription of a channel that holds what people asked for."""
    known = connection.scalar(
        select(subscriptions.c.id).where(
            _is_channel(target),
            subscriptions.c.series == NO_SERIES,
            subscriptions.c.is_ended.is_(False),
        )
    )
    if known is not None:
        return int(known)
    wanted = Subscription(
        target, NO_SERIES, weekday=None, language=language, quiet_from=_NO_QUIET,
        quiet_until=_NO_QUIET,
    )  # fmt: skip
    return subscribe(connection, wanted, now).id


def enqueue_discussion(connection: Connection, wanted: DiscussionRequest, now: datetime) -> None:
    """Enqueue a thread; see `bot.ports.discussion_ledger.DiscussionLedger.request_discussion`."""
    channel = subscribe(
        connection,
        Subscription(
            wanted.target,
            NO_SERIES,
            weekday=None,
            language=wanted.language,
            quiet_from=_NO_QUIET,
            quiet_until=_NO_QUIET,
            subscriber=wanted.person,
        ),
        now,
    )
    # Whatever the platform refused before, it is requested anew.
    connection.execute(
        update(subscriptions)
        .where(subscriptions.c.id == channel.id)
        .values(is_paused=False, pause_reason="")
    )
    delivery = replace(wanted.planned.delivery, subscription=channel.id)
    # A paper may have come again in a later week; its thread is the one it has.
    known = connection.execute(
        select(deliveries.c.year, deliveries.c.number).where(
            deliveries.c.subscription_id == channel.id,
            deliveries.c.purpose == delivery.purpose.value,
            deliveries.c.paper == delivery.paper,
        )
    ).first()
    if known:
        delivery = replace(delivery, week=Week(known.year, known.number))
    enqueue(connection, replace(wanted.planned, delivery=delivery), now)
    _put_under(connection, delivery, wanted.root, now)
    # What may have been posted is searched for once more; only the person who asks is told of it.
    of_delivery = select(deliveries.c.id).where(
        deliveries.c.subscription_id == channel.id,
        deliveries.c.purpose == delivery.purpose.value,
        deliveries.c.paper == delivery.paper,
    )
    connection.execute(
        update(parts)
        .where(
            parts.c.delivery_id.in_(of_delivery),
            parts.c.state == PartState.FAILED.value,
            parts.c.is_untold.is_(True),
        )
        .values(state=PartState.SENDING.value, is_untold=False, error="")
    )


def _put_under(
    connection: Connection, delivery: Delivery, root: MessageRef | None, now: datetime
) -> None:
    """Let a thread begin under a message that is there; without one its own is posted.

    A message that was taken for it before, as its part was never claimed, is replaced while the
    thread is not there: it may be gone.
    """
    number = connection.execute(
        select(deliveries.c.id).where(
            deliveries.c.subscription_id == delivery.subscription,
            deliveries.c.purpose == delivery.purpose.value,
            deliveries.c.paper == delivery.paper,
        )
    ).scalar_one()
    opening = parts.alias()
    is_open = exists().where(
        opening.c.delivery_id == number,
        opening.c.kind == OPENING,
        opening.c.state != PartState.OWED.value,
    )
    values: dict[str, object] = {
        "state": PartState.OWED.value,
        "message": "",
        "url": "",
        "is_deleted": False,
    }
    if root is not None:
        values = {
            "state": PartState.POSTED.value,
            "message": root.id,
            "url": root.url,
            "posted_at": now,
            "is_deleted": True,  # what was clicked is no message of this part, to be edited
        }
    connection.execute(
        update(parts)
        .where(
            parts.c.delivery_id == number,
            parts.c.kind != OPENING,
            parts.c.chunk == 0,
            parts.c.attempts == 0,
            ~is_open,
        )
        .values(values)
    )


def forget(connection: Connection, target: Target, paper: int, thread: str) -> None:
    """Count a thread as deleted, so that its paper gets another one on request."""
    of_channel = select(deliveries.c.id).join(
        subscriptions, subscriptions.c.id == deliveries.c.subscription_id
    ).where(_is_channel(target))  # fmt: skip
    inside = and_(
        parts.c.paper.in_(thread_counts.with_former_ids(ConnectionReader(connection), [paper])),
        parts.c.paper > 0,
        parts.c.thread == thread,
        parts.c.delivery_id.in_(of_channel),
    )
    connection.execute(
        update(deliveries)
        .where(
            deliveries.c.id.in_(select(parts.c.delivery_id).where(inside)),
            deliveries.c.purpose == Purpose.DISCUSSION.value,
        )
        # No paper has such a number, so the next thread of this one is a delivery of its own.
        .values(paper=-deliveries.c.id)
    )
    connection.execute(update(parts).where(inside).values(paper=0))
    thread_counts.forget(connection, target, thread)


def _is_channel(target: Target) -> ColumnElement[bool]:
    return and_(
        subscriptions.c.platform == target.platform,
        subscriptions.c.workspace == target.workspace,
        subscriptions.c.channel == target.channel,
    )


def _error(rows: Sequence[RowMapping]) -> str:
    """Return why what was asked for is not there and will not be."""
    if rows[0]["is_paused"]:
        return str(rows[0]["pause_reason"])
    if any(row["state"] in _OPEN_STATES for row in rows):
        return ""  # asked again now, a part under way would fail for the reason of before
    return next((row["error"] for row in rows if row["state"] == PartState.FAILED.value), "")


def papers_of_messages(
    connection: Connection, platform: str, messages: Collection[str]
) -> dict[tuple[str, str], tuple[Target, int]]:
    """Return channel and paper of messages; see `bot.ports.discussion_ledger.DiscussionLedger`."""
    found: dict[tuple[str, str], tuple[Target, int]] = {}
    for some in chunks(sorted(messages)):
        rows = connection.execute(
            select(
                subscriptions.c.workspace, subscriptions.c.channel, parts.c.message, parts.c.paper
            )
            .join(deliveries, deliveries.c.id == parts.c.delivery_id)
            .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
            .where(parts.c.message.in_(some), parts.c.platform == platform, parts.c.paper > 0)
        )
        for row in rows:
            target = Target(platform, row.workspace, row.channel)
            found[row.workspace, row.message] = target, row.paper
    return found
