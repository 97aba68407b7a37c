"""Finds conflicts between curators' texts and what sources say now, and stores them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, func, insert, or_, select, update

from bot.lib.marker import _
from bot.model.conflicts import Conflict, ConflictPage, ConflictState
from bot.model.curation import Attribution, Change
from bot.model.deliveries import CONFLICT, Delivery, Purpose
from bot.model.editable_texts import paper_text
from bot.model.planning import PlannedDelivery
from bot.model.reports import CuratorChannel
from bot.model.subscriptions import Layout
from bot.model.weeks import Week
from bot.papers.merging import NO_OVERRIDES, merge_versions
from bot.ports.curation import CurationRefused
from storage.archive import issue_corrections
from storage.archive.import_plan import ImportPlan, affected_keys
from storage.archive.issue_rows import INTRODUCTION_FIELD
from storage.archive.review_messages import list_channels
from storage.archive.row_mapping import load_papers
from storage.connections import chunks
from storage.deliveries import message_edits
from storage.deliveries.discussions import hidden_subscription
from storage.deliveries.queue import add_deliveries
from storage.reader import ConnectionReader
from storage.schema.archive import claims, corrections, entries, forwards
from storage.schema.conflicts import conflicts
from storage.schema.types import storable

_SHOWN_FOR = timedelta(days=365)
_MOST_SHOWN_AT_ONCE = 50
"""How many open conflicts a newly chosen channel is shown."""


class TextPlace(NamedTuple):
    """A text: of a paper, or the introduction of an issue."""

    paper: int
    field: str
    language: str
    series: str = ""
    year: int = 0
    number: int = 0


_IS_OPEN = conflicts.c.state == ConflictState.OPEN.value


@dataclass(frozen=True, slots=True)
class Decision:
    """Who closes a conflict, when, and by which edit."""

    by: Attribution
    at: datetime
    edit: int = 0


def source_texts(connection: Connection, plan: ImportPlan) -> Mapping[TextPlace, str]:
    """Return what sources say of the corrected texts that an import may change."""
    if plan.is_empty or connection.scalar(select(corrections.c.paper_id).limit(1)) is None:
        return {}
    touched: set[int] = set()
    for some in chunks(sorted(affected_keys(plan))):
        owners = (
            select(entries.c.paper_id)
            .join(claims, claims.c.entry_id == entries.c.id)
            .where(claims.c.key.in_(some))
        )
        touched.update(connection.scalars(owners))
    return _texts(connection, _corrected(connection, touched))


def find_new(connection: Connection, before: Mapping[TextPlace, str], now: datetime) -> None:
    """Store what an import has changed under curators' texts, and show it to curators once."""
    merged = _merged(connection, {place.paper for place in before})
    known = _corrected(connection, set(merged.values()))
    theirs = _texts(connection, known)
    for known_as, old in sorted(before.items()):
        place = known_as._replace(paper=merged[known_as.paper])
        if place in known and old != theirs.get(place, ""):
            _note(connection, place, (old, theirs.get(place, ""), known[place]), now)


def find_in_introductions(connection: Connection, plan: ImportPlan, now: datetime) -> None:
    """Do the same for the introductions of issues."""
    for change in plan.changes:
        if change.stored is None or not change.issue_changed:
            continue
        series, week = change.issue.series, change.issue.week
        old: Mapping[str, str] = change.stored.values["intros"]
        ours = issue_corrections.introductions_of(connection, (series, week))
        for language, text in sorted(ours.items()):
            before, theirs = old.get(language, ""), change.issue.intros.get(language, "")
            place = TextPlace(0, INTRODUCTION_FIELD, language, series, week.year, week.number)
            if before != theirs:
                _note(connection, place, (before, theirs, text), now)


def settle_by_edit(
    connection: Connection,
    edited: int | tuple[str, Week],
    changes: Sequence[Change],
    decision: Decision,
) -> None:
    """Close the conflicts of texts of a paper or an issue that an edit changed."""
    for change in changes:
        state = ConflictState.TAKEN if change.after is None else ConflictState.EDITED
        if isinstance(edited, int):
            place = TextPlace(edited, change.field, change.name)
        else:
            series, week = edited
            place = TextPlace(0, change.field, change.name, series, week.year, week.number)
        _close(connection, (*_is_of(place), _IS_OPEN), state, decision)


def find(connection: Connection, number: int) -> Conflict | None:
    """Return a conflict."""
    row = connection.execute(select(conflicts).where(conflicts.c.id == number)).first()
    return _conflict(row) if row else None


def list_open(connection: Connection, limit: int, offset: int) -> ConflictPage:
    """Return open conflicts, oldest first."""
    total = connection.execute(select(func.count()).select_from(conflicts).where(_IS_OPEN))
    query = select(conflicts).where(_IS_OPEN).order_by(conflicts.c.id).limit(limit).offset(offset)
    found = tuple(map(_conflict, connection.execute(query)))
    return ConflictPage(found, int(total.scalar_one()))


def keep(connection: Connection, number: int, by: Attribution, now: datetime) -> Conflict:
    """Close a conflict; the curators' text stays."""
    require_open(connection, number)
    is_meant = (conflicts.c.id == number,)
    _close(connection, is_meant, ConflictState.KEPT, Decision(by, now))
    found = find(connection, number)
    assert found is not None  # noqa: S101 - it was closed in this transaction
    return found


