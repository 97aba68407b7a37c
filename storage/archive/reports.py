"""Stores reports of mistakes, shows them to curators, and what these decided."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select, update

from bot.lib.marker import _
from bot.model.channels import Target
from bot.model.curation import Attribution, CurationRequest
from bot.model.deliveries import REPORT, Delivery, Purpose
from bot.model.planning import PlannedDelivery
from bot.model.reports import (
    CuratorChannel,
    NewReport,
    Report,
    ReportLimit,
    ReportPage,
    ReportState,
)
from bot.model.subscriptions import Layout
from bot.model.weeks import Week
from bot.ports.changes import Change
from bot.ports.curation import CurationRefused
from bot.ports.reports import ReportLimitReached
from storage.archive import conflicts, reviews
from storage.archive.edits import Editor
from storage.changes import announce
from storage.deliveries import message_edits
from storage.deliveries.discussions import hidden_subscription
from storage.deliveries.queue import add_deliveries
from storage.schema.reports import curator_channels, reports
from storage.schema.types import storable
from storage.schema.upserts import insert_or

_SHOWN_FOR = timedelta(days=365)
_MOST_SHOWN_AT_ONCE = 50
"""How many open reports a newly chosen channel is shown; `/reports` lists all of them."""


def submit(
    connection: Connection, new: NewReport, limit: ReportLimit | None, now: datetime
) -> Report:
    """Store a report; see `bot.ports.reports.ReportStore.submit_report`."""
    if limit is not None:
        made = select(func.count()).where(
            reports.c.platform == new.target.platform,
            reports.c.person == new.person,
            reports.c.made_at > limit.since,
        )
        if connection.execute(made).scalar_one() >= limit.count:
            raise ReportLimitReached
    values: dict[str, Any] = {
        "made_at": now,
        "platform": new.target.platform,
        "workspace": new.target.workspace,
        "channel": new.target.channel,
        "person": new.person,
        "language": new.language,
        "paper": new.paper,
        "field": new.field,
        "text_language": new.text_language,
        "before": new.before,
        "wrong": new.wrong,
        "better": new.better,
        "state": ReportState.OPEN.value,
        "decided_by": "",
        "reason": "",
    }
    stored = {name: storable(value) for name, value in values.items()}
    made_key = connection.execute(insert(reports).values(stored)).inserted_primary_key
    assert made_key is not None  # noqa: S101 - for the type checker
    report = Report(made_key[0], now, new)
    channel = find_channel(connection, new.target)
    if channel is not None:
        _show(connection, report, channel, now)
    return report


def find(connection: Connection, number: int) -> Report | None:
    """Return a report."""
    row = connection.execute(select(reports).where(reports.c.id == number)).first()
    return _report(row) if row else None


def list_open(connection: Connection, place: Target | None, limit: int, offset: int) -> ReportPage:
    """Return open reports, oldest first."""
    is_wanted = _is_open_in(place)
    total = connection.execute(select(func.count()).select_from(reports).where(*is_wanted))
    query = select(reports).where(*is_wanted).order_by(reports.c.id)
    rows = connection.execute(query.limit(limit).offset(offset)).all()
    return ReportPage(tuple(map(_report, rows)), total.scalar_one())


def accept(
    editor: Editor, number: int, request: CurationRequest | None, by: Attribution
) -> Report:
    """Make the edit of a report, and close it."""
    # Closed first: of two curators at once one waits here, and then finds it closed.
    _close(editor.connection, number, ReportState.ACCEPTED, by, editor.now)
    if request is not None:
        edit = editor.curate(request, by)
        editor.connection.execute(
            update(reports).where(reports.c.id == number).values(edit=edit.id)
        )
    return _closed(editor.connection, number, editor.now)


def dismiss(connection: Connection, number: int, by: Attribution, now: datetime) -> Report:
    """Close a report without an edit."""
    _close(connection, number, ReportState.DISMISSED, by, now)
    return _closed(connection, number, now)


def choose_channel(connection: Connection, channel: CuratorChannel, now: datetime) -> None:
    """Let a community's reports be shown in a channel."""
    target = channel.target
    values = {
        "platform": target.platform,
        "workspace": target.workspace,
        "channel": storable(target.channel),
        "language": channel.language,
    }
    connection.execute(
        insert_or(curator_channels)
        .values(values)
        .on_conflict_do_update(index_elements=["platform", "workspace"], set_=values)
    )
    for report in list_open(connection, target, _MOST_SHOWN_AT_ONCE, 0).reports:
        _show(connection, report, channel, now)
    reviews.show_waiting(connection, channel, now)
    conflicts.show_open(connection, channel, now)


