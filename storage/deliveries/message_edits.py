"""Stores which posted messages are to be edited, as what they show has changed."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    update,
)

from bot.model.deliveries import OPENING, OVERVIEW, Part, PartState, Purpose
from bot.model.discussions import Community
from bot.model.message_edits import DueEdit, EditBatch, FinishedEdit
from bot.model.subscriptions import Layout
from bot.model.weeks import Week
from bot.ports.changes import Change
from storage.changes import announce
from storage.connections import chunks
from storage.deliveries import leases
from storage.deliveries.communities import is_in_community
from storage.deliveries.due_parts import load_parts
from storage.deliveries.part_rows import add_chunks
from storage.reader import ConnectionReader, Reader, format_moment
from storage.schema.archive import entries, forwards, issues
from storage.schema.deliveries import deliveries, message_edits, parts, subscriptions
from storage.schema.reviews import reviews
from storage.schema.types import UtcDateTime
from storage.schema.upserts import insert_or

_JUMP = timedelta(hours=25)
"""Nothing is put off for longer; what seems to be was put off while the clock was wrong."""

_LIVE = (
    # What is not posted yet may have been composed before the change.
    parts.c.state.in_((PartState.OWED.value, PartState.SENDING.value, PartState.POSTED.value)),
    parts.c.is_deleted.is_(False),
)

_ADD = insert_or(message_edits)
_NEW_DUE, _OLD_DUE = _ADD.excluded.due_at, message_edits.c.due_at
_REQUEST = _ADD.on_conflict_do_update(
    index_elements=["part_id"],
    set_={
        "requested_at": _ADD.excluded.requested_at,
        "due_at": case(
            (and_(message_edits.c.attempts == 0, _NEW_DUE < _OLD_DUE), _NEW_DUE), else_=_OLD_DUE
        ),
    },
)
"""One that is claimed stays so: no other request may be under way beside its own."""

_VOTES_AFTER = timedelta(minutes=10)
"""Votes are told that long after the first one of them, so that many take one edit."""

_CLAIM = (
    update(message_edits)
    .where(
        message_edits.c.part_id == bindparam("number"),
        message_edits.c.requested_at == bindparam("as_read", type_=UtcDateTime),
    )
    .values(
        due_at=bindparam("until", type_=UtcDateTime),
        attempts=message_edits.c.attempts + 1,
        first_tried_at=func.coalesce(
            message_edits.c.first_tried_at, bindparam("now", type_=UtcDateTime)
        ),
    )
)

_IS_DUE = (
    message_edits.c.platform == bindparam("of"),
    or_(
        message_edits.c.due_at <= bindparam("now", type_=UtcDateTime),
        message_edits.c.due_at > bindparam("far", type_=UtcDateTime),
    ),
)
_WORKSPACES = (
    "SELECT DISTINCT workspace FROM message_edits WHERE platform = ? "
    "AND (due_at <= ? OR due_at > ?) ORDER BY workspace"
)
_DUE = (
    select(message_edits)
    .join(parts, parts.c.id == message_edits.c.part_id)
    .where(
        *_IS_DUE,
        parts.c.state == PartState.POSTED.value,
        parts.c.message != "",
        parts.c.is_deleted.is_(False),
    )
    .order_by(message_edits.c.due_at, message_edits.c.part_id)
    .limit(bindparam("most"))
)
_DUE_OF_WORKSPACE = _DUE.where(message_edits.c.workspace == bindparam("workspace_of"))
"""Built once: an outbox asks for them every second."""


def request_for_papers(connection: Connection, papers: Collection[int], now: datetime) -> None:
    """Request an edit of every message that shows one of these papers."""
    for some in chunks(sorted(papers)):
        merged = connection.scalars(select(forwards.c.id).where(forwards.c.paper_id.in_(some)))
        own = [*some, *merged]
        # The condition of the index is said as it stands there, so that SQLite uses it.
        _request(connection, now, parts.c.paper.in_(own), parts.c.paper > 0)
        for series, week in _weeks_of(connection, some):
            _request(connection, now, parts.c.position == 0, _shows_issue(series, week))
            request_for_week_reviews(connection, series, week, now)


def request_for_issue(connection: Connection, series: str, week: Week, now: datetime) -> None:
    """Request an edit of every message of an issue: its papers may have other numbers now."""
    _request(connection, now, _shows_issue(series, week))
    request_for_week_reviews(connection, series, week, now)


def request_for_votes(
    connection: Connection, community: Community, papers: Collection[int], now: datetime
) -> None:
    """Request an edit of the messages in a community that tell the votes for these papers.

    It is due some minutes later, unless another one of the message is earlier.
    """
    merged = connection.scalars(select(forwards.c.id).where(forwards.c.paper_id.in_(papers)))
    own = [*papers, *merged]
    here = is_in_community(subscriptions, community)
    due_at = now + _VOTES_AFTER
    of_paper = (parts.c.paper.in_(own), parts.c.paper > 0, parts.c.kind != OPENING)
    _request(connection, now, *of_paper, here, due_at=due_at)
    menu = (parts.c.kind == OVERVIEW, deliveries.c.layout == Layout.OVERVIEW.value)
    for series, week in _weeks_of(connection, papers):
        _request(connection, now, *menu, _shows_issue(series, week), here, due_at=due_at)


def request_for_reviews(connection: Connection, numbers: Sequence[int], now: datetime) -> None:
    """Request an edit of the messages that show curators these reviews of weeks."""
    if numbers:
        shown = _shows_curators(numbers, Purpose.REVIEW, Purpose.REVIEW_REMINDER)
        _request(connection, now, *shown)


def request_for_conflict(connection: Connection, number: int, now: datetime) -> None:
    """Request an edit of the messages that show curators a conflict with a source."""
    _request(connection, now, *_shows_curators([number], Purpose.CONFLICT))


def request_for_week_reviews(
    connection: Connection, series: str, week: Week, now: datetime
) -> None:
    """Request an edit of the messages that show curators a week, as it is to be posted."""
    of_week = (
        reviews.c.series == series,
        reviews.c.year == week.year,
        reviews.c.number == week.number,
    )
    numbers = connection.scalars(select(reviews.c.id).where(*of_week)).all()
    request_for_reviews(connection, numbers, now)


def request_for_report(connection: Connection, number: int, now: datetime) -> None:
    """Request an edit of the messages that show curators a report."""
    _request(connection, now, *_shows_curators([number], Purpose.REPORT))


def find_workspaces(reader: Reader, platform: str, now: datetime) -> tuple[str, ...]:
    """Return the workspaces in which a message is to be edited by now."""
    due_by = _due_by(platform, now)
    times = (format_moment(due_by["now"]), format_moment(due_by["far"]))
    return tuple(name for (name,) in reader.rows(_WORKSPACES, (platform, *times)))


def find_due(connection: Connection, wanted: EditBatch, now: datetime) -> tuple[DueEdit, ...]:
    """Return messages that are to be edited by now, the longest due first."""
    values = _due_by(wanted.platform, now) | {"most": wanted.limit}
    if wanted.workspace is None:
        rows = connection.execute(_DUE, values).all()
    else:
        values["workspace_of"] = wanted.workspace
        rows = connection.execute(_DUE_OF_WORKSPACE, values).all()
    loaded = load_parts(ConnectionReader(connection), [row.part_id for row in rows])
    by_part = {each.part.id: each for each in loaded}
    return tuple(
        DueEdit(by_part[row.part_id], row.requested_at, row.attempts, row.first_tried_at)
        for row in rows
        if row.part_id in by_part
    )


def claim(
    connection: Connection, owner: str, wanted: Sequence[DueEdit], now: datetime, until: datetime
) -> tuple[tuple[DueEdit, ...], int]:
    """Let edits be due again only then; see `bot.ports.outbox_ledger.EditLedger.claim_edits`.

    Returns the lease's beat as well.
    """
    platform = wanted[0].due_part.subscription.target.platform
    beat, _ = leases.count_claim(connection, platform, owner, now)
    if not beat:
        return (), 0
    claimed = []
    for each in wanted:
        values = {"number": each.due_part.part.id, "as_read": each.requested_at}
        found = connection.execute(_CLAIM, {**values, "now": now, "until": until})
        if found.rowcount == 1:
            first = each.first_tried_at or now
            claimed.append(replace(each, attempts=each.attempts + 1, first_tried_at=first))
    return tuple(claimed), beat


def finish(connection: Connection, finished: Sequence[FinishedEdit], now: datetime) -> None:
    """Record edits that need no further request."""
    for each in finished:
        part = each.edit.due_part.part
        values: dict[str, Any] = {}
        if each.content:
            values["content"] = each.content
        if each.edited_at:
            values["edited_at"] = each.edited_at
        if each.is_deleted:
            values["is_deleted"] = True
        if values:
            connection.execute(update(parts).where(parts.c.id == part.id).values(values))
        if each.messages > 1 and not part.chunk and not each.edit.due_part.subscription.is_ended:
            add_chunks(connection, [(each.edit.due_part, each.messages)], now)
            announce(connection, Change.OUTBOX)
        of_part = message_edits.c.part_id == part.id
        connection.execute(
            delete(message_edits).where(
                of_part, message_edits.c.requested_at == each.edit.requested_at
            )
        )
        # What was requested meanwhile was claimed as well; now it can be sent.
        connection.execute(update(message_edits).where(of_part).values(due_at=now))


def postpone(connection: Connection, edit: DueEdit, due_at: datetime) -> None:
    """Let an edit be due then."""
    connection.execute(
        update(message_edits)
        .where(message_edits.c.part_id == edit.due_part.part.id)
        .values(due_at=due_at)
    )
    announce(connection, Change.OUTBOX)


def forget(connection: Connection, part: Part) -> None:
    """Request no edit of a message that will not be there."""
    connection.execute(delete(message_edits).where(message_edits.c.part_id == part.id))


def _weeks_of(connection: Connection, papers: Collection[int]) -> list[tuple[str, Week]]:
    """Return the weeks that list one of these papers, each with its series."""
    listed = connection.execute(
        select(issues.c.series, issues.c.year, issues.c.number)
        .join(entries, entries.c.issue_id == issues.c.id)
        .where(entries.c.paper_id.in_(papers))
        .distinct()
    )
    return [(series, Week(year, number)) for series, year, number in listed]


def _request(
    connection: Connection,
    now: datetime,
    *shown: ColumnElement[bool],
    due_at: datetime | None = None,
) -> None:
    rows = connection.execute(
        select(parts.c.id, subscriptions.c.platform, subscriptions.c.workspace)
        .join(deliveries, deliveries.c.id == parts.c.delivery_id)
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .where(*shown, *_LIVE)
    ).all()
    values = [
        {
            "part_id": row.id,
            "platform": row.platform,
            "workspace": row.workspace,
            "requested_at": now,
            "due_at": due_at or now,
            "attempts": 0,
        }
        for row in rows
    ]
    if values:
        connection.execute(_REQUEST, values)
        announce(connection, Change.OUTBOX)


def _shows_curators(numbers: Sequence[int], *purposes: Purpose) -> Iterable[ColumnElement[bool]]:
    return (
        deliveries.c.purpose.in_([each.value for each in purposes]),
        deliveries.c.paper.in_(numbers),
        # The condition of the index is said as it stands there, so that SQLite uses it.
        deliveries.c.paper > 0,
    )


def _shows_issue(series: str, week: Week) -> ColumnElement[bool]:
    """Return the condition of parts of an issue.

    The deliveries are found first, by their index: however much was posted, few parts are read.
    """
    found = (
        select(deliveries.c.id)
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .where(*is_of_issue(series, week))
    )
    return parts.c.delivery_id.in_(found)


def is_of_issue(series: str, week: Week) -> Iterable[ColumnElement[bool]]:
    """Return the conditions of deliveries, joined to their subscriptions, that are of an issue."""
    return (
        subscriptions.c.series == series,
        deliveries.c.purpose == Purpose.ISSUE.value,
        deliveries.c.year == week.year,
        deliveries.c.number == week.number,
    )


def _due_by(platform: str, now: datetime) -> dict[str, Any]:
    return {"of": platform, "now": now, "far": now + _JUMP}