def require_open(connection: Connection, number: int) -> None:
    """Raise CurationRefused where a conflict was decided; else let no other decide meanwhile."""
    wanted = update(conflicts).where(conflicts.c.id == number, _IS_OPEN)
    if not connection.execute(wanted.values(decided_by="")).rowcount:
        known = find(connection, number)
        if known is None:
            raise CurationRefused(_("There is no conflict {number}."), number=number)
        sentence = _("Conflict {number} was decided already, by {person}.")
        raise CurationRefused(sentence, number=number, person=known.decided_by)


def show_open(connection: Connection, channel: CuratorChannel, now: datetime) -> None:
    """Let open conflicts be posted in a newly chosen channel."""
    for each in list_open(connection, _MOST_SHOWN_AT_ONCE, 0).conflicts:
        _show(connection, each, channel, now)


def _note(
    connection: Connection, place: TextPlace, texts: tuple[str, str, str], now: datetime
) -> None:
    """Store that a source changed what it had said before, under what curators wrote."""
    old, theirs, ours = texts
    row = connection.execute(select(conflicts).where(*_is_of(place), _IS_OPEN)).first()
    if row is not None:
        # Asked about already: its message shows what the source says now.
        is_settled = theirs in {ours, row.before}
        state = ConflictState.SETTLED if is_settled else ConflictState.OPEN
        values: dict[str, Any] = {"theirs": storable(theirs), "ours": storable(ours)}
        values |= {"state": state.value} | ({"decided_at": now} if is_settled else {})
        connection.execute(update(conflicts).where(conflicts.c.id == row.id).values(values))
        message_edits.request_for_conflict(connection, row.id, now)
        return
    if theirs == ours or _was_refused(connection, place, theirs):
        return
    made = connection.execute(
        insert(conflicts).values(
            made_at=now,
            **place._asdict(),
            before=storable(old),
            theirs=storable(theirs),
            ours=storable(ours),
            state=ConflictState.OPEN.value,
            decided_by="",
        )
    ).inserted_primary_key
    assert made is not None  # noqa: S101 - for the type checker
    found = find(connection, made[0])
    assert found is not None  # noqa: S101 - it was stored in this transaction
    for channel in list_channels(connection):
        _show(connection, found, channel, now)


def _was_refused(connection: Connection, place: TextPlace, theirs: str) -> bool:
    """Return whether curators decided against this text before, or corrected just that one."""
    kept = (ConflictState.KEPT.value, ConflictState.EDITED.value)
    text = storable(theirs)
    query = select(conflicts.c.id).where(
        *_is_of(place),
        conflicts.c.state.in_(kept),
        or_(conflicts.c.theirs == text, conflicts.c.before == text),
    )
    return connection.execute(query.limit(1)).first() is not None


def _show(
    connection: Connection, conflict: Conflict, channel: CuratorChannel, now: datetime
) -> None:
    """Let a conflict be posted in a channel, once."""
    held_by = hidden_subscription(connection, channel.target, channel.language, now)
    delivery = Delivery(
        held_by, Purpose.CONFLICT, Week.of(conflict.made_at.date()), Layout.OVERVIEW, now,
        now + _SHOWN_FOR, paper=conflict.id,
    )  # fmt: skip
    add_deliveries(connection, [PlannedDelivery(delivery, ((CONFLICT, 0),))])


def _close(
    connection: Connection,
    wanted: Sequence[ColumnElement[bool]],
    state: ConflictState,
    decision: Decision,
) -> None:
    numbers = connection.scalars(select(conflicts.c.id).where(*wanted)).all()
    for number in numbers:
        connection.execute(
            update(conflicts)
            .where(conflicts.c.id == number)
            .values(
                state=state.value,
                decided_by=storable(decision.by.actor),
                decided_at=decision.at,
                edit=decision.edit or None,
            )
        )
        message_edits.request_for_conflict(connection, number, decision.at)


def _texts(connection: Connection, places: Mapping[TextPlace, str]) -> Mapping[TextPlace, str]:
    """Return what sources say of texts, whatever curators wrote."""
    loaded = load_papers(ConnectionReader(connection), {place.paper for place in places})
    papers = {
        number: merge_versions(versions, NO_OVERRIDES)
        for number, versions in loaded.versions.items()
    }
    return {
        place: paper_text(papers[place.paper], place.field, place.language)
        for place in places
        if place.paper in papers
    }


def _corrected(connection: Connection, papers: set[int]) -> dict[TextPlace, str]:
    """Return what curators wrote of papers, as people write it."""
    found: set[TextPlace] = set()
    for some in chunks(sorted(papers)):
        rows = connection.execute(select(corrections).where(corrections.c.paper_id.in_(some)))
        found |= {TextPlace(row.paper_id, row.field, row.language) for row in rows}
    loaded = load_papers(ConnectionReader(connection), {place.paper for place in found})
    return {
        place: paper_text(loaded.paper(place.paper), place.field, place.language)
        for place in found
        if place.paper in loaded.versions
    }


def _merged(connection: Connection, papers: set[int]) -> dict[int, int]:
    """Return the papers that these are now, as some may have been merged."""
    found = {number: number for number in papers}
    for some in chunks(sorted(papers)):
        rows = connection.execute(select(forwards).where(forwards.c.id.in_(some)))
        found |= {row.id: row.paper_id for row in rows}
    return found


def _is_of(place: TextPlace) -> tuple[ColumnElement[bool], ...]:
    return tuple(conflicts.c[name] == value for name, value in place._asdict().items())


def _conflict(row: Row[Any]) -> Conflict:
    return Conflict(
        row.id,
        row.made_at,
        row.paper,
        row.field,
        row.language,
        row.before,
        row.theirs,
        row.ours,
        state=ConflictState(row.state),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        edit=row.edit or 0,
        issue=(row.series, Week(row.year, row.number)) if row.series else None,
    )
