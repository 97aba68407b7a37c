"""Makes curators' edits, records them, and takes them back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import Connection, Row, insert, select

from bot.lib.marker import _
from bot.model.curation import (
    AddPaper,
    Attribution,
    Basis,
    Change,
    CorrectIntroduction,
    CorrectLinks,
    CorrectPaper,
    CorrectTags,
    CorrectText,
    CurationRequest,
    Edit,
    IssueCorrection,
    MovePaper,
    PaperCorrection,
    RemovePaper,
    RetractPaper,
    Undo,
    WithdrawIssue,
    issue_key,
    parse_issue_key,
)
from bot.model.editable_texts import fingerprint, paper_text
from bot.model.weeks import Week
from bot.ports.curation import CurationRefused, TextChanged
from storage.archive import (
    conflicts,
    issue_corrections,
    paper_corrections,
    placed_issues,
    queries,
)
from storage.archive.curation import reindex_papers
from storage.archive.edit_history import (
    change_from_json,
    change_to_json,
    find_paper_id,
    is_same,
    place_of,
    undone_edits,
)
from storage.archive.issue_corrections import IssuePlace
from storage.archive.issue_rows import INTRODUCTION_FIELD
from storage.archive.misdated_weeks import PLACE
from storage.archive.paper_corrections import TAG_FIELD
from storage.archive.placement_rows import placements_of
from storage.archive.placements import Placement
from storage.archive.row_mapping import LINKS_FIELD, RETRACTION_FIELD, load_papers
from storage.archive.save import IndexUpdater
from storage.deliveries import held_weeks, message_edits
from storage.reader import ConnectionReader
from storage.schema.curation import edits
from storage.schema.json_values import links_to_json

_LISTED = _("{key} is in {week} of {series} already.")


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
        changes = tuple(each for each in draft.changes if not is_same(each.before, each.after))
        if not changes:
            raise CurationRefused(_("Nothing would change: it is so already."))
        number = self.connection.execute(
            insert(edits).values(
                made_at=self.now,
                actor=by.actor,
                reason=by.reason,
                action=draft.action,
                paper_id=draft.paper_id,
                key=draft.key,
                changes=[change_to_json(each) for each in changes],
                undoes=draft.undoes,
            )
        ).inserted_primary_key
        made = int(number[0]) if number else 0
        self._request_edits(draft, changes)
        if (edited := _issue_of(draft) or draft.paper_id) is not None:
            decision = conflicts.Decision(by, self.now, made)
            conflicts.settle_by_edit(self.connection, edited, changes, decision)
        return Edit(made, self.now, by, draft.action, draft.key, changes, undoes=draft.undoes)

    def _request_edits(self, draft: _Draft, changes: Sequence[Change]) -> None:
        """Let every message that shows what was changed be edited."""
        if place := _issue_of(draft):
            message_edits.request_for_issue(self.connection, *place, self.now)
            return
        paper = draft.paper_id or self._number(draft.key)
        if paper is not None:
            message_edits.request_for_papers(self.connection, [paper], self.now)
        for each in changes:
            if each.field == PLACE:
                series, week, _ = place_of(each)
                message_edits.request_for_issue(self.connection, series, week, self.now)

    def _draft(self, request: CurationRequest) -> _Draft:
        match request:
            case CorrectPaper() | CorrectText() | CorrectTags() | CorrectLinks() | RetractPaper():
                return self._correct(request)
            case CorrectIntroduction() | WithdrawIssue():
                return self._correct_issue(request)
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

    def _correct(self, request: CorrectPaper | PaperCorrection) -> _Draft:
        number = self._number(request.key)
        if number is None:
            raise CurationRefused(_("No paper is known as {key}."), key=request.key)
        if isinstance(request, CorrectPaper):
            shown = load_papers(ConnectionReader(self.connection), [number])
            if number in shown.versions:
                _require_same(request.basis, lambda name: paper_text(shown.paper(number), *name))
        parts = request.corrections if isinstance(request, CorrectPaper) else (request,)
        changes = tuple(
            self._set(number, *each) for part in parts for each in self._values(number, part)
        )
        reindex_papers(self.connection, [number], self.index)
        return _Draft(_action(request), request.key, number, changes)

    def _values(self, number: int, request: PaperCorrection) -> list[tuple[str, str, Any]]:
        """Return field, name and value of each value that a request sets."""
        match request:
            case CorrectText(_, field, language, text):
                return [(field, language, text)]
            case CorrectTags(_, wanted):
                tags = wanted or dict.fromkeys(paper_corrections.tags_of(self.connection, number))
                return [(TAG_FIELD, tag, is_wanted) for tag, is_wanted in tags.items()]
            case CorrectLinks(_, links):
                return [(LINKS_FIELD, "", None if links is None else links_to_json(links))]
            case RetractPaper(_, reason):
                return [(RETRACTION_FIELD, "", reason)]

    def _correct_issue(self, request: IssueCorrection) -> _Draft:
        place = (request.series, request.week)
        if not issue_corrections.exists(self.connection, place):
            sentence = _("There is no {week} of {series}.")
            raise CurationRefused(sentence, week=request.week, series=request.series)
        match request:
            case CorrectIntroduction(_, _, texts, basis):
                values = {(INTRODUCTION_FIELD, name): text for name, text in texts.items()}
                intros = queries.introductions(ConnectionReader(self.connection), *place)
                _require_same(basis, lambda name: intros.get(name[1], ""))
            case WithdrawIssue(_, _, reason):
                values = {(RETRACTION_FIELD, ""): reason}
        changes = tuple(self._set_of_issue(place, *each) for each in values.items())
        return _Draft(_action(request), issue_key(*place), None, changes)

    def _add(self, request: AddPaper) -> _Draft:
        series, week, paper = request.series, request.week, request.paper
        if placed_issues.find_paper(self.connection, series, week, paper.key):
            raise CurationRefused(_LISTED, key=paper.key, week=week, series=series)
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
            sentence = _("{key} is in {week} already; say at which position.")
            raise CurationRefused(sentence, key=request.key, week=week)
        if target != week and placed_issues.find_paper(self.connection, series, target, old.key):
            raise CurationRefused(_LISTED, key=request.key, week=target, series=series)
        new = replace(old, position=request.position)
        # First the new place: a paper in no issue at all would be given up.
        changes = [self._place(series, target, old.key, new)]
        if target != week:
            changes.append(self._place(series, week, old.key, replace(old, wanted=False)))
        return _Draft("move", old.paper.key, self._number(old.paper.key), tuple(changes))

    def _undo(self, wanted: int | None) -> _Draft:
        row = self._row_to_undo(wanted)
        issue = _issue_of(row)
        changes = []
        for each in reversed([change_from_json(value) for value in row.changes]):
            now = (
                issue_corrections.value_of(self.connection, issue, each.field, each.name)
                if issue
                else self._current(row.paper_id, each)
            )
            if not is_same(now, each.after):
                sentence = _(
                    "Edit {number} was changed again since; take the later edit back first."
                )
                raise CurationRefused(sentence, number=row.id)
            if issue:
                changes.append(self._set_of_issue(issue, (each.field, each.name), each.before))
            elif each.field == PLACE:
                series, week, key = place_of(each)
                before = Placement.from_json(each.before) if each.before else None
                changes.append(self._place(series, week, key, before))
            else:
                changes.append(self._set(row.paper_id, each.field, each.name, each.before))
        if not issue and any(each.field != PLACE for each in changes):
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
            raise CurationRefused(_("There is no edit to take back."))
        if wanted in undone:
            raise CurationRefused(_("Edit {number} is taken back already."), number=wanted)
        raise CurationRefused(_("There is no edit {number}."), number=wanted)

    def _current(self, number: int, change: Change) -> Any:
        """Return the present value of what a change set."""
        if change.field == PLACE:
            series, week, key = place_of(change)
            found = placed_issues.placement_of(self.connection, series, week, key)
            return found.to_json() if found else None
        return paper_corrections.value_of(self.connection, number, (change.field, change.name))

    def _set(self, number: int, field: str, name: str, value: Any) -> Change:
        """Set what curators say of a paper; None returns to the sources."""
        before = paper_corrections.value_of(self.connection, number, (field, name))
        paper_corrections.set_value(self.connection, number, (field, name), value, self.now)
        return Change(field, name, before, value)

    def _set_of_issue(self, place: IssuePlace, name: tuple[str, str], text: str | None) -> Change:
        before = issue_corrections.value_of(self.connection, place, *name)
        issue_corrections.set_value(self.connection, place, name, text, self.now)
        if name[0] == RETRACTION_FIELD and text is not None:
            held_weeks.withdraw(self.connection, *place)
        return Change(*name, before, text)

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
            sentence = _("{key} is not in {week} of {series}.")
            raise CurationRefused(sentence, key=key, week=week, series=series)
        known = placements_of(self.connection, series, week)
        own = next((each.key for each in known if each.paper.key == paper.key), paper.key)
        return Placement(own, wanted=True, position=None, paper=paper)

    def _number(self, key: str) -> int | None:
        return find_paper_id(self.connection, key)


def _action(request: CorrectPaper | PaperCorrection | IssueCorrection) -> str:
    if isinstance(request, RetractPaper | WithdrawIssue):
        return "restore" if request.reason is None else "retract"
    return "correct"


def _require_same(basis: Basis | None, read: Callable[[tuple[str, str]], str]) -> None:
    """Raise TextChanged where a text is not any more as its editor saw it."""
    if basis and basis.fingerprint != fingerprint(read(name) for name in basis.names):
        raise TextChanged(_("The text was changed meanwhile."))


def _issue_of(edit: _Draft | Row[Any]) -> IssuePlace | None:
    """Return the issue that an edit is about; None for one of a paper."""
    return None if edit.paper_id is not None else parse_issue_key(edit.key)
