"""Makes curators' edits, records them, and takes them back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import Connection, Row, delete, insert, or_, select

from bot.model.curation import (
    AddPaper,
    Attribution,
    Change,
    CorrectLinks,
    CorrectTags,
    CorrectText,
    CurationRequest,
    Edit,
    MovePaper,
    RemovePaper,
    Undo,
)
from bot.model.weeks import Week
from bot.ports.curation import CurationRefused
from storage.archive import conflicts, placed_issues
from storage.archive.curation import reindex_papers
from storage.archive.misdated_weeks import PLACE
from storage.archive.placement_rows import placements_of
from storage.archive.placements import Placement
from storage.archive.row_mapping import LINKS_FIELD
from storage.archive.save import IndexUpdater
from storage.deliveries import message_edits
from storage.schema.archive import claims, corrections, curated_tags, entries, papers
from storage.schema.curation import edits
from storage.schema.types import links_to_json

_TAG = "tag"


@dataclass(frozen=True, slots=True)
class _Draft:
    """An edit that is made, and not yet recorded."""

    action: str
    key: str
    paper_id: int | None
    changes: tuple[Change, ...]
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Editor:
    """Makes edits in one transaction."""

    connection: Connection
    now: datetime
    index: IndexUpdater

    def curate(self, request: CurationRequest, by: Attribution) -> Edit:
        """Make an edit and record it; see `bot.ports.curation.Curation.curate`."""
        draft = self._draft(request)
        changes = tuple(each for each in draft.changes if not _is_same(each.before, each.after))
        if not changes:
            raise CurationRefused("Nothing would change: it is so already.")
        number = self.connection.execute(
            insert(edits).values(
                made_at=self.now,
                actor=by.actor,
                reason=by.reason,
                action=draft.action,
                paper_id=draft.paper_id,
                key=draft.key,
                changes=[_change_to_json(each) for each in changes],
                undoes=draft.undoes,
            )
        ).inserted_primary_key
        made = int(number[0]) if number else 0
        self._request_edits(draft.paper_id or self._number(draft.key), changes)
        if draft.paper_id is not None:
            decision = conflicts.Decision(by, self.now, made)
            conflicts.settle_by_edit(self.connection, draft.paper_id, changes, decision)
        return Edit(made, self.now, by, draft.action, draft.key, changes, undoes=draft.undoes)

    def _request_edits(self, paper: int | None, changes: Sequence[Change]) -> None:
        """Let every message that shows what was changed be edited."""
        if paper is not None:
            message_edits.request_for_papers(self.connection, [paper], self.now)
        for each in changes:
            if each.field == PLACE:
                series, week, _ = _place_of(each)
                message_edits.request_for_issue(self.connection, series, week, self.now)

    def _draft(self, request: CurationRequest) -> _Draft:
        match request:
            case CorrectText() | CorrectTags() | CorrectLinks():
                return self._correct(request)
            case AddPaper():
                return self._add(request)
            case RemovePaper():
                return self._remove(request)
            case MovePaper():
                return self._move(request)
            case Undo(edit):
                return self._undo(edit)
            case _:
                assert_never(request)

    def _correct(self, request: CorrectText | CorrectTags | CorrectLinks) -> _Draft:
        number = self._number(request.key)
        if number is None:
            raise CurationRefused(f"No paper is known as {request.key}.")
        if isinstance(request, CorrectTags) and not request.wanted:
            of_paper = curated_tags.c.paper_id == number
            known = self.connection.scalars(select(curated_tags.c.tag).where(of_paper))
            request = CorrectTags(request.key, dict.fromkeys(known.all()))
        changes = tuple(self._set(number, *each) for each in _corrected_values(request))
        reindex_papers(self.connection, [number], self.index)
        return _Draft("correct", request.key, number, changes)

    def _add(self, request: AddPaper) -> _Draft:
        series, week, paper = request.series, request.week, request.paper
        if placed_issues.find_paper(self.connection, series, week, paper.key):
            raise CurationRefused(f"{paper.key} is in {week} of {series} already.")
        placement = Placement(paper.key, wanted=True, position=request.position, paper=paper)
        change = self._place(series, week, paper.key, placement)
        return _Draft("add", paper.key, self._number(paper.key), (change,))

    def _remove(self, request: RemovePaper) -> _Draft:
        series, week = request.series, request.week
        number, old = self._number(request.key), self._as_it_is(series, week, request.key)
        gone = replace(old, wanted=False)
        return _Draft("remove", old.paper.key, number, (self._place(series, week, old.key, gone),))

    def _move(self, request: MovePaper) -> _Draft:
        series, week, target = request.series, request.week, request.target
        old = self._as_it_is(series, week, request.key)
        if target == week and request.position is None:
            raise CurationRefused(f"{request.key} is in {week} already; say at which position.")
        if target != week and placed_issues.find_paper(self.connection, series, target, old.key):
            raise CurationRefused(f"{request.key} is in {target} of {series} already.")
        new = replace(old, position=request.position)
        # First the new place: a paper in no issue at all would be given up.
        changes = [self._place(series, target, old.key, new)]
        if target != week:
            changes.append(self._place(series, week, old.key, replace(old, wanted=False)))
        return _Draft("move", old.paper.key, self._number(old.paper.key), tuple(changes))

    def _undo(self, wanted: int | None) -> _Draft:
        row = self._row_to_undo(wanted)
        changes = []
        for each in reversed([_change_from_json(value) for value in row.changes]):
            if not _is_same(self._current(row.paper_id, each), each.after):
                raise CurationRefused(
                    f"Edit {row.id} was changed again since; take the later edit back first: "
                    f"paperboy history {row.key}"
                )
            if each.field == PLACE:
                series, week, key = _place_of(each)
                before = Placement.from_json(each.before) if each.before else None
                changes.append(self._place(series, week, key, before))
            else:
                changes.append(self._set(row.paper_id, each.field, each.name, each.before))
        if any(each.field != PLACE for each in changes):
            reindex_papers(self.connection, [row.paper_id], self.index)
        return _Draft("undo", row.key, row.paper_id, tuple(changes), row.id)

    def _row_to_undo(self, wanted: int | None) -> Row[Any]:
        undone = undone_edits(self.connection)
        query = select(edits).order_by(edits.c.id.desc())
        query = query.where(edits.c.undoes.is_(None) if wanted is None else edits.c.id == wanted)
        rows = self.connection.execute(query.where(edits.c.id.not_in(undone)).limit(1)).all()
        if rows:
            return rows[0]
        if wanted is None:
            raise CurationRefused("There is no edit to take back.")
        if wanted in undone:
            raise CurationRefused(f"Edit {wanted} is taken back already.")
        raise CurationRefused(f"There is no edit {wanted}; `paperboy history` lists them.")

    def _current(self, number: int, change: Change) -> Any:
        """Return the present value of what a change set."""
        if change.field == PLACE:
            series, week, key = _place_of(change)
            found = placed_issues.placement_of(self.connection, series, week, key)
            return found.to_json() if found else None
        return self._value(number, change.field, change.name)

    def _value(self, number: int, field: str, name: str) -> Any:
        if field == _TAG:
            of_tag = (curated_tags.c.paper_id == number, curated_tags.c.tag == name)
            return self.connection.scalar(select(curated_tags.c.wanted).where(*of_tag))
        text = self.connection.scalar(select(corrections.c.text).where(*_of(number, field, name)))
        return json.loads(text) if field == LINKS_FIELD and text is not None else text

    def _set(self, number: int, field: str, name: str, value: Any) -> Change:
        """Set what curators say of a paper; None returns to the sources."""
        before = self._value(number, field, name)
        if field == _TAG:
            table, place = curated_tags, (
                curated_tags.c.paper_id == number, curated_tags.c.tag == name,
            )  # fmt: skip
            row = {"paper_id": number, "tag": name, "wanted": value}
        else:
            table, place = corrections, _of(number, field, name)
            text = json.dumps(value) if field == LINKS_FIELD and value is not None else value
            row = {"paper_id": number, "field": field, "language": name, "text": text}
            row["made_at"] = self.now
        self.connection.execute(delete(table).where(*place))
        if value is not None:
            self.connection.execute(insert(table).values(row))
        return Change(field, name, before, value)

    def _place(self, series: str, week: Week, key: str, placement: Placement | None) -> Change:
        before = placed_issues.placement_of(self.connection, series, week, key)
        placed_issues.replace_placement(
            self.connection, (series, week, key), placement, self.now, self.index
        )
        after = placed_issues.placement_of(self.connection, series, week, key)
        return Change(
            PLACE,
            f"{series} {week}",
            before.to_json() if before else None,
            after.to_json() if after else None,
        )

    def _as_it_is(self, series: str, week: Week, key: str) -> Placement:
        """Return a paper of an issue, under the key that its placement has or would have."""
        paper = placed_issues.find_paper(self.connection, series, week, key)
        if paper is None:
            raise CurationRefused(f"{key} is not in {week} of {series}.")
        known = placements_of(self.connection, series, week)
        own = next((each.key for each in known if each.paper.key == paper.key), paper.key)
        return Placement(own, wanted=True, position=None, paper=paper)

    def _number(self, key: str) -> int | None:
        return find_paper_id(self.connection, key)


def list_edits(connection: Connection, key: str | None, limit: int) -> tuple[Edit, ...]:
    """Return the edits of a paper, or all; see `bot.ports.curation.Curation.edits`."""
    query = select(edits).order_by(edits.c.id.desc()).limit(limit)
    if key is not None:
        number = find_paper_id(connection, key)
        query = query.where(or_(edits.c.key == key, edits.c.paper_id == number))
    undone = undone_edits(connection)
    return tuple(
        Edit(
            row.id,
            row.made_at,
            Attribution(row.actor, row.reason),
            row.action,
            row.key,
            tuple(map(_change_from_json, row.changes)),
            row.undoes,
            is_undone=row.id in undone,
        )
        for row in connection.execute(query)
    )


def undone_edits(connection: Connection) -> set[int]:
    """Return the ids of the edits that are taken back."""
    rows = connection.execute(
        select(edits.c.id, edits.c.undoes).where(edits.c.undoes.is_not(None))
    ).all()
    undone: set[int] = set()
    for row in sorted(rows, key=lambda row: -row.id):  # an undo may be undone by a later one
        if row.id not in undone:
            undone.add(row.undoes)
    return undone


def find_paper_id(connection: Connection, key: str) -> int | None:
    """Return the paper that an entry claims a key for, or None."""
    return connection.execute(
        select(entries.c.paper_id)
        .join(claims, claims.c.entry_id == entries.c.id)
        .where(claims.c.key == key)
        .order_by(claims.c.rank, entries.c.paper_id)
        .limit(1)
    ).scalar() or connection.scalar(select(papers.c.id).where(papers.c.key == key))


def _corrected_values(
    request: CorrectText | CorrectTags | CorrectLinks,
) -> list[tuple[str, str, Any]]:
    """Return field, name and value of each value that a request sets."""
    match request:
        case CorrectText(_, field, language, text):
            return [(field, language, text)]
        case CorrectTags(_, wanted):
            return [(_TAG, tag, is_wanted) for tag, is_wanted in wanted.items()]
        case CorrectLinks(_, links):
            return [(LINKS_FIELD, "", None if links is None else links_to_json(links))]


def _of(number: int, field: str, language: str) -> tuple[Any, ...]:
    return (
        corrections.c.paper_id == number,
        corrections.c.field == field,
        corrections.c.language == language,
    )


def _is_same(one: Any, other: Any) -> bool:
    """Compare values; of places what a curator said, not what the source has of the paper."""
    if isinstance(one, dict) and isinstance(other, dict):
        return all(one[name] == other[name] for name in ("key", "wanted", "position"))
    return bool(one == other)


def _place_of(change: Change) -> tuple[str, Week, str]:
    series, _, week = change.name.rpartition(" ")
    year, _, number = week.partition("-W")
    return series, Week(int(year), int(number)), (change.before or change.after)["key"]


def _change_to_json(change: Change) -> dict[str, Any]:
    return {
        "field": change.field,
        "name": change.name,
        "before": change.before,
        "after": change.after,
    }


def _change_from_json(value: dict[str, Any]) -> Change:
    return Change(**value)