def find_channel(connection: Connection, place: Target) -> CuratorChannel | None:
    """Return where a community's reports are shown."""
    row = connection.execute(
        select(curator_channels).where(
            curator_channels.c.platform == place.platform,
            curator_channels.c.workspace == place.workspace,
        )
    ).first()
    if row is None:
        return None
    return CuratorChannel(Target(row.platform, row.workspace, row.channel), row.language)


def list_untold(
    connection: Connection, platform: str, now: datetime, limit: int
) -> tuple[Report, ...]:
    """Return decided reports whose members are to be told by now."""
    query: Select[Any] = (
        select(reports)
        .where(reports.c.tell_at <= now, reports.c.platform == platform)
        .order_by(reports.c.tell_at)
        .limit(limit)
    )
    return tuple(map(_report, connection.execute(query)))


def record_told(connection: Connection, number: int, retry_at: datetime | None) -> None:
    """Record that a member was told, or is to be told then."""
    connection.execute(update(reports).where(reports.c.id == number).values(tell_at=retry_at))


def _close(
    connection: Connection, number: int, state: ReportState, by: Attribution, now: datetime
) -> None:
    changed = connection.execute(
        update(reports)
        .where(reports.c.id == number, reports.c.state == ReportState.OPEN.value)
        .values(
            state=state.value,
            decided_by=storable(by.actor),
            decided_at=now,
            reason=storable(by.reason) if state is ReportState.DISMISSED else "",
            tell_at=now,
        )
    )
    if changed.rowcount == 1:
        announce(connection, Change.OUTBOX)  # the member is told
        return
    known = find(connection, number)
    if known is None:
        raise CurationRefused(_("There is no report {number}."), number=number)
    sentence = _("Report {number} was decided already, by {person}.")
    raise CurationRefused(sentence, number=number, person=known.decided_by)


def _closed(connection: Connection, number: int, now: datetime) -> Report:
    found = find(connection, number)
    assert found is not None  # noqa: S101 - it was closed in this transaction
    message_edits.request_for_report(connection, number, now)
    return found


def _show(connection: Connection, report: Report, channel: CuratorChannel, now: datetime) -> None:
    """Let a report be posted in a channel, once."""
    held_by = hidden_subscription(connection, channel.target, channel.language, now)
    delivery = Delivery(
        held_by, Purpose.REPORT, Week.of(report.made_at.date()), Layout.OVERVIEW, now,
        now + _SHOWN_FOR, paper=report.id,
    )  # fmt: skip
    add_deliveries(connection, [PlannedDelivery(delivery, ((REPORT, 0),))])


def _is_open_in(place: Target | None) -> tuple[ColumnElement[bool], ...]:
    is_open = (reports.c.state == ReportState.OPEN.value,)
    if place is None:
        return is_open
    of_place = (reports.c.platform == place.platform, reports.c.workspace == place.workspace)
    return (*is_open, *of_place)


def _report(row: Row[Any]) -> Report:
    new = NewReport(
        Target(row.platform, row.workspace, row.channel),
        person=row.person,
        language=row.language,
        paper=row.paper,
        field=row.field,
        text_language=row.text_language,
        before=row.before,
        wrong=row.wrong,
        better=row.better,
    )
    found = Report(row.id, row.made_at, new, ReportState(row.state))
    return replace(
        found,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
        edit=row.edit or 0,
    )
